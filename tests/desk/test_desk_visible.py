"""Trunks, phones, captures and the ladder of a call in progress, as the API shows them, and to whom."""

from datetime import timedelta
from typing import Any

import pytest

from ivr.drivers.control_link import ControlAway, ControlRefused
from tests.desk.desk_rig import NOON, Rig

TRUNK = {"name": "provider", "registration": "registered", "reason": "", "expires_in_s": 55.0, "ping": "up",
         "ping_reason": "", "round_trip_s": 0.02, "calls": 3, "max_calls": 30, "last_error": "503 Busy",
         "addresses": ["192.0.2.1:5060"]}
CONTACT = {"contact": "sip:anna@192.0.2.9", "transport": "tls", "address": "192.0.2.9:40000", "user_agent": "Phone/1",
           "expires_in_s": 300.0, "since_s": 12.5, "q": 1.0, "nat": True}
REFUSED = {"address": "192.0.2.7", "user_agent": "Phone/1", "since_s": 3.5}
PHONES = [{"account": "anna", "operator": True, "contacts": [CONTACT], "last_refusal": None},
          {"account": "door", "operator": False, "contacts": [], "last_refusal": REFUSED}]
CAPTURE = {"capture": 1, "state": "waiting", "call": "", "file": "/var/captures/1.pcap", "messages": 0, "packets": 0,
           "rtp": True, "reason": ""}


def answers(rig: Rig, monkeypatch: pytest.MonkeyPatch, **known: Any) -> list[tuple[str, dict[str, Any]]]:
    """Let control answer these operations; what it is asked is returned."""
    asked: list[tuple[str, dict[str, Any]]] = []
    before = rig.control.call

    async def call(op: str, **arguments: Any) -> dict[str, Any]:
        asked.append((op, arguments))
        if op not in known:
            return await before(op, **arguments)
        if isinstance(known[op], Exception):
            raise known[op]
        return dict(known[op])

    monkeypatch.setattr(rig.control, "call", call)
    return asked


def test_trunks__as_control_shows_them(rig: Rig) -> None:
    rig.control.snapshot["trunks"] = [TRUNK]
    assert rig.program.get("/api/trunks").json() == {"trunks": [TRUNK | {"calls_per_s": None}]}
    assert rig.logged_in("olga").get("/api/trunks").status_code == 200
    assert rig.logged_in("anna").get("/api/trunks").status_code == 403


