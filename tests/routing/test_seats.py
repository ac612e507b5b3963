"""Operators who have calls and chats: who is offered what, told by hand."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from routing.dispatcher import (
    CHAT,
    CallQueued,
    CallTaken,
    LeaseLost,
    LegsAlive,
    Medium,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorChanged,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    OverflowCall,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    StartTimer,
    State,
    Status,
    StatusSet,
    TimerFired,
    WrapUpDone,
)
from routing.lasting import QueuesLast
from routing.seats import Seats

FILE = TypeAdapter(QueuesLast)


def person(name: str, chats: int = 2, **more: Any) -> OperatorSettings:
    return OperatorSettings(name, Status.AVAILABLE, chats=chats, **more)


def settings(*people: OperatorSettings, breaks: int = 0, **queue: Any) -> Settings:
    given = {"announce_every": 0.0, "retry_after": 0.0} | queue
    return Settings((QueueSettings("cards", tuple(each.name for each in people), **given),), people,
                    auto_break_after_missed=breaks)


def house(*people: OperatorSettings, desks: bool = True, phones: bool = True, **more: Any) -> Seats:
    seats = Seats(settings(*people, **more), 0.0)
    for each in people:
        for there, medium in ((phones, "call"), (desks, "chat")):
            if there:
                seats.handle(ReachabilityChanged(each.name, True, medium), 0.0)      # type: ignore[arg-type]
    return seats


def only(kind: type, effects: list[Any]) -> list[Any]:
    return [effect for effect in effects if type(effect) is kind]


def offered(seats: Seats, call: str, medium: Medium = "call", now: float = 0.0) -> list[str]:
    """Whom a new one is offered to."""
    return [each.operator for each in only(OfferCall, seats.handle(CallQueued(call, "cards", medium=medium), now))]


def given(seats: Seats, call: str, medium: Medium = "call", now: float = 0.0) -> None:
    (name,) = offered(seats, call, medium, now)
    seats.handle(OfferAccepted(call, name), now)


def record(seats: Seats, name: str, now: float = 0.0) -> dict[str, Any]:
    return next(each for each in seats.snapshot(now)["operators"] if each["name"] == name)


def test_chats__beside_a_call_as_many_as_there_is_room_for() -> None:
    seats = house(person("anna"))
    given(seats, "c1")
    given(seats, "t1", CHAT)
    given(seats, "t2", CHAT)
    assert offered(seats, "t3", CHAT) == []
    assert offered(seats, "c2") == []
    shown = record(seats, "anna")
    assert (shown["state"], shown["chats"], shown["chats_most"], shown["chats_condition"]) == (
        "on_call", 2, 2, "in as many chats as they may have")
    assert seats.why("anna", "t3", 0.0) == "anna is not getting call t3: in as many chats as they may have."
    assert [each.call for each in only(OfferCall, seats.handle(OperatorReleased("anna", "t1"), 1.0))] == ["t3"]
    assert [each.call for each in only(OfferCall, seats.handle(OperatorReleased("anna", "c1"), 1.0))] == ["c2"]


@pytest.mark.parametrize(("desks", "phones", "medium", "to"), [
    (True, False, "call", []), (True, False, "chat", ["anna"]), (False, True, "call", ["anna"]),
    (False, True, "chat", [])])
def test_reachable__by_phone_for_calls_and_by_desk_for_chats(desks: bool, phones: bool, medium: Medium,
                                                             to: list[str]) -> None:
    seats = house(person("anna"), desks=desks, phones=phones)
    assert seats.can_be_rung("anna", medium) == bool(to)
    effects = seats.handle(CallQueued("x", "cards", medium=medium), 0.0)
    assert [each.operator for each in only(OfferCall, effects)] == to
    assert [each.reason for each in only(OverflowCall, effects)] == ([] if to else ["nobody_logged_in"])


def test_chats__of_who_takes_none() -> None:
    seats = house(person("anna", 0))
    (over,) = only(OverflowCall, seats.handle(CallQueued("t1", "cards", medium=CHAT), 0.0))
    assert over.reason == "nobody_logged_in"
    assert not seats.can_be_rung("anna", CHAT)
    assert record(seats, "anna")["chats_most"] == 0
    seats.handle(CallQueued("t2", "cards", medium=CHAT, virtual=True), 0.0)
    assert seats.why("anna", "t2", 0.0) == "anna takes no chats."


def test_chats__go_to_who_has_fewest() -> None:
    seats = house(person("anna"), person("boris"))
    assert [offered(seats, f"t{number}", CHAT) for number in range(5)] == [["anna"], ["boris"], ["anna"], ["boris"], []]


def test_status__is_one_for_both() -> None:
    seats = house(person("anna"))
    effects = seats.handle(StatusSet("anna", Status.ON_BREAK, "lunch"), 0.0)
    assert {(each.status, each.reason) for each in only(OperatorChanged, effects)} == {(Status.ON_BREAK, "lunch")}
    assert only(OverflowCall, seats.handle(CallQueued("c1", "cards"), 0.0))
    assert only(OverflowCall, seats.handle(CallQueued("t1", "cards", medium=CHAT), 0.0))
    seats.handle(StatusSet("anna", Status.AVAILABLE), 1.0)
    assert offered(seats, "t2", CHAT, 1.0) == offered(seats, "c2", "call", 1.0) == ["anna"]


def test_break__after_missed_chats_is_one_from_calls() -> None:
    seats = house(person("anna"), breaks=1)
    seats.handle(CallQueued("t1", "cards", medium=CHAT), 0.0)
    effects = seats.handle(OfferFailed("t1", "anna", "no_answer"), 5.0)
    assert only(OperatorChanged, effects)[-1] == OperatorChanged(
        "anna", Status.ON_BREAK, State.IDLE, "missed calls", "hotline")
    assert record(seats, "anna")["status"] == "on_break"
    assert only(OverflowCall, seats.handle(CallQueued("c1", "cards"), 6.0))


def test_wrap_up__of_a_chat_leaves_them_free_for_calls() -> None:
    seats = house(person("anna"), wrap_up=30.0, wrap_up_until_saved=True)
    given(seats, "t1", CHAT)
    effects = seats.handle(OperatorReleased("anna", "t1"), 10.0)
    (timer,) = only(StartTimer, effects)
    assert timer.key[0] == "chat wrap_up"
    assert only(OperatorChanged, effects)[-1].state is State.WRAP_UP
    assert offered(seats, "t2", CHAT, 11.0) == []
    assert (seats.at_desk("anna", 15.0).noted, seats.at_desk("anna", 15.0).wrap_up_left) == ("t1", 25.0)
    given(seats, "c1", "call", 11.0)
    assert [each.call for each in only(OfferCall, seats.handle(WrapUpDone("anna", "t1"), 12.0))] == ["t2"]
    assert seats.handle(TimerFired(timer.key), 40.0) == []


def test_state__is_of_whatever_they_do_most() -> None:
    seats = house(person("anna"))
    given(seats, "t1", CHAT)
    given(seats, "c1")
    left = only(OperatorChanged, seats.handle(OperatorReleased("anna", "c1"), 5.0))
    assert [(each.state, each.medium) for each in left] == [(State.ON_CALL, CHAT)]
    left = only(OperatorChanged, seats.handle(OperatorReleased("anna", "t1"), 6.0))
    assert [(each.state, each.medium) for each in left] == [(State.IDLE, "call")]


def test_during_call__no_chat_is_offered_to_who_wants_none() -> None:
    seats = house(person("anna", chats_during_call=False), person("boris"))
    assert offered(seats, "t1", CHAT) == ["anna"]
    (offer,) = only(OfferCall, seats.handle(OperatorEngaged("anna", "own"), 1.0))
    assert offer.operator == "boris", "what is offered goes on to the next"
    assert offered(seats, "t2", CHAT, 2.0) == ["boris"]
    assert offered(seats, "t3", CHAT, 2.0) == []
    assert seats.why("anna", "t3", 2.0) == "anna is not getting call t3: on a call, and takes no chats beside it."
    assert not seats.can_be_rung("anna", CHAT)
    (offer,) = only(OfferCall, seats.handle(OperatorReleased("anna", "own"), 3.0))
    assert (offer.call, offer.operator) == ("t3", "anna")


def test_past_the_queues__a_chat_goes_to_who_has_room() -> None:
    seats = house(person("anna"))
    seats.handle(OperatorEngaged("anna", "own"), 0.0)
    seats.handle(OperatorEngaged("anna", "t1", CHAT), 0.0)
    assert (seats.can_be_rung("anna"), seats.can_be_rung("anna", CHAT)) == (False, True)
    seats.handle(CallQueued("t2", "cards", medium=CHAT), 0.0)
    assert not seats.can_be_rung("anna", CHAT)
    seats.handle(CallTaken("t2", "anna", CHAT), 0.0)
    assert record(seats, "anna")["chats"] == 2
    assert seats.at_desk("anna", 0.0).calls == ("own", "t1", "t2")


def test_lease__of_chats_ends_with_their_legs() -> None:
    seats = house(person("anna"))
    given(seats, "c1")
    given(seats, "t1", CHAT)
    assert seats.handle(LegsAlive({"anna": {"c1", "t1"}}), 60.0) == []
    assert only(LeaseLost, seats.handle(LegsAlive({"anna": {"c1"}}), 120.0)) == [LeaseLost("anna", "t1")]


def test_queue__is_one_on_screens() -> None:
    seats = house(person("anna", 1))
    for number in range(2):
        seats.handle(CallQueued(f"c{number}", "cards"), 2.0 * number)
        seats.handle(CallQueued(f"t{number}", "cards", medium=CHAT), 2.0 * number + 1)
    (queue,) = seats.snapshot(10.0)["queues"]
    assert [(each["call"], each["place"], each["medium"]) for each in queue["calls"]] == [
        ("c0", 1, "call"), ("t0", 1, "chat"), ("c1", 2, "call"), ("t1", 2, "chat")]
    assert (queue["waiting"], queue["chats_waiting"], queue["offered"], queue["chats_in_service"]) == (4, 2, 4, 1)
    assert (queue["longest_wait"], queue["unaccounted"]) == (10.0, 0)
    assert [seats.place("cards", call) for call in ("c1", "t1", "c9")] == [2, 2, None]


def test_estimate__chats_have_a_pace_of_their_own() -> None:
    seats = house(person("anna", 1))
    given(seats, "c0")
    seats.handle(CallQueued("c1", "cards"), 1.0)
    before = seats.estimate("c1", 2.0)
    for number in range(6):
        given(seats, f"t{number}", CHAT, 2.0)
        seats.handle(OperatorReleased("anna", f"t{number}"), 2.0)
    given(seats, "t9", CHAT, 2.0)
    seats.handle(CallQueued("t10", "cards", medium=CHAT), 2.0)
    chat = seats.estimate("t10", 2.0)
    assert seats.estimate("c1", 2.0) == before
    assert before is not None
    assert chat is not None
    assert chat.likely < before.likely


def test_settings__new_room_for_chats_and_none_any_more() -> None:
    seats = house(person("anna", 0))
    seats.handle(StatusSet("anna", Status.ON_BREAK, "lunch"), 0.0)
    seats.handle(CallQueued("t0", "cards", medium=CHAT, virtual=True), 0.0)
    effects = seats.handle(SettingsReplaced(settings(person("anna", 1))), 1.0)
    assert only(OfferCall, effects) == [], "who is on a break is not rung as one who begins to work"
    (offer,) = only(OfferCall, seats.handle(StatusSet("anna", Status.AVAILABLE), 2.0))
    seats.handle(OfferAccepted(offer.call, "anna"), 2.0)
    seats.handle(SettingsReplaced(settings(person("anna", 0))), 3.0)
    assert (record(seats, "anna")["status"], record(seats, "anna")["chats"]) == ("available", 1)
    effects = seats.handle(OperatorReleased("anna", "t0"), 4.0)
    assert {(each.status, each.state) for each in only(OperatorChanged, effects)} <= {(Status.AVAILABLE, State.IDLE)}
    assert record(seats, "anna")["chats"] == 0


def test_lasting__what_was_of_chats_is_so_after_a_restart() -> None:
    seats = house(person("anna"), wrap_up=30.0)
    given(seats, "t1", CHAT)
    seats.handle(OperatorReleased("anna", "t1"), 10.0)
    seats.handle(StatusSet("anna", Status.ON_BREAK, "lunch"), 11.0)
    kept = FILE.validate_json(FILE.dump_json(seats.lasts(12.0)), strict=True)
    other = Seats(settings(person("anna"), wrap_up=30.0), 0.0)
    effects = other.resume(kept, -12.0, 0.0)
    assert [each.key[0] for each in only(StartTimer, effects)] == ["chat wrap_up"]
    shown = record(other, "anna")
    assert (shown["status"], shown["answered"], shown["chats_condition"]) == ("on_break", 1, "writing up a chat")
    assert other.chats.operator("anna").status is Status.ON_BREAK     # type: ignore[union-attr]


def test_lasting__of_a_time_without_chats() -> None:
    seats = house(person("anna"))
    seats.handle(StatusSet("anna", Status.ON_BREAK, "lunch"), 1.0)
    written = FILE.dump_python(seats.lasts(2.0), mode="json")
    del written["chats"]
    other = Seats(settings(person("anna")), 0.0)
    other.resume(FILE.validate_python(written), -2.0, 0.0)
    other.handle(ReachabilityChanged("anna", True, CHAT), 0.0)
    assert only(OverflowCall, other.handle(CallQueued("t1", "cards", medium=CHAT), 0.0))


@pytest.mark.parametrize("medium", ["call", CHAT])
def test_desk_lost__who_waits_for_a_phone_is_not_kept_for_it(medium: Medium) -> None:
    """The desk is expected back, and chats wait for it; callers whose last phone goes wait as their queue says."""
    seats = house(person("anna"), empty_grace=30.0)
    assert offered(seats, "c1", medium) == ["anna"]
    effects = [*seats.handle(ReachabilityChanged("anna", False, CHAT, back_within=86_400.0), 1.0),
               *seats.handle(ReachabilityChanged("anna", False), 2.0)]
    (grace,) = [each for each in only(StartTimer, effects) if each.key[0].endswith("empty")]
    assert grace.at == (86_401.0 if medium == CHAT else 32.0)
    assert [each.call for each in only(OverflowCall, seats.handle(TimerFired(grace.key), grace.at))] == ["c1"]
