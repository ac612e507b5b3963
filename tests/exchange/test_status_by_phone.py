"""Operators choose their status with their telephones: by a number that they dial, and by keys for after the talk."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.effects import StatusChosen
from ivr.exchange.feature_codes import Typed
from ivr.exchange.status_codes import Chosen, meaning
from routing.dispatcher import Status
from tests.support.operators_phones import QUICK, add_phone, finish, talk_with_anna, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

REASONS = ("lunch", "training")
KEYS = {"operators": {"anna": {"feature_keys": True}, "boris": {}}, "break_reasons": REASONS}


@pytest.mark.parametrize(("code", "reasons", "expected"), [
    ("*60", (), Chosen(Status.AVAILABLE)), ("*70", (), Chosen(Status.LOGGED_OUT)), ("*61", (), Chosen(Status.ON_BREAK)),
    ("*62", (), None), ("*61", REASONS, Chosen(Status.ON_BREAK, "lunch")),
    ("*62", REASONS, Chosen(Status.ON_BREAK, "training")), ("*63", REASONS, None), ("*71", REASONS, None),
    ("61", REASONS, None), ("*6", REASONS, None),
])
def test_codes(code: str, reasons: tuple[str, ...], expected: Chosen | None) -> None:
    assert meaning(code, reasons) == expected


def test_codes__are_whole_with_their_last_key() -> None:
    typed = Typed()
    assert [typed.press(key, 0.0) for key in "*62*70*61"] == ["", "", "*62", "", "", "*70", "", "", "*61"]
    assert [typed.press(key, 0.0) for key in "*71*60"] == ["", "", "", "", "", "*60"]


def shown(story: Story, name: str) -> tuple[Any, ...]:
    snapshot = story.hotline.exchange.snapshot(story.world.now)
    return next((each["status"], each["reason"], each["state"]) for each in snapshot["operators"]
                if each["name"] == name)


def dials(story: Story, code: str, name: str = "anna") -> None:
    story.phones[name].call(f"sip:{code}@{HOTLINE}")
    story.world.run(0.5)


def test_dialled__is_set_said_and_kept() -> None:
    kept: list[Any] = []
    story = make_story(config={"break_reasons": REASONS}, operators={"anna": QUICK})
    carry_out = story.hotline.carry_out
    story.hotline.carry_out = lambda effects: (kept.extend(effects), carry_out(effects))[1]   # type: ignore[method-assign]
    dials(story, "*62")
    assert shown(story, "anna") == ("on_break", "training", "on_call")
    story.world.run(3)
    assert story.clips_heard("anna") == ["en/queue/goodbye.wav"]
    assert shown(story, "anna") == ("on_break", "training", "idle")
    dials(story, "*60")
    story.settle()
    story.assert_clean()
    assert shown(story, "anna") == ("available", "", "idle")
    assert [(row.outcome, row.direction, row.line) for row in story.rows().values()] == [
        (Outcome.ANSWERED, "internal", "")] * 2
    assert [each for each in kept if isinstance(each, StatusChosen)] == [
        StatusChosen("anna", "on_break", "training", ""), StatusChosen("anna", "available", "", "")]


def test_dialled__the_callers_who_waited_ring_once_it_was_heard() -> None:
    """Not into the call by which the operator became free: a phone may refuse a second one."""
    story = make_story(operators={"anna": QUICK, "boris": QUICK})
    dials(story, "*61")
    story.world.run(3)
    add_phone(story, "before", "127.0.9.60")
    for name in ("before", "caller"):
        story.phones[name].call(f"sip:100@{HOTLINE}")
        for key in "120":
            story.world.run(0.5)
            story.phones[name].press(key)
        story.world.run(2)
    assert shown(story, "boris")[2] == "on_call"
    dials(story, "*60")
    rang = [what for _, what in story.phones["anna"].log if what == "rings"]
    assert (shown(story, "anna")[2], rang) == ("on_call", [])
    assert story.world.run(5, lambda: "rings" in [what for _, what in story.phones["anna"].log])
    story.world.run(2)
    for name in ("before", "caller"):
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()


def test_dialled__who_says_that_they_are_available_has_written_up() -> None:
    cards = {"operators": ["anna"], "wrap_up_s": 600}
    story = talk_with_anna(make_story(config={"queues": base_config()["queues"] | {"cards": cards}},
                                      operators={"anna": QUICK}))
    story.caller.hang_up()
    story.world.run(5)
    assert shown(story, "anna") == ("available", "", "wrap_up")
    dials(story, "*60")
    story.world.run(3)
    assert shown(story, "anna") == ("available", "", "idle")
    finish(story)


@pytest.mark.parametrize(("code", "name"), [("*63", "anna"), ("*61", "caller")])
def test_dialled__what_there_is_not_and_by_whom_it_is_not_for(code: str, name: str) -> None:
    story = make_story(config={"break_reasons": REASONS}, operators={"anna": QUICK})
    dials(story, code, name)
    story.settle()
    story.assert_clean()
    assert (shown(story, "anna")[0], story.rows()) == ("available", {})


def test_keys__during_a_talk_are_for_the_time_after_it() -> None:
    """twilio flex-project-template#290: the break that was chosen is not overwritten by what comes later."""
    story = talking_with_anna(KEYS, audio=False)
    for key in "*62":
        story.phones["anna"].press(key)
        story.world.run(0.3)
    assert shown(story, "anna") == ("on_break", "training", "on_call")
    story.caller.hang_up()
    finish(story)
    assert shown(story, "anna") == ("on_break", "training", "idle")


def test_keys__off_unless_somebody_turned_them_on() -> None:
    story = talking_with_anna({"break_reasons": REASONS}, audio=False)
    for key in "*62":
        story.phones["anna"].press(key)
        story.world.run(0.3)
    assert shown(story, "anna")[0] == "available"
    story.caller.hang_up()
    finish(story)
