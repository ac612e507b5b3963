"""What only the uring wire can meet: no buffer left, completions without room, floods, thousands of rows that come and
go, a kernel that forbids it."""

import errno
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ivr.drivers import uring_wire
from ivr.drivers.io_uring import Ring
from ivr.drivers.rtp_sockets import BURST, Wire, bind
from ivr.drivers.uring_wire import UringWire
from ivr.drivers.wires import refusal
from ivr.media.rtp.outgoing import WIDTH, Outgoing
from tests.media.conftest import WHY_NO_URING

pytestmark = pytest.mark.skipif(bool(WHY_NO_URING), reason=WHY_NO_URING or "it works")

FIRST, ROWS = 20_700, 40


def opened(buffers: int = 0) -> UringWire:
    wire = UringWire(bind(["127.0.0.1"], range(FIRST, FIRST + 2 * ROWS)), batch=512, buffers=buffers)
    wire.follow(np.ones(ROWS, np.bool_))
    return wire


def receive_all(wire: Wire) -> dict[int, list[bytes]]:
    """What comes until two turns in a row bring nothing, by row."""
    got: dict[int, list[bytes]] = {}
    silent = 0
    while silent < 2:
        incoming = wire.receive()
        silent = silent + 1 if incoming is None else 0
        if incoming is not None:
            for place, row in enumerate(incoming.rows.tolist()):
                got.setdefault(row, []).append(incoming.packets[place, :incoming.lengths[place]].tobytes())
    return got


def test_uring__fewer_buffers_than_packets_lose_none_and_keep_their_order(phone: socket.socket) -> None:
    wire = opened(buffers=8)
    for _ in range(2):      # the second time as well: every buffer has come back
        sent = [b"%d" % number for number in range(5)]
        for packet in sent:
            for port in wire.ports:
                phone.sendto(packet, ("127.0.0.1", port))
        assert receive_all(wire) == dict.fromkeys(range(ROWS), sent)
    assert wire.exhausted > 0
    wire.close()


