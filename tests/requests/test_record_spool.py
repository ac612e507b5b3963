"""The journal on the disk: order, torn tails, damage, the bound, a disk that is full."""

import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ivr.base.errors import AdminError
from routing.requests import spool as module
from routing.requests.spool import Spool, SpoolFull


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def opened(folder: Path, limit: int = 1_000_000, reserve: int = 1000, segment: int = 1000) -> Spool:
    return Spool(folder, limit, reserve, segment)


def drained(spool: Spool) -> list[bytes]:
    payloads: list[bytes] = []
    while (chunk := spool.read()) is not None:
        assert chunk.damaged == ()
        payloads += chunk.payloads
        spool.confirm(chunk.end)
    return payloads


def segments(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.spool"))


def test_spool__what_goes_in_comes_out_in_order_and_leaves_nothing(folder: Path) -> None:
    spool = opened(folder)
    payloads = [b'{"n":%d}' % number for number in range(500)]
    for begin in range(0, 500, 7):
        spool.append(payloads[begin:begin + 7])
    assert len(segments(folder)) > 5
    assert not spool.empty
    assert drained(spool) == payloads
    assert spool.empty
    assert spool.size == 0
    assert segments(folder) == []
    spool.append([b"again"])
    assert drained(spool) == [b"again"]
    spool.close()


def test_spool__not_confirmed_comes_again(folder: Path) -> None:
    spool = opened(folder)
    spool.append([b"one", b"two"])
    assert spool.read() == spool.read()
    spool.close()
    spool = opened(folder)
    assert not spool.empty
    spool.append([b"three"])
    assert segments(folder) == ["000000000001.spool", "000000000002.spool"]
    assert drained(spool) == [b"one", b"two", b"three"]
    spool.close()


def test_spool__files_are_private(folder: Path) -> None:
    spool = opened(folder)
    spool.append([b"+7 900"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert next(folder.glob("*.spool")).stat().st_mode & 0o777 == 0o600
    spool.close()


@pytest.mark.parametrize("kept", range(12))
def test_spool__torn_tail(folder: Path, kept: int) -> None:
    spool = opened(folder)
    spool.append([b"whole"])
    spool.append([b"torn"])
    spool.close()
    path = folder / segments(folder)[0]
    whole = len(b"xxxxxxxx 5 whole\n")
    path.write_bytes(path.read_bytes()[:whole + kept])
    spool = opened(folder)
    spool.append([b"later"])
    assert drained(spool) == [b"whole", b"later"]
    assert segments(folder) == []
    spool.close()


def test_spool__zeros_after_a_loss_of_power(folder: Path) -> None:
    spool = opened(folder)
    spool.append([b"whole"])
    spool.close()
    with open(folder / segments(folder)[0], "ab") as file:
        file.write(bytes(5_000_000))
    spool = opened(folder, limit=10_000_000)
    assert drained(spool) == [b"whole"]
    assert spool.empty
    spool.close()


def test_spool__damage_in_the_middle(folder: Path) -> None:
    spool = opened(folder)
    spool.append([b"one", b"two", b"three"])
    spool.close()
    path = folder / segments(folder)[0]
    path.write_bytes(path.read_bytes().replace(b"two", b"twO"))
    spool = opened(folder)
    chunk = spool.read()
    assert chunk is not None
    assert chunk.payloads == (b"one", b"three")
    assert [line[-3:] for line in chunk.damaged] == [b"twO"]
    spool.close()


@given(some.binary(max_size=400))
def test_spool__any_bytes_can_be_read(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    folder = tmp_path_factory.mktemp("junk")
    (folder / "000000000007.spool").write_bytes(junk)
    spool = opened(folder)
    while (chunk := spool.read()) is not None:
        spool.confirm(chunk.end)
    assert spool.empty
    spool.close()


def test_spool__long_records_are_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ", 16)
    payloads = [b"a" * 100, b"b" * 10, b"c" * 1000]
    spool = opened(folder)
    spool.append(payloads)
    assert drained(spool) == payloads
    spool.close()


def test_spool__full(folder: Path) -> None:
    spool = opened(folder, limit=1000, reserve=300, segment=200)
    record = b"x" * 87    # 100 bytes with its frame
    for _ in range(7):
        assert not spool.full
        spool.append([record])
    assert spool.full                # from here what is left is for calls in progress
    spool.append([record, record])
    with pytest.raises(SpoolFull):
        spool.append([record, record])
    spool.append([record])
    with pytest.raises(SpoolFull):
        spool.append([b""])
    chunk = spool.read()
    assert chunk is not None
    spool.confirm(chunk.end)
    assert spool.size == 800
    assert len(drained(spool)) == 10 - len(chunk.payloads)
    assert not spool.full
    spool.close()


class FullDisk:
    """Lets `room` bytes be written in all, and takes the reserve's away when it is there."""

    def __init__(self, folder: Path, room: int, reserve: int) -> None:
        self.room = room
        self.reserve = reserve
        self.folder = folder

    def pwrite(self, file: int, piece: bytes, offset: int) -> int:
        used = sum(path.stat().st_size for path in self.folder.glob("*.spool"))
        held = self.reserve if (self.folder / "reserve").exists() else 0
        free = self.room - used - held
        if free <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.pwritev(file, [piece[:free]], offset)     # a disk takes what still fits


def test_spool__full__by_one_append_that_is_too_large(folder: Path) -> None:
    """Less than the reserve would be left: the bound was met all the same, and nobody may wait for what never comes."""
    spool = opened(folder, limit=1000, reserve=300, segment=200)
    spool.append([b"x" * 400])
    with pytest.raises(SpoolFull):
        spool.append([b"y" * 600])
    assert spool.full
    chunk = spool.read()
    assert chunk is not None
    spool.confirm(chunk.end)
    assert not spool.full
    with pytest.raises(SpoolFull):
        spool.append([b"z" * 2000])
    assert not spool.full, "an empty spool has room for new calls, whatever was too large for it"


def test_spool__disk_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = opened(folder, reserve=300, segment=10_000)
    disk = FullDisk(folder, room=1000, reserve=300)
    monkeypatch.setattr(module.os, "pwrite", disk.pwrite)
    record = b"x" * 87
    for _ in range(7):
        spool.append([record])
        assert not spool.full
    for _ in range(3):
        spool.append([record])       # out of the reserve
        assert spool.full
    assert not (folder / "reserve").exists()
    for _ in range(2):
        with pytest.raises(SpoolFull, match="No space left"):
            spool.append([record])
    disk.room = 2000
    spool.append([record])
    assert spool.restore_reserve()
    assert not spool.full
    assert drained(spool) == [record] * 11
    spool.close()


def test_spool__disk_that_fails_to_sync(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = opened(folder)
    spool.append([b"one"])
    real = os.fsync

    def fsync(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module.os, "fsync", fsync)
    with pytest.raises(SpoolFull, match="Input/output error"):
        spool.append([b"two"])
    monkeypatch.setattr(module.os, "fsync", real)
    spool.append([b"two"])
    assert segments(folder)[-1] == "000000000002.spool"      # never again behind what may not be there
    assert drained(spool) == [b"one", b"two"]
    spool.close()


def test_spool__owned_by_one(folder: Path) -> None:
    spool = opened(folder)
    with pytest.raises(AdminError, match="another process uses this spool"):
        opened(folder)
    spool.close()
    opened(folder).close()


def test_spool__folder_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match=r"nowhere/spool: error: the spool cannot be used: No such file"):
        opened(tmp_path / "nowhere" / "spool")


def test_spool__one_writes_while_another_reads(folder: Path) -> None:
    spool = opened(folder, segment=500)
    payloads = [b"%d" % number for number in range(1000)]

    def append() -> None:
        for begin in range(0, 1000, 10):
            spool.append(payloads[begin:begin + 10])

    writer = threading.Thread(target=append)
    writer.start()
    got: list[bytes] = []
    while writer.is_alive() or not spool.empty:
        got += drained(spool)
    writer.join()
    assert got == payloads
    assert segments(folder) == [] or spool.empty
    spool.close()
