"""The options of a menu: how many, how their keys collide, and how much time callers have for them."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.subject import Subject, listed
from ivr.menu.model import Back, Choice, Repeat


def key_delays(subject: Subject) -> Iterator[Fault]:
    """Options that others begin with: after their last key the menu must wait whether another one comes."""
    for choice in subject.reached:
        for keys in choice.options:
            longer = [other for other in choice.options if other.startswith(keys) and other != keys]
            if longer:
                yield warn("key-delay", subject.places.option(choice.name, keys),
                           f"who presses {keys} waits {choice.interdigit:g} s before anything happens, because "
                           f"{listed(longer)} {'begin' if len(longer) > 1 else 'begins'} with it too",
                           f"give {listed(longer)} other keys" + _shortcut(choice))


def too_many_options(subject: Subject) -> Iterator[Fault]:
    """Menus with more to choose from than anybody remembers."""
    limit = subject.limits.max_options
    for choice in subject.reached:
        count = sum(not isinstance(actions[-1], Repeat | Back) for actions in choice.options.values())
        if count > limit:
            yield warn("options-too-many", subject.places.entry("menus", choice.name, "options"),
                       f"menu `{choice.name}` has {count} options: nobody remembers so many",
                       f"put some into a menu of their own; `check.max_options` in config.yaml allows {limit}")


def short_times(subject: Subject) -> Iterator[Fault]:
    """Waits in which nobody finds a key. One that several menus inherit is named once."""
    limits = subject.limits
    found = {}
    for choice in subject.reached:
        if choice.first_key < limits.min_first_key_s:
            place = subject.places.inherited(choice.name, "first_key_s")
            found[place] = warn("timeout-short", place, f"callers have only {choice.first_key:g} s to press a key",
                                f"give them {limits.min_first_key_s:g} s or more, as `check.min_first_key_s` in "
                                "config.yaml wants")
        longest = max(choice.options, key=len, default="")
        if len(longest) > 1 and choice.interdigit < limits.min_interdigit_s:
            place = subject.places.inherited(choice.name, "interdigit_s")
            found.setdefault(place, warn(
                "timeout-short", place, f"callers have only {choice.interdigit:g} s from key to key, and option "
                f"{longest} of menu `{choice.name}` has {len(longest)} of them",
                f"give them {limits.min_interdigit_s:g} s or more, as `check.min_interdigit_s` in config.yaml wants"))
    yield from found.values()


def _shortcut(choice: Choice) -> str:
    return f"; who presses {choice.term_char} after it need not wait" if choice.term_char else ""
