"""A capture on disk: private, bounded, and whatever the disk does, only the capture ends."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.base.pcap import FILE_HEADER, record, records
from ivr.drivers import capture_file
from ivr.drivers.capture_file import FULL, TOO_SLOW, CaptureFile, merge

ONE, OTHER = ("192.0.2.1", 5060), ("192.0.2.2", 5060)


def at(moment: float, payload: bytes = b"message") -> bytes:
    return record(moment, ONE, OTHER, payload)


def moments(path: Path) -> list[int]:
    with path.open("rb") as file:
        return [seconds for (seconds, _), _ in records(file)]


def test_capture__is_there_when_it_is_closed_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = CaptureFile(tmp_path / "one.pcap", 10_000)
    for moment in (1, 2, 3):
        file.put(at(moment))
    assert not (tmp_path / "one.pcap").exists()
    file.close("done")
    file.wait(5)
    assert (file.reason, file.count, moments(file.path)) == ("done", 3, [1, 2, 3])
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["one.pcap"]


def test_capture__its_bound_ends_it(tmp_path: Path) -> None:
    file = CaptureFile(tmp_path / "one.pcap", len(FILE_HEADER) + 2 * len(at(1)))
    for moment in (1, 2, 3, 4):
        file.put(at(moment))
    assert (file.reason, file.count) == (FULL, 2)
    file.close("done")
    file.wait(5)
    assert (file.reason, moments(file.path)) == (FULL, [1, 2])


@contextmanager
def room_on_disk(octets: int) -> Iterator[None]:
    """As a full disk: a write is cut off where the room ends, and the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_capture__a_full_disk_ends_it_with_whole_records(tmp_path: Path) -> None:
    with room_on_disk(len(FILE_HEADER) + 2 * len(at(1)) + 30):
        file = CaptureFile(tmp_path / "one.pcap", 1 << 20)
        for moment in range(1, 5):
            file.put(at(moment))
        file.close("done")
        file.wait(5)
    assert file.fault == os.strerror(errno.EFBIG)
    assert moments(file.path) == [1, 2]
    assert file.path.stat().st_size == len(FILE_HEADER) + 2 * len(at(1))


def test_capture__a_disk_that_falls_behind_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_file, "WAITING_BYTES", -1)
    file = CaptureFile(tmp_path / "one.pcap", 1 << 20)
    file.put(at(1))
    assert (file.reason, file.count) == (TOO_SLOW, 0)
    file.close("done")
    file.wait(5)


def test_capture__a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "one.pcap.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"):
        CaptureFile(tmp_path / "one.pcap", 1 << 20)
    assert not (tmp_path / "elsewhere").exists()


def test_merge__by_time(tmp_path: Path) -> None:
    for name, its in (("sip.pcap", (1, 4, 6)), ("sip.rtp", (2, 3, 5, 7))):
        file = CaptureFile(tmp_path / name, 1 << 20)
        for moment in its:
            file.put(at(moment))
        file.close("done")
        file.wait(5)
    merge(tmp_path / "sip.pcap", tmp_path / "sip.rtp")
    assert moments(tmp_path / "sip.pcap") == [1, 2, 3, 4, 5, 6, 7]
    assert os.listdir(tmp_path) == ["sip.pcap"]
    assert (tmp_path / "sip.pcap").stat().st_mode & 0o777 == 0o600


def test_merge__a_full_disk_leaves_both(tmp_path: Path) -> None:
    for name in ("sip.pcap", "sip.rtp"):
        (tmp_path / name).write_bytes(FILE_HEADER + at(1) * 10)
    with room_on_disk(500), pytest.raises(OSError, match="too large"):
        merge(tmp_path / "sip.pcap", tmp_path / "sip.rtp")
    assert sorted(os.listdir(tmp_path)) == ["sip.pcap", "sip.rtp"]
    assert moments(tmp_path / "sip.pcap") == [1] * 10
