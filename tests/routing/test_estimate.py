"""The wait estimate: what it predicts, what it says, what it learns; by hand and against the real dispatcher."""

import math

import pytest

from routing.dispatcher import (
    CallLeft,
    CallQueued,
    Dispatcher,
    Event,
    OfferAccepted,
    OfferCall,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    Status,
    StatusSet,
)
from routing.estimate import MORE, WaitCame, WaitEstimated, WaitEstimator, calibrated, figure, words
from routing.estimate.learned import PRIOR_HANDLE, Pace, Rate
from routing.estimate.notes import Note
from routing.estimate.prediction import predict
from routing.estimate.tracker import STEP, Bounds


class House:
    """A dispatcher and the estimator that watches it; phones are answered at once."""

    def __init__(self, operators: int = 2, **queue: float) -> None:
        names = tuple(f"operator{number}" for number in range(operators))
        self.settings = Settings((QueueSettings("cards", names, announce_every=0.0, **queue),),     # type: ignore[arg-type]
                                 tuple(OperatorSettings(name, Status.AVAILABLE) for name in names))
        self.dispatcher, self.estimator = Dispatcher(self.settings, 0.0), WaitEstimator(self.settings, 0.0)
        self.notes: list[Note] = []
        self.now = 0.0
        for name in names:
            self.tell(ReachabilityChanged(name, True))

    def tell(self, event: Event) -> None:
        effects = self.dispatcher.handle(event, self.now)
        self.notes += self.estimator.heed(event, effects, self.now)
        for effect in effects:
            if isinstance(effect, OfferCall):
                self.tell(OfferAccepted(effect.call, effect.operator))

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def say(self, call: str) -> int | None:
        told = self.estimator.say(call, self.now)
        self.notes += [told] if told else []
        return told.said if told else None

    def queue(self, *calls: str, priority: int = 0) -> None:
        for call in calls:
            self.tell(CallQueued(call, "cards", priority=priority))


@pytest.mark.parametrize(("seconds", "said"), [
    (0.0, 0), (59.9, 0), (60.0, 1), (60.1, 2), (300.0, 5), (301.0, 6), (601.0, 15), (1200.0, 20), (1200.1, MORE)])
def test_figure__is_never_below_the_wait(seconds: float, said: int) -> None:
    assert figure(seconds) == said


def test_words() -> None:
    assert [words(said) for said in (0, 1, 5, MORE)] == [
        "less than one minute", "about 1 minute", "about 5 minutes", "more than 20 minutes"]


def test_predict__the_next_of_one_operator_waits_an_exponential_time() -> None:
    found = predict(0, 1, 1 / 180, 0.0, 1.0, 0.0)
    assert found.mean == pytest.approx(180)
    assert found.at(0.0, 1.0) == pytest.approx(180 * math.log(2), rel=0.02)          # the median


def test_predict__callers_ahead_who_give_up_shorten_it_as_in_erlang_a() -> None:
    rate, abandons = 10 / 180, 1 / 120
    steps = [1 / (rate + j * abandons) for j in range(6)]
    found = predict(5, 10, rate, abandons, 1.0, 0.0)
    assert found.mean == pytest.approx(sum(steps))
    assert found.shape == pytest.approx(sum(steps) ** 2 / sum(step ** 2 for step in steps))


def test_predict__long_lines_are_summed_as_an_integral() -> None:
    rate, abandons = 0.5, 1 / 600
    exact = sum(1 / (rate + j * abandons) for j in range(151))
    assert predict(150, 90, rate, abandons, 1.0, 0.0).mean == pytest.approx(exact, rel=1e-3)
    assert predict(150, 90, rate, 0.0, 1.0, 0.0).mean == pytest.approx(151 / rate)


