"""RTCP packets: those that we send as columns, those that come one by one (RFC 3550 §6.4 to §6.6).

    SR    flags 1, type 200 1, words 2, SSRC 4 | NTP time 8, RTP time 4, packets 4, octets 4 | blocks of 24 octets
    RR    flags 1, type 201 1, words 2, SSRC 4                                               | blocks of 24 octets
    block SSRC 4, fraction lost 1, lost 3 (signed), highest sequence number 4, jitter 4, last SR 4, delay since it 4
    SDES  flags 1, type 202 1, words 2, SSRC 4, CNAME 1, its length 1, text, zeros up to a multiple of 4
    BYE   flags 1, type 203 1, words 2, SSRC 4
"""

from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SENDER, RECEIVER, DESCRIPTION, BYE = 200, 201, 202, 203
CNAME, CNAME_OCTETS = 1, 16             # as RFC 7022 §4.2 has it: 96 bits of chance in base64
VERSION = 0x80                          # 2, and no padding
MOST_PARTS = 16                         # of a compound packet; the rest is not looked at
WORD = 4
LARGEST_LOSS = 0x7FFFFF                 # 24 bits with sign

_COMMON = Struct(">BBH")
_SSRC, _TIME, _BLOCK = Struct(">I"), Struct(">Q"), Struct(">IIIIII")
_BYE = Struct(f">BBHI BBHIBB{CNAME_OCTETS}s2x BBHI")


def _layout(sends: bool, hears: bool) -> NDArray[Any]:
    """A report with all that never changes, of one who sends or not, with a block on whom it hears or not."""
    fields: list[Any] = [("flags", "u1"), ("type", "u1"), ("words", ">u2"), ("ssrc", ">u4")]
    if sends:
        fields += [("seconds", ">u4"), ("fraction", ">u4"), ("timestamp", ">u4"), ("packets", ">u4"), ("octets", ">u4")]
    if hears:
        fields += [("source", ">u4"), ("lost", ">u4"), ("highest", ">u4"), ("jitter", ">u4"), ("last_sender", ">u4"),
                   ("delay", ">u4")]
    report = np.dtype(fields).itemsize
    kind = np.dtype([*fields, ("sdes_flags", "u1"), ("sdes_type", "u1"), ("sdes_words", ">u2"), ("sdes_ssrc", ">u4"),
                     ("item", "u1"), ("length", "u1"), ("cname", "u1", CNAME_OCTETS), ("end", "u1", 2)])
    blank = np.zeros(1, kind)
    blank["flags"], blank["type"] = VERSION | hears, SENDER if sends else RECEIVER
    blank["words"], blank["sdes_words"] = report // WORD - 1, (kind.itemsize - report) // WORD - 1
    blank["sdes_flags"], blank["sdes_type"] = VERSION | 1, DESCRIPTION
    blank["item"], blank["length"] = CNAME, CNAME_OCTETS
    return blank


_LAYOUTS = {(sends, hears): _layout(sends, hears) for sends in (False, True) for hears in (False, True)}
LONGEST = max(blank.itemsize for blank in _LAYOUTS.values())


def blank_reports(count: int, sends: bool, hears: bool) -> NDArray[Any]:
    """`count` compound packets of report and SDES, shape (count,), in which what differs is to be filled in."""
    return np.repeat(_LAYOUTS[sends, hears], count)


def farewell(ssrc: int, cname: bytes) -> bytes:
    """The last packet of a source: an empty report, its name, BYE (RFC 3550 §6.1 wants all three)."""
    return _BYE.pack(VERSION, RECEIVER, 1, ssrc, VERSION | 1, DESCRIPTION, 6, ssrc, CNAME, CNAME_OCTETS, cname,
                     VERSION | 1, BYE, 1, ssrc)


class Block(NamedTuple):
    """What the peer says of one source. `last_sender`, `delay` in 1/65536 s; `jitter` in units of the RTP clock."""

    source: int
    lost: int
    jitter: int
    last_sender: int
    delay: int


class Heard(NamedTuple):
    """What a packet says. `sender_time`: the middle 32 bits of its NTP time if it is an SR."""

    ssrc: int | None
    sender_time: int | None
    blocks: tuple[Block, ...]
    leaves: bool


def read(packet: bytes) -> Heard | None:
    """A compound packet, or one of reduced size (RFC 5506); None for what is none. Types that say nothing to us (SDES,
    APP, feedback, XR) are passed over."""
    ssrc, sender_time, leaves = None, None, False
    blocks: list[Block] = []
    at = 0
    for _ in range(MOST_PARTS):
        if at == len(packet):
            break
        part = _part(packet, at)
        if part is None:
            return None
        count, kind, end = part
        if kind in (SENDER, RECEIVER):
            first = at + (28 if kind == SENDER else 8)
            if first + count * _BLOCK.size > end:
                return None
            ssrc, = _SSRC.unpack_from(packet, at + 4)
            if kind == SENDER:
                sender_time = _TIME.unpack_from(packet, at + 8)[0] >> 16 & 0xFFFFFFFF
            blocks += [_block(packet, first + number * _BLOCK.size) for number in range(count)]
        leaves |= kind == BYE
        at = end
    return Heard(ssrc, sender_time, tuple(blocks), leaves) if at else None


def _part(packet: bytes, at: int) -> tuple[int, int, int] | None:
    """Count, type and end of the part that begins at `at`; None if it is no RTCP."""
    if at + WORD > len(packet):
        return None
    flags, kind, words = _COMMON.unpack_from(packet, at)
    end = at + WORD * (words + 1)
    if flags & 0xC0 != VERSION or not 192 <= kind <= 223 or end > len(packet):
        return None
    return flags & 0x1F, kind, end


def _block(packet: bytes, at: int) -> Block:
    source, lost, _, jitter, last_sender, delay = _BLOCK.unpack_from(packet, at)
    lost &= 0xFFFFFF
    return Block(source, lost - (lost >> 23 << 24), jitter, last_sender, delay)
