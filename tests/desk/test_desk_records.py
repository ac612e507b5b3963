"""What the API shows of the record and of this moment, over a real SQLite database."""


import pytest

from tests.desk.desk_rig import OPERATOR, Rig


def test_calls__newest_first_and_a_page_at_a_time(rig: Rig) -> None:
    first = rig.program.get("/api/calls", params={"limit": 2}).json()
    assert [call["id"] for call in first["items"]] == ["call-4", "call-3"]
    second = rig.program.get("/api/calls", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = rig.program.get("/api/calls", params={"limit": 2, "cursor": second["next_cursor"]}).json()
    assert [call["id"] for call in second["items"] + third["items"]] == ["call-2", "call-1", "call-0"]
    assert third["next_cursor"] is None


def test_calls__every_field(rig: Rig) -> None:
    [call] = rig.program.get("/api/calls", params={"caller_number": "+79161234563"}).json()["items"]
    assert call == {
        "id": "call-3", "node": "hotline", "line": "100", "dialled": "100", "language": "en",
        "caller_number": "+79161234563", "caller_name": "Иван", "began_at": "2026-11-20T12:03:00Z",
        "answered_at": "2026-11-20T12:03:01Z", "ended_at": "2026-11-20T12:04:00Z", "outcome": "answered",
        "ended_by": "caller", "reason": "", "queue": "cards", "operator": "anna", "wait_time": 7.5, "talk_time": 40.0,
        "menu_version": "v1", "sip_call_id": "x3@host", "request_id": "request-3",
        "direction": "inbound", "channel": "voice"}


@pytest.mark.parametrize(("query", "ids"), [
    ({"in_progress": "true"}, [4]), ({"outcome": "answered"}, [3, 2, 1, 0]), ({"outcome": "failed"}, []),
    ({"channel": "voice", "limit": "1"}, [4]), ({"channel": "web"}, []),
    ({"operator": "anna", "limit": "1"}, [3]), ({"queue": "loans"}, []),
    ({"since": "2026-11-20T12:01:00Z", "until": "2026-11-20T12:03:00Z"}, [2, 1]),
    ({"since": "2026-11-20T15:03:00+03:00"}, [4, 3]),
])
def test_calls__filters(rig: Rig, query: dict[str, str], ids: list[int]) -> None:
    found = rig.program.get("/api/calls", params=query).json()["items"]
    assert [call["id"] for call in found] == [f"call-{number}" for number in ids]


def test_call__with_requests_entries_and_ladder(rig: Rig) -> None:
    story = rig.program.get("/api/calls/call-2").json()
    assert story["call"]["id"] == "call-2"
    assert [request["id"] for request in story["requests"]] == ["request-2"]
    assert [entry["position"] for entry in story["entries"]] == [0, 1]
    leg, = story["legs"]
    assert (leg["party"], leg["figures"]["mos_in"], leg["figures"]["remote_lost"]) == ("caller", 4.1, None)
    assert [entry["kind"] for entry in story["entries"]] == ["call_offered", "keys_taken"]
    assert story["entries"][1]["details"] == {"menu": "main", "keys": "1"}
    assert story["trace"][1] == {"at": 0.1, "source": "hotline", "target": "caller", "text": "200 OK"}
    assert "INVITE" in story["ladder"]
    assert "caller" in story["ladder"].splitlines()[0]


def test_requests__list_and_one(rig: Rig) -> None:
    [request] = rig.program.get("/api/requests", params={"call_id": "call-1", "status": "answered"}).json()["items"]
    assert request["path"] == [{"menu": "main", "keys": "1", "option": "cards", "at": "2026-11-20T12:01:00Z"}]
    assert (request["subject"], request["outcome"], request["wait_time"]) == ("lost card", "answered", 7.5)
    assert rig.program.get("/api/requests/request-1").json() == request


def test_queues__as_control_shows_them(rig: Rig) -> None:
    [queue] = rig.program.get("/api/queues").json()["queues"]
    assert queue == rig.control.snapshot["queues"][0]


def test_operators__with_names_and_languages_of_the_configuration(rig: Rig) -> None:
    anna, boris = rig.program.get("/api/operators").json()["operators"]
    assert anna == {"name": "anna", "display_name": "Anna", "languages": ["en"], **OPERATOR}
    assert (boris["display_name"], boris["reachable"]) == ("boris", False)


def test_status__is_set_and_shown_at_once(rig: Rig) -> None:
    rig.program.get("/api/operators")
    shown = rig.program.put("/api/operators/anna/status", json={"status": "on_break", "reason": "lunch"})
    assert (shown.status_code, shown.json()["status"], shown.json()["reason"]) == (200, "on_break", "lunch")
    asked = {"operator": "anna", "status": "on_break", "reason": "lunch"}
    assert ("set_status", {**asked, "by": "api"}) in rig.control.asked


def test_status__ones_own_is_set_by_nobody_else(rig: Rig) -> None:
    shown = rig.logged_in("anna").put("/api/operators/anna/status", json={"status": "on_break", "reason": "lunch"})
    assert shown.status_code == 200
    assert ("set_status", {"operator": "anna", "status": "on_break", "reason": "lunch"}) in rig.control.asked


def test_snapshot__many_pages_cost_control_one(rig: Rig) -> None:
    for _ in range(20):
        rig.program.get("/api/queues")
    assert len(rig.control.asked) == 1
    rig.clock.now += 1
    rig.program.get("/api/queues")
    assert len(rig.control.asked) == 2


