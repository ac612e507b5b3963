"""A caller who dropped out of a queue and rings again has the old place: when, and when not."""

from collections.abc import Iterator
from typing import Any

import pytest

from ivr.exchange.old_places import AGAIN_WITHIN, KEPT, MOST, OldPlaces
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from tests.support.operators_phones import entries
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

NEVER = PhoneBehaviour(None)
MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first: {prompts: which, options: {"1": {queue: cards}, "2": {queue: loans}}}
prompts: {which: {en: "Cards, one; loans, two.", ru: "Карты, один; кредиты, два."}}
"""
MINE, OTHERS = "+493012345", "+493054321"


# --- the table ------------------------------------------------------------------------------------------------------
@pytest.fixture
def places() -> OldPlaces:
    return OldPlaces(lambda: b"key")


def test_table__who_rings_again_within_a_minute(places: OldPlaces) -> None:
    places.left(MINE, "cards", 10.0, 100.0)
    assert places.taken_up(MINE, "loans", 120.0) is None
    assert places.taken_up(OTHERS, "cards", 120.0) is None
    assert places.taken_up(MINE, "cards", 100.0 + AGAIN_WITHIN) == 10.0
    assert places.taken_up(MINE, "cards", 120.0) is None, "a place is taken up once"


@pytest.mark.parametrize("rang_at", [100.0 + AGAIN_WITHIN + 0.1, 99.0])
def test_table__too_late_or_before(places: OldPlaces, rang_at: float) -> None:
    places.left(MINE, "cards", 10.0, 100.0)
    assert places.taken_up(MINE, "cards", rang_at) is None


def test_table__is_bounded_and_forgets(places: OldPlaces) -> None:
    for number in range(MOST + 5):
        places.left(f"+49{number}", "cards", 0.0, float(number) / 1000)
    assert len(places.places) == MOST
    assert places.taken_up("+490", "cards", 2.0) is None
    assert places.taken_up(f"+49{MOST}", "cards", 2.0) == 0.0
    places.left(MINE, "cards", 0.0, KEPT + 10)
    assert len(places.places) == 1


def test_table__has_no_number_in_it(places: OldPlaces) -> None:
    places.left(MINE, "cards", 10.0, 100.0)
    assert MINE not in repr(places.places)


# --- calls ----------------------------------------------------------------------------------------------------------
def house(**config: Any) -> Story:
    """Nobody answers. Two people call through a carrier: the first, and one who comes after."""
    story = make_story(menu=MENU, audio=False, operators={"anna": NEVER, "boris": NEVER},
                       config={"trunks": [{"name": "carrier", "addresses": ["127.0.9.10", "127.0.9.11"]}],
                               "queues": base_config()["queues"] | {"cards": {"operators": ["anna", "boris"]}},
                               **config})
    story.phones["caller"].account = MINE
    story.phones["other"] = VirtualPhone(story.world, "127.0.9.11", "other", story.ids)
    story.phones["other"].account = OTHERS
    return story


def wait(story: Story, who: str, key: str = "1") -> None:
    """Ring, and come into the queue."""
    phone = story.phones[who]
    phone.call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    phone.press_by_info(key)
    story.world.run(0.5)


def line(story: Story, queue: str = "cards") -> list[str]:
    """Whose calls wait, the next one first."""
    house = story.hotline.exchange.house
    numbers = {call: opened.call.visit.person.caller_number for call, opened in house.calls.items()}
    waiting = next(each for each in house.dispatcher.snapshot(story.world.now)["queues"] if each["name"] == queue)
    return [str(numbers[one["call"]]) for one in waiting["calls"]]


def dropped(story: Story, after: float = 5.0) -> Iterator[None]:
    """The caller waits before another one, and drops out."""
    wait(story, "caller")
    wait(story, "other")
    assert line(story) == [MINE, OTHERS]
    story.caller.hang_up()
    story.world.run(after)
    assert line(story) == [OTHERS]
    yield
    story.caller.hang_up()
    story.phones["other"].hang_up()
    story.settle()
    story.assert_clean()


def test_call__who_rings_again_is_where_they_were() -> None:
    story = house()
    for _ in dropped(story):
        wait(story, "caller")
        assert line(story) == [MINE, OTHERS]
        (taken,) = entries(story, "place_taken_up")
        assert taken["queue"] == "cards"
        assert taken["waited"] == pytest.approx(7.0, abs=0.2)


def test_call__who_drops_twice() -> None:
    story = house()
    for _ in dropped(story):
        wait(story, "caller")
        story.caller.hang_up()
        story.world.run(30)
        wait(story, "caller")
        assert line(story) == [MINE, OTHERS]
        assert len(entries(story, "place_taken_up")) == 2


def test_call__a_way_through_the_menu_is_no_delay() -> None:
    """It is the ringing that has to come within a minute."""
    story = house()
    for _ in dropped(story, 58.0):
        wait(story, "caller")
        assert line(story) == [MINE, OTHERS]


@pytest.mark.parametrize("case", ["too late", "another queue", "withheld", "shared", "two calls", "a stranger"])
def test_call__whose_place_is_gone(case: str) -> None:
    config: dict[str, Any] = {"shared_numbers": ["+49 30 12345"]} if case == "shared" else {}
    if case == "a stranger":
        config["trunks"] = []
    story = house(**config)
    if case == "withheld":
        story.caller.account = "anonymous"
    wait(story, "caller")
    wait(story, "other")
    if case == "two calls":
        story.phones["other"].account = MINE
        story.phones["other"].hang_up()
        story.world.run(0.1)
        wait(story, "other")
    story.caller.hang_up()
    story.world.run(70 if case == "too late" else 5)
    wait(story, "caller", "2" if case == "another queue" else "1")
    assert entries(story, "place_taken_up") == []
    if case != "another queue":
        assert len(line(story)) == 2
        assert line(story)[-1] == ("" if case == "withheld" else MINE)
    for name in ("caller", "other"):
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()
