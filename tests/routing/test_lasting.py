"""What outlives the calls: taken up by another dispatcher, operators and queues stand as they stood."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from ivr.base.machine import IllegalEvent
from routing.dispatcher import (
    CallQueued,
    OfferAccepted,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Resumed,
    Settings,
    SettingsReplaced,
    StartTimer,
    Status,
    StatusSet,
    TimerFired,
)
from routing.estimate.dispatching import EstimatingDispatcher
from routing.lasting import QueuesLast
from routing.operators import HOTLINE
from tests.support.queue_world import World

FILE = TypeAdapter(QueuesLast)
NAMES = ("anna", "boris", "vera")
SHIFT = 5_000.0         # s by which the clock of the next process is ahead of this one's
STANDS = ("status", "reason", "set_by", "answered", "missed")


def floor(**queue: Any) -> EstimatingDispatcher:
    settings = Settings((QueueSettings("cards", NAMES, announce_every=0.0, **queue),),
                        tuple(OperatorSettings(name, Status.AVAILABLE) for name in NAMES))
    dispatcher = EstimatingDispatcher(settings, 0.0)
    for name in NAMES:
        dispatcher.handle(ReachabilityChanged(name, True), 0.0)
    return dispatcher


def restarted(dispatcher: EstimatingDispatcher, now: float, away: float = 3.0, settings: Settings | None = None,
              ) -> tuple[EstimatingDispatcher, list[Any]]:
    """Another process, whose clock is another one, reads what this one wrote at `now`, `away` seconds later."""
    kept = FILE.validate_json(FILE.dump_json(dispatcher.lasts(now)), strict=True)
    later = now + away + SHIFT
    other = EstimatingDispatcher(settings or dispatcher._matching.settings, later)
    return other, other.resume(kept, SHIFT, later)


def talk(dispatcher: EstimatingDispatcher, call: str, begin: float, end: float, queue: str = "cards") -> str:
    (offer,) = [each for each in dispatcher.handle(CallQueued(call, queue), begin) if hasattr(each, "ring_time")]
    dispatcher.handle(OfferAccepted(call, offer.operator), begin + 1)
    if end:
        dispatcher.handle(OperatorReleased(offer.operator, call), end)
    return str(offer.operator)


def operators(dispatcher: EstimatingDispatcher, now: float) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in dispatcher.snapshot(now)["operators"]}


def test_status__reason_who_set_it_and_since_when() -> None:
    before = floor()
    before.handle(StatusSet("anna", Status.ON_BREAK, "lunch", "olga"), 10.0)
    before.handle(StatusSet("vera", Status.LOGGED_OUT), 20.0)
    after, effects = restarted(before, 100.0)
    found = operators(after, 103.0 + SHIFT)
    assert [found["anna"][name] for name in STANDS[:3]] == ["on_break", "lunch", "olga"]
    assert found["anna"]["status_time"] == pytest.approx(93.0)
    assert found["vera"]["status"] == "logged_out"
    assert [effect.operator for effect in effects if hasattr(effect, "status")] == list(NAMES)


def test_break_of_the_hotline__holds() -> None:
    before = floor()
    before.handle(StatusSet("anna", Status.ON_BREAK, "missed calls", HOTLINE), 10.0)
    after, _ = restarted(before, 11.0)
    assert operators(after, 20.0 + SHIFT)["anna"]["set_by"] == HOTLINE


def test_wrap_up__goes_on_for_what_is_left_of_it() -> None:
    before = floor(wrap_up=60.0)
    name = talk(before, "one", 0.0, 100.0)
    after, effects = restarted(before, 110.0, away=5.0)
    (timer,) = [each for each in effects if isinstance(each, StartTimer)]
    assert timer.at == pytest.approx(160.0 + SHIFT)
    stands = operators(after, 115.0 + SHIFT)[name]
    assert (stands["state"], stands["state_time"]) == ("wrap_up", pytest.approx(15.0))
    after.handle(ReachabilityChanged(name, True), 116.0 + SHIFT)
    assert after.snapshot(120.0 + SHIFT)["queues"][0]["operators_idle"] == 0
    after.handle(TimerFired(timer.key), timer.at)
    assert after.snapshot(timer.at)["queues"][0]["operators_idle"] == 1


def test_wrap_up__begins_where_a_talk_was_cut() -> None:
    before = floor(wrap_up=60.0)
    name = talk(before, "one", 0.0, 0.0)
    after, effects = restarted(before, 110.0)
    assert [each.at for each in effects if isinstance(each, StartTimer)] == [pytest.approx(173.0 + SHIFT)]
    assert operators(after, 113.0 + SHIFT)[name]["state"] == "wrap_up"


def test_wrap_up__that_ended_meanwhile_is_over() -> None:
    before = floor(wrap_up=10.0)
    name = talk(before, "one", 0.0, 100.0)
    after, effects = restarted(before, 105.0, away=30.0)
    assert not [each for each in effects if isinstance(each, StartTimer)]
    after.handle(ReachabilityChanged(name, True), 135.0 + SHIFT)
    assert operators(after, 135.0 + SHIFT)[name]["idle_time"] == pytest.approx(25.0)


@pytest.mark.parametrize(("strategy", "next_one"), [
    ("longest_idle", "vera"), ("round_robin", "vera"), ("fewest_calls", "vera"), ("least_talk", "vera"),
    ("linear", "anna")])
def test_strategy__remembers_who_had_which_calls(strategy: str, next_one: str) -> None:
    before = floor(strategy=strategy)
    for number, name in enumerate(("anna", "boris")):
        got = talk(before, f"call{number}", 10.0 * number, 10.0 * number + 5)
        assert got == (name if strategy != "linear" else "anna")
    after, _ = restarted(before, 30.0)
    for name in NAMES:
        after.handle(ReachabilityChanged(name, True), 33.0 + SHIFT)
    assert talk(after, "next", 40.0 + SHIFT, 0.0) == next_one


def test_counts__those_who_waited_have_failed_and_nobody_is_lost() -> None:
    before = floor()
    for number in range(5):
        before.handle(CallQueued(f"call{number}", "cards"), 1.0)
    before.handle(CallQueued("back", "cards", virtual=True), 1.0)
    before.handle(OfferAccepted("call0", "anna"), 2.0)
    after, _ = restarted(before, 10.0)
    (queue,) = after.snapshot(13.0 + SHIFT)["queues"]
    assert {name: queue[name] for name in ("offered", "answered", "failed", "waiting", "callbacks", "unaccounted")} == {
        "offered": 5, "answered": 1, "failed": 4, "waiting": 0, "callbacks": 0, "unaccounted": 0}


def test_configuration__of_the_new_process_holds() -> None:
    """Who is gone is forgotten, a queue that is gone too, and what is new begins."""
    before = floor(strategy="round_robin")
    talk(before, "one", 0.0, 5.0)
    settings = Settings((QueueSettings("loans", ("boris", "dina")),),
                        (OperatorSettings("boris"), OperatorSettings("dina", Status.AVAILABLE)))
    after, _ = restarted(before, 10.0, settings=settings)
    assert {name: each["status"] for name, each in operators(after, 20.0 + SHIFT).items()} == {
        "boris": "available", "dina": "available"}
    assert [queue["offered"] for queue in after.snapshot(20.0 + SHIFT)["queues"]] == [0]
    after.handle(SettingsReplaced(settings), 20.0 + SHIFT)


def test_estimate__knows_what_it_learned() -> None:
    before = floor()
    for number in range(200):
        talk(before, f"call{number}", 400.0 * number, 400.0 * number + 300.0)
    now = 80_000.0
    after, _ = restarted(before, now)
    for dispatcher, at in ((before, now), (after, now + 3 + SHIFT)):
        for name in NAMES:
            dispatcher.handle(ReachabilityChanged(name, True), at)
        for number in range(6):
            dispatcher.handle(CallQueued(f"last{number}", "cards"), at)
    one, other = before.waits.estimate("last5", now), after.waits.estimate("last5", now + 3 + SHIFT)
    assert one is not None
    assert other is not None
    assert other.likely == pytest.approx(one.likely, rel=0.02)
    fresh = floor()
    for number in range(6):
        fresh.handle(CallQueued(f"last{number}", "cards"), 0.0)
    new = fresh.waits.estimate("last5", 0.0)
    assert new is not None
    assert new.likely < 0.8 * one.likely, "it has learned nothing"


def test_resumed__comes_first() -> None:
    dispatcher = floor()
    with pytest.raises(IllegalEvent):
        dispatcher.handle(Resumed((), ()), 1.0)


def test_hostile__times_and_counts_of_nobody() -> None:
    """Whatever keeps to the bounds of the file is survived: times far ahead, endless wrap-ups, tiers that are none."""
    kept = floor().lasts(0.0)
    wild = replace(kept, operators=[replace(each, idle_since=1e12, status_since=-1e12, wrap_up_until=1e12, talked=1e12,
                                            rest_until=1e12, taken=1 << 53) for each in kept.operators],
                   queues=[replace(each, last_rung={-3: "nobody", 99: "anna"}, ended={"voicemail": 1 << 53})
                           for each in kept.queues])
    dispatcher = EstimatingDispatcher(floor()._matching.settings, 0.0)
    effects = dispatcher.resume(FILE.validate_json(FILE.dump_json(wild), strict=True), 1e12, 0.0)
    assert all(each.at <= 3600 for each in effects if isinstance(each, StartTimer))
    for name in NAMES:
        dispatcher.handle(ReachabilityChanged(name, True), 0.0)
    (queue,) = dispatcher.snapshot(0.0)["queues"]
    assert queue["unaccounted"] == 0
    dispatcher.handle(CallQueued("one", "cards"), 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_search__whatever_goes_on_when_it_dies(seed: int) -> None:
    """At many moments of a storm: what a new dispatcher says of itself is what the old one would say, had every call
    ended then; and it goes on within the rules."""
    world = World(seed)
    for number in range(60):
        world.run(50)
        now, old = world.now, world.dispatcher
        settings = old._matching.settings
        before = old.snapshot(now)
        last = EstimatingDispatcher(settings, now)
        kept = QueuesLast(*old.lasting(now), [])
        last.resume(FILE.validate_json(FILE.dump_json(kept), strict=True), 0.0, now)
        assert last.lasting(now)[1] == kept.queues
        after = {each["name"]: each for each in last.snapshot(now)["operators"]}
        there = {each.name for each in settings.operators}
        for each in before["operators"]:
            if each["name"] in there:
                assert [after[each["name"]][name] for name in STANDS] == [each[name] for name in STANDS]
        for queue, was in zip(last.snapshot(now)["queues"], before["queues"], strict=True):
            assert queue["unaccounted"] == 0
            assert queue["offered"] == was["offered"] - was["callbacks"]
        for name in there:
            last.handle(ReachabilityChanged(name, True), now)
        for key, at in list(last.timers.items()):
            last.handle(TimerFired(key), at)
        assert {each["state"] for each in last.snapshot(now + 4000)["operators"]} <= {"idle"}, number


def test_in_vain__who_logged_in_anew_meanwhile_is_still_written() -> None:
    """A count below nothing is no state of ours: the whole file would be refused."""
    dispatcher = floor()
    operator = talk(dispatcher, "c1", 1.0, 0.0)
    for at, status in ((3.0, Status.LOGGED_OUT), (4.0, Status.AVAILABLE)):
        dispatcher.handle(StatusSet(operator, status), at)
    dispatcher.handle(OperatorReleased(operator, "c1", in_vain=True), 5.0)
    other, _ = restarted(dispatcher, 6.0)
    assert other.lasts(9.0 + SHIFT).operators[0].taken == 0
