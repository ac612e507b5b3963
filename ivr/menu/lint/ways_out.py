"""Whether callers get out of the menus: to a person, or to an end of the call, and by how many keys."""

from collections.abc import Iterator
from math import inf

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.subject import Subject, listed
from ivr.menu.lint.ways import closures, keys_to_end, ways_by_key

OPERATOR = 'such as "0": {queue: name}'


def no_way_out(subject: Subject) -> Iterator[Fault]:
    """Menus, or circles of menus, out of which no key leads. Each circle is named once, at its first menu."""
    fewest, within = keys_to_end(subject.menu), closures(subject.menu)
    named: set[frozenset[str]] = set()
    for name, keys in fewest.items():
        circle = within[name]
        # What only leads into a smaller circle is mended with it.
        if keys < inf or circle in named or any(within[other] < circle for other in circle):
            continue
        named.add(circle)
        place = subject.places.entry("menus", name)
        if circle == {name}:
            yield warn("menu-for-ever", place, f"whatever callers press in menu `{name}`, they hear it again",
                       f"give it an option that leads out, {OPERATOR}")
        else:
            others = listed([f"`{other}`" for other in fewest if other in circle and other != name])
            yield warn("menu-dead-end", place, f"from menu `{name}` no key leads to a person or to the end of the "
                       f"call, only to {others}", f"give one of these menus an option that leads out, {OPERATOR}")


def person_too_far(subject: Subject) -> Iterator[Fault]:
    """Menus from which it takes too many keys. Of several in a row only the last: with it the others are mended."""
    limit, fewest, ways = subject.limits.max_keys_to_person, keys_to_end(subject.menu), ways_by_key(subject.menu)
    for name, keys in fewest.items():
        nearest = min((fewest[target] if target else 0 for _, target in ways[name]), default=inf)
        if limit < keys < inf and nearest <= limit:
            yield warn("person-too-far", subject.places.entry("menus", name),
                       f"from menu `{name}` it takes {keys:.0f} keys until callers reach a person or the call ends",
                       f"give it an option that leads out, {OPERATOR}; `check.max_keys_to_person` in config.yaml "
                       f"allows {limit}")
