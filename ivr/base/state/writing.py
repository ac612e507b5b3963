"""A state is taken apart: objects become rows (`format`)."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from math import isfinite
from operator import attrgetter
from types import MethodType
from typing import Any

from ivr.base.state import garbage
from ivr.base.state.classes import DICTS, has_attributes, is_ours, name_of, slots_of
from ivr.base.state.errors import NotWritable
from ivr.base.state.fixed import Fixed
from ivr.base.state.format import FORMAT, VERSION, Ref, Row, State
from ivr.base.state.plain import AS_THEY_ARE, PLAIN

NOTHING_FIXED = Fixed({})


def written(parts: Mapping[str, Any], fixed: Fixed = NOTHING_FIXED) -> State:
    """The parts by name, each with all that hangs on it but what is fixed, as plain data that JSON holds.

    Raises NotWritable for what is no plain data.
    """
    writing = Writing(fixed)
    named = {name: writing.value(part) for name, part in parts.items()}
    return {"format": FORMAT, "version": VERSION, "shapes": writing.shapes, "objects": writing.rows, "parts": named}


def text_of(parts: Mapping[str, Any], fixed: Fixed = NOTHING_FIXED) -> str:
    """The same as text of JSON."""
    with garbage.not_looked_for():
        return json.dumps(written(parts, fixed), separators=(",", ":"), allow_nan=False, check_circular=False)


class Writing:
    """One run of it. `rows` are those of the objects, `shapes` what they are of."""

    def __init__(self, fixed: Fixed) -> None:
        self.rows: list[Row] = []
        self.shapes: list[Any] = []
        self._fixed = fixed.names
        self._known: dict[int, Ref] = {}            # by id; the number comes when all is written that hangs on it
        self._numbers: dict[Any, int] = {}          # of the shapes

    def value(self, thing: Any) -> Any:
        """As it stands in a row."""
        kind = type(thing)
        if kind in AS_THEY_ARE or (kind is float and isfinite(thing)):
            return thing
        key = id(thing)
        known = self._known.get(key)
        if known is not None:
            return known
        ref: Ref = []
        self._known[key] = ref
        name = self._fixed.get(key)
        if name is not None:
            row = [self.shape(("fixed",)), name]
        else:
            try:
                take = _TAKES.get(kind) or _learn(kind)
                row = take(self, thing)
            except NotWritable as error:
                error.add_note(f"in {kind.__qualname__}")
                raise
        ref.append(len(self.rows))
        self.rows.append(row)
        return ref

    def values(self, things: Any) -> list[Any]:
        value = self.value
        return [thing if type(thing) in AS_THEY_ARE else value(thing) for thing in things]

    def shape(self, shape: tuple[Any, ...]) -> int:
        """Its number."""
        number = self._numbers.get(shape)
        if number is None:
            number = self._numbers[shape] = len(self.shapes)
            self.shapes.append([list(part) if type(part) is tuple else part for part in shape])
        return number


Take = Callable[[Writing, Any], Row]
_TAKES: dict[type, Take] = {}           # by class, learned as they come


def _learn(kind: type) -> Take:
    _TAKES[kind] = take = _take_of(kind)
    return take


def _take_of(kind: type) -> Take:
    if kind in PLAIN:
        return partial(_take_text, ("text", kind.__name__), PLAIN[kind][0])
    if kind in DICTS:
        return partial(_take_dict, (DICTS[kind],))
    if kind in (tuple, list):
        return partial(_take_members, (kind.__name__,))
    if kind in (set, frozenset):
        return partial(_take_set, (kind.__name__,))
    if kind in _OTHERS:
        return _OTHERS[kind]
    if isinstance(kind, type) and issubclass(kind, type):
        return _take_class
    if not is_ours(kind):
        raise NotWritable(f"{kind.__module__}.{kind.__qualname__} is no part of a state: let the code keep plain data, "
                          "or name the thing among the fixed ones")
    name = name_of(kind)
    if issubclass(kind, Enum):
        return partial(_take_enum, ("enum", name))
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return partial(_take_members, ("fields", name, kind._fields))
    if issubclass(kind, BaseException):
        return partial(_take_error, name)
    if issubclass(kind, dict | list | set | tuple | str | int | float | bytes):
        raise NotWritable(f"{name} is a {kind.__mro__[-2].__name__} of its own kind")
    slots = slots_of(kind)
    if not slots:
        return partial(_take_attributes, name) if has_attributes(kind) else partial(_take_nothing, ("object", name, ()))
    return partial(_take_slots, name, slots, attrgetter(*slots), has_attributes(kind))


def _take_text(shape: Any, write: Callable[[Any], str], writing: Writing, thing: Any) -> Row:
    return [writing.shape(shape), write(thing)]


def _take_members(shape: Any, writing: Writing, thing: Any) -> Row:
    return [writing.shape(shape), *writing.values(thing)]


def _take_set(shape: Any, writing: Writing, thing: Any) -> Row:
    """Texts have an order that is the same in every process."""
    return [writing.shape(shape), *writing.values(sorted(thing) if all(type(one) is str for one in thing) else thing)]


def _take_dict(shape: Any, writing: Writing, thing: dict[Any, Any]) -> Row:
    row: Row = [writing.shape(shape)]
    value = writing.value
    for key, one in thing.items():
        row += (value(key), value(one))
    return row


def _take_deque(writing: Writing, thing: deque[Any]) -> Row:
    return [writing.shape(("deque",)), thing.maxlen, *writing.values(thing)]


def _take_enum(shape: Any, writing: Writing, thing: Enum) -> Row:
    return [writing.shape(shape), thing.name]


def _take_class(writing: Writing, thing: type) -> Row:
    if not is_ours(thing):
        raise NotWritable(f"{thing!r} is no class of ours")
    return [writing.shape(("type",)), name_of(thing)]


def _take_method(writing: Writing, thing: MethodType) -> Row:
    return [writing.shape(("method",)), writing.value(thing.__self__), thing.__func__.__name__]


def _take_partial(writing: Writing, thing: "partial[Any]") -> Row:
    return [writing.shape(("partial",)), writing.value(thing.func), *writing.values((thing.args, thing.keywords))]


def _take_attributes(name: str, writing: Writing, thing: Any) -> Row:
    held = thing.__dict__
    return [writing.shape(("object", name, tuple(held))), *writing.values(held.values())]


def _take_slots(name: str, slots: tuple[str, ...], get: Callable[[Any], Any], more: bool, writing: Writing,
                thing: Any) -> Row:
    names = slots
    values: tuple[Any, ...]
    try:
        found = get(thing)
        values = found if len(slots) > 1 else (found,)
    except AttributeError:                      # one of them was never set
        names = tuple(slot for slot in slots if hasattr(thing, slot))
        values = tuple(getattr(thing, slot) for slot in names)
    if more:
        held = thing.__dict__
        names, values = (*names, *held), (*values, *held.values())
    return [writing.shape(("object", name, names)), *writing.values(values)]


def _take_nothing(shape: Any, writing: Writing, thing: Any) -> Row:
    return [writing.shape(shape)]


def _take_error(name: str, writing: Writing, thing: BaseException) -> Row:
    held = thing.__dict__
    return [writing.shape(("error", name, tuple(held))), *writing.values((thing.args, *held.values()))]


_OTHERS: Mapping[type, Take] = {deque: _take_deque, MethodType: _take_method, partial: _take_partial}
