"""Classes by name: of the rooms that decide, and of no other. What is read back can name nothing else."""

import sys
from collections import Counter
from collections.abc import Mapping
from enum import Enum, EnumType
from functools import cache, cached_property, lru_cache
from types import MemberDescriptorType
from typing import Any

from ivr.base.state.errors import NotReadable

# The rooms without I/O: making an object of a class of theirs, without calling it, does nothing.
ROOMS = ("ivr.base.", "ivr.sip.", "ivr.sdp.", "ivr.menu.", "ivr.media.", "ivr.call.", "ivr.exchange.",
         "routing.callback", "routing.crew", "routing.dispatcher.", "routing.estimate.", "routing.lines",
         "routing.operators", "routing.ordered", "routing.queue", "routing.seats.", "routing.skills")
DICTS: dict[type, str] = {dict: "dict", Counter: "counter"}


def name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def is_ours(kind: type) -> bool:
    """Whether objects of this class may be part of a state."""
    return kind.__module__.startswith(ROOMS) and not hasattr(kind, "__del__")


@cache
def class_named(name: str) -> type:
    """Raises NotReadable unless it is a class of ours, in a module that is loaded."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module) if module.startswith(ROOMS) else None
    for part in path.split("."):
        found = vars(found).get(part) if found is not None else None
    if not isinstance(found, type) or name_of(found) != name or not is_ours(found):
        raise NotReadable(f"{name!r} is no class of which a state is made")
    return found


def members_of(name: str) -> Mapping[str, Enum]:
    """Those of an enum, by name."""
    found = class_named(name)
    if not isinstance(found, EnumType):
        raise NotReadable(f"{name!r} has no members")
    members: Mapping[str, Enum] = found.__members__
    return members


def slots_of(kind: type) -> tuple[str, ...]:
    """The names of all slots that no attribute of a nearer ancestor hides."""
    if kind not in _SLOTS:
        found: dict[str, Any] = {}
        for one in reversed(kind.__mro__):
            found |= vars(one)
        _SLOTS[kind] = tuple(name for name, one in found.items()
                             if isinstance(one, MemberDescriptorType) and not name.startswith("__"))
    return _SLOTS[kind]


_SLOTS: dict[type, tuple[str, ...]] = {}


def has_attributes(kind: type) -> bool:
    """Whether its objects have a `__dict__`."""
    return bool(kind.__dictoffset__)


@lru_cache(10_000)
def may_have(kind: Any, name: str) -> bool:
    """Whether a value may be put into this attribute: not where a method or a property stands, whose place it would
    take."""
    if not name.isidentifier() or name.startswith("__"):
        return False
    if name in slots_of(kind):
        return True
    found: Any = next((vars(one)[name] for one in kind.__mro__ if name in vars(one)), None)
    return has_attributes(kind) and (isinstance(found, cached_property) or not hasattr(found, "__get__"))