def test_rate__is_not_deceived_by_what_is_not_over_yet() -> None:
    """Ten rounds of 200 s; after 100 s none is over, and the rate knows of 1,000 s without an end."""
    rate = Rate()
    rate.expose(10, 0.0)
    assert rate.value(100.0, 1.0, 200.0) == pytest.approx(1 / 1186, rel=0.01)
    for _ in range(10):
        rate.count(200.0)
        rate.expose(-1, 200.0)
    assert 1 / rate.value(200.0) == pytest.approx(200.0, rel=0.03)


def test_pace__priorities_are_bounded() -> None:
    pace = Pace(0.0)
    for priority in range(100):
        pace.arrived(priority, 1.0)
    assert len(pace.coming) == 16


def test_bounds__one_in_ten_on_either_side_whatever_comes() -> None:
    bounds, missed = Bounds(), 0
    for number in range(2_000):         # waits that no model foresaw: they lie between scores 3 and 5
        score = 3 + 2 * (number * 0.618034 % 1)
        missed += not bounds.low <= score <= bounds.high
        bounds.learn(score < bounds.low, score > bounds.high)
    assert missed / 2_000 == pytest.approx(0.2, abs=0.03)
    assert bounds.low == pytest.approx(3.2, abs=0.3)
    assert bounds.high == pytest.approx(4.8, abs=0.3)
    assert STEP < 0.1


def test_estimate__grows_with_the_place_and_falls_with_the_operators() -> None:
    house = House(operators=2)
    house.queue("a", "b", "c", "d", "e")
    ranges = [house.estimator.estimate(call, house.now) for call in "abcde"]
    assert ranges[:2] == [None, None]       # they talk
    waits = [found for found in ranges if found]
    assert [found.likely for found in waits] == sorted(found.likely for found in waits)
    assert all(found.low < found.likely < found.high for found in waits)
    many = House(operators=20)
    many.queue(*(f"call{number}" for number in range(21)))
    few = waits[0].likely
    found = many.estimator.estimate("call20", 0.0)
    assert found is not None
    assert found.likely < few / 5
    assert waits[0].likely == pytest.approx(PRIOR_HANDLE / 2 * 1.386, rel=0.05)      # nothing was learned yet


def test_estimate__priority_stands_before_others() -> None:
    house = House(operators=1)
    house.queue("talks", "first", "second")
    house.queue("vip", priority=1)
    vip, first = house.estimator.estimate("vip", 0.0), house.estimator.estimate("first", 0.0)
    assert vip is not None
    assert first is not None
    assert vip.likely < first.likely


def test_estimate__who_is_to_be_called_back_is_a_caller_ahead() -> None:
    house = House(1)
    house.queue("talks", "waits")
    house.wait(60)
    alone = house.estimator.estimate("waits", house.now)
    house.tell(CallQueued("back", "cards", since=-100.0, virtual=True))
    beside = house.estimator.estimate("waits", house.now)
    assert alone is not None
    assert beside is not None
    assert beside.likely > alone.likely
    assert not any(note.call == "back" for note in house.notes), "nobody waits on the line"
    house.tell(CallLeft("back", "callback"))
    after = house.estimator.estimate("waits", house.now)
    assert after is not None
    assert after.likely == alone.likely


def test_estimate__none_where_nobody_serves() -> None:
    house = House(operators=1)
    house.queue("talks", "waits")
    house.tell(StatusSet("operator0", Status.ON_BREAK))
    assert house.estimator.estimate("waits", 0.0) is None
    assert house.say("waits") is None


def test_say__falls_only_until_an_operator_leaves_and_then_rises_once() -> None:
    house = House(operators=3)
    house.queue(*(f"talks{number}" for number in range(3)), *(f"ahead{number}" for number in range(7)), "me")
    first = house.say("me")
    assert first is not None
    house.wait(400.0)           # nobody is done: the estimate itself has grown
    grown = house.estimator.estimate("me", house.now)
    assert grown is not None
    assert figure(grown.likely) > first
    assert house.say("me") == first
    house.tell(StatusSet("operator2", Status.ON_BREAK))
    risen = house.say("me")
    assert risen is not None
    assert risen > first
    house.wait(400.0)
    assert house.say("me") == risen
    house.tell(CallLeft("ahead0"))
    later = house.say("me")
    assert later is not None
    assert later <= risen


