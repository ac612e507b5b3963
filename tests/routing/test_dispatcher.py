"""The dispatcher, case by case, in virtual time. Each case of a fault that others have names where it was told."""

from dataclasses import replace

import pytest

from ivr.base.machine import IllegalEvent
from ivr.base.timers import Timers
from routing.dispatcher import (
    AnnouncePlace,
    AssignCall,
    CallLeft,
    CallQueued,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
    OfferAccepted,
    OfferCall,
    OfferEnded,
    OfferFailed,
    OperatorChanged,
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
    StayEnded,
    TimerFired,
    WithdrawOffer,
)

CARDS = QueueSettings("cards", ("anna", "boris", "vera"), announce_first_after=3, announce_every=30)
LOANS = QueueSettings("loans", ("vera",), announce_first_after=3, announce_every=30)
SETTINGS = Settings((CARDS, LOANS), tuple(OperatorSettings(name) for name in ("anna", "boris", "vera")))


class Floor:
    """A dispatcher with its timers in virtual time. `wanted`: (at, effect) of all but timers, screens and record."""

    def __init__(self, settings: Settings = SETTINGS, *, on: tuple[str, ...] = ()) -> None:
        self.now = 0.0
        self.timers = Timers()
        self.wanted: list[tuple[float, Effect]] = []
        self.changes: list[OperatorChanged] = []
        self.record: list[OfferEnded | StayEnded] = []
        self.dispatcher = Dispatcher(settings, self.now)
        for name in on:
            self.log_in(name)

    def send(self, *events: Event) -> list[Effect]:
        """Tell events at once; the effects of the last, without timers and screens."""
        effects: list[Effect] = []
        for event in events:
            effects = [effect for effect in self.dispatcher.handle(event, self.now) if not self.took(effect)]
            self.wanted += [(self.now, effect) for effect in effects]
        return effects

    def took(self, effect: Effect) -> bool:
        match effect:
            case StartTimer(key, at):
                self.timers.start(key, at, TimerFired(key))
            case CancelTimer(key):
                self.timers.cancel(key)
            case OperatorChanged():
                self.changes.append(effect)
            case OfferEnded() | StayEnded():
                self.record.append(effect)
            case _:
                return False
        return True

    def until(self, at: float) -> list[tuple[float, Effect]]:
        """Let time pass; what was wanted on the way."""
        begin = len(self.wanted)
        while (due := self.timers.next_at()) is not None and due <= at:
            self.now = due
            key, event = self.timers.pop_due(due) or ((), None)
            assert event.key == key
            self.send(event)
        self.now = at
        return self.wanted[begin:]

    def log_in(self, *names: str) -> None:
        for name in names:
            self.send(ReachabilityChanged(name, True), StatusSet(name, Status.AVAILABLE))

    def operator(self, name: str) -> dict[str, object]:
        return next(each for each in self.dispatcher.snapshot(self.now)["operators"] if each["name"] == name)

    def queue(self, name: str = "cards") -> dict[str, object]:
        return next(each for each in self.dispatcher.snapshot(self.now)["queues"] if each["name"] == name)

    def counts(self, name: str = "cards") -> tuple[object, ...]:
        queue = self.queue(name)
        return tuple(queue[kind] for kind in ("offered", "answered", "abandoned", "overflow", "waiting"))


def offer(call: str, operator: str, ring_time: float = 20.0) -> OfferCall:
    return OfferCall(call, operator, ring_time)


# Who is rung

def test_queue__a_free_operator_is_rung_at_once_and_gets_the_call() -> None:
    floor = Floor(on=("anna",))
    assert floor.send(CallQueued("c1", "cards", "ru")) == [offer("c1", "anna")]
    assert (floor.operator("anna")["state"], floor.operator("anna")["call"]) == ("ringing", "c1")
    assert floor.send(OfferAccepted("c1", "anna")) == [AssignCall("c1", "anna")]
    assert floor.operator("anna")["state"] == "on_call"
    assert floor.counts() == (1, 1, 0, 0, 0)
    assert floor.send(OperatorReleased("anna", "c1")) == []
    assert (floor.operator("anna")["state"], len(floor.timers)) == ("idle", 0)


