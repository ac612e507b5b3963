"""The wait estimate where not everybody serves everybody: skills, languages, tiers, steps, shared queues, weights."""

from collections.abc import Sequence

import pytest

from routing.dispatcher import (
    CallQueued,
    OfferAccepted,
    OfferCall,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Relaxation,
    Settings,
    SettingsReplaced,
    Status,
    Tier,
)
from routing.estimate.asking import Group, openings
from routing.estimate.dispatching import EstimatingDispatcher


class House:
    """A dispatcher with its estimator; phones are answered at once, and nobody ever hangs up."""

    def __init__(self, operators: Sequence[OperatorSettings], *queues: QueueSettings) -> None:
        self.settings = Settings(queues, tuple(operators))
        self.dispatcher, self.now, self.calls = EstimatingDispatcher(self.settings, 0.0), 0.0, 0
        for each in operators:
            self.dispatcher.handle(ReachabilityChanged(each.name, True), 0.0)

    def queue(self, name: str = "cards", language: str = "", skills: tuple[tuple[str, int], ...] = (),
              priority: int = 0) -> str:
        self.calls += 1
        call = f"call{self.calls}"
        for effect in self.dispatcher.handle(CallQueued(call, name, language, priority, skills), self.now):
            if isinstance(effect, OfferCall):
                self.dispatcher.handle(OfferAccepted(effect.call, effect.operator), self.now)
        return call

    def likely(self, call: str) -> float:
        found = self.dispatcher.waits.estimate(call, self.now)
        assert found is not None
        return found.likely


def people(number: int, first: int = 0, **settings: object) -> list[OperatorSettings]:
    return [OperatorSettings(f"operator{each}", Status.AVAILABLE, **settings)       # type: ignore[arg-type]
            for each in range(first, first + number)]


def queue(name: str, operators: Sequence[OperatorSettings], **settings: object) -> QueueSettings:
    return QueueSettings(name, tuple(each.name for each in operators), announce_every=0.0, **settings)  # type: ignore[arg-type]


def house_of_languages(english: int = 2, **settings: object) -> House:
    """Ten speak Russian, some of them English; all are on calls."""
    both = people(english, languages=("ru", "en"))
    all_of_them = [*both, *people(10 - english, english, languages=("ru",))]
    house = House(all_of_them, queue("cards", all_of_them, match_language=True, **settings))
    for _ in range(10):
        house.queue(language="ru")
    return house


def test_language__is_a_matter_of_those_who_speak_it() -> None:
    house = house_of_languages()
    russian, english = house.queue(language="ru"), house.queue(language="en")
    assert house.likely(english) > 3 * house.likely(russian), "two of ten, and they may serve the other first"


def test_language__those_who_wait_for_few_operators_hardly_stand_before_others() -> None:
    alone = house_of_languages()
    first = alone.likely(alone.queue(language="ru"))
    behind = house_of_languages()
    for _ in range(20):
        behind.queue(language="en")
    assert behind.likely(behind.queue(language="ru")) < 1.6 * first, "a fifth of the openings goes to them"


def test_skills__of_the_call_and_of_the_queue() -> None:
    staff = [*people(1, skills={"gold": 2}), *people(9, 1)]
    house = House(staff, queue("cards", staff), queue("gold", staff, skills=(("gold", 2),)))
    for _ in range(10):
        house.queue()
    usual, asking = house.likely(house.queue()), house.likely(house.queue(skills=(("gold", 1),)))
    assert asking > 4 * usual
    assert house.likely(house.queue("gold")) > asking, "one more stands before it"


def test_steps__what_is_asked_falls_with_waiting() -> None:
    house = house_of_languages(1, relax=(Relaxation(30.0, 0, True),))
    call = house.queue(language="en")
    before = house.likely(call)
    house.now = 31.0
    assert house.likely(call) < before / 3


def test_tiers__open_with_waiting() -> None:
    first, second = people(2), people(8, 2)
    tier = Tier(tuple(each.name for each in second), 30.0)
    house = House([*first, *second], queue("cards", first, tiers=(tier,)), queue("loans", second))
    for _ in range(8):
        house.queue("loans")
    for _ in range(2):
        house.queue()
    call = house.queue()
    before = house.likely(call)
    house.now = 31.0
    assert house.likely(call) < before / 2


def test_nobody_can__nothing_is_said() -> None:
    house = house_of_languages(0)
    call = house.queue(language="ru")
    assert house.likely(call)
    refused = house.queue(language="en")
    assert house.dispatcher.waits.estimate(refused, 0.0) is None


def two_queues(weight: float) -> House:
    staff = people(4)
    house = House(staff, queue("gold", staff, weight=weight), queue("usual", staff))
    for _ in range(4):
        house.queue("usual")
    for _ in range(10):
        house.queue("usual")
    house.now = 60.0
    return house


def test_weights__a_heavier_queue_passes_those_who_came_earlier() -> None:
    alike, heavier = (house.likely(house.queue("gold")) for house in (two_queues(1.0), two_queues(5.0)))
    assert heavier < alike


def test_weights__who_comes_later_to_the_heavier_queue_goes_first() -> None:
    lone, passed = two_queues(5.0), two_queues(5.0)
    for _ in range(10):
        passed.queue("gold")
    calls = lone.queue("usual"), passed.queue("usual")
    assert passed.likely(calls[1]) > 1.3 * lone.likely(calls[0])


def test_new_settings__operators_and_demands_are_counted_anew() -> None:
    house = house_of_languages(2)
    english = house.queue(language="en")
    before = house.likely(english)
    more = tuple(OperatorSettings(each.name, Status.AVAILABLE, languages=("ru", "en"))
                 for each in house.settings.operators)
    house.dispatcher.handle(SettingsReplaced(Settings(house.settings.queues, more)), 0.0)
    assert house.likely(english) < before / 2


@pytest.mark.parametrize(("groups", "number"), [
    ([], 1.0), ([Group(3, 1.0)], 4.0), ([Group(100, 0.5)], 2.0), ([Group(0.5, 0.5)], 1.5),
    ([Group(2, 1.0), Group(100, 0.25)], 4.0), ([Group(-3, 1.0)], 1.0)])
def test_openings__each_group_takes_its_part_at_most(groups: list[Group], number: float) -> None:
    assert openings(groups) == pytest.approx(number)
