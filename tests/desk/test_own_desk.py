"""An operator's own screen over the API: whose it is, what was missed, where callers may be sent."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from desk.live.me import mine
from ivr.call.record import Batch, CallRow, OperatorEntryRow, Outcome, PersonRow
from ivr.drivers.control_link import ControlRefused
from routing.requests.missed import missed
from routing.requests.transaction import write
from tests.desk.desk_rig import NOON, Rig
from tests.desk.test_desk_visible import answers

CARD = {"call": "c9", "state": "ringing", "ends_in_s": 8.0, "also_rings": ["boris"], "mode": "", "on_call": [],
        "brought": {"who": "olga", "how": "asks"},
        "number": "+79161234567", "name": "<script>alert(1)</script>", "colleague": "", "direction": "inbound",
        "channel": "web", "line": "100", "dialled": "100", "queue": "cards", "subject": "cards",
        "language": "en", "request": "r9",
        "since_s": 20.0, "waited_s": 5.0, "talked_s": 0.0, "talks": False,
        "path": [{"menu": "main", "keys": "2", "label": "cards"}], "told": [{"name": "account", "value": "12"}],
        "groups": ["gold"], "callback": False, "beside": "", "recorded": False, "may_record": False}
MINE = {"operator": "anna", "cards": [CARD], "wrap_up": {"call": "c8", "left_s": 5.0, "until_saved": True},
        "lost": {"call": "c7", "how": "no_answer", "by": "", "since_s": 3.0}}


def test_desk__of_whom_is_logged_in(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = rig.control.snapshot
    asked = answers(rig, monkeypatch, card={"desks": {"anna": MINE}}, snapshot=snapshot)
    shown = rig.logged_in("anna").get("/api/desk")
    assert shown.status_code == 200
    assert shown.json() == {**MINE, "operator": shown.json()["operator"]}
    assert shown.json()["cards"][0]["name"] == "<script>alert(1)</script>", "as it came: pages show it as text"
    assert shown.json()["operator"]["display_name"] == "Anna"
    assert ("card", {"operators": ["anna"]}) in asked


@pytest.mark.parametrize("path", ["/api/desk", "/api/desk/missed"])
def test_desk__is_for_people_who_take_calls(rig: Rig, path: str) -> None:
    assert rig.stranger.get(path).status_code == 401
    assert rig.program.get(path).json()["code"] == "no_operator"
    assert rig.logged_in("olga").get(path).status_code == 403


def test_desk__of_several_is_one_question(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the stream asks for all that are open."""
    desks = {"anna": MINE, "boris": {**MINE, "operator": "boris", "cards": []}}
    asked = answers(rig, monkeypatch, card={"desks": desks}, snapshot=rig.control.snapshot)
    ask = partial(mine, rig.app.state.desk, snapshot=rig.control.snapshot)
    found = rig._runner.run(ask(dict.fromkeys(["anna", "boris", "nobody"])))
    assert set(found) == {"anna", "boris"}
    assert asked == [("card", {"operators": ["anna", "boris"]})]
    asked.clear()
    nothing = {"cards": [], "wrap_up": None, "lost": None}
    rig._runner.run(ask({"anna": found["anna"], "boris": nothing}))
    assert asked == [("card", {"operators": ["anna"]})], "boris is idle and had nothing on his screen"
    asked.clear()
    for chat in ({"chats_offered": 1}, {"chats": 1}):       # which come beside calls: he stays idle for those
        snapshot = {**rig.control.snapshot, "operators": [
            one | chat if one["name"] == "boris" else one for one in rig.control.snapshot["operators"]]}
        rig._runner.run(mine(rig.app.state.desk, {"boris": nothing}, snapshot))
        assert asked == [("card", {"operators": ["boris"]})]
        asked.clear()
    assert rig._runner.run(ask({"olga": None})) == {}
    assert asked == []


def test_desk__settings(rig: Rig) -> None:
    assert rig.logged_in("anna").get("/api/desk/settings").json() == {"break_reasons": [], "outbound": False,
                                                                          "chats": False}


def test_hang_up__names_the_operator(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, hang_up={"call": "c9"})
    assert rig.logged_in("anna").post("/api/desk/calls/c9/hang-up", headers={"X-Hotline": "1"}).status_code == 204
    assert asked == [("hang_up", {"operator": "anna", "call": "c9"})]
    assert rig.program.post("/api/desk/calls/c9/hang-up").status_code == 403