def test_queue__whoever_becomes_free_gets_the_caller_who_waits() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"))
    floor.now = 10
    assert floor.send(CallQueued("c2", "cards")) == []
    assert floor.send(ReachabilityChanged("boris", True)) == []
    assert floor.send(StatusSet("boris", Status.AVAILABLE)) == [offer("c2", "boris")]
    floor.send(CallQueued("c3", "cards"))
    floor.now = 20
    assert floor.send(OperatorReleased("anna", "c1")) == [offer("c3", "anna")]


def test_queue__longest_idle_first() -> None:
    floor = Floor(on=("vera",))
    floor.now = 5
    floor.log_in("anna", "boris")
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "vera")]
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "anna")]       # anna and boris tie: configuration
    floor.send(OfferAccepted("c1", "vera"), OfferAccepted("c2", "anna"))
    floor.now = 10
    floor.send(OperatorReleased("anna", "c2"))
    floor.now = 11
    floor.send(OperatorReleased("vera", "c1"))
    assert [floor.send(CallQueued(call, "cards")) for call in ("c3", "c4", "c5")] == [
        [offer("c3", "boris")], [offer("c4", "anna")], [offer("c5", "vera")]]


def test_queue__many_calls_at_once_ring_different_operators() -> None:
    """OpenACD#5: they all tried the same one."""
    names = tuple(f"o{number}" for number in range(10))
    settings = Settings((QueueSettings("cards", names, announce_every=0),),
                        tuple(OperatorSettings(name) for name in names))
    floor = Floor(settings, on=names)
    floor.send(*(CallQueued(f"c{number}", "cards") for number in range(12)))
    offers = [effect for _, effect in floor.wanted]
    assert offers == [offer(f"c{number}", f"o{number}") for number in range(10)]


def test_queue__callers_are_served_in_the_order_in_which_they_came() -> None:
    floor = Floor(on=("anna",))
    floor.send(*(CallQueued(f"c{number}", "cards") for number in range(4)))
    for number in range(4):
        floor.now += 1
        floor.send(OfferAccepted(f"c{number}", "anna"), OperatorReleased("anna", f"c{number}"))
    assert [effect.call for _, effect in floor.wanted if isinstance(effect, OfferCall)] == ["c0", "c1", "c2", "c3"]


def test_queue__between_queues_the_longest_waiting_goes_first_weighted_by_priority() -> None:
    floor = Floor(on=("vera",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "vera"))
    floor.send(CallQueued("loans-1", "loans"))
    floor.now = 1
    floor.send(CallQueued("cards-1", "cards"))
    floor.now = 2
    floor.send(CallQueued("loans-2", "loans"), CallQueued("cards-2", "cards", priority=1))
    order = ["cards-2", "loans-1", "cards-1", "loans-2"]
    previous = "c0"
    for call in order:
        floor.now += 10
        assert floor.send(OperatorReleased("vera", previous)) == [offer(call, "vera")]
        floor.send(OfferAccepted(call, "vera"))
        previous = call


# Offers that come to nothing

@pytest.mark.parametrize("reason", ["no_answer", "busy", "refused", "unreachable", "failed"])
def test_queue__a_failed_offer_goes_to_the_next_operator_at_once(reason: str) -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "cards"))
    floor.now = 2
    floor.send(OfferAccepted("c2", "boris"), OperatorReleased("boris", "c2"))
    assert floor.send(OfferFailed("c1", "anna", reason)) == [offer("c1", "boris")]
    anna = floor.operator("anna")
    assert (anna["state"], anna["condition"], anna["rest_time"], anna["missed"]) == (
        "idle", "resting after a missed call", 5.0, 1)
    assert floor.send(CallQueued("c3", "cards")) == []
    assert floor.until(7) == [(3.0, AnnouncePlace("c1", 1)), (5.0, AnnouncePlace("c3", 2)), (7.0, offer("c3", "anna"))]


