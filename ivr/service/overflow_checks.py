"""Warnings for overflows that lead callers on for too long, or back to where nobody could serve them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ivr.base.config import Config
from ivr.base.errors import Fault
from ivr.call.settings import OVERFLOW_HOPS
from ivr.drivers.config_file import fault_at
from ivr.menu.model import Enqueue, Menu
from ivr.service.cross_checks import queues_of


def overflow_warnings(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    for fault in (*_too_long(file, config), *_back_again(file, config, menus)):
        yield replace(fault, severity="warning")


def _too_long(file: str, config: Config) -> Iterator[Fault]:
    """Chains of which the last queues are never come to. Circles are errors of their own."""
    for name in config.queues:
        way = _way(config, name)
        if len(way) > OVERFLOW_HOPS + 1:
            key = "queue" if config.queues[name].overflow.queue is not None else "transfer"
            yield fault_at(file, ("queues", name, "overflow", key),
                           f"callers overflow from queue to queue {OVERFLOW_HOPS} times at most, and then the call is "
                           f"ended; this way has more: {' → '.join(way)}", "let one of them end it",
                           code="overflow-long")


def _back_again(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Menus that ask nothing and lead who is turned away straight back."""
    for name, queue in config.queues.items():
        entry = queue.overflow.menu or ""
        for menu in (menu for menu in menus.values() if entry in menu.choices and name in queues_of(config, menu)):
            back = next((action.queue for action in menu.choices[entry].do if isinstance(action, Enqueue)
                         and name in _way(config, action.queue)), None)
            if back is not None:
                yield fault_at(file, ("queues", name, "overflow", "menu"),
                               f"`{entry}` of {menu.file} asks nothing and leads callers whom {name} gave up back into "
                               f"it, by way of {back}", "let the menu ask what they want, or end with `voicemail`, "
                               "`callback` or `hangup`", code="overflow-back")


def _way(config: Config, name: str) -> list[str]:
    """The queues that callers come to one after the other, as long as nobody takes them."""
    way: list[str] = []
    while name in config.queues and name not in way:
        way.append(name)
        overflow = config.queues[name].overflow
        name = overflow.queue or config.departments.get(overflow.transfer or "", "")
    return way
