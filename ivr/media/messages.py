"""Commands and events as bytes: a line of JSON per message, `[["StopPlayback", the fields in order], epoch]`."""

from typing import TypeVar

import msgspec

from ivr.base.errors import PeerError
from ivr.media.commands import Command
from ivr.media.events import Event

MAX_BYTES = 65_536      # of a packet; PlaneReady with 5,000 ports has half of that
LINE_END = b"\n"        # between the messages of a packet; JSON escapes it in texts
Message = Command | Event
T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()
_COMMANDS: "msgspec.json.Decoder[tuple[Command, int]]" = msgspec.json.Decoder(tuple[Command, int])
_EVENTS: "msgspec.json.Decoder[tuple[Event, int]]" = msgspec.json.Decoder(tuple[Event, int])


def encode(message: Message, epoch: int) -> bytes:
    """One message of the given epoch."""
    return _ENCODER.encode((message, epoch))


def decode_command(line: bytes) -> tuple[Command, int]:
    """A command and its epoch. Raises PeerError(0) for anything that encode() can't have written of one."""
    return _decode(_COMMANDS, line)


def decode_event(line: bytes) -> tuple[Event, int]:
    """An event and its epoch. Raises PeerError(0) for anything that encode() can't have written of one."""
    return _decode(_EVENTS, line)


def _decode(decoder: "msgspec.json.Decoder[T]", line: bytes) -> T:
    try:
        return decoder.decode(line)
    except (ValueError, RecursionError) as error:
        raise PeerError(0, f"Bad Message: {error!r}") from None