@pytest.mark.parametrize(("code", "status"), [("rings", 409), ("not_yours", 403), ("unknown_call", 404)])
def test_hang_up__refused(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, hang_up=ControlRefused(code, "a sentence"))
    answer = rig.logged_in("anna").post("/api/desk/calls/c9/hang-up", headers={"X-Hotline": "1"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# --- missed calls -----------------------------------------------------------------------------------------------------
def stood(rig: Rig, *rows: tuple[str, str]) -> None:
    """anna stood so, a second apart: state and call."""
    entries = tuple(OperatorEntryRow(
        id=f"b/{number}", node="hotline", boot_id="b", operator="anna", position=number,
        at=NOON + timedelta(seconds=number), status="available", reason="", by="", state=state, reachable=True,
        call_id=call, queue="cards" if call else "") for number, (state, call) in enumerate(rows))
    calls = tuple(CallRow(id=call, revision=1, node="hotline", boot_id="b", line="100", dialled="100", language="ru",
                          began_at=NOON, queue="cards", operator="boris" if call == "m2" else "",
                          outcome=Outcome.ABANDONED if call == "m1" else None)
                  for call in sorted({call for _, call in rows if call}))
    people = tuple(PersonRow(call.id, f"+7916000000{call.id[1:]}", "") for call in calls)
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(calls=calls, people=people, operator_entries=entries)])


def test_missed__what_rang_and_was_not_answered(rig: Rig) -> None:
    stood(rig, ("ringing", "m1"), ("idle", ""), ("ringing", "m2"), ("idle", ""), ("ringing", "m3"), ("on_call", "m3"),
          ("idle", ""), ("ringing", "m4"), ("idle", ""), ("ringing", "m4"), ("on_call", "m4"), ("idle", ""),
          ("ringing", "m1"), ("idle", ""), ("ringing", "m5"))
    found = missed(rig.engine, "anna", NOON)
    assert [(each.call_id, each.answered_by, each.outcome) for each in found] == [
        ("m1", "", Outcome.ABANDONED), ("m2", "boris", None)], "the last of each; m5 rings still"
    assert missed(rig.engine, "anna", NOON + timedelta(hours=1)) == []
    assert missed(rig.engine, "boris", NOON) == []


def test_missed__over_the_api(rig: Rig) -> None:
    stood(rig, ("ringing", "m1"), ("idle", ""))
    rig.clock.now = NOON.timestamp() + 60
    (one,) = rig.logged_in("anna").get("/api/desk/missed").json()
    assert (one["call_id"], one["number"], one["language"], one["outcome"]) == (
        "m1", "+79160000001", "ru", "abandoned")
    assert rig.logged_in("anna").get("/api/desk/missed?hours=0").status_code == 422


# --- targets ----------------------------------------------------------------------------------------------------------
def targets(rig: Rig, query: str = "", who: str = "anna") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rig.logged_in(who).get(f"/api/targets?q={query}").json()["targets"]
    return found


def test_targets__with_presence(rig: Rig) -> None:
    found = {(each["kind"], each["target"]): each for each in targets(rig)}
    assert list(found) == [("operator", "boris"), ("queue", "cards"), ("queue", "loans"), ("line", "100")]
    boris, cards = found["operator", "boris"], found["queue", "cards"]
    assert (boris["free"], boris["reachable"], boris["may_be_asked"]) == (False, False, True)
    assert (cards["waiting"], cards["free"], cards["may_be_asked"]) == (1, False, False)
    assert ("operator", "anna") in {(each["kind"], each["target"]) for each in targets(rig, who="boris")}


def test_targets__of_who_writes_are_those_who_read(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boris has no telephone, and a desk that answers chats with room for one more; nobody reads at a number."""
    room = {"chats": 1, "chats_offered": 1, "chats_most": 3, "chats_reachable": True, "chats_condition": "free"}
    people = [one | (room if one["name"] == "boris" else {}) for one in rig.control.snapshot["operators"]]
    queues = [one | {"chats_waiting": 4, "chats_idle": 1, "chats_in_service": 1}
              for one in rig.control.snapshot["queues"]]
    answers(rig, monkeypatch, snapshot={**rig.control.snapshot, "operators": people, "queues": queues})
    shown = rig.logged_in("olga").get("/api/targets?chat=true").json()["targets"]
    found = {(each["kind"], each["target"]): each for each in shown}
    assert ("operator", "anna") not in found
    assert (found["operator", "boris"]["free"], found["operator", "boris"]["condition"]) == (True, "free")
    assert (found["queue", "cards"]["waiting"], found["queue", "cards"]["free"]) == (4, True)
    assert {kind for kind, _ in found} <= {"operator", "queue", "department", "line"}
    people[1]["chats_offered"] = 2
    full = rig.logged_in("olga").get("/api/targets?chat=true&q=boris").json()["targets"]
    assert [each["free"] for each in full] == [False]


def test_targets__searched(rig: Rig) -> None:
    assert [each["target"] for each in targets(rig, "BOR")] == ["boris"]
    assert targets(rig, "nobody") == []
    assert targets(rig, "%2B74951234567") == [], "no number is permitted"
    assert rig.logged_in("anna").get("/api/targets", params={"q": "x" * 65}).status_code == 422
