"""How large the body of a request may be: small everywhere, but where sounds or texts of menus are sent."""

import re

MAX_BODY = 64 * 1024        # no other request of the API needs a tenth of it
MAX_SOUND = 32 << 20        # five minutes of a studio's WAV; what is longer is sent as MP3, Ogg or FLAC
SOUNDS = ("/api/prompts/audio", "/api/notices/sound")
MAX_TEXTS = 4 << 20         # drafts of all files of a line: 2 MB of text, which JSON may write with escapes
TEXTS = "/api/menus/"
MAX_FILE = 101 << 20        # of chats: what `max_file_mb` may be at most; the routes count by what it is
FILES = re.compile(r"/api/chat/files|/api/chats/[^/]+/files")


def most_octets(path: str) -> int:
    """Of the body of a request for this path."""
    if path.startswith(TEXTS):
        return MAX_TEXTS
    if FILES.fullmatch(path):
        return MAX_FILE
    return MAX_SOUND if path in SOUNDS else MAX_BODY


def in_words(octets: int) -> str:
    return f"{octets // 1024} KiB" if octets < 1 << 20 else f"{octets >> 20} MiB"
