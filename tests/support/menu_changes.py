"""Versions of a small menu for a hotline in virtual time, each with sounds of its own, and callers who walk in it."""

from collections import defaultdict
from typing import Any

import numpy as np

from ivr.base.hours.schedule import Hours
from ivr.exchange.editions import MenuChange, Text
from ivr.exchange.virtual_phone import VirtualPhone
from ivr.media.commands import Play
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

NO_HOURS = Hours()
PATH = "menus/bank.yaml"
MENU = """
languages: [en, ru]
start: first
defaults:
  on_failure: {{queue: general}}
menus:
  first:
    prompts: first
    options: {{"1": {{goto: second}}, "0": {{queue: general}}}}
  second:
    prompts: second
    options: {{"1": {{goto: first}}, "0": {{queue: general}}}}
prompts:
  first:
    en: {{text: "First of {number}.", file: en/v{number}/first.wav}}
    ru: {{text: "Первое из {number}.", file: ru/v{number}/first.wav}}
  second:
    en: {{text: "Second of {number}.", file: en/v{number}/second.wav}}
    ru: {{text: "Второе из {number}.", file: ru/v{number}/second.wav}}
"""


class Sounds(dict[str, Any]):
    """Every clip there could be: 20 ms of silence."""

    def __missing__(self, name: str) -> Any:
        return np.zeros(160, np.int16)


def version(number: int) -> Menu:
    return load_menu(MENU.format(number=number), PATH, None, None)


def changing_story(**settings: Any) -> Story:
    """The hotline with version 0, and planes that can read any sound."""
    config = {"sip": base_config()["sip"] | {"max_calls": 900}, **settings.pop("config", {})}
    story = make_story(menu=MENU.format(number=0), config=config, audio=False, **{"operators": {}, **settings})
    for wire in story.hotline.wires.values():
        wire.samples = Sounds(wire.samples)
    return story


def change_to(story: Story, number: int, recorded: int = 0, hours: Hours = NO_HOURS) -> None:
    """What the watch would say of version `number`; `recorded`: how often its sounds were recorded anew."""
    menu = version(number)
    editions = story.hotline.exchange.house.editions
    announcements = next(iter(editions.lines.values())).newest.announcements
    clips = {clip: clip for clip in (*announcements.clips(), "music/hold.wav")}
    clips |= {clip: f"{clip} {recorded}" if recorded else clip for clip in menu.clips()}
    text = Text(MENU.format(number=number), menu.version, "vera", number)
    change = MenuChange({PATH: menu}, announcements, clips, texts={PATH: text}, hours=hours,
                        around=(hours.file,) if hours.file else ())
    story.hotline.carry_out(story.hotline.exchange.change_menus(change, story.world.now))


def heard_by_call(story: Story) -> dict[str, set[str]]:
    """The clips that each call is played, from now on."""
    heard: dict[str, set[str]] = defaultdict(set)
    to_planes = story.hotline.to_planes

    def listen(command: Any, worker: int | None) -> None:
        if isinstance(command, Play):
            leg = story.hotline.exchange.house.legs.get(command.leg)
            assert leg is not None
            heard[leg.call].update(command.clips)
        to_planes(command, worker)

    story.hotline.to_planes = listen    # type: ignore[method-assign]
    return heard


def caller(story: Story, number: int) -> VirtualPhone:
    return VirtualPhone(story.world, f"127.2.{number // 250}.{number % 250 + 1}", f"c{number}", story.ids, silent=True)


def dial(phone: VirtualPhone) -> None:
    phone.call(f"sip:100@{HOTLINE}")
