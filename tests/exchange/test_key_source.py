"""One source of keys per leg: RTP events, else INFO, else tones; no press is counted twice and none is lost."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.base.config import Config
from ivr.exchange.key_source import KeyPolicy, KeySource
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.media import commands as media
from tests.support.virtual_house import CALLER, HOTLINE, Story, make_story


def taken(policy: KeyPolicy, *presses: tuple[Any, str, float]) -> str:
    keys = KeySource(policy)
    return "".join(digit for source, digit, at in presses if keys.speaks(source) and keys.press(source, digit, at))


def both(digits: str, first: str, second: str, apart: float, later: float) -> list[tuple[str, str, float]]:
    """Each key by two sources: `apart` from key to key, the second source `later` than the first."""
    told = [(source, digit, place * apart + delay)
            for place, digit in enumerate(digits) for source, delay in ((first, 0.0), (second, later))]
    return sorted(told, key=lambda press: press[2])


@pytest.mark.parametrize("digits", ["5", "55", "1234", "1122", "5255"])
@pytest.mark.parametrize("later", [-0.1, 0.0, 0.05, 0.15, 0.5, 1.2])
@pytest.mark.parametrize(("first", "second"), [("in_band", "info"), ("in_band", "event"), ("info", "event")])
def test_key_source__two_of_each_press(digits: str, later: float, first: str, second: str) -> None:
    assert taken("auto", *both(digits, first, second, 0.3, later)) == digits


def test_key_source__the_best_one_after_the_other() -> None:
    assert taken("auto", ("in_band", "1", 0.0), ("info", "2", 5.0), ("in_band", "3", 6.0), ("event", "3", 10.0),
                 ("info", "4", 11.0), ("in_band", "5", 12.0), ("event", "6", 13.0)) == "1236"


def test_key_source__the_same_key_much_later_is_another_press() -> None:
    assert taken("auto", ("in_band", "1", 0.0), ("info", "1", 3.0)) == "11"


@pytest.mark.parametrize("policy", ["event", "info", "in_band"])
def test_key_source__the_one_that_the_trunk_names(policy: KeyPolicy) -> None:
    presses = [(source, str(place), float(place)) for place, source in enumerate(["in_band", "info", "event"] * 2)]
    assert taken(policy, *presses) == "".join(digit for source, digit, _ in presses if source == policy)


@pytest.mark.parametrize(("policy", "takes_events", "expected"), [
    ("auto", False, True), ("auto", True, False), ("in_band", True, True), ("event", False, False),
    ("info", False, False)])
def test_key_source__when_the_audio_is_listened_to(policy: KeyPolicy, takes_events: bool, expected: bool) -> None:
    assert KeySource(policy).hears_tones(takes_events=takes_events) is expected


# --- through the whole exchange -------------------------------------------------------------------------------------
def called(event: bool = False, trunk: str = "") -> tuple[Story, list[Any]]:
    """A caller who has dialled, and the commands that the plane got."""
    config: dict[str, Any] = {"trunks": [{"name": "carrier", "addresses": [CALLER], "keys": trunk}]} if trunk else {}
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)}, config=config)
    told: list[Any] = []
    handle = story.hotline.wire.handle
    story.hotline.wire.handle = lambda command, now: (told.append(command), handle(command, now))[1]  # type: ignore
    story.caller.local = replace(story.caller.local, event=event)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1.0)
    return story, told


def path(story: Story) -> list[tuple[str, str]]:
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    story.caller.hang_up()
    story.settle()
    (request,) = story.requests()
    return [(step.menu, step.keys) for step in request.path]


CARDS = [("language", "1"), ("main", "2"), ("cards", "0")]


@pytest.mark.parametrize("event", [False, True])
def test_keys__tones_are_heard_where_no_events_were_agreed(event: bool) -> None:
    _, told = called(event=event)
    assert {command.in_band for command in told if isinstance(command, media.SetStream)} == {not event}


def test_keys__a_phone_that_knows_tones_alone_reaches_an_operator() -> None:
    story, _ = called()
    for key in "120":
        story.caller.press_in_audio(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__tones_and_info_of_each_press_are_one() -> None:
    story, _ = called()
    for key in "120":
        story.caller.press_in_audio(key)
        story.world.run(0.25)
        story.caller.press_by_info(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__info_before_its_tones() -> None:
    story, _ = called()
    for key in "120":
        story.caller.press_by_info(key)
        story.caller.press_in_audio(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__tones_and_events_of_each_press_are_one() -> None:
    story, _ = called(event=True)
    for key in "120":
        story.caller.press_in_audio(key)
        story.caller.press(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__tones_and_events_on_a_trunk_whose_tones_count() -> None:
    story, told = called(event=True, trunk="in_band")
    assert any(command.in_band for command in told if isinstance(command, media.SetStream))
    story.caller.press("9")
    story.world.run(1.0)
    for key in "120":
        story.caller.press_in_audio(key)
        story.caller.press(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__a_trunk_whose_info_counts() -> None:
    story, told = called(trunk="info")
    assert not any(command.in_band for command in told if isinstance(command, media.SetStream))
    for key in "120":
        story.caller.press_in_audio(key)
        story.caller.press_by_info(key)
        story.world.run(1.5)
    assert path(story) == CARDS


def test_keys__of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="keys"):
        Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m.yaml"}],
                               "trunks": [{"name": "carrier", "addresses": ["192.0.2.1"], "keys": "dtmf"}]})
