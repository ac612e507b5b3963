"""Who is rung first: each strategy's order, with its ties."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from routing.dispatcher import (
    AssignCall,
    CallLeft,
    CallQueued,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    Settings,
    SettingsReplaced,
    Status,
    StatusSet,
    Tier,
    WithdrawOffer,
)
from routing.strategy import drawn
from tests.routing.test_dispatcher import Floor

NAMES = ("anna", "boris", "vera", "gleb")


def floor_with(strategy: str, on: tuple[str, ...] = NAMES, **keys: object) -> Floor:
    queue = QueueSettings("cards", NAMES, announce_every=0, retry_after=0, strategy=strategy, **keys)
    return Floor(Settings((queue,), tuple(OperatorSettings(name) for name in NAMES)), on=on)


class Calls:
    """Calls one after the other, each answered and talked for a while."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.count = floor, 0

    def ring(self) -> str:
        self.count += 1
        (offer,) = self.floor.send(CallQueued(f"c{self.count}", "cards"))
        assert isinstance(offer, OfferCall)
        return offer.operator

    def talk(self, seconds: float = 1.0) -> str:
        """Whoever was rung has talked so long."""
        operator = self.ring()
        self.floor.send(OfferAccepted(f"c{self.count}", operator))
        self.floor.until(self.floor.now + seconds)
        self.floor.send(OperatorReleased(operator, f"c{self.count}"))
        return operator


def talks(floor: Floor, number: int) -> list[str]:
    calls = Calls(floor)
    return [calls.talk() for _ in range(number)]


def test_linear__always_from_the_top() -> None:
    floor = floor_with("linear")
    assert talks(floor, 3) == ["anna"] * 3
    floor.send(StatusSet("anna", Status.ON_BREAK))
    assert floor.send(CallQueued("x", "cards")) == [OfferCall("x", "boris", 20.0)]


def test_longest_idle__goes_round_by_time() -> None:
    assert talks(floor_with("longest_idle"), 6) == ["anna", "boris", "vera", "gleb", "anna", "boris"]


def test_round_robin__goes_on_after_the_last_one_rung() -> None:
    floor = floor_with("round_robin")
    assert talks(floor, 6) == ["anna", "boris", "vera", "gleb", "anna", "boris"]
    floor.send(StatusSet("vera", Status.ON_BREAK))
    assert talks_more(floor) == "gleb"


def talks_more(floor: Floor) -> str:
    (offer,) = floor.send(CallQueued("more", "cards"))
    assert isinstance(offer, OfferCall)
    return offer.operator


def test_round_robin__remembers_over_a_reload_and_in_each_tier() -> None:
    floor = floor_with("round_robin")
    assert talks(floor, 2) == ["anna", "boris"]
    (queue,) = floor.dispatcher._matching.settings.queues
    settings = floor.dispatcher._matching.settings
    floor.send(SettingsReplaced(replace(settings, queues=(replace(
        queue, operators=("vera", "boris", "anna"), tiers=(Tier(("gleb",), 30.0),)),))))
    assert talks_more(floor) == "anna"              # after boris, whose place is another one now


def test_fewest_calls__since_the_log_in() -> None:
    floor = floor_with("fewest_calls", on=("anna", "boris"))
    assert talks(floor, 3) == ["anna", "boris", "anna"]
    floor.log_in("vera")
    calls = Calls(floor)
    calls.count = 10
    assert [calls.talk() for _ in range(3)] == ["vera", "boris", "vera"]        # of equals the longest idle
    floor.send(StatusSet("anna", Status.LOGGED_OUT), StatusSet("anna", Status.AVAILABLE))
    assert calls.talk() == "anna"


def test_least_talk__counts_seconds_and_not_calls() -> None:
    floor = floor_with("least_talk", on=("anna", "boris"))
    calls = Calls(floor)
    assert calls.talk(100) == "anna"
    assert [calls.talk(10) for _ in range(10)] == ["boris"] * 10
    assert calls.talk(10) == "anna"                 # equal now: the longest idle
    assert calls.talk(10) == "boris"