def test_queue__a_phone_that_is_never_answered_stops_after_the_ring_time() -> None:
    floor = Floor(Settings((replace(CARDS, announce_every=0),), SETTINGS.operators), on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.until(20) == [(20.0, WithdrawOffer("c1", "anna", "no_answer")), (20.0, offer("c1", "boris"))]
    assert floor.operator("anna")["state"] == "idle"
    assert floor.send(OfferFailed("c1", "anna", "no_answer")) == []     # the phone says so too
    assert floor.send(OfferAccepted("c1", "anna")) == []                # or answers in that moment
    assert floor.operator("anna")["missed"] == 1
    assert floor.send(OfferAccepted("c1", "boris")) == [AssignCall("c1", "boris")]


def test_queue__a_call_that_is_passed_on_keeps_its_place() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               CallQueued("c2", "cards"))
    assert floor.send(OfferFailed("c1", "boris", "refused")) == []
    assert [each["call"] for each in floor.queue()["calls"]] == ["c1", "c2"]
    assert floor.send(OperatorReleased("anna", "c0")) == [offer("c1", "anna")]


def test_queue__who_missed_the_only_call_is_rung_again_after_the_rest() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"))
    floor.now = 1
    floor.send(OfferFailed("c1", "anna", "busy"))
    assert floor.until(6) == [(3.0, AnnouncePlace("c1", 1)), (6.0, offer("c1", "anna"))]


def test_queue__who_missed_a_call_is_not_rung_for_it_before_the_others() -> None:
    """The others are busy: the call waits for them, and who missed it takes the next caller."""
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               CallQueued("c2", "cards"), OfferFailed("c1", "boris", "refused"))
    assert (5.0, offer("c2", "boris")) in floor.until(5)
    assert floor.send(OfferFailed("c2", "boris", "refused")) == []
    floor.until(10)
    assert (floor.operator("boris")["condition"], floor.operator("boris")["state"]) == ("free", "idle")
    assert floor.dispatcher.why_operator("boris", 10) == (
        "boris is free, but missed call c1, which waits for operators who were not tried for it yet.")
    assert floor.dispatcher.why_call("c1") == (
        "Call c1 waits in place 1 of cards: of 3 operators 1 on a call, 1 free but missed it, 1 logged out.")
    assert floor.send(CallQueued("c3", "cards")) == [offer("c3", "boris")]
    assert floor.send(OperatorReleased("anna", "c0")) == [offer("c1", "anna")]


def test_queue__busy_operators_are_not_waited_for_for_ever() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               OfferFailed("c1", "boris", "refused"))
    assert floor.until(29.9)[-1] == (3.0, AnnouncePlace("c1", 1))
    assert floor.until(30)[-1] == (30.0, offer("c1", "boris"))


def test_queue__when_the_last_other_leaves_a_new_round_begins() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               OfferFailed("c1", "boris", "refused"))
    floor.until(10)
    floor.send(StatusSet("anna", Status.LOGGED_OUT))
    assert floor.send(OperatorReleased("anna", "c0")) == [offer("c1", "boris")]


@pytest.mark.parametrize(("gone", "reason"), [
    (StatusSet("boris", Status.LOGGED_OUT), "logged_out"), (ReachabilityChanged("boris", False), "unreachable"),
])
def test_queue__a_new_round_begins_in_the_order_of_service(gone: Event, reason: str) -> None:
    """boris goes while he rings for c2. Both calls could have anna now, and c1, which she missed once, came first."""
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "cards"), OfferFailed("c1", "anna", "refused"))
    floor.until(6)
    assert floor.operator("anna")["condition"] == "free"
    assert floor.send(gone) == [WithdrawOffer("c2", "boris", reason), offer("c1", "anna")]


