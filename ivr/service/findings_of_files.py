"""What the check finds in menu files that several lines may use: each finding once, and only if it holds for all."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.base.errors import Fault, Place
from ivr.menu.lint.checked import Checked

# What no caller of one line meets, those of another may.
FOR_ALL = frozenset({"menu-unreachable", "prompt-unused", "allow-unused"})
NAME = re.compile(r"`[^` ]+/([a-z][a-z0-9_]*)`")

Key = tuple[Place, str, str]


@dataclass
class Findings:
    """Of the menus of all lines, one after the other."""

    _found: dict[Key, Fault] = field(default_factory=dict)
    _times: Counter[Key] = field(default_factory=Counter)
    _menus: Counter[str] = field(default_factory=Counter)           # by file: how many menus are made of it
    _allowed: dict[Key, Fault] = field(default_factory=dict)

    def add(self, checked: Checked, files: Iterable[str]) -> None:
        """What was found in a menu that was read from these files."""
        found = {_key(fault): fault for fault in checked.findings}
        self._found = {**found, **self._found}
        self._times.update(found.keys())
        self._menus.update(set(files))
        self._allowed |= {_key(fault): fault for fault in checked.allowed}

    def kept(self) -> list[Fault]:
        """Each once."""
        return [fault for key, fault in self._found.items()
                if fault.code not in FOR_ALL or self._times[key] >= self._menus[fault.place.file]]

    @property
    def allowed(self) -> list[Fault]:
        return list(self._allowed.values())


def _key(fault: Fault) -> Key:
    """The same finding has the same key in every menu, though a name of another file is longer there."""
    return fault.place, fault.code, NAME.sub(r"`\1`", fault.message)
