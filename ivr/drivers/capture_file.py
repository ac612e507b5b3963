"""A capture on disk. A thread of its own writes, so that a slow disk holds up neither SIP nor audio.

Whatever goes wrong ends the capture, with a line in the log, and nothing else.
"""

import contextlib
import heapq
import os
import threading
from pathlib import Path
from queue import SimpleQueue

from ivr.base.pcap import FILE_HEADER, records
from ivr.drivers.log import Log

WAITING_BYTES = 4 << 20         # what a disk may be behind: some seconds of a capture with RTP
PART = ".part"
FULL, TOO_SLOW = "the capture is full", "the disk is too slow"

log = Log("capture")


class CaptureFile:
    """One file of mode 0600, made anew; while it grows its name ends with PART. Raises OSError if it can't be made.

    `reason` is "" while it takes records, then why it takes no more; `fault` what the disk said, maybe after that.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path, self.reason, self.fault, self.count = path, "", "", 0
        self._most, self._given, self._written = most_bytes, len(FILE_HEADER), 0
        self._growing = path.with_name(path.name + PART)
        self._file = os.open(self._growing, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._records: SimpleQueue[bytes | None] = SimpleQueue()
        self._records.put(FILE_HEADER)
        self._thread = threading.Thread(target=self._write, name="capture", daemon=True)
        self._thread.start()

    def put(self, octets: bytes, count: int = 1) -> None:
        """Some records. What comes after the end is not kept."""
        if self.reason:
            return
        if self._given + len(octets) > self._most:
            self._end(FULL)
        elif self._given - self._written > WAITING_BYTES:
            self._end(TOO_SLOW)
        else:
            self._given += len(octets)
            self.count += count
            self._records.put(octets)

    def close(self, reason: str) -> None:
        """Take no more; what was taken is still written, and then the file has its name."""
        self.reason = self.reason or reason
        self._records.put(None)

    def wait(self, timeout: float) -> None:
        """Until everything is written, after close(). Blocks."""
        self._thread.join(timeout)

    def _end(self, reason: str) -> None:
        self.reason = self.reason or reason
        log.warning("capture_ended", file=str(self.path), reason=reason)

    def _write(self) -> None:
        while (octets := self._records.get()) is not None:
            if self._written < 0:
                continue
            try:
                whole = memoryview(octets)
                while whole:
                    whole = whole[os.write(self._file, whole):]
                self._written += len(octets)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self._written)     # to the last whole record
                self._written = -1
                self.fault = error.strerror or str(error)
                self._end(self.fault)
        with contextlib.suppress(OSError):
            os.close(self._file)
            self._growing.rename(self.path)


def merge(first: Path, second: Path) -> None:
    """Put the records of `second` into `first`, by time, and delete `second`. Blocks; raises OSError."""
    merged = first.with_suffix(".merged")
    try:
        with first.open("rb") as one, second.open("rb") as other, \
                open(os.open(merged, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(FILE_HEADER)
            for _, octets in heapq.merge(records(one), records(other), key=lambda found: found[0]):
                file.write(octets)
        merged.rename(first)
    except OSError:
        merged.unlink(missing_ok=True)
        raise
    second.unlink()
