"""Pictures, read as far as their boxes go and never decoded: what they are, how large, and which parts of the file
are the picture. What else is in it (where it was taken, by what camera, comments, a second file behind the end) is left
out.

Each reader takes the whole file and returns a Picture, or raises Broken where it is not what its first octets say.
"""

import re
import struct
from typing import Any, NamedTuple

Data = Any      # bytes, or an mmap of a file: both have slices and an end
SCAN_ENDS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")        # T.81 §B.1.1.5: all else after FF belongs to the scan
FILLING = re.compile(rb"\xff+")
FULL_BLOCKS = re.compile(rb"(?:\xff.{255})*+", re.DOTALL)       # of a GIF: all but the last of what a picture has
MOST_CHUNKS = 20_000        # of a file: a GIF of some thousand pictures has two for each
MOST_BLOCKS = 100_000       # shorter than full ones, of a GIF: a picture needs one
MOST_TAGS = 512
TURNED = 5      # from this orientation on, width and height are exchanged
ORIENTATION = 0x0112


class Broken(Exception):
    """The file ends too early, is none of this kind, or is of more parts than any picture."""


class Picture(NamedTuple):
    """`pieces`: octets of our own, or (from, to) in the file; together they are the picture and nothing else."""

    type: str
    width: int
    height: int
    pieces: list[bytes | tuple[int, int]]


class _Pieces:
    """What is kept; neighbours are one. Each chunk is a `step`, kept or not."""

    def __init__(self, *first: bytes) -> None:
        self.all: list[bytes | tuple[int, int]] = [*first]
        self._steps = 0

    def step(self) -> None:
        self._steps += 1
        if self._steps > MOST_CHUNKS:
            raise Broken

    def add(self, start: int, end: int) -> None:
        last = self.all[-1] if self.all else b""
        if isinstance(last, tuple) and last[1] == start:
            self.all[-1] = (last[0], end)
        else:
            self.all.append((start, end))


def _take(data: Data, at: int, count: int) -> bytes:
    found = bytes(data[at:at + count])
    if len(found) < count:
        raise Broken
    return found


# --- PNG (W3C) --------------------------------------------------------------------------------------------------------
PNG = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = frozenset([b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
                        b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"cICP"])


def png(data: Data) -> Picture:
    if _take(data, 8, 8) != b"\0\0\0\rIHDR":
        raise Broken
    width, height = struct.unpack(">II", _take(data, 16, 8))
    pieces = _Pieces(PNG)
    at, kind, drawn = 8, b"", False
    while kind != b"IEND":
        pieces.step()
        length, kind = struct.unpack(">I4s", _take(data, at, 8))
        end = at + 12 + length
        if end > len(data) or (kind not in PNG_CHUNKS and not kind[:1].islower()):
            raise Broken            # a chunk that a reader must know, and none knows
        if kind in PNG_CHUNKS:
            pieces.add(at, end)
        drawn, at = drawn or kind == b"IDAT", end
    if not drawn:
        raise Broken
    return Picture("image/png", width, height, pieces.all)


# --- JPEG (T.81), Exif ------------------------------------------------------------------------------------------------
JPEG = b"\xff\xd8\xff"
SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
DHT, DAC, SOS, DQT, DNL, DRI, EOI, APP0, EXIF, ICC, ADOBE = (
    0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE)
DRAWN = SOF | {DHT, DAC, SOS, DQT, DNL, DRI, APP0, ADOBE}


def jpeg(data: Data) -> Picture:
    """Of its Exif which way up it is stays, and nothing else: not where it was taken."""
    pieces = _Pieces(b"\xff\xd8")
    at, size, way_up, scanned = 2, None, 1, False
    while (found := _marker(data, at)).code != EOI:
        pieces.step()
        at, code, end, head = found
        if code in SOF:
            if size is not None or len(head) < 5:
                raise Broken            # two sizes: readers would not agree on which it is
            size = struct.unpack(">xHH", head[:5])
        if code == EXIF and head.startswith(b"Exif\0\0") and way_up == 1:
            way_up = _orientation(bytes(data[at + 10:end]))
            pieces.all += [_way_up(way_up)] if way_up > 1 else []
        if code in DRAWN or (code == ICC and head.startswith(b"ICC_PROFILE\0")):
            pieces.add(at, end)
        at = end
        if code == SOS:
            ends = SCAN_ENDS.search(data, end)
            if ends is None or size is None:
                raise Broken
            at, scanned = ends.start(), True
            pieces.add(end, at)
    if not scanned or size is None:
        raise Broken
    height, width = size
    return Picture("image/jpeg", *((height, width) if way_up >= TURNED else (width, height)),
                   [*pieces.all, b"\xff\xd9"])


