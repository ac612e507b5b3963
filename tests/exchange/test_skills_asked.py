"""What a menu asks of operators goes with the call to the dispatcher, and is asked no more where the call overflows."""

from typing import Any

from routing.dispatcher import CallQueued
from tests.support.virtual_house import HOTLINE, Story, make_story

MENU = """\
languages: [en, ru]
start: main
menus:
  main:
    prompts: ask
    options:
      "1": {queue: cards, skills: {mortgage: 2}, priority: 1}
    on_failure: {queue: general}
prompts:
  ask: {en: "For cards, press one.", ru: "Карты — один."}
"""


def queued(story: Story) -> list[Any]:
    """What the dispatcher is told of calls that enter queues, from now on."""
    dispatcher, seen = story.hotline.exchange.house.dispatcher, []
    handle = dispatcher.handle

    def listening(event: Any, now: float) -> Any:
        seen.extend([event] if isinstance(event, CallQueued) else [])
        return handle(event, now)

    dispatcher.handle = listening       # type: ignore[method-assign]
    return seen


def test_skills__asked_in_the_queue_of_the_menu_alone() -> None:
    story = make_story(menu=MENU, audio=False, operators={}, config={
        "queues": {"cards": {"operators": ["anna"], "empty_grace_s": 0, "overflow": {"queue": "general"}},
                   "general": {"operators": ["boris"], "empty_grace_s": 30}},
        "operators": {"anna": {"skills": {"mortgage": 2}, "status": "logged_out"}, "boris": {}}})
    seen = queued(story)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(3)
    story.caller.press("1")
    story.world.run(5)
    assert [(event.queue, event.priority, event.skills) for event in seen] == [
        ("cards", 1, (("mortgage", 2),)), ("general", 1, ())]
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
