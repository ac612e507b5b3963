"""RTP packets as rows of a byte matrix (RFC 3550 §5.1).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    |V=2|P|X|  CC   |M|     PT      |        sequence number        |
    |                           timestamp                           |
    |                             SSRC                              |
    |  CC x 4 octets CSRC, if X: 2 octets profile, 2 octets words, words x 4 octets, payload, if P: padding  |
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ivr.media.columns import U16, U32, U64, Integers, Mask, Octets, Rows, every

HEADER = np.dtype([("flags", "u1"), ("payload_type", "u1"), ("sequence_number", ">u2"), ("timestamp", ">u4"),
                   ("ssrc", ">u4")])
HEADER_BYTES = HEADER.itemsize
PLAIN = 0x80                    # version 2 and nothing else
COMFORT_NOISE = 13              # RFC 3389: accepted, and silence is what we make of it
RTCP_FIRST, RTCP_LAST = 192, 223        # RFC 5761 §4: the second octet tells RTCP from RTP


class Packets(NamedTuple):
    """Packets as columns. `slots`: their rows in the matrix; `rows`: their streams; `offsets`, `sizes`: of payloads."""

    slots: Rows
    rows: Rows
    sources: U64
    payload_types: Octets
    markers: Mask
    sequence_numbers: U16
    timestamps: U32
    ssrcs: U32
    offsets: Rows
    sizes: Rows

    def where(self, mask: Mask) -> "Packets":
        """Those for which `mask` is true."""
        if every(mask):
            return self
        return Packets(self.slots[mask], self.rows[mask], self.sources[mask], self.payload_types[mask],
                       self.markers[mask], self.sequence_numbers[mask], self.timestamps[mask], self.ssrcs[mask],
                       self.offsets[mask], self.sizes[mask])


def parse(rows: Rows, matrix: Octets, lengths: Rows, sources: U64) -> tuple[Packets, Mask]:
    """Read a batch: packet i lies in matrix[i, :lengths[i]], came to stream rows[i] from sources[i].

    Returns all of them and which are RTP: those for which the mask is false have senseless fields.
    """
    count = len(rows)
    header = np.ascontiguousarray(matrix[:count, :HEADER_BYTES]).view(HEADER)[:, 0]
    flags, second = header["flags"], header["payload_type"]
    payload_types: Octets = second & np.uint8(0x7F)
    offsets = np.full(count, HEADER_BYTES, np.intp)
    sizes = lengths - HEADER_BYTES
    good = (sizes >= 0) & ~is_rtcp(second)
    if not every(flags == PLAIN):
        good &= flags >> 6 == 2
        _find_payloads(matrix, lengths, flags, offsets, sizes)
        good &= sizes >= 0
    return Packets(np.arange(count), rows, sources, payload_types, second >= 0x80,
                   header["sequence_number"].astype(np.uint16), header["timestamp"].astype(np.uint32),
                   header["ssrc"].astype(np.uint32), offsets, sizes), good


def is_rtcp(second: Octets) -> Mask:
    """By the second octet, whether packets are RTCP."""
    rtcp: Mask = second - np.uint8(RTCP_FIRST) <= RTCP_LAST - RTCP_FIRST       # smaller ones wrap around
    return rtcp


def _find_payloads(matrix: Octets, lengths: Rows, flags: Octets, offsets: Rows, sizes: Rows) -> None:
    """Set offsets and sizes past CSRC lists, extensions and padding; a size below 0 says that the packet lies."""
    slots, last = np.arange(len(lengths)), matrix.shape[1] - 1
    offsets += 4 * (flags & 0x0F)
    extended = np.minimum(offsets, last - 3)
    words = matrix[slots, extended + 2].astype(np.intp) << 8 | matrix[slots, extended + 3]
    has_extension = flags & 0x10 != 0
    offsets += np.where(has_extension, 4 + 4 * words, 0)
    padding = matrix[slots, np.clip(lengths - 1, 0, last)].astype(np.intp)
    has_padding = flags & 0x20 != 0
    sizes[:] = lengths - offsets - np.where(has_padding, padding, 0)
    sizes[has_padding & (padding == 0)] = -1


def in_turns(packets: Packets, turn_of: Integers) -> Iterator[Packets]:
    """Split a batch so that no stream comes twice in a part, and each stream's packets keep their order.

    `turn_of` is scratch space with one entry per stream.
    """
    while len(packets.rows):
        order = np.arange(len(packets.rows))
        turn_of[packets.rows[::-1]] = order[::-1]       # of a repeated row the first packet is written last and stays
        first = turn_of[packets.rows] == order
        if every(first):
            yield packets
            return
        yield packets.where(first)
        packets = packets.where(~first)
