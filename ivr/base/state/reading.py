"""A state is put together again. A text that nobody of ours wrote makes nothing: no class is called, no code is run."""

import json
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from ivr.base.state import garbage
from ivr.base.state.annotated import annotated
from ivr.base.state.classes import class_named, has_attributes, may_have, members_of, slots_of
from ivr.base.state.errors import NotReadable
from ivr.base.state.expected import expect_list, expect_number, expect_text
from ivr.base.state.fixed import Fixed
from ivr.base.state.format import FORMAT, VERSION, Row
from ivr.base.state.plain import AS_THEY_ARE, BY_NAME, no_number
from ivr.base.state.writing import NOTHING_FIXED

MISSING: Any = object()
DEEPEST = 100       # tuples in one another: to hash a much deeper one ends the process, and not in an error


def read_text(text: str | bytes, fixed: Fixed = NOTHING_FIXED) -> dict[str, Any]:
    """The parts by name. Raises NotReadable for what is no text of `text_of`."""
    with garbage.not_looked_for():
        try:
            state = json.loads(text, parse_constant=no_number)
        except (ValueError, RecursionError) as error:
            raise NotReadable(f"this is no state of a hotline: {error}") from None
        return read_back(state, fixed)


def read_back(state: Any, fixed: Fixed = NOTHING_FIXED) -> dict[str, Any]:
    """The parts by name. Raises NotReadable for what `written` did not write."""
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise NotReadable("this is no state of a hotline")
    if state.get("version") != VERSION:
        raise NotReadable(f"this state has version {state.get('version')!r}, and this hotline reads version {VERSION}")
    try:
        return _Reading(state, fixed).parts()
    except NotReadable:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
            ArithmeticError, OSError) as error:         # OSError: a zone that is no file
        raise NotReadable(f"this state is not whole: {type(error).__name__}: {error}") from None


class _Later(Exception):
    """What a row needs stands behind it, and can't be made before it is."""


class _Reading:
    """One run of it. Objects are made in the order of their rows; those of a cycle are made empty where they are needed
    first; sets and dicts are filled last, when whatever tells their members apart is there."""

    def __init__(self, state: dict[str, Any], fixed: Fixed) -> None:
        self.fixed = fixed
        self.rows: list[Row] = expect_list(state["objects"])
        self.made: list[Any] = [MISSING] * len(self.rows)
        self.shapes = [_Shape(shape) for shape in expect_list(state["shapes"])]
        self.last: list[Callable[[], object]] = []
        self._depths: dict[int, int] = {}           # of tuples, by number
        self._parts: dict[str, Any] = state["parts"]

    def parts(self) -> dict[str, Any]:
        for number, row in enumerate(self.rows):
            shape = self.shapes[expect_number(row[0])]
            if shape.empty is None:
                if shape.word in ("tuple", "fields"):
                    self._go_deeper(number, row)
                self.made[number] = shape.make(self, shape, row)
            else:
                if self.made[number] is MISSING:
                    self.made[number] = shape.empty(row)
                shape.make(self, shape, row, self.made[number])
        for fill in self.last:
            fill()
        return {name: self.value(value) for name, value in self._parts.items()}

    def _go_deeper(self, number: int, row: Row) -> None:
        known = self._depths
        depth = max([known.get(value[0], 0) for value in row if type(value) is list], default=0) + 1
        if depth > DEEPEST:
            raise NotReadable(f"tuples lie in one another deeper than {DEEPEST}")
        known[number] = depth

    def value(self, value: Any) -> Any:
        kind = type(value)
        if kind in AS_THEY_ARE or kind is float:
            return value
        if kind is not list or len(value) != 1 or type(value[0]) is not int or value[0] < 0:
            raise NotReadable(f"a value is expected, not {value!r:.40}")
        number = value[0]
        made = self.made[number]
        if made is not MISSING:
            return made
        row = self.rows[number]
        shape = self.shapes[expect_number(row[0])]
        if shape.empty is None:
            raise _Later
        self.made[number] = made = shape.empty(row)
        return made

    def values(self, row: Row) -> list[Any]:
        """All but the first."""
        value = self.value
        read = [one if type(one) in AS_THEY_ARE else value(one) for one in row]
        del read[0]
        return read


