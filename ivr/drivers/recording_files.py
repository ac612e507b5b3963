"""Recordings on disk. A thread of its own encodes and writes, so that no disk holds up audio.

Whatever goes wrong ends recordings, with the reason in their RecordingClosed, and nothing else: one that can't be
written ends alone; all end when the disk is full, or so slow that what waits for it reaches its bound.
"""

import contextlib
import errno
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from ivr.drivers.log import Log
from ivr.drivers.sound_file import BYTES_PER_SECOND, SoundFile, open_sound_file
from ivr.media.commands import StartRecording
from ivr.media.events import RecordingClosed
from ivr.media.recording.recorder import Ended, Piece

MOST_WAITING = 50               # pieces: 10 s that a disk may be behind
MOST_BYTES = 64 << 20           # ... and so much of them all
BUFFER = BYTES_PER_SECOND       # octets of a recording that are written at one time
LOOK_EVERY = 5                  # buffers between looks at the room on the disk
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
FULL, TOO_SLOW = "the disk is full", "the disk is too slow"

log = Log("recordings")


@dataclass(eq=False)
class _Recording:
    """A recording in the writer's hands."""

    file: SoundFile
    min_free: int
    buffer: bytearray
    until_look: int = LOOK_EVERY


class RecordingFiles:
    """The files of one plane. `open`, `put`, `told` and `close_all` are for the plane's thread."""

    def __init__(self) -> None:
        self._running: set[int] = set()         # recordings whose RecordingClosed has not been told
        self._jobs: SimpleQueue[StartRecording | Ended | tuple[float, Piece] | None] = SimpleQueue()
        self._told: SimpleQueue[RecordingClosed] = SimpleQueue()
        # Pieces of all recordings; one of a few, as each has at its end, is a part of one.
        self._given, self._given_bytes = 0.0, 0     # by the plane's thread alone
        self._taken, self._taken_bytes = 0.0, 0     # by the writer's alone
        self._thread: threading.Thread | None = None
        self._files: dict[int, _Recording] = {}     # of the writer

    def __bool__(self) -> bool:
        return bool(self._running)

    def open(self, command: StartRecording) -> list[RecordingClosed]:
        """Begin a file, unless it is there already: a recording may go on with another stream."""
        if command.recording in self._running:
            return []
        if self._behind:
            return [RecordingClosed(command.recording, 0.0, 0, TOO_SLOW, failed=True)]
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="recordings", daemon=True)
            self._thread.start()
        self._running.add(command.recording)
        self._jobs.put(command)
        return []

    def put(self, ready: Sequence[Piece | Ended]) -> list[RecordingClosed]:
        """What the recorder has read. Returns those that the disk was too slow for."""
        told: list[RecordingClosed] = []
        for item in ready:
            if isinstance(item, Ended):
                self._jobs.put(item)
            elif not self._behind:
                part = len(item.recordings) / max(len(self._running), 1)
                self._given += part
                self._given_bytes += item.samples.nbytes
                self._jobs.put((part, item))
            else:
                told += self.give_up(item.recordings, TOO_SLOW)
        return told

    def give_up(self, recordings: Iterable[int], reason: str) -> list[RecordingClosed]:
        """No more of these: what they hold is kept when the disk has taken it; that they end is told now."""
        given_up = [recording for recording in recordings if recording in self._running]
        self._running.difference_update(given_up)
        for recording in given_up:
            self._jobs.put(Ended(recording, 0.0, reason, ()))
        return [RecordingClosed(recording, 0.0, 0, reason, failed=True) for recording in given_up]

    def told(self) -> list[RecordingClosed]:
        """What has been closed since this was asked last."""
        told: list[RecordingClosed] = []
        while not self._told.empty():       # nobody else takes from it
            closed = self._told.get_nowait()
            if closed.recording in self._running:       # else it was given up, and that was told
                self._running.discard(closed.recording)
                told.append(closed)
        return told

    def close(self, timeout: float) -> None:
        """Write what is left and end the thread. Blocks."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout)

    @property
    def _behind(self) -> bool:
        return (self._given - self._taken >= MOST_WAITING
                or self._given_bytes - self._taken_bytes >= MOST_BYTES)

    # --- the writer's thread ------------------------------------------------------------------------------------
    def _write(self) -> None:
        while (job := self._jobs.get()) is not None:
            if isinstance(job, StartRecording):
                self._open(job)
            elif isinstance(job, Ended):
                self._end(job)
            else:
                part, piece = job
                for place, recording in enumerate(piece.recordings):
                    self._keep(recording, piece.samples[place].data)
                self._taken_bytes += piece.samples.nbytes
                self._taken += part
        for recording in list(self._files):
            self._end(Ended(recording, 0.0, "the media plane stopped", ()))

    def _open(self, command: StartRecording) -> None:
        try:
            path = Path(command.path)
            _make_folders(path.parent)
            _check_room(path.parent, command.min_free)
            file = open_sound_file(path, command.format)
        except Exception as error:      # libsndfile has faults of its own
            self._fail(command.recording, 0.0, 0, error)
            return
        self._files[command.recording] = _Recording(file, command.min_free, bytearray())

    def _keep(self, recording: int, samples: memoryview) -> None:
        found = self._files.get(recording)
        if found is None:
            return
        found.buffer += samples
        if len(found.buffer) >= BUFFER:
            self._flush(recording, found)

    def _flush(self, recording: int, found: _Recording) -> bool:
        """Write the buffer; whether that went well."""
        try:
            found.file.write(found.buffer)
            found.buffer.clear()
            found.until_look -= 1
            if found.until_look <= 0:
                found.until_look = LOOK_EVERY
                found.file.mark()
                _check_room(found.file.path.parent, found.min_free)
        except Exception as error:
            self._lose(recording, error)
            return False
        return True

    def _lose(self, recording: int, error: Exception) -> None:
        """A recording can't be written on; if the disk is full, none can."""
        full = isinstance(error, OSError) and error.errno in NO_ROOM
        for each in list(self._files) if full else [recording]:
            lost = self._files.pop(each)
            with contextlib.suppress(Exception):
                lost.file.close()
            self._fail(each, lost.file.seconds, lost.file.octets, error)

    def _end(self, job: Ended) -> None:
        found = self._files.get(job.recording)
        if found is None or not self._flush(job.recording, found):
            return
        del self._files[job.recording]
        try:
            found.file.close()
        except Exception as error:
            self._fail(job.recording, found.file.seconds, found.file.octets, error)
            return
        self._told.put(RecordingClosed(job.recording, found.file.seconds, found.file.octets, job.reason, job.muted,
                                   spoken=job.spoken))

    def _fail(self, recording: int, seconds: float, octets: int, error: Exception) -> None:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error) or type(error).__name__
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            reason = FULL
        self._told.put(RecordingClosed(recording, seconds, octets, reason, failed=True))


def _make_folders(folder: Path) -> None:
    """The folder of a day in that of the recordings, for the service alone. Raises OSError."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def _check_room(folder: Path, min_free: int) -> None:
    """Raises OSError where less is free than the service has to leave."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < min_free:
        raise OSError(errno.ENOSPC, FULL)