def test_queue__a_new_round_is_fair_between_queues() -> None:
    """boris missed both calls; vera, who was not tried, goes on break: the call that came first is first."""
    queues = (replace(CARDS, operators=("boris", "vera"), announce_every=0),
              replace(LOANS, operators=("boris", "vera"), announce_every=0))
    floor = Floor(replace(SETTINGS, queues=queues), on=("vera", "boris"))
    floor.send(CallQueued("c0", "cards", priority=1), OfferFailed("c0", "boris", "busy"), OfferAccepted("c0", "vera"))
    floor.send(CallQueued("c1", "loans"))
    floor.until(5)
    floor.send(OfferFailed("c1", "boris", "busy"), CallQueued("c2", "cards"))
    floor.until(10)
    floor.send(OfferFailed("c2", "boris", "busy"))
    floor.until(20)
    floor.send(StatusSet("vera", Status.ON_BREAK))
    assert floor.operator("boris")["condition"] == "free"
    assert floor.send(OperatorReleased("vera", "c0")) == [offer("c1", "boris")]


def test_queue__an_empty_chair_is_not_rung_first_for_every_caller() -> None:
    """After a miss the operator's idle time begins anew."""
    floor = Floor(on=("anna", "boris", "vera"))
    floor.send(CallQueued("c1", "cards"))
    floor.until(20)
    floor.send(OfferAccepted("c1", "boris"))
    floor.until(30)
    assert floor.operator("anna")["idle_time"] == 10.0
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "vera")]


def test_queue__without_a_rest_the_others_still_come_first() -> None:
    floor = Floor(Settings((replace(CARDS, retry_after=0),), SETTINGS.operators), on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(OfferFailed("c1", "anna", "busy")) == [offer("c1", "boris")]
    assert floor.send(OfferFailed("c1", "boris", "busy")) == [offer("c1", "anna")]


# Callers who leave

def test_queue__caller_hangs_up_while_waiting() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"))
    assert floor.send(CallLeft("c1")) == []
    assert floor.counts() == (2, 1, 1, 0, 0)
    assert floor.send(CallLeft("c1")) == []
    assert floor.send(OperatorReleased("anna", "c0")) == []     # freeswitch#2529: rung for a caller who is gone
    assert len(floor.timers) == 0


def test_queue__caller_hangs_up_while_ringing() -> None:
    """The phone stops, and the operator is as long idle as before."""
    floor = Floor(on=("anna",))
    floor.now = 50
    floor.log_in("boris")
    floor.send(CallQueued("c1", "cards"))
    floor.now = 60
    assert floor.send(CallLeft("c1")) == [WithdrawOffer("c1", "anna", "caller_left")]
    assert floor.operator("anna")["idle_time"] == 60.0
    assert len(floor.timers) == 0
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "anna")]
    assert floor.send(OfferAccepted("c1", "anna")) == []


def test_queue__the_operator_answers_when_the_caller_has_just_left() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), CallLeft("c1"))
    assert floor.send(OfferAccepted("c1", "anna")) == []
    assert floor.operator("anna")["condition"] == "free"
    assert floor.counts() == (1, 0, 1, 0, 0)


def test_queue__the_phone_of_a_caller_who_left_rings_for_the_next() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "cards"))
    assert floor.send(CallLeft("c1")) == [WithdrawOffer("c1", "anna", "caller_left"), offer("c2", "anna")]


def test_queue__two_operators_never_answer_one_call() -> None:
    """asterisk#176."""
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    floor.until(20)
    assert floor.send(OfferAccepted("c1", "boris")) == [AssignCall("c1", "boris")]
    assert floor.send(OfferAccepted("c1", "anna")) == []
    assert floor.send(OfferAccepted("c1", "boris")) == []
    assert floor.counts() == (1, 1, 0, 0, 0)        # asterisk#1736: one call counted twice


def test_queue__the_operator_drops_before_the_bridge() -> None:
    """asterisk#1557: nobody else is disturbed, and the operator is free."""
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"))
    assert floor.send(OperatorReleased("anna", "c1")) == []
    assert floor.operator("boris")["call"] == "c2"
    assert floor.operator("anna")["condition"] == "free"


def test_queue__a_release_that_is_over_or_about_another_call_changes_nothing() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"))
    for event in (OperatorReleased("anna", "c0"), OperatorReleased("boris", "c1"), OperatorReleased("nobody", "c1")):
        assert floor.dispatcher.handle(event, 1.0) == []
    assert floor.operator("anna")["call"] == "c1"


