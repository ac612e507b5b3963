"""Skills, languages, tiers, sticky operators, weights, capacity, wrap-up, breaks: the rules of docs/queue.md."""

import pytest

from routing.dispatcher import (
    CallLeft,
    CallQueued,
    Effect,
    LeaseLost,
    LegsAlive,
    OfferAccepted,
    OfferCall,
    OfferEnded,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    OverflowCall,
    QueueSettings,
    ReachabilityChanged,
    Relaxation,
    Settings,
    Status,
    StatusSet,
    StayEnded,
    Tier,
    WithdrawOffer,
    WrapUpDone,
)
from routing.skills import Demand, Profile, demand_of
from tests.routing.test_dispatcher import Floor

EVERYBODY = (OperatorSettings("anna", skills={"gold": 3}, languages=("ru",)),
             OperatorSettings("boris", skills={"gold": 1}, languages=("en",)), OperatorSettings("vera"))
NAMES = ("anna", "boris", "vera")


def floor_with(*queues: QueueSettings, on: tuple[str, ...] = NAMES, operators: tuple[OperatorSettings, ...] = EVERYBODY,
               **keys: object) -> Floor:
    return Floor(Settings(queues, operators, **keys), on=on)


def cards(name: str = "cards", operators: tuple[str, ...] = NAMES, **keys: object) -> QueueSettings:
    return QueueSettings(name, operators, **{"announce_every": 0, **keys})


def offer(call: str, operator: str) -> OfferCall:
    return OfferCall(call, operator, 20.0)


# --- what is asked for ------------------------------------------------------------------------------------------------
def test_demand__the_higher_of_call_and_queue() -> None:
    assert demand_of((("gold", 1), ("cards", 2)), (("gold", 3),), "ru") == Demand((("cards", 2), ("gold", 3)), "ru")


def test_demand__falls_step_by_step() -> None:
    demand = Demand((("cards", 1), ("gold", 3)), "ru")
    assert demand.relaxed([Relaxation(10, 1)]) == Demand((("gold", 2),), "ru")
    assert demand.relaxed([Relaxation(10, 1), Relaxation(20, 2, True)]) == Demand()


@pytest.mark.parametrize(("demand", "lacks"), [
    (Demand(), []),
    (Demand((("gold", 2),), "ru"), []),
    (Demand((("gold", 3),)), ["gold 3 (has 2)"]),
    (Demand((("cards", 1), ("gold", 1)), "en"), ["cards 1 (has 0)", "language en"]),
])
def test_demand__what_somebody_lacks(demand: Demand, lacks: list[str]) -> None:
    assert demand.lacking(Profile({"gold": 2}, frozenset({"ru"}))) == lacks


def test_skills__the_call_goes_to_who_has_them() -> None:
    floor = floor_with(cards())
    assert floor.send(CallQueued("c1", "cards", skills=(("gold", 2),))) == [offer("c1", "anna")]
    assert floor.send(CallQueued("c2", "cards", skills=(("gold", 2),))) == []
    assert floor.send(CallQueued("c3", "cards")) == [offer("c3", "boris")]      # not held up by c2
    assert floor.dispatcher.why("vera", "c2", 0.0) == "vera is not getting call c2: lacks gold 2 (has 0)."


def test_skills__of_the_queue_hold_for_all_its_callers() -> None:
    floor = floor_with(cards(skills=(("gold", 1),)))
    assert [floor.send(CallQueued(call, "cards")) for call in ("c1", "c2", "c3")] == [
        [offer("c1", "anna")], [offer("c2", "boris")], []]


@pytest.mark.parametrize(("language", "operator"), [("ru", "anna"), ("en", "boris"), ("kk", "vera"), ("", "anna")])
def test_language__is_matched_where_the_queue_says_so(language: str, operator: str) -> None:
    """Operators without languages speak all."""
    assert floor_with(cards(match_language=True)).send(CallQueued("c1", "cards", language)) == [offer("c1", operator)]
    assert floor_with(cards()).send(CallQueued("c1", "cards", language)) == [offer("c1", "anna")]


def test_relax__after_a_while_less_will_do() -> None:
    floor = floor_with(cards(relax=(Relaxation(30, 1), Relaxation(60, 1))))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"))
    assert floor.send(CallQueued("c1", "cards", skills=(("gold", 3),))) == []
    assert floor.until(70) == [(60.0, offer("c1", "boris"))]


def test_relax__a_language_that_is_dropped() -> None:
    floor = floor_with(cards(operators=("anna", "boris"), match_language=True, relax=(Relaxation(30, 0, True),)))
    floor.send(StatusSet("boris", Status.ON_BREAK))
    assert floor.send(CallQueued("c1", "cards", "en")) == []        # it makes sense to wait: anna will do
    assert floor.until(40) == [(30.0, offer("c1", "anna"))]


