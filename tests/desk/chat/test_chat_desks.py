"""What an operator's desk is told of chats as it happens, without a service."""

import json
from typing import Any

import pytest

from desk.chat.desks import MOST_REFUSED, ChatDesks
from desk.live.hub import Listener
from desk.who import Who
from ivr.call.record import Batch, MessageRow
from routing.requests.transaction import write
from tests.desk.desk_rig import NOON, Rig


@pytest.fixture
def desks(rig: Rig) -> ChatDesks:
    found: ChatDesks = rig.app.state.chat_desks
    return found


def looks_on(rig: Rig, name: str) -> Listener:
    """A page of this person that has been told nothing yet."""
    desk = rig.app.state.desk
    _, session = desk.sessions.begin(desk.logins[name], rig.clock.now)

    async def join() -> Listener:
        found: Listener = rig.app.state.live.join(Who(name, session.role, session))
        return found

    return rig.run(join())


def told(listener: Listener) -> dict[str, Any] | None:
    found = listener.take().get("chats")
    return None if found is None else json.loads(found)


def test_refused__reaches_the_desk_at_once_with_its_reason(rig: Rig, desks: ChatDesks) -> None:
    """It was answered with 202: without this push its page would hear nothing of it and give up after a while."""
    anna, boris = looks_on(rig, "anna"), looks_on(rig, "boris")
    desks.pushed({"writer": "anna", "kind": "kept", "call": "call-1", "position": 4, "key": "k0"})
    desks.pushed({"writer": "anna", "kind": "refused", "key": "k1", "reason": "too_many"})
    shown = told(anna)
    assert shown is not None
    assert shown["positions"] == {"call-1": 4}
    assert (list(shown["refused"]), shown["refused"]["k1"]["reason"]) == (["k1"], "too_many")
    desks.pushed({"writer": "anna", "kind": "refused", "key": "k1", "reason": "not_kept"})
    again = told(anna)
    assert again is not None
    assert again["refused"]["k1"]["reason"] == "not_kept"
    assert again["refused"]["k1"]["number"] > shown["refused"]["k1"]["number"]
    assert told(boris) is None


def test_read__what_waits_in_the_spool_is_told_by_control(rig: Rig, desks: ChatDesks) -> None:
    """After a reload: the desk knows up to where there is something, and the database is behind."""
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE calls SET channel = 'web', operator = 'anna' WHERE id = 'call-0'")
        write(connection, [Batch(messages=(MessageRow(id="call-0/m0", call_id="call-0", position=0, at=NOON,
                                                      sender="caller", body="kept"),))])
    asked: list[int] = []

    async def answer(op: str, **arguments: Any) -> dict[str, Any]:
        assert op == "chat_recent"
        asked.append(arguments["after"])
        return {"messages": [{"position": 1, "at": NOON.isoformat(), "sender": "anna", "audience": "staff",
                              "kind": "text", "body": "spooled", "options": [], "key": "anna/k1"}]}

    rig.control.call = answer               # type: ignore[method-assign, assignment]
    page = rig.logged_in("anna")
    read = "/api/chats/call-0/messages"
    assert [one["body"] for one in page.get(read).json()["items"]] == ["kept"]
    assert asked == []
    desks.pushed({"writer": "anna", "kind": "kept", "call": "call-0", "position": 1, "key": "k1"})
    assert [(one["body"], one["key"]) for one in page.get(read).json()["items"]] == [("kept", ""), ("spooled", "k1")]
    assert asked == [0]
    assert page.get(read, params={"after": 1}).json()["items"] == []
    assert asked == [0]


def test_refused__only_so_many_are_kept_in_mind(rig: Rig, desks: ChatDesks) -> None:
    anna = looks_on(rig, "anna")
    for number in range(MOST_REFUSED + 5):
        desks.pushed({"writer": "anna", "kind": "refused", "key": f"k{number}", "reason": "too_many"})
    shown = told(anna)
    assert shown is not None
    assert list(shown["refused"]) == [f"k{number}" for number in range(5, MOST_REFUSED + 5)]