class _Shape:
    """What a row is of. `make` makes it; where there is `empty`, that makes it without contents and `make` fills it."""

    def __init__(self, shape: Any) -> None:
        word, *more = expect_list(shape)
        if word not in _MAKES:
            raise NotReadable(f"no object is a {word!r:.40}")
        known, words = _MAKES[word]
        if len(more) != words:
            raise NotReadable(f"a shape {word!r} has {words} words more")
        self.make: Callable[..., Any] = known
        self.empty: Callable[[Row], Any] | None = _EMPTY.get(word)
        self.word: str = word
        self.kind: type = object
        self.names: tuple[str, ...] = ()
        if word in ("object", "fields", "error"):
            self._of_class(word, *more)
        elif word == "enum":
            self.members = members_of(expect_text(more[0]))
        elif word == "text":
            _, self.read = BY_NAME[expect_text(more[0])]

    def check(self, values: Sequence[Any]) -> None:
        """Raises NotReadable for a value that its attribute can't have."""
        for place, allowed in self.checks:
            if not isinstance(values[place], allowed):
                # Its repr may be of any length: what is shared stands there as often as it is named.
                raise NotReadable(f"{self.kind.__name__}.{self.names[place]} can't be a {type(values[place]).__name__}")

    def _of_class(self, word: str, name: Any, names: Any) -> None:
        kind, names = class_named(expect_text(name)), tuple(map(expect_text, expect_list(names)))
        wrong = next((one for one in names if not may_have(kind, one)), None) if word != "fields" else None
        if wrong is not None or len(set(names)) != len(names):
            raise NotReadable(f"{name} has no attribute {wrong or names!r:.60}")
        if word == "fields" and (getattr(kind, "_fields", None) != names or not issubclass(kind, tuple)):
            raise NotReadable(f"{name} has other fields than {names!r:.60}")
        if (word == "error") != issubclass(kind, BaseException) or (word == "object" and not _is_plain(kind)):
            raise NotReadable(f"{name} is nothing to make an object of")
        self.kind, self.names = kind, names
        allowed = annotated(kind)
        self.checks = [(place, allowed[name]) for place, name in enumerate(names) if name in allowed]
        self.all_held = has_attributes(kind) and not set(names) & set(slots_of(kind))
        if word == "object":
            self.empty = lambda row: object.__new__(kind)


def _is_plain(kind: type) -> bool:
    """Whether nothing but attributes makes its objects."""
    made_by: Any = kind.__new__
    return made_by is object.__new__ and not issubclass(kind, type)


# --- what has no state before it is whole ------------------------------------------------------------------------
def _tuple(reading: _Reading, shape: _Shape, row: Row) -> Any:
    return _whole(tuple, reading, row)


def _frozenset(reading: _Reading, shape: _Shape, row: Row) -> Any:
    return _whole(frozenset, reading, row)


def _whole(kind: Callable[[list[Any]], Any], reading: _Reading, row: Row) -> Any:
    try:
        return kind(reading.values(row))
    except _Later:
        raise NotReadable("something that can't change would have to hold itself") from None


def _fields(reading: _Reading, shape: _Shape, row: Row) -> Any:
    if len(row) != len(shape.names) + 1:
        raise NotReadable(f"{shape.kind.__name__} has {len(shape.names)} fields")
    made: tuple[Any, ...] = _whole(partial(tuple.__new__, shape.kind), reading, row)
    shape.check(made)
    return made


def _error(reading: _Reading, shape: _Shape, row: Row) -> Any:
    arguments, *values = _whole(list, reading, row)
    made: Any = BaseException.__new__(shape.kind, *arguments)
    made.__dict__.update(zip(shape.names, values, strict=True))
    return made


def _enum(reading: _Reading, shape: _Shape, row: Row) -> Any:
    (name,) = row[1:]
    return shape.members[name]


def _class(reading: _Reading, shape: _Shape, row: Row) -> Any:
    (name,) = row[1:]
    return class_named(expect_text(name))


