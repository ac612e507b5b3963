"""Sounds that pages have sent and not used yet: files that wait a while under a name that nobody guesses."""

import re
import secrets
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
        files = [path for path in self._folder.iterdir() if path.is_file()]
        waiting = sorted(files, key=lambda path: path.stat().st_mtime)
        old = time.time() - KEPT
        for number, path in enumerate(waiting):
            if number <= len(waiting) - MOST or path.stat().st_mtime < old:
                path.unlink(missing_ok=True)