def test_uring__more_completions_than_their_queue_holds(phone: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Ring.__init__
    monkeypatch.setattr(uring_wire, "CONTROL", 16)
    monkeypatch.setattr(Ring, "__init__", lambda ring, sends, control, completions: made(ring, 16, 16, 64))
    wire = opened(buffers=256)
    sent = [b"%d" % number for number in range(6)]
    for packet in sent:
        for port in wire.ports:
            phone.sendto(packet, ("127.0.0.1", port))
    assert receive_all(wire) == dict.fromkeys(range(ROWS), sent)
    assert wire.overflows > 0
    wire.close()


def test_uring__a_flood_of_one_row_is_put_off_and_does_not_disturb_another(phone: socket.socket) -> None:
    wire = opened()
    for turn in range(30):
        for _ in range(60):
            phone.sendto(b"flood", ("127.0.0.1", wire.ports[3]))
        phone.sendto(b"%d" % turn, ("127.0.0.1", wire.ports[4]))
        incoming = wire.receive()
        assert incoming is not None
        rows = incoming.rows.tolist()
        assert (rows.count(3), rows.count(4)) == (BURST, 1)
    receive_all(wire)
    phone.sendto(b"calm again", ("127.0.0.1", wire.ports[3]))
    assert receive_all(wire) == {3: [b"calm again"]}
    wire.close()


def test_uring__a_packet_as_long_as_can_be_and_one_of_nothing(phone: socket.socket) -> None:
    wire = opened()
    for packet in (bytes(range(250)) * 6, b"", b"x" * 1600, b"after"):
        phone.sendto(packet, ("127.0.0.1", wire.ports[0]))
    assert receive_all(wire) == {0: [bytes(range(250)) * 6, b"", b"x" * WIDTH, b"after"]}
    wire.close()


def test_uring__rows_that_come_and_go(phone: socket.socket) -> None:
    wire, chance = opened(), np.random.default_rng(4)
    for number in range(400):
        rows = chance.random(ROWS) < 0.5
        for port in wire.ports:
            phone.sendto(b"stale", ("127.0.0.1", port))
        wire.follow(np.zeros(ROWS, np.bool_))
        wire.follow(rows)
        fresh = b"%d" % number
        for port in wire.ports:
            phone.sendto(fresh, ("127.0.0.1", port))
        incoming = wire.receive()
        assert incoming is not None or not rows.any()
        if incoming is not None:
            assert sorted(incoming.rows.tolist()) == np.flatnonzero(rows).tolist()
            assert {packet[:len(fresh)].tobytes() for packet in incoming.packets} == {fresh}
    assert (wire.exhausted, wire.failed) == (0, 0)
    wire.close()
    bind(["127.0.0.1"], range(FIRST, FIRST + 2 * ROWS)).close()     # every port is free


def test_uring__more_packets_than_one_submission_holds() -> None:
    wire, count = opened(), 1200
    phones = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    for phone in phones:
        phone.settimeout(2)
        phone.bind(("127.0.0.1", 0))
    octets = np.zeros((count, WIDTH), np.uint8)
    octets[:, :4] = np.arange(count, dtype=">u4").view(np.uint8).reshape(-1, 4)
    rows = np.arange(count) % ROWS
    there = np.array([wire.addresses.pack(*phone.getsockname()) for phone in phones], np.uint64)
    wire.send(Outgoing(rows, octets, np.full(count, 4), there[rows % 8]))
    for number in range(count):
        payload, source = phones[number % 8].recvfrom(100)
        assert (struct.unpack(">I", payload)[0], source[1]) == (number, wire.ports[number % ROWS])
    for phone in phones:
        phone.close()
    assert wire.failed == 0
    wire.close()


def test_uring__an_ipv6_peer_whom_the_plane_forgot_is_known_again() -> None:
    wire = UringWire(bind(["::1"], range(FIRST, FIRST + 2)), batch=8)
    wire.follow(np.ones(1, np.bool_))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as phone:
        phone.bind(("::1", 0))
        for _ in range(2):
            phone.sendto(b"x", ("::1", wire.ports[0]))
            incoming = wire.receive()
            assert incoming is not None
            assert wire.addresses.unpack(int(incoming.sources[0])) == phone.getsockname()[:2]
            wire.addresses.forget(np.zeros(1, np.uint64))
            assert wire.addresses.unpack(int(incoming.sources[0])) == ("::", 0)
    wire.close()


FORBID = """
import ctypes, os, struct, sys
# a seccomp filter: io_uring_setup (425) fails with EPERM, all else is allowed
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050000 | 1), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in code))
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Filter(len(code), ctypes.addressof(program))), 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "ivr.service.plane", *sys.argv[1:]])
"""


def test_uring__forbidden(tmp_path: Path) -> None:
    """As in a container whose profile leaves io_uring out: asked for it is an error, else the plain wire carries."""
    ports = f"{FIRST}-{FIRST + 1}"
    command = [sys.executable, "-c", FORBID, "--socket", str(tmp_path / "s"), "--host", "127.0.0.1", "--ports", ports]
    ended = subprocess.run([*command, "--wire", "uring"], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "media.wire: uring is not possible here: the system forbids io_uring" in ended.stderr
    assert ended.stderr.count("\n") == 1
    ready, told = os.pipe()
    process = subprocess.Popen([*command, "--ready", str(told)], pass_fds=(told,), stderr=subprocess.PIPE, text=True)
    os.close(told)
    assert os.read(ready, 1)
    os.close(ready)
    process.terminate()
    assert process.communicate()[1].count("wire_chosen wire=plain why_not_uring=\"the system forbids io_uring") == 1


@pytest.mark.parametrize(("code", "remedy"), [
    (errno.ENOSYS, "Linux 6.1"), (errno.EINVAL, "update the kernel"), (errno.ENOMEM, "LimitMEMLOCK"),
    (errno.EMFILE, "LimitNOFILE"), (errno.EPERM, "")])
def test_uring__what_is_in_its_way_is_said_with_a_remedy(code: int, remedy: str) -> None:
    assert remedy in refusal(OSError(code, os.strerror(code)))


def test_uring__a_ring_without_room_is_an_error() -> None:
    with pytest.raises(OSError, match=r"."):
        Ring(1 << 20, 16, 16)
