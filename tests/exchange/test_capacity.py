"""`capacity: 2`: an operator's phone rings for a second caller while they talk with the first."""

from typing import Any

import pytest

from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.sip import commands
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first: {prompts: which, options: {"1": {queue: cards}}}
prompts: {which: {en: "Cards, one.", ru: "Карты, один."}}
"""
QUICK, NEVER = PhoneBehaviour(delay=1.0), PhoneBehaviour(status=None)
CALLERS = ("caller", "second", "third", "fourth")


def house(boris: int = 0, **cards: Any) -> Story:
    """Four callers. `boris`: how many calls he takes, if he is there; anna takes two."""
    operators: dict[str, Any] = {"anna": {"capacity": 2}} | ({"boris": {"capacity": boris}} if boris else {})
    queue = {"operators": list(operators), "ring_time_s": 30, "max_wait_s": 600, "announce_every_s": 0, **cards}
    story = make_story(menu=MENU, audio=False, operators=dict.fromkeys(operators, QUICK),
                       config={"operators": operators, "queues": dict.fromkeys(base_config()["queues"], queue)})
    for number, name in enumerate(CALLERS[1:], 11):
        story.phones[name] = VirtualPhone(story.world, f"127.0.9.{number}", name, story.ids)
    return story


def ask(story: Story, who: str, seconds: float = 3.0) -> None:
    story.phones[who].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.phones[who].press_by_info("1")
    story.world.run(seconds)


def shown(story: Story) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in story.hotline.exchange.snapshot(story.world.now)["operators"]}


def operators_of(story: Story) -> list[str]:
    """Who has the calls, in the order in which these came."""
    return [row.operator for row in story.rows().values()]


def why(story: Story, operator: str, number: int) -> str:
    """About the n-th call."""
    call = list(story.rows())[number]
    return story.hotline.exchange.house.dispatcher.why(operator, call, story.world.now).replace(call, "it")


def over(story: Story) -> None:
    for name in CALLERS:
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()


def test_second_call__rings_while_in_the_first_and_a_third_waits() -> None:
    story = house()
    ask(story, "caller")
    first = story.phones["anna"].leg
    assert shown(story)["anna"]["condition"] == "free"
    ask(story, "second", 0.7)
    assert why(story, "anna", 1) == "anna is getting call it: their phone rings."
    story.world.run(3)
    ask(story, "third")
    assert operators_of(story) == ["anna", "anna", ""]
    assert why(story, "anna", 0) == why(story, "anna", 1) == "anna is on call it."
    assert why(story, "anna", 2) == "anna is not getting call it: on a call."
    story.phones["anna"].carry_out(story.phones["anna"].endpoint.handle(commands.HangUpLeg(first), story.world.now))
    story.world.run(3)
    assert operators_of(story) == ["anna", "anna", "anna"], "the first talk is over: there is room for one"
    assert story.caller.legs_ended == 1
    over(story)


def test_second_call__is_held_back_by_a_break_and_by_wrap_up_after_the_last() -> None:
    story = house(wrap_up_s=60)
    ask(story, "caller")
    ask(story, "second")
    story.caller.hang_up()
    story.world.run(1)
    assert shown(story)["anna"]["state"] == "on_call", "one call is left: no wrap-up yet"
    ask(story, "third", 0.7)
    assert why(story, "anna", 2) == "anna is getting call it: their phone rings."
    story.world.run(3)
    for name in ("second", "third"):
        story.phones[name].hang_up()
    story.world.run(1)
    ask(story, "fourth", 0.7)
    assert why(story, "anna", 3) == "anna is not getting call it: in wrap-up."
    story.world.run(60)
    assert operators_of(story)[3] == "anna"
    story.phones["fourth"].hang_up()
    story.settle(140)
    story.assert_clean()


@pytest.mark.parametrize(("strategy", "who"), [
    ("longest_idle", ["anna", "boris", "anna"]), ("fewest_calls", ["anna", "boris", "anna"]),
    ("least_talk", ["anna", "boris", "anna"]), ("linear", ["anna", "anna", "boris"]),
    ("round_robin", ["anna", "boris", "anna"])])
def test_strategies__and_why_agree(strategy: str, who: list[str]) -> None:
    """Boris takes one call. Whoever has no call comes first, but where the queue's own order counts."""
    story = house(boris=1, strategy=strategy)
    for name in CALLERS[:3]:
        ask(story, name)
    assert operators_of(story) == who
    ask(story, "fourth")
    assert why(story, "anna", 3) == "anna is not getting call it: on a call."
    assert why(story, "boris", 3) == "boris is not getting call it: on a call."
    over(story)
