"""Commands and events as bytes: one line of JSON per message, `[epoch, "StopPlayback", [the fields in order]]`."""

from dataclasses import fields
from typing import Any, cast, get_args, get_type_hints

import msgspec

from ivr.base.errors import PeerError
from ivr.media.commands import Command
from ivr.media.events import Event

MAX_BYTES = 65_536      # of a packet; PlaneReady with 5,000 ports has half of that
LINE_END = b"\n"        # between the messages of a packet; JSON escapes it in texts
Message = Command | Event

KINDS: dict[str, type] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Event))}
_ENCODER = msgspec.json.Encoder()
_ENVELOPE = msgspec.json.Decoder(tuple[int, str, msgspec.Raw])


def _decoder(kind: type) -> "msgspec.json.Decoder[tuple[Any, ...]]":
    hints = get_type_hints(kind)
    values: Any = tuple[tuple(hints[field.name] for field in fields(kind))]  # type: ignore[misc]
    return msgspec.json.Decoder(values)


_DECODERS = {name: _decoder(kind) for name, kind in KINDS.items()}


def encode(message: Message, epoch: int) -> bytes:
    """One message of the given epoch."""
    return _ENCODER.encode((epoch, type(message).__name__, tuple(vars(message).values())))


def decode(line: bytes) -> tuple[Message, int]:
    """The message and its epoch. Raises PeerError(0) for anything that encode() can't have written."""
    try:
        epoch, name, values = _ENVELOPE.decode(line)
        return cast(Message, KINDS[name](*_DECODERS[name].decode(values))), epoch
    except (ValueError, KeyError, RecursionError) as error:
        raise PeerError(0, f"Bad Message: {error!r}") from None
