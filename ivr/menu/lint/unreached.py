"""What stands in a menu file and no caller ever meets: allowed, and mostly an option that was forgotten."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.subject import Subject


def unreachable_menus(subject: Subject) -> Iterator[Fault]:
    """Menus that no way from the start leads to."""
    reached = {choice.name for choice in subject.reached}
    for name in subject.menu.choices:
        if name not in reached:
            yield warn("menu-unreachable", subject.places.entry("menus", name), f"no caller comes to menu `{name}`",
                       f"write an option with `goto: {name}`, or take the menu out")


def unused_prompts(subject: Subject) -> Iterator[Fault]:
    """Prompts that no menu says. Those of a menu that is unreachable itself are no news."""
    said = {name for choice in subject.menu.choices.values() for name in choice.said()}
    for name in subject.menu.prompts:
        if name not in said:
            yield warn("prompt-unused", subject.places.entry("prompts", name), f"nothing says prompt `{name}`",
                       f"write an option with `say: {name}`, or take the prompt out")