# --- nobody could take it ---------------------------------------------------------------------------------------------
def test_able__a_call_that_nobody_in_service_can_ever_take_overflows() -> None:
    floor = floor_with(cards(), on=("boris", "vera"))
    assert floor.send(CallQueued("c1", "cards", skills=(("gold", 2),))) == [OverflowCall("c1", "cards", "nobody_able")]
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "boris")]
    assert floor.counts() == (2, 0, 0, 1, 1)


def test_able__the_last_who_could_leaves() -> None:
    """The others' callers wait on."""
    floor = floor_with(cards(empty_grace=15))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"),
               CallQueued("c3", "cards"), CallQueued("gold", "cards", skills=(("gold", 2),)), CallQueued("c4", "cards"))
    floor.send(ReachabilityChanged("anna", False))
    floor.until(10)
    floor.send(ReachabilityChanged("anna", True))
    assert floor.until(19) == []
    floor.send(ReachabilityChanged("anna", False))
    assert (34.0, OverflowCall("gold", "cards", "nobody_able")) in floor.until(34)
    assert floor.queue()["waiting"] == 3


def test_able__a_full_queue_takes_whom_somebody_free_can_serve() -> None:
    floor = floor_with(cards(max_waiting=1))
    floor.send(CallQueued("c1", "cards", skills=(("gold", 2),)), CallQueued("c2", "cards"))
    assert floor.send(CallQueued("c3", "cards", skills=(("gold", 2),))) == [OverflowCall("c3", "cards", "full")]
    assert floor.send(CallQueued("c4", "cards")) == [offer("c4", "vera")]


# --- tiers ------------------------------------------------------------------------------------------------------------
def test_tiers__open_with_waiting() -> None:
    floor = floor_with(cards(operators=("anna",), tiers=(Tier(("boris",), 30), Tier(("vera",), 60))))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"), CallQueued("c1", "cards"))
    floor.until(20)
    floor.send(CallQueued("c2", "cards"))
    assert floor.dispatcher.why("boris", "c2", 20.0) == "boris is not getting call c2: tier 2 opens for it in 30 s."
    assert floor.until(70) == [(30.0, offer("c1", "boris")), (50.0, WithdrawOffer("c1", "boris", "no_answer")),
                               (55.0, offer("c2", "boris")), (60.0, offer("c1", "vera"))]


def test_tiers__the_lower_one_is_asked_first_whoever_is_idle_longer() -> None:
    floor = floor_with(cards(operators=("anna",), tiers=(Tier(("boris", "vera"), 0),)), on=("boris", "vera"))
    floor.now = 10
    floor.log_in("anna")
    assert [floor.send(CallQueued(call, "cards")) for call in ("c1", "c2")] == [
        [offer("c1", "anna")], [offer("c2", "boris")]]


def test_tiers__open_at_once_while_nobody_of_the_lower_is_there() -> None:
    floor = floor_with(cards(operators=("anna",), tiers=(Tier(("boris",), 600),), max_wait=900), on=("boris",))
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "boris")]
    floor.log_in("anna")
    floor.send(OfferAccepted("c1", "boris"), CallQueued("c2", "cards"), OfferAccepted("c2", "anna"))
    floor.send(OperatorReleased("boris", "c1"))
    assert floor.send(CallQueued("c3", "cards")) == []              # anna is busy, and she is there
    assert floor.send(StatusSet("anna", Status.ON_BREAK), OperatorReleased("anna", "c2")) == [offer("c3", "boris")]


def test_tiers__who_lacks_the_skill_is_not_there_for_the_call() -> None:
    floor = floor_with(cards(operators=("vera",), tiers=(Tier(("anna",), 600),), max_wait=900))
    assert floor.send(CallQueued("c1", "cards", skills=(("gold", 2),))) == [offer("c1", "anna")]


# --- the same operator again ------------------------------------------------------------------------------------------
def test_sticky__the_preferred_operator_is_waited_for() -> None:
    floor = floor_with(cards(sticky=20))
    floor.send(CallQueued("c0", "cards"), OfferAccepted("c0", "anna"))
    assert floor.send(CallQueued("c1", "cards", preferred="anna")) == []
    assert floor.dispatcher.why("boris", "c1", 5.0) == (
        "boris is not getting call c1: it is kept for anna, 15 s more.")
    floor.now = 5
    assert floor.send(OperatorReleased("anna", "c0")) == [offer("c1", "anna")]


@pytest.mark.parametrize(("happens", "at"), [
    (None, 20.0), (StatusSet("anna", Status.LOGGED_OUT), 0.0)])
