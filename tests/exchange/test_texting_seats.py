"""Operators with a call and chats at once, in virtual time: who is offered what, with real phones and desks."""

from typing import Any

import pytest

from ivr.exchange.supervising import NotSupervised
from ivr.exchange.virtual_phone import PhoneBehaviour
from routing.dispatcher import Status
from tests.exchange.test_capacity import MENU, ask
from tests.support.virtual_chat import Chats, VirtualDesk, VirtualVisitor
from tests.support.virtual_house import Story, base_config, make_story, register

QUICK = PhoneBehaviour(delay=1.0)


class Floor:
    """anna with room for two chats, boris with room for one; no phone is registered and no desk answers yet."""

    def __init__(self, anna: dict[str, Any] | None = None, top: dict[str, Any] | None = None, **cards: Any) -> None:
        queue = {"operators": ["anna", "boris"], "ring_time_s": 30, "max_wait_s": 600, "announce_every_s": 0, **cards}
        self.story = make_story(
            menu=MENU, audio=False, operators={"anna": QUICK, "boris": QUICK}, registered=False,
            config={"operators": {"anna": {"chats": 2, **(anna or {})}, "boris": {"chats": 1}},
                    "queues": dict.fromkeys(base_config()["queues"], queue), **(top or {})})
        self.chats = Chats(self.story)
        self.anna, self.boris = (VirtualDesk(self.story, self.chats, name) for name in ("anna", "boris"))
        self.visitors: list[VirtualVisitor] = []

    def visitor(self) -> VirtualVisitor:
        """One more, who chose the queue."""
        one = VirtualVisitor(self.story, self.chats, f"visitor{len(self.visitors)}")
        self.visitors.append(one)
        one.open()
        one.say("1")
        self.story.world.run(1)
        return one

    def call(self) -> None:
        ask(self.story, "caller")

    def shown(self, name: str = "anna") -> dict[str, Any]:
        found = self.story.hotline.exchange.snapshot(self.story.world.now)["operators"]
        return next(each for each in found if each["name"] == name)

    def carried(self, asked: Any) -> None:
        assert isinstance(asked, list), asked
        self.story.hotline.carry_out(asked)
        self.story.world.run(1)

    def over(self) -> None:
        self.story.phones["caller"].hang_up()
        for one in self.visitors:
            for _ in list(one.legs):
                one.leave()
        self.story.settle()
        self.story.assert_clean()
        assert self.story.hotline.exchange.house.legs.planes.texts.in_use == 0


def on_a_call(floor: Floor) -> Story:
    """anna talks with a caller, and her desk answers chats."""
    register(floor.story, "anna")
    floor.anna.answers()
    floor.call()
    assert floor.shown()["state"] == "on_call"
    return floor.story


def test_chats__two_beside_a_call_and_the_third_waits() -> None:
    floor = Floor()
    story = on_a_call(floor)
    first = floor.visitor()
    leg = floor.anna.accept()
    second = floor.visitor()
    floor.anna.accept()
    third = floor.visitor()
    assert floor.anna.offered == []
    waits = [one for queue in story.hotline.exchange.snapshot(story.world.now)["queues"] for one in queue["calls"]]
    assert [(one["medium"], one["channel"]) for one in waits] == [("chat", "web")]
    story.world.run(130)        # leases are looked at
    assert (floor.shown()["state"], floor.shown()["chats"], floor.shown()["chats_most"]) == ("on_call", 2, 2)
    assert "operators_freed_late" not in story.hotline.exchange.house.counters
    call = list(story.rows())[-1]
    assert story.hotline.exchange.house.dispatcher.why("anna", call, story.world.now).endswith(
        "in as many chats as they may have.")
    first.say("one")
    second.say("two")
    floor.anna.say("answer", leg)
    assert ("anna", "answer") in first.read()
    assert ("anna", "answer") not in second.read()
    first.leave()
    story.world.run(1)
    floor.anna.accept()
    third.say("at last")
    assert ("caller", "at last") in floor.anna.read()
    assert floor.shown()["state"] == "on_call"
    floor.over()
    assert {row.operator for row in story.rows().values()} == {"anna"}


def test_chats__go_on_to_the_next_operator_when_the_first_has_no_room() -> None:
    floor = Floor(strategy="linear")
    floor.anna.answers()
    floor.boris.answers()
    for desk in (floor.anna, floor.anna, floor.boris):
        floor.visitor()
        desk.accept()
    floor.visitor()
    assert floor.anna.offered == floor.boris.offered == []
    floor.over()


@pytest.mark.parametrize("phone", [True, False])
def test_reachable__each_medium_by_its_own(phone: bool) -> None:
    """Who has a phone alone gets no chat, and who has a desk alone no call: nobody waits for them."""
    floor = Floor()
    if phone:
        register(floor.story, "anna")
    else:
        floor.anna.answers()
    floor.visitor()
    floor.call()
    rows = list(floor.story.rows().values())
    assert floor.anna.offered == [] if phone else len(floor.anna.offered) == 1
    assert (floor.shown()["state"] == "on_call") == phone
    if not phone:
        floor.anna.accept()
    lost = rows[0] if phone else rows[1]
    floor.story.world.run(60)
    assert floor.story.rows()[lost.id].operator == ""
    assert [entry.details["reason"] for entry in floor.story.entries()
            if entry.call_id == lost.id and entry.kind == "stay_ended"] == ["nobody_logged_in"]
    floor.over()