def test_queue__a_call_is_queued_once() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"))
    for queue in ("cards", "loans"):
        with pytest.raises(IllegalEvent):
            floor.send(CallQueued("c1", queue))
    floor.send(OfferAccepted("c1", "anna"))
    with pytest.raises(IllegalEvent):
        floor.send(CallQueued("c1", "cards"))
    assert floor.counts() == (1, 1, 0, 0, 0)
    floor.send(OperatorReleased("anna", "c1"))
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "anna")]


def test_queue__a_stay_may_end_in_another_way() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), CallLeft("c1", "failed"))
    queue = floor.queue()
    assert (queue["failed"], queue["abandoned"], queue["unaccounted"]) == (1, 0, 0)


# Overflow

def test_queue__nobody_logged_in_overflows_at_once() -> None:
    floor = Floor()
    assert floor.send(CallQueued("c1", "cards")) == [OverflowCall("c1", "cards", "nobody_logged_in")]
    floor.send(StatusSet("anna", Status.AVAILABLE))     # but her phone is not registered
    assert floor.send(CallQueued("c2", "cards")) == [OverflowCall("c2", "cards", "nobody_logged_in")]
    assert floor.counts() == (2, 0, 0, 2, 0)
    assert len(floor.timers) == 0


def test_queue__callers_stay_for_the_grace_when_the_last_operator_goes() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               CallQueued("c2", "cards"))
    floor.send(StatusSet("anna", Status.LOGGED_OUT))    # on a call: somebody is still there
    floor.until(100)
    floor.send(OperatorReleased("anna", "c0"))
    assert [effect for at, effect in floor.until(115) if at == 115] == [
        OverflowCall("c1", "cards", "nobody_logged_in"), OverflowCall("c2", "cards", "nobody_logged_in")]
    assert (floor.counts(), len(floor.timers)) == ((3, 1, 0, 2, 0), 0)


def test_queue__a_phone_that_registers_again_within_the_grace_loses_no_caller() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"))
    floor.send(ReachabilityChanged("anna", False))
    floor.until(14)
    floor.send(ReachabilityChanged("anna", True))
    floor.until(100)
    assert floor.counts()[-1] == 1
    assert floor.send(OperatorReleased("anna", "c0")) == [offer("c1", "anna")]


def test_queue__the_grace_ends_with_the_last_caller() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), ReachabilityChanged("anna", False))
    floor.send(CallLeft("c1"))
    floor.until(10)
    assert len(floor.timers) == 0


@pytest.mark.parametrize("rings", [True, False])
def test_queue__maximum_wait(rings: bool) -> None:
    floor = Floor(Settings((replace(CARDS, max_wait=10, announce_every=0),), SETTINGS.operators), on=("anna",))
    if not rings:
        floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"))
    floor.send(CallQueued("c1", "cards"))
    withdrawn = [(10.0, WithdrawOffer("c1", "anna", "max_wait"))] if rings else []
    assert floor.until(10) == [*withdrawn, (10.0, OverflowCall("c1", "cards", "max_wait"))]
    assert floor.send(OfferAccepted("c1", "anna"), CallLeft("c1")) == []
    assert (floor.queue()["overflow"], len(floor.timers)) == (1, 0)
    assert floor.operator("anna")["missed"] == 0


def test_queue__a_full_queue_overflows() -> None:
    floor = Floor(Settings((replace(CARDS, max_waiting=2),), SETTINGS.operators), on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               CallQueued("c2", "cards"))
    assert floor.send(CallQueued("c3", "cards")) == [OverflowCall("c3", "cards", "full")]
    assert floor.counts() == (4, 1, 0, 1, 2)


def test_queue__a_queue_without_places_takes_who_is_answered_at_once() -> None:
    floor = Floor(Settings((replace(CARDS, max_waiting=0),), SETTINGS.operators), on=("anna",))
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "anna")]
    assert floor.send(CallQueued("c2", "cards")) == [OverflowCall("c2", "cards", "full")]


