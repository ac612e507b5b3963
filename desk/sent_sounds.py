"""Sounds that pages have sent and not used yet: files that wait a while under a name that nobody guesses."""

import re
import secrets
import stat
import time
from pathlib import Path

MOST = 20               # that wait; the oldest give way
KEPT = 3600.0           # s
NAME = re.compile(r"[0-9a-f]{32}")


class SentSounds:
    """In a folder below the service's own."""

    def __init__(self, state_dir: str) -> None:
        self._folder = Path(state_dir) / "sent"

    def place(self) -> Path:
        """Where the next one goes. Blocks."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._forget()
        return self._folder / secrets.token_hex(16)

    def find(self, name: str) -> Path | None:
        """A sound by the name that its sender was told; None for one that is gone, or never was."""
        path = self._folder / name
        return path if NAME.fullmatch(name) is not None and path.is_file() else None

    def _forget(self) -> None:
        """Others send at the same time, and forget the same ones: a file may be gone at any moment."""
        found = {path: at for path in self._folder.iterdir() if (at := _sent_at(path)) is not None}
        waiting = sorted(found, key=lambda path: found[path])
        old = time.time() - KEPT
        for number, path in enumerate(waiting):
            if number <= len(waiting) - MOST or found[path] < old:
                path.unlink(missing_ok=True)


def _sent_at(path: Path) -> float | None:
    """Seconds since the epoch; None for what is no file, or none any more."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime if stat.S_ISREG(found.st_mode) else None