def test_desk__that_closes_gets_no_chat_and_changes_nothing_of_calls() -> None:
    floor = Floor(empty_grace_s=300)
    register(floor.story, "anna")
    floor.anna.answers()
    floor.visitor()
    assert len(floor.anna.offered) == 1
    floor.anna.answers(answers=False)
    floor.story.world.run(1)
    assert floor.anna.offered == []
    assert (floor.shown()["reachable"], floor.shown()["chats_reachable"]) == (True, False)
    floor.call()
    assert floor.shown()["state"] == "on_call"
    floor.anna.answers()
    floor.story.world.run(6)
    assert len(floor.anna.offered) == 1
    floor.over()


def test_break__is_from_calls_and_from_chats() -> None:
    floor = Floor()
    floor.boris.answers()
    register(floor.story, "boris")
    on_a_call(floor)
    exchange, now = floor.story.hotline.exchange, floor.story.world.now
    floor.carried(exchange.set_status("anna", Status.ON_BREAK, "lunch", now))
    floor.visitor()
    assert floor.anna.offered == []
    assert len(floor.boris.offered) == 1
    floor.over()


def test_wrap_up__of_a_chat_keeps_nobody_from_a_call() -> None:
    floor = Floor(wrap_up_s=60)
    register(floor.story, "anna")
    floor.anna.answers()
    visitor = floor.visitor()
    floor.anna.accept()
    visitor.leave()
    floor.story.world.run(1)
    assert (floor.shown()["state"], floor.shown()["chats_condition"]) == ("idle", "writing up a chat")
    floor.visitor()
    assert floor.anna.offered == []
    floor.call()
    assert floor.shown()["state"] == "on_call"
    floor.story.world.run(60)
    assert len(floor.anna.offered) == 1
    floor.over()


def test_transfer__of_a_chat_to_who_is_on_a_call() -> None:
    floor = Floor()
    on_a_call(floor)
    floor.anna.answers(answers=False)
    floor.boris.answers()
    visitor = floor.visitor()
    floor.boris.accept()
    floor.anna.answers()
    exchange, call = floor.story.hotline.exchange, list(floor.story.rows())[-1]
    floor.carried(exchange.transfer(call, "anna", floor.story.world.now, attended=False))
    assert len(floor.anna.offered) == 1
    leg = floor.anna.accept()
    floor.anna.say("Anna here.", leg)
    assert visitor.read()[-1] == ("anna", "Anna here.")
    assert (floor.shown()["chats"], floor.shown("boris")["chats"]) == (1, 0)
    floor.over()
    assert floor.story.rows()[call].operator == "anna"


def test_supervisor__needs_a_desk_and_room() -> None:
    floor = Floor()
    register(floor.story, "anna")
    floor.boris.answers()
    floor.visitor()
    floor.boris.accept()
    exchange, call, now = floor.story.hotline.exchange, next(iter(floor.story.rows())), floor.story.world.now
    refused = exchange.supervise(call, "anna", "listen", now)
    assert isinstance(refused, NotSupervised)
    assert (refused.code, refused.reason) == ("no_phone", "anna has no desk that answers chats")
    floor.anna.answers()
    floor.call()
    floor.carried(exchange.supervise(call, "anna", "listen", floor.story.world.now))
    floor.anna.accept()
    assert (floor.shown()["state"], floor.shown()["chats"]) == ("on_call", 1)
    floor.over()


def test_during_call__who_takes_no_chats_beside_it() -> None:
    floor = Floor({"chats_during_call": False})
    on_a_call(floor)
    floor.visitor()
    assert floor.anna.offered == []
    floor.story.phones["caller"].hang_up()
    floor.story.world.run(1)
    assert len(floor.anna.offered) == 1
    floor.over()


def test_default__of_all_operators() -> None:
    floor = Floor({"chats": None}, top={"chats_per_operator": 0})
    floor.anna.answers()
    floor.visitor()
    assert floor.anna.offered == []
    assert floor.shown()["chats_most"] == 0
    floor.over()


def test_log__hours_in_chats_are_hours_at_work() -> None:
    floor = Floor(wrap_up_s=0)
    on_a_call(floor)
    visitor = floor.visitor()
    floor.anna.accept()
    floor.story.phones["caller"].hang_up()
    floor.story.world.run(30)
    visitor.leave()
    floor.story.world.run(1)
    floor.over()
    call, chat = list(floor.story.rows())
    rows = [row for batch in floor.story.hotline.stored for row in batch.operator_entries if row.operator == "anna"]
    assert [(row.state, row.call_id) for row in rows if row.reachable][1:] == [
        ("ringing", call), ("on_call", call), ("on_call", chat), ("idle", "")]