def test_sticky__not_for_ever(happens: StatusSet | None, at: float) -> None:
    floor = floor_with(cards(sticky=20))
    floor.send(OperatorEngaged("anna", "own"), CallQueued("c1", "cards", preferred="anna"))
    if happens is not None:
        floor.send(happens)
        assert floor.send(OperatorReleased("anna", "own")) == [offer("c1", "boris")]
    else:
        assert floor.until(30) == [(at, offer("c1", "boris"))]


def test_sticky__who_misses_it_has_lost_it() -> None:
    floor = floor_with(cards(sticky=20))
    assert floor.send(CallQueued("c1", "cards", preferred="vera")) == [offer("c1", "vera")]
    assert floor.send(OfferFailed("c1", "vera", "busy")) == [offer("c1", "anna")]


@pytest.mark.parametrize("preferred", ["nobody", "boris"])
def test_sticky__not_for_somebody_who_is_not_there_or_lacks_the_skill(preferred: str) -> None:
    floor = floor_with(cards(sticky=20))
    assert floor.send(CallQueued("c1", "cards", skills=(("gold", 2),), preferred=preferred)) == [offer("c1", "anna")]


# --- queues that share operators --------------------------------------------------------------------------------------
def test_weights__a_second_counts_as_often_as_the_weight_says() -> None:
    floor = floor_with(cards("cards", ("vera",)), cards("gold", ("vera",), weight=3.0))
    floor.send(OperatorEngaged("vera", "own"), CallQueued("c1", "cards"))
    floor.now = 20
    floor.send(CallQueued("g1", "gold"))
    floor.now = 25                  # 25 against 15
    assert floor.send(OperatorReleased("vera", "own")) == [offer("c1", "vera")]
    floor.send(OfferAccepted("c1", "vera"), CallQueued("c2", "cards"))
    floor.now = 31
    assert floor.send(OperatorReleased("vera", "c1")) == [offer("g1", "vera")]


def test_weights__waits_come_to_stand_as_the_weights_the_other_way_round() -> None:
    """Two queues that always have callers, served by one operator in turn: 1 to 3, within a tenth."""
    long = {"max_wait": 1e6, "max_waiting": 5_000}
    floor = floor_with(cards("cards", ("vera",), **long), cards("gold", ("vera",), weight=3.0, **long))
    floor.send(OperatorEngaged("vera", "c0"))
    waits: dict[str, list[float]] = {"cards": [], "gold": []}
    for number in range(1, 1_000):
        floor.until(floor.now + 10)
        for queue in waits:         # together twice as many as can be served
            floor.send(CallQueued(f"{queue}{number}", queue))
        before = floor.dispatcher._matching.operators["vera"].calls[0]
        (effect,) = floor.send(OperatorReleased("vera", before))
        assert isinstance(effect, OfferCall)
        floor.send(OfferAccepted(effect.call, "vera"))
        ended = [each for each in floor.record if isinstance(each, StayEnded)][-1]
        waits[ended.queue].append(ended.wait)
    late = {queue: sum(found[-10:]) / 10 for queue, found in waits.items()}
    assert 2.7 < late["cards"] / late["gold"] < 3.3


# --- several calls at a time ------------------------------------------------------------------------------------------
def test_capacity__so_many_and_no_more() -> None:
    floor = floor_with(cards(operators=("anna",)), operators=(OperatorSettings("anna", capacity=2),), on=("anna",))
    assert floor.send(CallQueued("c1", "cards")) == [offer("c1", "anna")]
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "anna")]
    assert floor.send(CallQueued("c3", "cards")) == []
    floor.send(OfferAccepted("c1", "anna"), OfferAccepted("c2", "anna"))
    assert floor.send(OperatorReleased("anna", "c1")) == [offer("c3", "anna")]


def test_capacity__who_has_less_to_do_comes_first() -> None:
    operators = (OperatorSettings("anna", capacity=2), OperatorSettings("boris", capacity=2))
    floor = floor_with(cards(operators=("anna", "boris")), operators=operators, on=("anna", "boris"))
    offers = [floor.send(CallQueued(call, "cards")) for call in ("c1", "c2", "c3")]
    assert offers == [[offer("c1", "anna")], [offer("c2", "boris")], [offer("c3", "anna")]]


def test_capacity__wrap_up_is_work_until_a_call_of_their_own_ends_it() -> None:
    operators = (OperatorSettings("anna", capacity=2), OperatorSettings("boris", capacity=2))
    floor = floor_with(cards(operators=("anna", "boris"), wrap_up=60), operators=operators, on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), OperatorReleased("anna", "c1"))
    floor.until(10)
    floor.send(OperatorEngaged("boris", "own1"), OperatorReleased("boris", "own1"))
    floor.until(20)
    floor.send(OperatorEngaged("anna", "own2"), OperatorEngaged("boris", "own3"))
    assert floor.send(CallQueued("c2", "cards")) == [offer("c2", "boris")]


