"""The plane's process with real sockets on loopback: RTP heard and played, control killed, parent gone."""

import asyncio
import signal
import socket
import struct
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pylibsrtp import Policy, Session

from ivr.audio.g711 import encode_alaw
from ivr.media import commands, events
from ivr.service.plane_loop import phase_of
from tests.media.plane_process import FIRST_PORT, STREAMS, Control, Process, heard, open_stream, phone
from tests.media.virtual_peer import key, ramp, rtp


@pytest.fixture
def process(tmp_path: Path, kind: str) -> Iterator[Process]:
    process = Process(tmp_path, kind)
    yield process
    process.end()


def test_process__survives_a_command_that_makes_no_sense(process: Process) -> None:
    async def story() -> None:
        control = Control(process.path)
        await control.until(events.PlaneReady)
        with phone() as audio:
            open_stream(control, 0, audio)
            control.link.send(commands.SetStream(0, "leg0", audio.getsockname(), "PCMA", 8, 1 << 20, "sendrecv", 20,
                                                 "learn"))
            assert await heard(audio, 0.3)
            control.link.send(commands.CloseStream(0, "leg0"))
            await control.until(events.StreamClosed)
        assert not control.lost
        control.link.close()
    asyncio.run(story())


def test_process__reports_both_ways_and_the_clock(process: Process) -> None:
    """A phone at a=rtcp's port answers the plane's report; the round trip it makes, and the turns, are told."""
    async def story() -> None:
        control, loop = Control(process.path), asyncio.get_running_loop()
        port = (await control.until(events.PlaneReady)).ports[0]
        with phone() as audio, phone() as reports:
            control.link.send(commands.OpenStream(0, "leg0", 9, 1, 1), commands.SetStream(
                0, "leg0", audio.getsockname(), "PCMA", 8, 101, "sendrecv", 20, "sdp", rtcp=reports.getsockname()))
            report, source = await asyncio.wait_for(loop.sock_recvfrom(reports, 2000), 5)
            assert (report[1], report[4:8], source) == (200, struct.pack(">I", 9), ("127.0.0.1", port + 1))
            await asyncio.sleep(0.1)
            block = struct.pack(">IIIIII", 9, 7, 0, 80, int.from_bytes(report[10:14], "big"), 65536 // 10)
            reports.sendto(struct.pack(">BBHI", 0x81, 201, 7, 5) + block, source)
            await asyncio.sleep(0.1)
            control.link.send(commands.CloseStream(0, "leg0"))
            told = (await control.until(events.StreamClosed)).statistics
            assert (told.remote_lost, told.remote_jitter_ms, told.packets_received) == (7, 10.0, 0)
            assert 0 <= told.round_trip_ms < 100
            farewell = await asyncio.wait_for(loop.sock_recv(reports, 2000), 5)
            assert farewell[-8:] == bytes.fromhex("81cb0001") + struct.pack(">I", 9)
            assert farewell[18:34] == report[-18:-2]            # one name from the first to the last
        figures = await control.until(events.PlaneFigures)
        assert 0 < figures.packets_out <= told.packets_sent < figures.turns
        assert 0 < figures.late_p50_ms <= figures.late_p99_ms <= figures.late_max_ms
        control.link.close()

    asyncio.run(story())


def test_process__an_encrypted_phone_of_ipv6_and_a_plain_one_of_ipv4(process: Process) -> None:
    master = bytes(range(30))
    text = b64encode(master).decode()
    keys = {"srtp_suite": "AES_CM_128_HMAC_SHA1_80", "srtp_key_out": text, "srtp_key_in": text}
    closing, opening = (Session(Policy(master, kind)) for kind in (Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND))

    async def story() -> None:
        control = Control(process.path)
        ports = (await control.until(events.PlaneReady)).ports
        with phone("::1") as new, phone() as old:
            open_stream(control, 0, new, **keys)
            open_stream(control, 1, old)
            control.link.send(commands.Bridge(0, "leg0", 1, "leg1"))
            for number in range(1, 11):
                new.sendto(closing.protect(rtp(number, number * 160, b"\x01" * 160)), ("::1", ports[0]))
                old.sendto(rtp(number, number * 160, b"\x02" * 160), ("127.0.0.1", ports[1]))
                await asyncio.sleep(0.02)
            assert b"\x01" * 160 in [payload for _, payload in await heard(old, 0.2)]
            clear = []
            with suppress(BlockingIOError):
                while True:
                    clear.append(opening.unprotect(new.recv(2000))[12:])
            assert b"\x02" * 160 in clear
            assert (await control.until(events.MediaLatched)).remote in (new.getsockname()[:2], old.getsockname())
        control.link.close()

    asyncio.run(story())


def test_process__a_clip_a_key_and_a_bridge(process: Process, tmp_path: Path, kind: str) -> None:
    samples = ramp(10)
    (tmp_path / "clip.raw").write_bytes(samples.astype("<i2").tobytes())

    async def story() -> None:
        control = Control(process.path)
        ready = await control.until(events.PlaneReady)
        assert ready == events.PlaneReady(tuple(FIRST_PORT + 2 * row for row in range(STREAMS)), kind)
        control.link.send(commands.LoadClip("nowhere", str(tmp_path / "nowhere.raw")))
        control.link.send(commands.LoadClip("clip", str(tmp_path / "clip.raw")))
        assert (await control.until(events.ClipLoaded)).duration == pytest.approx(0.2)
        assert (await control.until(events.ClipFailed)).clip == "nowhere"
        with phone() as caller, phone() as operator:
            open_stream(control, 0, caller)
            control.link.send(commands.Play(0, "leg0", 1, ("clip",), barge_in=True))
            got = await heard(caller, 0.3)
            assert [number for number, _ in got] == list(range(1, 1 + len(got)))
            assert b"".join(payload for _, payload in got)[:1600] == encode_alaw(samples).tobytes()
            assert (await control.until(events.PlaybackFinished)).stopped is False

            control.link.send(commands.Play(0, "leg0", 2, ("clip",), loop=True, barge_in=True))
            await asyncio.sleep(0.05)
            caller.sendto(key(1, 800, 160, marker=True), ("127.0.0.1", FIRST_PORT))
            assert (await control.until(events.DigitPressed)).digit == "5"
            assert (await control.until(events.PlaybackFinished, 2)).stopped is True

            open_stream(control, 1, operator)
            control.link.send(commands.Bridge(0, "leg0", 1, "leg1"))
            await heard(operator, 0.1)
            caller.sendto(rtp(2, 960, b"hello" * 32), ("127.0.0.1", FIRST_PORT))
            assert [payload for _, payload in await heard(operator, 0.1)] == [b"hello" * 32]
            control.link.send(commands.CloseStream(0, "leg0"))
            assert (await control.until(events.StreamClosed)).statistics.packets_received == 2
        control.link.close()

    asyncio.run(story())
    assert process.took < 3.0


def test_process__a_new_control_closes_what_the_old_one_left(process: Process) -> None:
    async def story() -> None:
        first = Control(process.path)
        await first.until(events.PlaneReady)
        with phone() as caller:
            open_stream(first, 0, caller)
            assert await heard(caller, 0.1)
            first.link.close()
            assert await heard(caller, 0.1)         # audio goes on while nobody controls it
            second = Control(process.path)
            await second.until(events.PlaneReady)
            await heard(caller, 0.05)
            assert not await heard(caller, 0.1)
            second.link.close()

    asyncio.run(story())


def test_process__dies_and_control_hears_of_it(process: Process, tmp_path: Path, kind: str) -> None:
    async def story() -> None:
        control = Control(process.path)
        await control.until(events.PlaneReady)
        process.process.send_signal(signal.SIGKILL)
        await control.until_lost()
        process.process.wait()
        other = Process(tmp_path, kind)
        try:
            await control.until(events.PlaneReady, 2)
        finally:
            other.end()
        control.link.close()

    asyncio.run(story())


def test_process__ends_with_its_parent(process: Process) -> None:
    process.let_go()
    assert process.process.wait(5) == 0
    assert not process.path.exists()


def test_process__ends_when_asked(process: Process) -> None:
    process.process.terminate()
    assert process.process.wait(5) == 0


def test_process__ports_in_use(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", FIRST_PORT + 20))
        ended = subprocess.run(
            [sys.executable, "-m", "ivr.service.plane", "--socket", str(tmp_path / "s"), "--host", "127.0.0.1",
             "--ports", f"{FIRST_PORT + 20}-{FIRST_PORT + 21}"], capture_output=True, text=True, timeout=20,
            check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert str(FIRST_PORT + 20) in ended.stderr


def test_process__a_socket_path_longer_than_the_kernel_takes(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    process = Process(folder, "auto")

    async def story() -> None:
        control = Control(process.path)
        await control.until(events.PlaneReady)
        control.link.close()

    try:
        asyncio.run(story())
    finally:
        process.end()



def test_process__what_is_relayed_waits_less_unless_it_is_a_crowd() -> None:
    assert [phase_of(streams) for streams in (0, 2, 300, 302)] == [0.005, 0.002, 0.002, 0.008]
