"""Commands and events as bytes: one JSON array per message, `[epoch, "Play", {field: value}]`."""

import json
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from ivr.base.errors import PeerError
from ivr.media.commands import Command
from ivr.media.events import Event

MAX_BYTES = 65_536      # PlaneReady with 5,000 ports has half of that; a SEQPACKET message holds it in one piece
Message = Command | Event

KINDS: dict[str, type] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Event))}
HINTS: dict[type, dict[str, Any]] = {kind: get_type_hints(kind) for kind in KINDS.values()}


def encode(message: Message, epoch: int) -> bytes:
    """One message of the given epoch."""
    return json.dumps([epoch, type(message).__name__, _fields(message)], separators=(",", ":"),
                      ensure_ascii=False).encode()


def decode(payload: bytes) -> tuple[Message, int]:
    """The message and its epoch. Raises PeerError(0) for anything that encode() can't have written."""
    try:
        epoch, name, found = json.loads(payload)
        kind = KINDS[name]
        return cast(Message, _build(kind, HINTS[kind], found)), _convert(epoch, int)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PeerError(0, f"Bad Message: {error!r}") from None


def _fields(message: Any) -> dict[str, Any]:
    """One level of fields; nested dataclasses become objects."""
    found = {}
    for field in fields(message):
        value = getattr(message, field.name)
        found[field.name] = _fields(value) if is_dataclass(value) else value
    return found


def _build(kind: type, hints: dict[str, Any], found: dict[str, Any]) -> Any:
    """An instance of a dataclass whose fields have the declared types. Unknown or missing ones raise."""
    return kind(**{name: _convert(value, hints[name]) for name, value in found.items()})


def _convert(value: Any, hint: Any) -> Any:
    """`value` as the type `hint`; TypeError if it is none of it."""
    origin = get_origin(hint)
    if origin is UnionType:
        if value is None and NoneType in get_args(hint):
            return None
        return _convert(value, next(choice for choice in get_args(hint) if choice is not NoneType))
    if origin is Literal and value in get_args(hint):
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(map(_convert, value, _item_hints(get_args(hint), len(value))))
    if is_dataclass(hint) and isinstance(value, dict):
        return _build(cast(type, hint), get_type_hints(hint), value)
    if hint is float and type(value) in (int, float):
        return float(value)
    if hint in (int, str, bool) and type(value) is hint:
        return value
    raise TypeError(f"{value!r} is no {hint}")


def _item_hints(hints: tuple[Any, ...], size: int) -> tuple[Any, ...]:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return (hints[0],) * size
    if len(hints) != size:
        raise TypeError(f"{size} items, not {len(hints)}")
    return hints