def test_phones__as_control_shows_them(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(rig, monkeypatch, phones={"phones": PHONES})
    assert rig.program.get("/api/phones").json() == {"phones": PHONES}
    assert rig.logged_in("anna").get("/api/phones").status_code == 200


def test_metrics__phones_and_trunks(rig: Rig) -> None:
    rig.control.snapshot |= {"trunks": [TRUNK], "phones": {"udp": 2, "tls": 1}}
    text = rig.program.get("/metrics").text
    assert 'hotline_phones_registered{transport="tls"} 1.0' in text
    assert 'hotline_trunk_calls{trunk="provider"} 3.0' in text


@pytest.mark.parametrize("path", ["trunks", "phones", "captures", "captures/1"])
def test_visible__not_for_strangers(rig: Rig, path: str) -> None:
    assert rig.stranger.get(f"/api/{path}").status_code == 401


@pytest.mark.parametrize("path", ["trunks", "phones", "captures"])
def test_visible__control_is_away(rig: Rig, path: str) -> None:
    rig.control.down = ControlAway("no answer")
    assert rig.program.get(f"/api/{path}").status_code == 503


# --- captures -------------------------------------------------------------------------------------------------------
def test_captures__begun_looked_at_and_ended(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, begin_capture=CAPTURE, captures={"captures": [CAPTURE]},
                    end_capture=CAPTURE | {"state": "closing", "reason": "it was stopped"})
    begun = rig.program.post("/api/captures", json={"which": "number", "value": "+7916", "rtp": True, "max_mb": 2})
    assert (begun.status_code, begun.json()) == (201, CAPTURE)
    assert asked == [("begin_capture", {"which": "number", "value": "+7916", "rtp": True, "seconds": 600.0,
                                        "most_bytes": 2 << 20})]
    assert rig.program.get("/api/captures/1").json() == CAPTURE
    assert rig.program.get("/api/captures").json() == {"captures": [CAPTURE]}
    assert rig.program.delete("/api/captures/1").json()["state"] == "closing"
    assert asked[-1] == ("end_capture", {"capture": 1})


@pytest.mark.parametrize(("method", "path"), [("POST", "captures"), ("GET", "captures"), ("GET", "captures/1"),
                                              ("DELETE", "captures/1")])
def test_captures__not_for_operators(rig: Rig, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    asked = answers(rig, monkeypatch)
    answer = rig.logged_in("anna").request(method, f"/api/{path}", json={"which": "next"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert asked == []


def test_captures__for_the_administrator(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(rig, monkeypatch, begin_capture=CAPTURE)
    assert rig.logged_in("admin").post("/api/captures", json={"which": "next"}).status_code == 201


@pytest.mark.parametrize("wrong", [{"which": "all"}, {"which": "next", "seconds": 3601},
                                   {"which": "next", "max_mb": 257}, {"which": "call", "value": "x" * 65},
                                   {"which": "next", "file": "/etc/passwd"}])
def test_captures__beyond_their_bounds(rig: Rig, wrong: dict[str, Any]) -> None:
    assert rig.program.post("/api/captures", json=wrong).status_code == 422


@pytest.mark.parametrize(("code", "status"), [("unknown_call", 404), ("unknown_capture", 404), ("captures_full", 409),
                                              ("too_many_captures", 409)])
def test_captures__what_control_refuses(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, begin_capture=ControlRefused(code, "a sentence"))
    answer = rig.program.post("/api/captures", json={"which": "next"})
    assert (answer.status_code, answer.json()) == (status, {"code": code, "message": "a sentence"})


# --- ladders --------------------------------------------------------------------------------------------------------
ROWS = [[0.0, "caller", "hotline", "INVITE"], [1.0, "hotline", "anna", "INVITE"]]


ENDED = (NOON + timedelta(minutes=2, seconds=60)).timestamp()      # of call-2


def without_trace(rig: Rig, call: str) -> None:
    with rig.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM traces WHERE call_id = ?", (call,))


def test_ladder__of_a_call_in_progress(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    without_trace(rig, "call-4")
    asked = answers(rig, monkeypatch, ladder={"rows": ROWS, "running": True})
    story = rig.program.get("/api/calls/call-4").json()
    assert [row["target"] for row in story["trace"]] == ["hotline", "anna"]
    assert story["ladder"].splitlines()[0].split() == ["caller", "hotline", "anna"]
    assert story["trace_complete"] is False
    assert asked == [("ladder", {"call": "call-4"})]


def test_ladder__of_a_call_that_is_over_is_not_asked_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch)
    story = rig.program.get("/api/calls/call-2").json()
    assert (story["trace_complete"], len(story["trace"]), asked) == (True, 2, [])


@pytest.mark.parametrize("nothing", [ControlRefused("unknown_call", "none"), ControlAway("no answer")])
def test_ladder__nobody_knows_it(rig: Rig, monkeypatch: pytest.MonkeyPatch, nothing: Exception) -> None:
    """The call that control lost is over; one that it can't be asked about may go on."""
    for call in ("call-2", "call-4"):
        without_trace(rig, call)
    answers(rig, monkeypatch, ladder=nothing)
    rig.clock.now = ENDED + 11
    over, open_ = (rig.program.get(f"/api/calls/{call}").json() for call in ("call-2", "call-4"))
    assert (over["trace"], over["ladder"], over["trace_complete"]) == ([], "", True)
    assert (open_["trace"], open_["trace_complete"]) == ([], False)


def test_ladder__control_forgot_it_and_its_commit_is_on_its_way(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows the call must look once more."""
    with rig.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM traces WHERE call_id = 'call-2'").mappings().one()
    without_trace(rig, "call-2")
    answers(rig, monkeypatch, ladder=ControlRefused("unknown_call", "none"))
    rig.clock.now = ENDED + 9
    story = rig.program.get("/api/calls/call-2").json()
    assert (story["trace"], story["trace_complete"]) == ([], False)
    with rig.engine.begin() as connection:
        names, values = ", ".join(rows), ", ".join("?" * len(rows))
        connection.exec_driver_sql(f"INSERT INTO traces ({names}) VALUES ({values})", tuple(rows.values()))
    story = rig.program.get("/api/calls/call-2").json()
    assert (len(story["trace"]), story["trace_complete"]) == (2, True)
