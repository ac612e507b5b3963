"""Entries as they lie one behind the other in memory, whose writer may be killed at any byte.

    journal   "HLJ" version │ number of the first entry │ frame │ frame │ … │ zeros, or nothing
    frame     length │ CRC-32 of length and number of the entry │ CRC-32 of the body │ body

The last frame may be half there: it is left out, since no effect of its turn has left. Anything else that does not fit
is damage, and nothing of the journal counts.
"""

from struct import Struct
from zlib import crc32

from ivr.base.state.errors import NotReadable

MARK, VERSION = b"HLJ", 1
BEGIN = Struct("<3sBQ")
FRAME = Struct("<III")
PLACE = Struct("<IQ")


class Journal:
    """The entries since one state. `number` of the next; `data` is all that a reader needs."""

    def __init__(self, number: int = 0) -> None:
        self.first = self.number = number
        self.data = bytearray(BEGIN.pack(MARK, VERSION, number))

    def put(self, body: bytes) -> None:
        self.data += framed(body, self.number)
        self.number += 1


def framed(body: bytes, number: int) -> bytes:
    """One entry, the `number`-th."""
    length = len(body)
    return FRAME.pack(length, crc32(PLACE.pack(length, number)), crc32(body)) + body


def bodies(data: bytes, first: int) -> list[bytes]:
    """The entries from the `first` on, in order. Raises NotReadable for what is no journal of this version that begins
    there, or is damaged."""
    if len(data) < BEGIN.size:
        raise NotReadable("this is no journal")
    mark, version, number = BEGIN.unpack_from(data)
    if (mark, version) != (MARK, VERSION):
        raise NotReadable(f"this is no journal of version {VERSION}")
    if number != first:
        raise NotReadable(f"this journal begins with entry {number}, and the state before entry {first}")
    found: list[bytes] = []
    place, end = BEGIN.size, len(data)
    while place + FRAME.size <= end:
        length, head, checked = FRAME.unpack_from(data, place)
        here = place + FRAME.size
        if head != crc32(PLACE.pack(length, number)):
            break
        body = bytes(data[here:here + length])
        if len(body) < length or crc32(body) != checked:
            return _all_but(found, data, here + length)
        found.append(body)
        place, number = here + length, number + 1
    return _all_but(found, data, place + FRAME.size)


def _all_but(found: list[bytes], data: bytes, end: int) -> list[bytes]:
    """They, if nothing was written behind `end`, where the one that is not whole would be over."""
    if any(data[end:]):
        raise NotReadable(f"entry {len(found)} of this journal is damaged, and others follow it")
    return found
