"""The sound file of a recording: 8 kHz, two channels, mode 0600; WAV (16 bit) or Opus in Ogg.

While it grows its name ends with PART, and its writer holds a lock on it: what is found unlocked was left by a process
that died. A WAV is valid all the while, up to the last mark(): its sizes are written anew each time.
"""

import contextlib
import errno
import fcntl
import os
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from ivr.media.columns import RATE

CHANNELS, SAMPLE_BYTES = 2, 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
BYTES_PER_SECOND = RATE * FRAME_BYTES
HEADER_BYTES = 44
MOST_BYTES = (1 << 32) - (1 << 20)      # of a WAV, whose sizes have 32 bits: 37 hours
PART = ".part"


class SoundFile(Protocol):
    """One file that grows. Every method raises OSError, or whatever its library finds."""

    path: Path

    @property
    def seconds(self) -> float:
        """What is in it."""

    @property
    def octets(self) -> int: ...

    def write(self, samples: bytearray) -> None:
        """Whole frames of 16-bit samples."""

    def mark(self) -> None:
        """Let a reader see all that has been written."""

    def close(self) -> None:
        """Finish it and give it its name."""


def open_sound_file(path: Path, kind: Literal["wav", "ogg"]) -> SoundFile:
    """Raises OSError if it can't be made, or is there already."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return WavFile(path) if kind == "wav" else OggFile(path)


def _open_part(path: Path) -> int:
    part = path.with_name(path.name + PART)
    file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _name(path: Path, close: Callable[[], None]) -> None:
    """Give a file its name, and then let go of its lock, name or not."""
    try:
        path.with_name(path.name + PART).rename(path)
    finally:
        close()


class WavFile:
    """PCM, written through no library, so that each octet on the disk is known."""

    def __init__(self, path: Path) -> None:
        self.path, self._bytes = path, 0
        self._file = _open_part(path)
        try:
            self.mark()
        except OSError:
            self._remove()
            raise

    @property
    def seconds(self) -> float:
        return self._bytes / BYTES_PER_SECOND

    @property
    def octets(self) -> int:
        return HEADER_BYTES + self._bytes

    def write(self, samples: bytearray) -> None:
        if self._bytes + len(samples) > MOST_BYTES:
            raise OSError(errno.EFBIG, "the file has the longest that a WAV may be")
        written = 0
        try:
            with memoryview(samples) as whole:
                while written < len(whole):
                    written += os.pwrite(self._file, whole[written:], HEADER_BYTES + self._bytes + written)
        finally:
            self._bytes += written - written % FRAME_BYTES      # the rest is overwritten, or cut off by close()

    def mark(self) -> None:
        header = wav_header(self._bytes)
        if os.pwrite(self._file, header, 0) != len(header):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        try:
            with contextlib.suppress(OSError):      # without room it stays as it is; mark() says what counts
                os.ftruncate(self._file, HEADER_BYTES + self._bytes)
            self.mark()
        finally:
            _name(self.path, partial(os.close, self._file))

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.with_name(self.path.name + PART).unlink()
        os.close(self._file)


class OggFile:
    """Opus in Ogg, by libsndfile: pages are whole, so what a dead process leaves can be played up to its last page."""

    def __init__(self, path: Path) -> None:
        import soundfile  # here and not above: half a second, of which a plane that records WAV knows nothing

        self.path, self._frames = path, 0
        self._sink = _Sink(_open_part(path))
        try:
            self._sound: Any = soundfile.SoundFile(self._sink, "w", RATE, CHANNELS, format="OGG", subtype="OPUS")
        except Exception:
            self.path.with_name(self.path.name + PART).unlink()
            self._sink.close()
            raise
        self._sink.check()

    @property
    def seconds(self) -> float:
        return self._frames / RATE

    @property
    def octets(self) -> int:
        return self._sink.size

    def write(self, samples: bytearray) -> None:
        self._sound.buffer_write(bytes(samples), dtype="int16")
        self._sink.check()
        self._frames += len(samples) // FRAME_BYTES

    def mark(self) -> None:
        """Nothing: pages are in the file when they are full."""

    def close(self) -> None:
        try:
            self._sound.close()
            self._sink.check()
        finally:
            _name(self.path, self._sink.close)


class _Sink:
    """A file as libsndfile writes it. What the disk says is kept for check(): in libsndfile it would be lost."""

    def __init__(self, file: int) -> None:
        self._file, self._at, self._error = file, 0, None
        self.size = 0

    _error: OSError | None

    def write(self, octets: bytes) -> int:
        size = len(octets)
        try:
            with memoryview(octets) as whole:
                while whole and self._error is None:
                    put = os.pwrite(self._file, whole, self._at)
                    whole, self._at = whole[put:], self._at + put
        except OSError as error:
            self._error = error
        self.size = max(self.size, self._at)
        return size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        octets = os.pread(self._file, size if size >= 0 else self.size - self._at, self._at)
        self._at += len(octets)
        return octets

    def flush(self) -> None:
        """Nothing is held back."""

    def check(self) -> None:
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        os.close(self._file)


def wav_header(data_bytes: int) -> bytes:
    """RIFF, fmt and data with their sizes."""
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE", b"fmt ", 16, 1, CHANNELS,
                       RATE, BYTES_PER_SECOND, FRAME_BYTES, 8 * SAMPLE_BYTES, b"data", data_bytes)


def finish(part: Path) -> float | None:
    """Give the file that a dead process left its name; the seconds in it, 0.0 where they are not known. None while its
    writer lives. Raises OSError."""
    with contextlib.closing(_Locked(part)) as locked:
        if not locked.held:
            return None
        path, seconds = part.with_name(part.name.removesuffix(PART)), 0.0
        if path.suffix == ".wav":
            size = max(0, os.fstat(locked.file).st_size - HEADER_BYTES)
            size -= size % FRAME_BYTES
            os.ftruncate(locked.file, HEADER_BYTES + size)
            os.pwrite(locked.file, wav_header(size), 0)
            seconds = size / BYTES_PER_SECOND
        part.rename(path)
        return seconds


class _Locked:
    """A file of ours that may be somebody's."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except BlockingIOError:
            self.held = False

    def close(self) -> None:
        os.close(self.file)
