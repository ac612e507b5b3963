"""One turn as an entry: its verb, what that was given, the wall clock, and a CRC-32 of the effects.

    verb │ CRC-32 of the effects │ offset of the wall clock │ what the verb was given

Verbs of every call are written as msgpack of their arguments, all others (0) by name with the text of a state
(`ivr.base.state`). Bytes of peers are in it, and what callers type: it belongs where states do (decision 51).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError
from typing import Any
from zlib import crc32

import msgspec

from ivr.base.state.errors import NotReadable, NotWritable
from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import NOTHING_FIXED, text_of
from ivr.media.events import Event
from ivr.sip.transport.flow import Flow

HEAD = Struct("<BId")
OTHER = 0
RECEIVE, RECEIVE_STREAM, PLANE_EVENT, HANDLE_TIMERS, DURABLE, ARRIVED, SERVE_NEXT = range(1, 8)
Moment = int | float
# By number: the verb, and what it is given.
QUICK: Mapping[int, tuple[str, Any]] = {
    RECEIVE: ("receive", tuple[bytes, Flow, Moment]),
    RECEIVE_STREAM: ("receive_stream", tuple[bytes, Flow, Moment]),
    PLANE_EVENT: ("plane_event", tuple[Event, Moment]),
    HANDLE_TIMERS: ("handle_timers", tuple[Moment]),
    DURABLE: ("durable", tuple[str, Moment]),
    ARRIVED: ("arrived", tuple[bytes, Flow, Moment]),
    SERVE_NEXT: ("serve_next", tuple[Moment]),
}
_DECODERS = {number: msgspec.msgpack.Decoder(given) for number, (_, given) in QUICK.items()}
_OTHER = msgspec.msgpack.Decoder(tuple[str, str])
_ENCODER = msgspec.msgpack.Encoder(enc_hook=lambda thing: _unknown(thing))


@dataclass(frozen=True)
class Entry:
    """`crc` and `offset` as in `ivr.base.turn_clock`; `named`: arguments that were given by name."""

    verb: str
    crc: int
    offset: float
    given: tuple[Any, ...]
    named: Mapping[str, Any] = field(default_factory=dict)


def crc_of(effects: Any) -> int:
    """Of all that is in them, in order."""
    try:
        return crc32(_ENCODER.encode(effects))
    except (UnicodeError, OverflowError, TypeError, RecursionError):
        # a peer's octets that are no UTF-8, a number beyond 64 bits
        return crc32(repr(effects).encode("utf-8", "backslashreplace"))


def _unknown(thing: Any) -> Any:
    """Of what is not known how to lay it out, its class alone counts: its text may tell where it lies."""
    return type(thing).__qualname__


def quick(number: int, crc: int, offset: float, given: tuple[Any, ...]) -> bytes:
    """An entry of one of `QUICK`."""
    try:
        return HEAD.pack(number, crc, offset) + _ENCODER.encode(given)
    except UnicodeError:
        return other(QUICK[number][0], crc, offset, text_of_given(given, {}))


def text_of_given(given: tuple[Any, ...], named: Mapping[str, Any], fixed: Fixed = NOTHING_FIXED) -> str:
    """What a verb is given, as it is before the verb begins; "" for what can't be written."""
    try:
        return text_of({"given": given, "named": dict(named)}, fixed)
    except (NotWritable, RecursionError):
        return ""


def other(verb: str, crc: int, offset: float, text: str) -> bytes:
    """An entry of any verb."""
    return HEAD.pack(OTHER, crc, offset) + _ENCODER.encode((verb, text))


def verb_of(body: bytes) -> str:
    """Whose entry it is. Raises NotReadable."""
    number = body[0] if body else OTHER
    if number in QUICK:
        return QUICK[number][0]
    verb, _ = _decoded(_OTHER, body)
    return str(verb)


def read(body: bytes, fixed: Fixed = NOTHING_FIXED) -> Entry:
    """Raises NotReadable for what `quick` and `other` did not write."""
    try:
        number, crc, offset = HEAD.unpack_from(body)
    except StructError:
        raise NotReadable("an entry is cut off") from None
    if number in QUICK:
        return Entry(QUICK[number][0], crc, offset, _decoded(_DECODERS[number], body))
    verb, text = _decoded(_OTHER, body)
    if number != OTHER:
        raise NotReadable(f"there is no verb {number}")
    if not text:
        raise NotReadable(f"what {verb!r:.40} was given could not be written: a state had to follow")
    parts = read_text(text, fixed)
    given, named = parts.get("given"), parts.get("named")
    if not isinstance(given, tuple) or not isinstance(named, dict) or not all(type(name) is str for name in named):
        raise NotReadable(f"what {verb!r:.40} was given is not whole")
    return Entry(verb, crc, offset, given, named)


def _decoded(decoder: Any, body: bytes) -> Any:
    try:
        return decoder.decode(memoryview(body)[HEAD.size:])
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"an entry is damaged: {error}") from None