def test_random__everybody_alike_and_repeatable() -> None:
    first, again = talks(floor_with("random"), 2_000), talks(floor_with("random"), 2_000)
    assert first == again
    counts = Counter(first)
    # 2,000 draws of four: 500 each, with a standard deviation of 19
    assert all(400 < counts[name] < 600 for name in NAMES)
    pairs = Counter(pairwise(first))
    assert all(80 < pairs[one, other] < 170 for one in NAMES for other in NAMES)


def test_weighted_random__as_the_weights_say() -> None:
    floor = floor_with("weighted_random", operator_weights=(("anna", 3.0), ("gleb", 0.0)))
    counts = Counter(talks(floor, 2_000))
    assert 1_100 < counts["anna"] < 1_300           # 3 of 5
    assert 320 < counts["boris"] < 480
    assert 320 < counts["vera"] < 480
    assert counts["gleb"] == 0
    floor.send(*(StatusSet(name, Status.ON_BREAK) for name in ("anna", "boris", "vera")))
    assert talks_more(floor) == "gleb"              # better than nobody


@pytest.mark.parametrize("strategy", ["random", "weighted_random"])
def test_random__who_missed_it_is_not_drawn_again(strategy: str) -> None:
    floor = floor_with(strategy)
    rung = [talks_more(floor)]
    for _ in range(3):
        (offer,) = floor.send(OfferFailed("more", rung[-1], "busy"))
        assert isinstance(offer, OfferCall)
        rung.append(offer.operator)
    assert sorted(rung) == sorted(NAMES)


def test_drawn__is_spread_over_64_bits() -> None:
    values = [drawn(serial) for serial in range(4_096)]
    assert len(set(values)) == 4_096
    assert all(1_900 < sum(value >> bit & 1 for value in values) < 2_200 for bit in range(64))


# --- ring all ---------------------------------------------------------------------------------------------------------
def test_ring_all__every_free_operator_at_once() -> None:
    floor = floor_with("ring_all", on=("anna", "boris", "vera"))
    assert floor.send(CallQueued("c1", "cards")) == [OfferCall("c1", name, 20.0) for name in ("anna", "boris", "vera")]
    assert floor.send(OfferAccepted("c1", "boris")) == [
        WithdrawOffer("c1", "anna", "answered_elsewhere"), WithdrawOffer("c1", "vera", "answered_elsewhere"),
        AssignCall("c1", "boris")]
    assert [floor.operator(name)["missed"] for name in NAMES] == [0, 0, 0, 0]
    assert floor.send(OfferAccepted("c1", "anna")) == []            # in the same moment: too late


def test_ring_all__the_others_get_the_next_caller_at_once() -> None:
    floor = floor_with("ring_all", on=("anna", "boris"))
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(CallQueued("c2", "cards")) == []
    assert floor.send(OfferAccepted("c1", "anna")) == [
        WithdrawOffer("c1", "boris", "answered_elsewhere"), AssignCall("c1", "anna"), OfferCall("c2", "boris", 20.0)]


def test_ring_all__who_becomes_free_joins_in_unless_somebody_waits_without_a_phone() -> None:
    floor = floor_with("ring_all", on=("anna",))
    floor.send(CallQueued("c1", "cards"))
    floor.log_in("boris")
    assert floor.wanted[-1][1] == OfferCall("c1", "boris", 20.0)
    floor.send(CallQueued("c2", "cards"))
    floor.log_in("vera")
    assert floor.wanted[-1][1] == OfferCall("c2", "vera", 20.0)


def test_ring_all__not_more_than_may_ring() -> None:
    floor = floor_with("ring_all", ring_at_most=2)
    assert len(floor.send(CallQueued("c1", "cards"))) == 2
    assert floor.send(OfferFailed("c1", "anna", "busy")) == [OfferCall("c1", "vera", 20.0)]
    assert floor.send(CallQueued("c2", "cards")) == [OfferCall("c2", name, 20.0) for name in ("anna", "gleb")]


def test_ring_all__the_caller_leaves_and_all_stop() -> None:
    floor = floor_with("ring_all")
    floor.send(CallQueued("c1", "cards"))
    assert floor.send(CallLeft("c1")) == [WithdrawOffer("c1", name, "caller_left") for name in NAMES]
    assert len(floor.timers) == 0