def test_queue__an_unknown_queue_overflows() -> None:
    assert Floor().send(CallQueued("c1", "mortgages")) == [OverflowCall("c1", "mortgages", "no_queue")]


# Places

def test_queue__places_are_told_again_and_again() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"))
    floor.until(10)
    floor.send(CallQueued("c2", "cards"))
    assert floor.until(20) == [(13.0, AnnouncePlace("c2", 2))]
    floor.send(CallLeft("c1"))
    assert floor.until(80) == [(43.0, AnnouncePlace("c2", 1)), (73.0, AnnouncePlace("c2", 1))]


def test_queue__the_place_is_told_while_a_phone_rings_too() -> None:
    """Whoever bridges the call cuts the announcement short (freeswitch#1148: dead air instead)."""
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "cards"))
    assert floor.until(4) == [(3.0, AnnouncePlace("c1", 1)), (3.0, AnnouncePlace("c2", 2))]
    assert floor.send(OfferAccepted("c1", "anna")) == [AssignCall("c1", "anna")]
    assert floor.until(34) == [(33.0, AnnouncePlace("c2", 1))]


def test_queue__the_place_may_be_told_on_entering() -> None:
    floor = Floor(Settings((replace(CARDS, announce_first_after=0),), SETTINGS.operators), on=("anna",))
    assert floor.send(CallQueued("c1", "cards")) == [AnnouncePlace("c1", 1), offer("c1", "anna")]
    assert floor.until(19) == []


def test_queue__a_queue_may_tell_no_places() -> None:
    floor = Floor(Settings((replace(CARDS, announce_every=0),), SETTINGS.operators), on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"))
    assert floor.until(300) == []


# What operators choose, and their phones

def test_operator__a_break_chosen_during_an_offer_is_kept() -> None:
    """flex-project-template#290: "available" was written over it."""
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), StatusSet("anna", Status.ON_BREAK, "lunch"))
    assert floor.operator("anna")["state"] == "ringing"
    assert floor.until(20)[-1] == (20.0, WithdrawOffer("c1", "anna", "no_answer"))
    assert (floor.operator("anna")["status"], floor.operator("anna")["condition"]) == ("on_break", "on break")
    assert floor.until(35)[-1] == (35.0, OverflowCall("c1", "cards", "nobody_logged_in"))
    floor.send(StatusSet("anna", Status.AVAILABLE))
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "anna")]
    assert {change.status for change in floor.changes if change.state is State.RINGING} == {
        Status.AVAILABLE, Status.ON_BREAK}


def test_operator__a_break_chosen_during_a_call_applies_after_it() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), StatusSet("anna", Status.ON_BREAK))
    floor.send(CallQueued("c2", "cards"))
    assert floor.operator("anna")["state"] == "on_call"
    assert floor.send(OperatorReleased("anna", "c1")) == []
    assert floor.dispatcher.why_operator("anna", 0.0) == "anna is on break."
    assert floor.send(StatusSet("anna", Status.AVAILABLE)) == [offer("c2", "anna")]


def test_operator__who_logs_out_is_not_rung_on() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(StatusSet("anna", Status.LOGGED_OUT)) == [
        WithdrawOffer("c1", "anna", "logged_out"), offer("c1", "boris")]
    assert floor.operator("anna")["missed"] == 0


def test_operator__whose_phone_is_gone_while_ringing() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(ReachabilityChanged("anna", False)) == [
        WithdrawOffer("c1", "anna", "unreachable"), offer("c1", "boris")]
    assert floor.operator("anna")["condition"] == "without a registered phone"
    assert floor.send(ReachabilityChanged("anna", False)) == []


def test_operator__an_unregistered_phone_is_not_rung() -> None:
    """fusionpbx#2831."""
    floor = Floor(on=("anna", "boris"))
    floor.send(ReachabilityChanged("anna", False))
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "boris")]
    floor.send(CallQueued("c2", "cards"))
    assert floor.send(ReachabilityChanged("anna", True)) == [offer("c2", "anna")]


