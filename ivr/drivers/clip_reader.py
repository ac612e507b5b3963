"""Reads the files of clips into the plane's bank, in pieces that fit between two phases of audio.

A clip is a file of samples, which are encoded in G.711 here, and a file of octets for each other codec.
"""

import os
import stat
import time
from collections import deque
from collections.abc import Mapping

import numpy as np

from ivr.audio.codecs import BLOCK_OCTETS, Encoder
from ivr.drivers.sound_file import CHANNELS, FRAME_BYTES, HEADER_BYTES
from ivr.media.columns import BLOCK_SAMPLES, RATE
from ivr.media.commands import DropClip, LoadClip
from ivr.media.events import ClipFailed, ClipLoaded, Event
from ivr.media.playing.clips import Clip, ClipBank

PIECE_BYTES = 2 * 16_000        # two seconds of samples, or four of octets: 0.2 ms of work; whole frames of all codecs
SAMPLE_BYTES = 2
RECORDED_BYTES = 20 * BLOCK_SAMPLES * FRAME_BYTES    # of a recording, at one time: whole frames of all codecs
LOADS_WAITING = 100_000         # more clips than the bank can hold; further ones fail


class ClipReader:
    """Loads clips in the order in which they were asked for."""

    def __init__(self, bank: ClipBank) -> None:
        self._bank = bank
        self._asked: deque[LoadClip | DropClip] = deque()
        self._clip: Clip | None = None
        self._encoded: list[tuple[str, str]] = []       # codecs and files of the clip that are to be read yet
        self._codec = ""                # whose octets are read; none: samples
        self._recorded: dict[str, Encoder] | None = None        # of a recording: what encodes it, by codec
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
        if command.recorded:
            return self._begin_recorded(command)
        given = dict(command.encoded)
        lacking = [codec.name for codec in self._bank.prepared if codec.name not in given]
        if lacking:
            return [ClipFailed(command.clip, f"it was not prepared in {lacking[0]}")]
        try:
            size = self._open(command.path)
        except OSError as error:
            return self._give_up(command.clip, f"{command.path}: {error.strerror}")
        if size % 2 or not size:
            return self._give_up(command.clip, f"{command.path}: no raw 16-bit samples")
        self._clip = self._bank.reserve(command.clip, size // 2)
        if self._clip is None:
            return self._give_up(command.clip, "the clip bank is full")
        self._codec, self._encoded = "", [(codec.name, given[codec.name]) for codec in self._bank.prepared]
        return []

    def _begin_recorded(self, command: LoadClip) -> list[Event]:
        """A WAV of ours: after its header two channels, of which the left one is wanted."""
        try:
            size = self._open(command.path) - HEADER_BYTES
            header = os.read(self._fd, HEADER_BYTES)
        except OSError as error:
            return self._give_up(command.clip, f"{command.path}: {error.strerror}")
        if size < FRAME_BYTES or size % FRAME_BYTES or not header.startswith(b"RIFF"):
            return self._give_up(command.clip, f"{command.path}: no recording of ours")
        self._clip = self._bank.reserve(command.clip, size // FRAME_BYTES)
        if self._clip is None:
            return self._give_up(command.clip, "the clip bank is full")
        self._codec, self._encoded = "", []
        self._recorded = {codec.name: codec.encoder(RATE) for codec in self._bank.prepared}
        return []

    def _read_recorded(self, clip: Clip, encoders: Mapping[str, Encoder]) -> list[Event]:
        """The next fifth of a second, in every codec: so much takes one of them a millisecond."""
        try:
            octets = os.read(self._fd, RECORDED_BYTES)
        except OSError as error:
            return self._give_up(clip.name, error.strerror or "cannot be read")
        left = np.frombuffer(octets[:len(octets) // FRAME_BYTES * FRAME_BYTES], "<i2")[::CHANNELS].astype(np.int16)
        written, blocks = clip.written, -(-len(left) // BLOCK_SAMPLES)
        if not blocks or blocks > clip.blocks - written:
            return self._give_up(clip.name, "changed while it was read")
        self._bank.write(clip, left)
        whole = np.zeros((clip.written - written) * BLOCK_SAMPLES, np.int16)
        whole[:len(left)] = left
        for codec, encoder in encoders.items():
            self._bank.write_encoded(clip, codec, encoder.encode(whole))
        return [] if clip.written < clip.blocks else self._next_file(clip)

    def _open(self, path: str) -> int:
        """The size of a file that is read next, -1 if it is none. Raises OSError."""
        # a pipe or a device in the clip's place must not hold the plane
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            return -1
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_WILLNEED)
        return status.st_size

    def _read_piece(self) -> list[Event]:
        clip = self._clip
        assert clip is not None
        if self._recorded is not None:
            return self._read_recorded(clip, self._recorded)
        try:
            octets = os.read(self._fd, PIECE_BYTES)
        except OSError as error:
            return self._give_up(clip.name, error.strerror or "cannot be read")
        unit, block = (BLOCK_OCTETS, BLOCK_OCTETS) if self._codec else (SAMPLE_BYTES, BLOCK_SAMPLES * SAMPLE_BYTES)
        room = self._missing(clip) * block
        if not octets or len(octets) % unit or len(octets) > room:
            return self._give_up(clip.name, "changed while it was read")
        if self._codec:
            self._bank.write_encoded(clip, self._codec, np.frombuffer(octets, np.uint8))
        else:
            self._bank.write(clip, np.frombuffer(octets, "<i2").astype(np.int16))
        return [] if self._missing(clip) else self._next_file(clip)

    def _missing(self, clip: Clip) -> int:
        """Blocks of the file that are not in the bank."""
        return clip.blocks - (clip.encoded.get(self._codec, 0) if self._codec else clip.written)

    def _next_file(self, clip: Clip) -> list[Event]:
        """After a file: the clip's next one, or the clip can be played."""
        os.close(self._fd)
        self._fd = -1
        if not self._encoded:
            self._bank.publish(clip)
            self._close()
            return [ClipLoaded(clip.name, clip.duration)]
        self._codec, path = self._encoded.pop(0)
        try:
            size = self._open(path)
        except OSError as error:
            return self._give_up(clip.name, f"{path}: {error.strerror}")
        if size != clip.blocks * BLOCK_OCTETS:
            return self._give_up(clip.name, f"{path}: is not as long as the samples")
        return []

    def _give_up(self, name: str, reason: str) -> list[Event]:
        if self._clip is not None:
            self._bank.discard(self._clip)
        self._close()
        return [ClipFailed(name, reason)]

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._clip, self._fd, self._recorded = None, -1, None
