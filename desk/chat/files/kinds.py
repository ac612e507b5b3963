"""What a file is, by its content alone: whatever its name or its sender says of it counts for nothing."""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable

from desk.chat.files.pictures import GIFS, JPEG, PNG, Broken, Data, Picture, gif, jpeg, png, webp

MOST_PIXELS = 40_000_000        # a page of an operator draws no more: what is larger is for downloading
MOST_SIDE = 16_384              # what browsers draw
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
BOM = b"\xef\xbb\xbf"
AT_ONCE = 1 << 20


class NotAllowed(Exception):
    """`reason` is `file_kind` (none of those that chats may hold) or `file_broken` (one of them, but damaged)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def examined(data: Data) -> Picture:
    """What is kept of a file. `width` and `height` are 0 for what is not shown in a page. Raises NotAllowed."""
    read = _reader(bytes(data[:16]))
    if read is None:
        return _other(data)
    try:
        found = read(data)
    except Broken:
        raise NotAllowed("file_broken") from None
    if not found.width or not found.height:
        raise NotAllowed("file_broken")
    too_large = found.width * found.height > MOST_PIXELS or max(found.width, found.height) > MOST_SIDE
    return found._replace(width=0, height=0) if too_large else found


def _reader(head: bytes) -> Callable[[Data], Picture] | None:
    if head.startswith(PNG):
        return png
    if head.startswith(JPEG):
        return jpeg
    if head.startswith(GIFS):
        return gif
    return webp if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _other(data: Data) -> Picture:
    if bytes(data[:5]) == b"%PDF-":
        return Picture("application/pdf", 0, 0, [(0, len(data))])
    if _is_plain_text(data):
        return Picture("text/plain", 0, 0, [(0, len(data))])
    raise NotAllowed("file_kind")


def _is_plain_text(data: Data) -> bool:
    """UTF-8 without controls; what begins as a page of the web does is none, whatever it is called."""
    if bytes(data[:1024]).removeprefix(BOM).lstrip().startswith(b"<"):
        return False
    decoder = getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), AT_ONCE):
            piece = bytes(data[at:at + AT_ONCE])
            if CONTROLS.search(piece):
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
