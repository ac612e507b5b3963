"""Commands and events as bytes: one JSON array per message, `[epoch, "Play", {field: value}]`."""

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from ivr.base.errors import PeerError
from ivr.media.commands import Command
from ivr.media.events import Event

MAX_BYTES = 65_536      # PlaneReady with 5,000 ports has half of that; a SEQPACKET message holds it in one piece
Message = Command | Event
Reader = Callable[[Any], Any]

KINDS: dict[str, type] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Event))}
_TO_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=vars)
_FROM_JSON = json.JSONDecoder()


def encode(message: Message, epoch: int) -> bytes:
    """One message of the given epoch."""
    return _TO_JSON.encode([epoch, type(message).__name__, vars(message)]).encode()


def decode(payload: bytes) -> tuple[Message, int]:
    """The message and its epoch. Raises PeerError(0) for anything that encode() can't have written."""
    try:
        epoch, name, found = _FROM_JSON.decode(payload.decode())
        if type(epoch) is not int:
            raise TypeError(f"{epoch!r} is no epoch")
        return cast(Message, _READERS[name](found)), epoch
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PeerError(0, f"Bad Message: {error!r}") from None


# The readers of all types are made once: what a call costs is their calls alone.

def _reader(hint: Any) -> Reader:
    """A function that gives a value out of JSON as the type `hint`, and raises TypeError if it is none of it."""
    origin, choices = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _optional(_reader(next(choice for choice in choices if choice is not NoneType)))
    if origin is Literal:
        return _one_of(choices)
    if origin is tuple:
        return _tuple_of(_reader(choices[0])) if choices[1:] == (Ellipsis,) else _tuple(tuple(map(_reader, choices)))
    if is_dataclass(hint):
        return _dataclass(cast(type, hint))
    return _number if hint is float else _exactly(hint)


def _optional(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _one_of(choices: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        if value in choices:
            return value
        raise TypeError(f"{value!r} is none of {choices}")
    return read


def _tuple_of(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is list:
            return tuple(map(reader, value))
        raise TypeError(f"{value!r} is no list")
    return read


def _tuple(readers: tuple[Reader, ...]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is list and len(value) == len(readers):
            return tuple(reader(item) for reader, item in zip(readers, value, strict=True))
        raise TypeError(f"{value!r} is no list of {len(readers)}")
    return read


def _dataclass(kind: type) -> Reader:
    """Unknown fields raise, and so do missing ones that have no default."""
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    return lambda found: kind(**{name: readers[name](value) for name, value in found.items()})


def _number(value: Any) -> float:
    if type(value) in (int, float):
        return float(value)
    raise TypeError(f"{value!r} is no number")


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return read


_READERS: dict[str, Reader] = {name: _dataclass(kind) for name, kind in KINDS.items()}
