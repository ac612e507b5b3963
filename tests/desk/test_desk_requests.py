"""Working on a request over the API: revisions, rules, what may be chosen, what is overdue."""

from typing import Any

import pytest

from ivr.base.topics import load_topics
from ivr.drivers.control_link import ControlAway
from tests.desk.desk_rig import Rig

TOPICS = """topics: {lost: {title: {en: Lost, ru: Утеря}}}
fields: {cards: {digits: {type: digits, length: 4, required: yes}}}
"""


@pytest.fixture
def topics(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(rig.app.state.desk.topics, "now", lambda: load_topics(TOPICS, "topics.yaml"))
    return rig


def patch(rig: Rig, **body: Any) -> Any:
    return rig.logged_in("anna").request("PATCH", "/api/requests/request-1", json=body)


def test_patch__an_operator_works_on_a_request(topics: Rig) -> None:
    answer = patch(topics, revision=0, topic="lost", note="звонил", filled={"digits": "4711"})
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in ("revision", "topic", "note", "filled", "status")} == {
        "revision": 1, "topic": "lost", "note": "звонил", "filled": {"digits": "4711"}, "status": "answered"}
    closed = patch(topics, revision=1, status="closed", result="solved").json()
    assert (closed["status"], closed["result"], closed["closed_at"] is not None) == ("closed", "solved", True)
    [found] = topics.program.get("/api/requests", params={"topic": "lost", "status": "closed"}).json()["items"]
    assert found["id"] == "request-1"
    first, second = topics.program.get("/api/requests/request-1/changes").json()
    assert (first["who"], first["what"]) == ("anna", {"topic": "lost", "note": None, "filled": None})
    assert (second["revision"], second["what"]) == (2, {"status": "closed", "result": "solved"})


def test_patch__an_operator_who_saved_a_request_has_written_it_up(topics: Rig) -> None:
    assert patch(topics, revision=0, note="done").status_code == 200
    assert ("wrap_up_done", {"operator": "anna", "call": "call-1"}) in topics.control.asked
    topics.control.down = ControlAway("away")
    assert patch(topics, revision=1, note="more").status_code == 200
    asked = len(topics.control.asked)
    by_program = topics.program.request("PATCH", "/api/requests/request-1", json={"revision": 2, "note": "x"})
    assert by_program.status_code == 200
    assert len(topics.control.asked) == asked


def test_patch__the_slower_of_two_reads_again(topics: Rig) -> None:
    assert patch(topics, revision=0, topic="lost").status_code == 200
    answer = patch(topics, revision=0, note="mine")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["message"] == "Somebody else changed it: read revision 1."


@pytest.mark.parametrize(("body", "status", "said"), [
    ({"revision": 0, "topic": "x"}, 400, "there is no topic `x`."),
    ({"revision": 0, "status": "closed"}, 400, "a topic is needed to close it; `digits` is needed to close it."),
    ({"revision": 0, "queue": "nowhere"}, 400, "there is no queue `nowhere`."),
    ({"revision": 0, "filled": {"digits": "12"}}, 400, "`digits`: 4 digits are expected."),
    ({"topic": "lost"}, 422, ""), ({"revision": 0, "colour": "red"}, 422, ""), ({"revision": -1}, 422, ""),
    ({"revision": 0, "status": "answered"}, 422, "")])
def test_patch__what_is_refused(topics: Rig, body: dict[str, Any], status: int, said: str) -> None:
    answer = patch(topics, **body)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(said)
    assert topics.program.get("/api/requests/request-1").json()["revision"] == 0


def test_patch__strangers_and_what_is_not_there(rig: Rig) -> None:
    assert rig.stranger.request("PATCH", "/api/requests/request-1", json={"revision": 0}).status_code == 401
    assert rig.program.request("PATCH", "/api/requests/nothing", json={"revision": 0}).status_code == 404


def test_topics__what_can_be_chosen(topics: Rig) -> None:
    shown = topics.program.get("/api/topics").json()
    assert shown["topics"] == {"lost": {"en": "Lost", "ru": "Утеря"}}
    assert shown["fields"]["cards"] == [{"name": "digits", "type": "digits", "titles": {"": "digits"}, "required": True,
                                         "length": 4, "options": []}]
    assert list(shown["outcomes"]) == ["solved", "not_solved", "passed_on"]


def test_requests__overdue(rig: Rig) -> None:
    assert rig.program.get("/api/requests", params={"overdue": "true"}).json()["items"] == []