def test_operator__whose_phone_is_gone_during_a_call_stays_on_it() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), ReachabilityChanged("anna", False))
    assert floor.operator("anna")["state"] == "on_call"
    floor.send(OperatorReleased("anna", "c1"))
    assert floor.operator("anna")["condition"] == "without a registered phone"


def test_operator__wraps_up_before_the_next_call() -> None:
    floor = Floor(Settings((replace(CARDS, wrap_up=12, announce_every=0),), SETTINGS.operators), on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"))
    assert floor.send(OperatorReleased("anna", "c1")) == []
    assert floor.operator("anna")["state"] == "wrap_up"
    assert floor.until(12) == [(12.0, offer("c2", "anna"))]


def test_operator__an_unknown_one_is_no_error() -> None:
    floor = Floor()
    assert floor.send(StatusSet("nobody", Status.AVAILABLE), ReachabilityChanged("nobody", True)) == []


def test_operator__changes_are_told() -> None:
    floor = Floor(on=("anna",))
    floor.changes.clear()
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), StatusSet("anna", Status.ON_BREAK),
               StatusSet("anna", Status.ON_BREAK), OperatorReleased("anna", "c1"))
    assert floor.changes == [OperatorChanged("anna", status, state) for status, state in (
        (Status.AVAILABLE, State.RINGING), (Status.AVAILABLE, State.ON_CALL), (Status.ON_BREAK, State.ON_CALL),
        (Status.ON_BREAK, State.IDLE))]


# Timers

def test_timers__a_stale_one_is_harmless() -> None:
    floor = Floor(on=("anna",))
    started = [effect.key for effect in floor.dispatcher.handle(CallQueued("c1", "cards"), 0.0)
               if isinstance(effect, StartTimer)]
    assert len(started) == 3
    cancelled = [effect.key for effect in floor.dispatcher.handle(CallLeft("c1"), 1.0)
                 if isinstance(effect, CancelTimer)]
    assert sorted(cancelled) == sorted(started)
    floor.dispatcher.handle(CallQueued("c1", "cards"), 2.0)     # the same call and operator again: other keys
    for key in started:
        assert floor.dispatcher.handle(TimerFired(key), 30.0) == []
    assert floor.dispatcher.handle(TimerFired(("unheard of", "c1", 9)), 30.0) == []
    assert floor.operator("anna")["call"] == "c1"


# New settings

def test_settings__keep_callers_statuses_and_counts() -> None:
    """asterisk#1255, freeswitch#39: a reload that logs out, wipes counters or touches a call."""
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               CallQueued("c2", "cards"), StatusSet("anna", Status.ON_BREAK, "lunch"))
    before = floor.dispatcher.snapshot(0.0)
    shorter = replace(SETTINGS, queues=(replace(CARDS, max_wait=5, ring_time=1), LOANS))
    assert floor.send(SettingsReplaced(shorter)) == []
    assert floor.dispatcher.snapshot(0.0) == before
    # the old deadlines hold for who is there
    assert floor.until(19) == [(3.0, AnnouncePlace("c1", 1)), (3.0, AnnouncePlace("c2", 2))]
    assert floor.send(OfferAccepted("c1", "boris")) == [AssignCall("c1", "boris")]


def test_settings__a_removed_queue_overflows_its_callers() -> None:
    floor = Floor(on=("vera", "anna"))
    floor.send(CallQueued("c1", "loans"), CallQueued("c2", "loans"), CallQueued("c0", "cards"),
               CallQueued("c3", "cards"))
    assert floor.send(SettingsReplaced(replace(SETTINGS, queues=(CARDS,)))) == [
        WithdrawOffer("c1", "vera", "no_queue"), OverflowCall("c1", "loans", "no_queue"),
        OverflowCall("c2", "loans", "no_queue"), offer("c3", "vera")]
    assert [queue["name"] for queue in floor.dispatcher.snapshot(0.0)["queues"]] == ["cards"]


