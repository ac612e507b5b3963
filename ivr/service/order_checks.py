"""What orders in menus name: prompts that every line has for which they are meant."""

from collections.abc import Iterator, Mapping

from ivr.base.config import Config
from ivr.base.errors import Fault
from ivr.base.suggestions import did_you_mean
from ivr.drivers.text_files import text_of
from ivr.menu import yaml_words
from ivr.menu.actions.order import EVERY, Order
from ivr.menu.lint.places import Places
from ivr.menu.lint.ways import Spot, spots
from ivr.menu.model import Announcements, Menu
from ivr.menu.notices import sayable


def unknown_order_prompts(config: Config, menus: Mapping[str, Menu], announcements: Announcements | None,
                          ) -> Iterator[Fault]:
    """Faults at the words of orders. Raises AdminError where a menu can't be read any more."""
    for menu in menus.values() if announcements is not None else ():
        ordered = [(spot, spot.action) for choice in menu.choices.values() for spot in spots(choice)
                   if isinstance(spot.action, Order) and spot.action.prompt]
        places = Places({one.space: yaml_words.load(text_of(one.path), one.path) for one in menu.files}
                        if ordered else {})
        for spot, order in ordered:
            if announcements is not None:
                yield from _unknown(config, menus, announcements, places, spot, order)


def _unknown(config: Config, menus: Mapping[str, Menu], announcements: Announcements, places: Places, spot: Spot,
             order: Order) -> Iterator[Fault]:
    for line in config.lines:
        menu = menus.get(str(line.menu))
        if menu is None or not (EVERY in order.lines or {*order.lines} & {*line.numbers}):
            continue
        known = sayable(menu, announcements)
        if order.prompt not in known:
            yield Fault(places.action(spot.menu, spot.block, spot.position), f"line {line.numbers[0]} has no prompt "
                        f"`{order.prompt}` that can be said before its menu",
                        f"{did_you_mean(order.prompt, known)}; or write it under `notices` of "
                        f"{config.prompts.announcements}", code="notice-unknown")
            return
