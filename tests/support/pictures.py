"""Files as people send them, honest and hostile, made of octets."""

import struct
import zlib

SECRET = b"GPS 55.7558 37.6173 SECRET"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 8, height: int = 6, *, notes: bytes = b"", colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """One that browsers draw; `notes` stand in a chunk of text."""
    rows = (b"\0" + bytes(colour) * width) * height
    text = chunk(b"tEXt", b"Comment\0" + notes) + chunk(b"eXIf", b"MM\0*" + notes) if notes else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + text
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def png_bomb() -> bytes:
    """A small file that says to be a picture of 60,000 by 60,000 pixels: ten gigabytes for whoever decodes it."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9)) + chunk(b"IEND", b""))


def segment(code: int, data: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(data) + 2) + data


def exif(orientation: int, order: str = "<") -> bytes:
    """Which way up it is, and a place."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    fields = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + mark + struct.pack(order + "IH", 8, 2) + fields + struct.pack(
        order + "HHII", 0x010F, 2, len(SECRET), 38) + struct.pack(order + "I", 0) + SECRET


def jpeg(width: int = 16, height: int = 8, *, orientation: int = 0, behind: bytes = b"") -> bytes:
    """Boxes of a JPEG; nothing in the scan is a picture. A camera's notes are in it, and a comment."""
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + (segment(0xE1, exif(orientation))
            if orientation else b"") + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)
            + segment(0xFE, SECRET) + segment(0xDB, bytes(65))
            + segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
            + segment(0xC4, bytes(20)) + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9"
            + behind)


def gif(notes: bytes = SECRET) -> bytes:
    comment = b"\x21\xfe" + bytes([len(notes)]) + notes + b"\0" if notes else b""
    return (b"GIF89a" + struct.pack("<HHBBB", 4, 3, 0x80, 0, 0) + bytes(6) + comment
            + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 3, 0)
            + b"\x02\x02\x44\x01\0" + b"\x3b")


def webp(width: int = 30, height: int = 20) -> bytes:
    def riff(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)

    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = (riff(b"VP8X", b"\x0c\0\0\0" + size) + riff(b"VP8L", b"\x2f" + bytes(9)) + riff(b"EXIF", SECRET)
            + riff(b"XMP ", SECRET))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
