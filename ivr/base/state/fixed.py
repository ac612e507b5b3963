"""What is no state, though a state knows it: configuration, menus, clocks, generators of chance. It is written by its
name; a new process names its own."""

from collections import deque
from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from ivr.base.state.classes import slots_of
from ivr.base.state.plain import AS_THEY_ARE, PLAIN

BY_VALUE = (*AS_THEY_ARE, *PLAIN, tuple, frozenset)    # equal ones are one thing: where they come from says nothing


class Fixed:
    """`things` by name, each with all that hangs on it (`config` names `config.sip` too); `apart` are named alone: they
    are written by themselves, or too many things hang on them. Nothing of it may change while this is in use."""

    def __init__(self, things: Mapping[str, Any], apart: Mapping[str, Any] | None = None) -> None:
        self.named: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        for name, thing in (apart or {}).items():
            self._add(name, thing)
        for name, thing in things.items():
            self._add_all(name, thing)

    def beside(self, apart: Mapping[str, Any]) -> "Fixed":
        """The same with some more that are named alone."""
        made = Fixed({}, apart)
        made.named |= self.named
        made.names = {**self.names, **made.names}
        return made

    def _add(self, name: str, thing: Any) -> None:
        self.named[name] = thing
        self.names.setdefault(id(thing), name)

    def _add_all(self, name: str, thing: Any) -> None:
        waiting = deque([(name, thing)])
        seen: set[int] = set()
        while waiting:
            name, thing = waiting.popleft()
            kind = type(thing)
            if kind in AS_THEY_ARE or isinstance(thing, type | Enum) or id(thing) in self.names or id(thing) in seen:
                continue
            seen.add(id(thing))
            if kind not in BY_VALUE:
                self._add(name, thing)
            waiting += ((f"{name}{step}", part) for step, part in _parts(thing))


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """What hangs on it, with the step to it: the same in every process."""
    if isinstance(thing, dict | MappingProxyType):
        yield from ((f"[{key!r}]", value) for key, value in thing.items())
    elif isinstance(thing, list | tuple | deque):
        yield from ((f"[{place}]", value) for place, value in enumerate(thing))
    elif not callable(thing) or type(thing).__module__.startswith(("ivr.", "routing.")):
        yield from ((f".{name}", value) for name, value in getattr(thing, "__dict__", {}).items())
        yield from ((f".{name}", getattr(thing, name)) for name in slots_of(type(thing)) if hasattr(thing, name))