def test_say__a_phone_that_is_gone_counts_as_an_operator_who_left() -> None:
    house = House(operators=2)
    house.queue("t0", "t1", "a", "b", "me")
    first = house.say("me")
    house.tell(ReachabilityChanged("operator1", False))
    risen = house.say("me")
    assert first is not None
    assert risen is not None
    assert risen > first


def test_notes__each_estimate_and_what_came_of_it() -> None:
    house = House(operators=1)
    house.queue("talks", "stays", "leaves")
    house.wait(30.0)
    said = house.say("stays")
    house.tell(CallLeft("leaves"))
    house.wait(20.0)
    house.tell(OperatorReleased("operator0", "talks"))
    estimated = [note for note in house.notes if isinstance(note, WaitEstimated)]
    assert [(note.call, note.said) for note in estimated] == [("stays", None), ("leaves", None), ("stays", said)]
    assert [note for note in house.notes if isinstance(note, WaitCame)] == [
        WaitCame("talks", "cards", 0.0, "answered"), WaitCame("leaves", "cards", 30.0, "abandoned"),
        WaitCame("stays", "cards", 50.0, "answered")]


def test_settings__what_was_learned_stays_and_queues_that_are_gone_are_forgotten() -> None:
    house = House(operators=1)
    house.queue("talks", "waits")
    pace = house.estimator.mirror.lines["cards"].pace
    house.tell(SettingsReplaced(Settings((*house.settings.queues, QueueSettings("loans", ("operator0",))),
                                         house.settings.operators)))
    assert house.estimator.mirror.lines["cards"].pace is pace
    assert house.estimator.estimate("waits", 0.0) is not None
    house.tell(SettingsReplaced(Settings((QueueSettings("loans", ("operator0",)),), house.settings.operators)))
    assert house.estimator.estimate("waits", 0.0) is None
    assert house.notes[-1] == WaitCame("waits", "cards", 0.0, "other")


def test_settings__a_queue_that_comes_back_begins_anew() -> None:
    """Whoever was on a call of it before was not seen to begin one: their round ends, and leaves no debt."""
    house = House(operators=1)
    house.queue("talks")
    for queues in ((QueueSettings("loans", ("operator0",)),), house.settings.queues):
        house.tell(SettingsReplaced(Settings(queues, house.settings.operators)))
    house.tell(OperatorReleased("operator0", "talks"))
    rounds = house.estimator.mirror.lines["cards"].pace.rounds
    assert rounds.exposed == 0
    house.now += 40_000.0
    house.queue("talks again", "waits")
    assert house.estimator.estimate("waits", house.now) is not None


def test_settings__who_is_an_operator_no_more_is_in_no_round() -> None:
    house = House(operators=2)
    house.queue("talks", "too")
    rounds = house.estimator.mirror.lines["cards"].pace.rounds
    assert rounds.exposed == 2
    house.tell(SettingsReplaced(Settings(house.settings.queues, house.settings.operators[:1])))
    assert rounds.exposed == 1


def test_calibrated__the_abandoned_are_counted_apart() -> None:
    notes: list[tuple[float, Note]] = [
        (0.0, WaitEstimated("a", "cards", 10.0, 60.0, 2)), (30.0, WaitEstimated("a", "cards", 5.0, 20.0, 1)),
        (0.0, WaitEstimated("b", "cards", 10.0, 60.0, 0)), (0.0, WaitEstimated("goes on", "cards", 1.0, 2.0, 0)),
        (55.0, WaitCame("a", "cards", 55.0, "answered")), (70.0, WaitCame("b", "cards", 70.0, "abandoned"))]
    found = calibrated(notes)["cards"]
    assert (found.judged, found.below, found.above) == (2, 0, 1)
    assert (found.given_up, found.given_up_above) == (1, 1)
    assert (found.said, found.said_kept) == (2, 2)
    assert found.coverage == 0.5
    assert found.waited == 80.0