# --- wrap-up and breaks -----------------------------------------------------------------------------------------------
SAVED = cards(operators=("anna",), wrap_up=120, wrap_up_until_saved=True)


def test_wrap_up__until_the_request_is_saved() -> None:
    floor = floor_with(SAVED, on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), OperatorReleased("anna", "c1"),
               CallQueued("c2", "cards"))
    assert floor.operator("anna")["state"] == "wrap_up"
    assert floor.send(WrapUpDone("anna", "another call")) == []
    assert floor.send(WrapUpDone("anna", "c1")) == [offer("c2", "anna")]


def test_wrap_up__has_a_bound() -> None:
    floor = floor_with(SAVED, on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), OperatorReleased("anna", "c1"),
               CallQueued("c2", "cards"))
    assert floor.until(120) == [(120.0, offer("c2", "anna"))]


def test_wrap_up__there_is_none_if_it_was_saved_during_the_call() -> None:
    floor = floor_with(SAVED, on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), WrapUpDone("anna", "c1"),
               CallQueued("c2", "cards"))
    assert floor.send(OperatorReleased("anna", "c1")) == [offer("c2", "anna")]


def test_wrap_up__a_fixed_one_is_not_cut_short() -> None:
    floor = floor_with(cards(operators=("anna",), wrap_up=30), on=("anna",))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), OperatorReleased("anna", "c1"))
    assert floor.send(WrapUpDone("anna", "c1"), CallQueued("c2", "cards")) == []
    assert floor.until(30) == [(30.0, offer("c2", "anna"))]


def test_break__after_so_many_missed_calls_in_a_row() -> None:
    floor = floor_with(cards(operators=("anna",), retry_after=1), on=("anna",), auto_break_after_missed=2)
    for number, answers in enumerate((False, True, False, False)):
        floor.send(CallQueued(f"c{number}", "cards"))
        if answers:
            floor.send(OfferAccepted(f"c{number}", "anna"), OperatorReleased("anna", f"c{number}"))
        else:
            floor.send(OfferFailed(f"c{number}", "anna", "no_answer"), CallLeft(f"c{number}"))
        floor.until(floor.now + 2)
    anna = floor.operator("anna")
    assert (anna["status"], anna["reason"], anna["set_by"]) == ("on_break", "missed calls", "hotline")
    floor.send(StatusSet("anna", Status.AVAILABLE), CallQueued("again", "cards"))
    assert floor.send(OfferFailed("again", "anna", "busy")) == []
    assert floor.operator("anna")["status"] == "available"          # counted from the start again


def test_break__set_by_a_supervisor_is_shown() -> None:
    floor = floor_with(cards())
    floor.send(StatusSet("anna", Status.ON_BREAK, "training", "olga"))
    assert (floor.operator("anna")["set_by"], floor.changes[-1].by, floor.changes[-1].reason) == (
        "olga", "olga", "training")


# --- leases and entries -----------------------------------------------------------------------------------------------
def test_lease__who_is_held_by_a_call_that_is_gone_is_freed() -> None:
    floor = floor_with(cards(operators=("anna", "boris")))
    floor.send(CallQueued("c1", "cards"), OfferAccepted("c1", "anna"), CallQueued("c2", "cards"),
               OfferAccepted("c2", "boris"), CallQueued("c3", "cards"))
    assert floor.send(LegsAlive({"anna": {"c1"}, "boris": {"c2"}})) == []
    assert floor.send(LegsAlive({"boris": {"c2"}})) == [LeaseLost("anna", "c1"), offer("c3", "anna")]
    assert floor.send(OperatorReleased("anna", "c1")) == []         # it came after all


def test_entries__every_stay_and_every_offer_ends_once() -> None:
    floor = floor_with(cards(operators=("anna", "boris"), max_waiting=1))
    floor.send(CallQueued("c1", "cards"))
    floor.until(3)
    floor.send(OfferFailed("c1", "anna", "busy"))
    floor.until(7)
    floor.send(OfferAccepted("c1", "boris"), CallQueued("c2", "cards"))
    floor.until(9)
    floor.send(CallQueued("c3", "cards"), CallLeft("c2", "callback"))
    ended: list[Effect] = list(floor.record)
    assert ended == [
        OfferEnded("c1", "anna", "busy", 3.0), OfferEnded("c1", "boris", "answered", 4.0),
        StayEnded("c1", "cards", "answered", 7.0, "boris"), StayEnded("c3", "cards", "overflow", 0.0, reason="full"),
        OfferEnded("c2", "anna", "caller_left", 1.0), StayEnded("c2", "cards", "callback", 2.0)]