def _method(reading: _Reading, shape: _Shape, row: Row) -> Any:
    owner, name = _whole(list, reading, row)
    found = next((vars(one)[name] for one in type(owner).__mro__ if name in vars(one)), None)
    if not isinstance(found, FunctionType) or name.startswith("__"):
        raise NotReadable(f"{type(owner).__name__} has no method {name!r:.40}")
    return MethodType(found, owner)


def _partial(reading: _Reading, shape: _Shape, row: Row) -> Any:
    function, arguments, named = _whole(list, reading, row)
    if named or not isinstance(function, MethodType):
        raise NotReadable("a partial of something that is no method")
    return partial(function, *arguments)


def _fixed(reading: _Reading, shape: _Shape, row: Row) -> Any:
    (name,) = row[1:]
    try:
        return reading.fixed.named[name]
    except KeyError:
        raise NotReadable(f"what is called {name!r:.80} is not there") from None


def _plain(reading: _Reading, shape: _Shape, row: Row) -> Any:
    (text,) = row[1:]
    return shape.read(expect_text(text))


# --- what is filled ----------------------------------------------------------------------------------------------
def _object(reading: _Reading, shape: _Shape, row: Row, made: Any) -> None:
    if len(row) != len(shape.names) + 1:
        raise NotReadable(f"a {shape.kind.__name__} with {len(row) - 1} values for {len(shape.names)} attributes")
    try:
        values = reading.values(row)
    except _Later:
        reading.last.insert(0, partial(_object_last, reading, shape, row, made))
        return
    shape.check(values)
    if shape.all_held:
        made.__dict__.update(zip(shape.names, values, strict=True))
        return
    for name, value in zip(shape.names, values, strict=True):
        object.__setattr__(made, name, value)


def _object_last(reading: _Reading, shape: _Shape, row: Row, made: Any) -> None:
    values = _whole(list, reading, row)
    shape.check(values)
    for name, value in zip(shape.names, values, strict=True):
        object.__setattr__(made, name, value)


def _listed(reading: _Reading, shape: _Shape, row: Row, made: Any) -> None:
    try:
        made += reading.values(row)
    except _Later:
        reading.last.insert(0, lambda: made.extend(_whole(list, reading, row)))


def _queued(reading: _Reading, shape: _Shape, row: Row, made: deque[Any]) -> None:
    reading.last.insert(0, partial(_queued_last, reading, row, made))


def _queued_last(reading: _Reading, row: Row, made: deque[Any]) -> None:
    made.extend(_whole(list, reading, row[1:]))
    if any(type(one) is deque for one in made):
        raise NotReadable("a queue of queues")      # which, deep enough, the interpreter can't take down again


def _set(reading: _Reading, shape: _Shape, row: Row, made: set[Any]) -> None:
    reading.last.append(lambda: made.update(_whole(list, reading, row)))


def _dict(reading: _Reading, shape: _Shape, row: Row, made: dict[Any, Any]) -> None:
    if not len(row) % 2:
        raise NotReadable("a key without a value")
    reading.last.append(partial(_dict_last, reading, row, made))


def _dict_last(reading: _Reading, row: Row, made: dict[Any, Any]) -> None:
    values = iter(_whole(list, reading, row))
    for key, value in zip(values, values, strict=True):
        made[key] = value


# By the first word of a shape: what makes its objects, and how many words follow.
_MAKES: Mapping[str, tuple[Callable[..., Any], int]] = {
    "object": (_object, 2), "fields": (_fields, 2), "error": (_error, 2), "tuple": (_tuple, 0), "list": (_listed, 0),
    "set": (_set, 0), "frozenset": (_frozenset, 0), "deque": (_queued, 0), "dict": (_dict, 0), "counter": (_dict, 0),
    "enum": (_enum, 1), "type": (_class, 0), "method": (_method, 0), "partial": (_partial, 0),
    "fixed": (_fixed, 0), "text": (_plain, 1)}
_EMPTY: Mapping[str, Callable[[Row], Any]] = {
    "list": lambda row: [], "set": lambda row: set(), "deque": lambda row: deque(maxlen=row[1]),
    "dict": lambda row: {}, "counter": lambda row: Counter()}
