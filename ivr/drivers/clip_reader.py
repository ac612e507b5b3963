"""Reads the raw files of clips into the plane's bank, in pieces that fit between two phases of audio."""

import os
import stat
import time
from collections import deque

import numpy as np

from ivr.media.clips import Clip, ClipBank
from ivr.media.commands import DropClip, LoadClip
from ivr.media.events import ClipFailed, ClipLoaded, Event

PIECE_BYTES = 2 * 16_000        # two seconds of samples: 0.2 ms of work
LOADS_WAITING = 100_000         # more clips than the bank can hold; further ones fail


class ClipReader:
    """Loads clips in the order in which they were asked for."""

    def __init__(self, bank: ClipBank) -> None:
        self._bank = bank
        self._asked: deque[LoadClip | DropClip] = deque()
        self._clip: Clip | None = None
        self._fd = -1

    @property
    def busy(self) -> bool:
        return self._clip is not None or bool(self._asked)

    def ask(self, command: LoadClip | DropClip) -> list[Event]:
        """Queue a load; a drop waits for the loads before it."""
        if len(self._asked) >= LOADS_WAITING and isinstance(command, LoadClip):
            return [ClipFailed(command.clip, "too many clips wait to be loaded")]
        self._asked.append(command)
        return []

    def work(self, seconds: float) -> list[Event]:
        """Read for about so long."""
        told: list[Event] = []
        until = time.monotonic() + seconds
        while self.busy and time.monotonic() < until:
            told += self._read_piece() if self._clip is not None else self._begin(self._asked.popleft())
        return told

    def _begin(self, command: LoadClip | DropClip) -> list[Event]:
        if isinstance(command, DropClip):
            self._bank.drop(command.clip)
            return []
        try:
            # a pipe or a device in the clip's place must not hold the plane
            self._fd = os.open(command.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return [ClipFailed(command.clip, f"{command.path}: {error.strerror}")]
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size % 2 or not status.st_size:
            return self._give_up(command.clip, f"{command.path}: no raw 16-bit samples")
        self._clip = self._bank.reserve(command.clip, status.st_size // 2)
        if self._clip is None:
            return self._give_up(command.clip, "the clip bank is full")
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_WILLNEED)
        return []

    def _read_piece(self) -> list[Event]:
        clip = self._clip
        assert clip is not None
        try:
            octets = os.read(self._fd, PIECE_BYTES)
        except OSError as error:
            return self._give_up(clip.name, error.strerror or "cannot be read")
        room = (clip.blocks - clip.written) * 80 * 2
        if not octets or len(octets) % 2 or len(octets) > room:
            return self._give_up(clip.name, "changed while it was read")
        self._bank.write(clip, np.frombuffer(octets, "<i2").astype(np.int16))
        if clip.written < clip.blocks:
            return []
        self._bank.publish(clip)
        self._close()
        return [ClipLoaded(clip.name, clip.duration)]

    def _give_up(self, name: str, reason: str) -> list[Event]:
        if self._clip is not None:
            self._bank.discard(self._clip)
        self._close()
        return [ClipFailed(name, reason)]

    def _close(self) -> None:
        os.close(self._fd)
        self._clip, self._fd = None, -1