def test_settings__a_removed_operator_finishes_the_call() -> None:
    settings = replace(SETTINGS, queues=(replace(CARDS, wrap_up=10), LOANS))
    floor = Floor(settings, on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"))
    without = replace(settings, operators=settings.operators[1:])
    assert floor.send(SettingsReplaced(without)) == []
    assert floor.operator("anna")["state"] == "on_call"
    floor.send(OperatorReleased("anna", "c1"))
    assert [each["name"] for each in floor.dispatcher.snapshot(0.0)["operators"]] == ["boris", "vera"]
    assert floor.changes[-1] == OperatorChanged("anna", Status.LOGGED_OUT, State.IDLE)
    assert floor.dispatcher.why_operator("anna", 0.0) == "anna is not among the operators."


def test_settings__a_removed_operator_who_rings_hands_the_call_on() -> None:
    floor = Floor(on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(SettingsReplaced(replace(SETTINGS, operators=SETTINGS.operators[1:]))) == [
        WithdrawOffer("c1", "anna", "removed"), offer("c1", "boris")]


def test_settings__an_operator_who_comes_back_during_the_call_stays() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"),
               SettingsReplaced(replace(SETTINGS, operators=SETTINGS.operators[1:])), SettingsReplaced(SETTINGS))
    floor.send(OperatorReleased("anna", "c1"))
    assert floor.operator("anna")["condition"] == "free"


def test_settings__a_new_operator_whose_phone_is_registered_already() -> None:
    floor = Floor(on=("anna",))
    floor.send(ReachabilityChanged("gleb", True), CallQueued("c1", "cards"), CallQueued("c2", "cards"))
    queues = (replace(CARDS, operators=("anna", "gleb")),)
    operators = (*SETTINGS.operators, OperatorSettings("gleb", Status.AVAILABLE))
    assert floor.send(SettingsReplaced(Settings(queues, operators))) == [offer("c2", "gleb")]


def test_settings__an_offer_from_before_that_fails_is_passed_on_in_the_order_of_service() -> None:
    """anna rings for c1, whose queue is boris's by now; when her phone is gone both calls could have him."""
    old = replace(SETTINGS, queues=(replace(CARDS, operators=("anna",)), replace(LOANS, operators=("anna", "boris"))))
    new = replace(SETTINGS, queues=(replace(CARDS, operators=("boris",)), replace(LOANS, operators=("anna", "boris"))))
    floor = Floor(old, on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "loans"), OfferFailed("c2", "boris", "busy"))
    floor.until(6)
    assert floor.send(SettingsReplaced(new)) == []
    assert floor.send(ReachabilityChanged("anna", False)) == [
        WithdrawOffer("c1", "anna", "unreachable"), offer("c1", "boris")]


def test_settings__nobody_serves_the_queue_any_more() -> None:
    floor = Floor(on=("anna",))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"),
               SettingsReplaced(replace(SETTINGS, queues=(replace(CARDS, operators=()),))))
    assert floor.until(15)[-1] == (15.0, OverflowCall("c1", "cards", "nobody_logged_in"))


# Why

def test_why__of_calls() -> None:
    floor = Floor(on=("anna",))
    why = floor.dispatcher.why_call
    floor.send(CallQueued("c1", "cards"), CallQueued("c2", "cards"))
    assert why("c1") == "Call c1 is being offered to anna, whose phone rings."
    assert why("c2") == "Call c2 waits in place 2 of cards: of 3 operators 1 being rung, 2 logged out."
    floor.send(OfferAccepted("c1", "anna"))
    assert why("c1") == "Call c1 is with anna."
    assert why("c9") == "Call c9 is in no queue."
    floor.send(SettingsReplaced(replace(SETTINGS, queues=(replace(CARDS, operators=()),))))
    assert why("c2") == "Call c2 waits in place 1 of cards: no operator serves this queue."


def test_why__of_operators() -> None:
    floor = Floor(on=("anna", "vera"))
    why = floor.dispatcher.why_operator
    assert why("vera", 0.0) == "vera is free, and nobody without an offer waits in cards, loans."
    assert why("boris", 0.0) == "boris is logged out."
