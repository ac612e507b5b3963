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
MOST_TAGS = 512
TURNED = 5      # from this orientation on, width and height are exchanged
ORIENTATION = 0x0112


class Broken(Exception):
    """The file ends too early, or is none of this kind."""


class Picture(NamedTuple):
    """`pieces`: octets of our own, or (from, to) in the file; together they are the picture and nothing else."""

    type: str
    width: int
    height: int
    pieces: list[bytes | tuple[int, int]]


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
    pieces: list[bytes | tuple[int, int]] = [PNG]
    at, kind, drawn = 8, b"", False
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", _take(data, at, 8))
        end = at + 12 + length
        if end > len(data) or (kind not in PNG_CHUNKS and not kind[:1].islower()):
            raise Broken            # a chunk that a reader must know, and none knows
        if kind in PNG_CHUNKS:
            pieces.append((at, end))
        drawn, at = drawn or kind == b"IDAT", end
    if not drawn:
        raise Broken
    return Picture("image/png", width, height, pieces)


# --- JPEG (T.81), Exif ------------------------------------------------------------------------------------------------
JPEG = b"\xff\xd8\xff"
SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
DHT, DAC, SOS, DQT, DNL, DRI, EOI, APP0, EXIF, ICC, ADOBE = (
    0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE)
DRAWN = SOF | {DHT, DAC, SOS, DQT, DNL, DRI, APP0, ADOBE}


def jpeg(data: Data) -> Picture:
    """Of its Exif which way up it is stays, and nothing else: not where it was taken."""
    pieces: list[bytes | tuple[int, int]] = [b"\xff\xd8"]
    at, size, way_up, scanned = 2, (0, 0), 1, False
    while True:
        marker = _take(data, at, 2)
        if marker[0] != 0xFF:
            raise Broken
        code = marker[1]
        if code == 0xFF:                # filling
            at += 1
            continue
        if code == EOI:
            break
        end = at + 2 + struct.unpack(">H", _take(data, at + 2, 2))[0]
        head = _take(data, at + 4, min(end - at - 4, 16)) if end > at + 4 else b""
        if end > len(data) or end < at + 4:
            raise Broken
        if code in SOF:
            size = struct.unpack(">xHH", head[:5]) if len(head) >= 5 else (0, 0)
        if code == EXIF and head.startswith(b"Exif\0\0") and way_up == 1:
            way_up = _orientation(bytes(data[at + 10:end]))
            pieces += [_way_up(way_up)] if way_up > 1 else []
        if code in DRAWN or (code == ICC and head.startswith(b"ICC_PROFILE\0")):
            pieces.append((at, end))
        at = end
        if code == SOS:
            found = SCAN_ENDS.search(data, end)
            if found is None:
                raise Broken
            at, scanned = found.start(), True
            pieces.append((end, at))
    if not scanned:
        raise Broken
    height, width = size
    return Picture("image/jpeg", *((height, width) if way_up >= TURNED else (width, height)), [*pieces, b"\xff\xd9"])


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
    pieces: list[bytes | tuple[int, int]] = [(0, at)]
    drawn = False
    while (block := _take(data, at, 1)[0]) != TRAILER:
        if block == IMAGE:
            end = _blocks_end(data, at + 11 + _colours(_take(data, at + 9, 1)[0]))
            drawn = True
        elif block == EXTENSION:
            end = _blocks_end(data, at + 2)
        else:
            raise Broken
        label = _take(data, at + 1, 1)[0]
        looping = label == APPLICATION and bytes(data[at + 3:at + 14]) in LOOPS
        if block == IMAGE or label == CONTROL or looping:
            pieces.append((at, end))
        at = end
    if not drawn:
        raise Broken
    return Picture("image/gif", width, height, [*pieces, b"\x3b"])


def _colours(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks_end(data: Data, at: int) -> int:
    while length := _take(data, at, 1)[0]:
        at += 1 + length
    return at + 1


# --- WebP (RFC 9649) --------------------------------------------------------------------------------------------------
WEBP_CHUNKS = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"])
WITHOUT_NOTES = 0xFF ^ 0x08 ^ 0x04        # of VP8X: no Exif, no XMP


def webp(data: Data) -> Picture:
    end_of_all = 8 + struct.unpack("<I", _take(data, 4, 4))[0]
    if end_of_all > len(data):
        raise Broken
    pieces: list[bytes | tuple[int, int]] = []
    at, size, octets = 12, (0, 0), 4
    while at + 8 <= end_of_all:
        kind, length = struct.unpack("<4sI", _take(data, at, 8))
        end = at + 8 + length + (length & 1)
        if end > len(data):
            raise Broken
        if kind in WEBP_CHUNKS:
            size = size if any(size) else _webp_size(kind, bytes(data[at + 8:min(end, at + 18)]))
            flags = kind == b"VP8X" and length > 0
            pieces += [bytes(data[at:at + 8]) + bytes([data[at + 8] & WITHOUT_NOTES]), (at + 9, end)] if flags \
                else [(at, end)]
            octets += end - at
        at = end
    return Picture("image/webp", *size, [b"RIFF" + struct.pack("<I", octets) + b"WEBP", *pieces])


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