class _Marker(NamedTuple):
    """A segment of a JPEG: from where to where, and the first octets of what it holds."""

    at: int
    code: int
    end: int
    head: bytes


def _marker(data: Data, at: int) -> _Marker:
    """The next one, behind any filling."""
    filling = FILLING.match(data, at)
    if filling is None:
        raise Broken
    at = filling.end() - 1
    code = _take(data, at, 2)[1]
    if code == EOI:
        return _Marker(at, code, at + 2, b"")
    end = at + 2 + struct.unpack(">H", _take(data, at + 2, 2))[0]
    if end > len(data) or end < at + 4:
        raise Broken
    return _Marker(at, code, end, bytes(data[at + 4:min(end, at + 20)]))


def _orientation(tiff: bytes) -> int:
    """1 to 8; 1 (as it lies) for anything that can't be read."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[tiff[:4]]
        first = struct.unpack_from(order + "I", tiff, 4)[0]
        count = struct.unpack_from(order + "H", tiff, first)[0]
        for number in range(min(count, MOST_TAGS)):
            tag, kind, values, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * number)
            if tag == ORIENTATION:
                return int(value) if (kind, values) == (3, 1) and 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        return 1
    return 1


def _way_up(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff


# --- GIF (89a) --------------------------------------------------------------------------------------------------------
GIFS = (b"GIF87a", b"GIF89a")
IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
CONTROL, APPLICATION = 0xF9, 0xFF
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def gif(data: Data) -> Picture:
    width, height, packed = struct.unpack("<HHB", _take(data, 6, 5))
    at = 13 + _colours(packed)
    pieces, drawn, short = _Pieces(), False, 0
    pieces.add(0, at)
    while (block := _take(data, at, 1)[0]) != TRAILER:
        pieces.step()
        if block == IMAGE:
            end, short = _blocks_end(data, at + 11 + _colours(_take(data, at + 9, 1)[0]), short)
            drawn = True
        elif block == EXTENSION:
            end, short = _blocks_end(data, at + 2, short)
        else:
            raise Broken
        label = _take(data, at + 1, 1)[0]
        looping = label == APPLICATION and bytes(data[at + 3:at + 14]) in LOOPS
        if block == IMAGE or label == CONTROL or looping:
            pieces.add(at, end)
        at = end
    if not drawn:
        raise Broken
    return Picture("image/gif", width, height, [*pieces.all, b"\x3b"])


def _colours(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks_end(data: Data, at: int, short: int) -> tuple[int, int]:
    """Where they end, and how many short ones there were with those before."""
    while True:
        full = FULL_BLOCKS.match(data, at)
        at = full.end() if full is not None else at
        length = _take(data, at, 1)[0]
        at, short = at + 1 + length, short + 1
        if short > MOST_BLOCKS:
            raise Broken
        if not length:
            return at, short


# --- WebP (RFC 9649) --------------------------------------------------------------------------------------------------
WEBP_CHUNKS = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"])
WITHOUT_NOTES = 0xFF ^ 0x08 ^ 0x04        # of VP8X: no Exif, no XMP


def webp(data: Data) -> Picture:
    end_of_all = 8 + struct.unpack("<I", _take(data, 4, 4))[0]
    if end_of_all > len(data):
        raise Broken
    pieces = _Pieces()
    at, size, octets = 12, (0, 0), 4
    while at + 8 <= end_of_all:
        pieces.step()
        kind, length = struct.unpack("<4sI", _take(data, at, 8))
        end = at + 8 + length + (length & 1)
        if end > len(data):
            raise Broken
        if kind in WEBP_CHUNKS:
            size = size if any(size) else _webp_size(kind, bytes(data[at + 8:min(end, at + 18)]))
            if kind == b"VP8X" and length > 0:
                pieces.all.append(bytes(data[at:at + 8]) + bytes([data[at + 8] & WITHOUT_NOTES]))
                pieces.add(at + 9, end)
            else:
                pieces.add(at, end)
            octets += end - at
        at = end
    return Picture("image/webp", *size, [b"RIFF" + struct.pack("<I", octets) + b"WEBP", *pieces.all])


def _webp_size(kind: bytes, head: bytes) -> tuple[int, int]:
    if kind == b"VP8X" and len(head) >= 10:
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L" and head[:1] == b"\x2f" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a" and len(head) >= 10:
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
