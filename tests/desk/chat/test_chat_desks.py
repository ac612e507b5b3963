"""What an operator's desk is told of chats as it happens, without a service."""

import json
from typing import Any

import pytest

from desk.chat.desks import MOST_REFUSED, ChatDesks
from desk.live.hub import Listener
from desk.who import Who
from tests.desk.desk_rig import Rig


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


def test_refused__only_so_many_are_kept_in_mind(rig: Rig, desks: ChatDesks) -> None:
    anna = looks_on(rig, "anna")
    for number in range(MOST_REFUSED + 5):
        desks.pushed({"writer": "anna", "kind": "refused", "key": f"k{number}", "reason": "too_many"})
    shown = told(anna)
    assert shown is not None
    assert list(shown["refused"]) == [f"k{number}" for number in range(5, MOST_REFUSED + 5)]
