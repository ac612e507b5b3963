"""RTP of captured streams as it is on the wire; nothing of others; no payload while a secret is asked."""

from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.dtmf import tones
from ivr.audio.g711 import encode_alaw
from ivr.base.pcap import records
from ivr.drivers.rtp_capture import MOST, RtpCapture
from ivr.media import commands
from ivr.media.columns import pack_address
from ivr.media.events import CaptureClosed
from tests.media.virtual_peer import World, key, rtp

OURS, PEER = "192.0.2.1", ("192.0.2.9", 4000)
AUDIO = b"\x11" * 160


class Stage:
    """Two streams that talk to PEER, the first of them captured."""

    def __init__(self, folder: Path) -> None:
        self.world, self.path = World(), folder / "one.rtp"
        self.plane = self.world.plane
        for row in (0, 1):
            self.world.do(commands.OpenStream(row, f"leg{row}", 7, 100, 0),
                          commands.SetStream(row, f"leg{row}", PEER, "PCMA", 8, 101, "sendrecv", 20, "sdp"))
        self.capture = RtpCapture(self.plane.table, self.plane.ports, self.plane.addresses)

    def begin(self, masked_until: float = 0.0) -> None:
        assert self.capture.open(commands.OpenCapture(1, str(self.path), 0.0, 1 << 20)) == []
        self.mask(masked_until)

    def mask(self, until: float) -> None:
        command = commands.CaptureStream(0, "leg0", 1, until, (OURS,))
        self.plane.handle(command, self.world.now)
        self.capture.stream(command)

    def came(self, *packets: bytes, row: int = 0) -> None:
        """As the loop does it: the capture sees them, then the plane."""
        for packet in packets:
            self.world.now += 0.02
            matrix = np.zeros((1, 256), np.uint8)
            matrix[0, :len(packet)] = np.frombuffer(packet, np.uint8)
            given = (np.array([row]), matrix, np.array([len(packet)]), np.array([pack_address(*PEER)], np.uint64))
            if self.capture:
                self.capture.incoming(*given, self.world.now)
            self.plane.receive(*given, self.world.now)

    def sent(self, turns: int = 8) -> None:
        for _ in range(turns):
            self.world.now += 0.005
            _, outgoing = self.plane.tick(self.world.now)
            self.capture.outgoing(outgoing, self.world.now)

    def end(self) -> list[bytes]:
        """The IP packets of the file."""
        file = self.capture._files[1][0]
        (told,) = self.capture.close(commands.CloseCapture(1))
        file.wait(5)
        with self.path.open("rb") as found:
            packets = [octets[16:] for _, octets in records(found)]
        assert told == CaptureClosed(1, len(packets), "")
        return packets


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_rtp_capture__both_ways_and_of_its_stream_alone(stage: Stage) -> None:
    stage.came(rtp(1, 0, AUDIO))
    stage.begin()
    stage.came(rtp(2, 160, AUDIO))
    stage.came(rtp(3, 320, AUDIO), row=1)
    stage.sent()
    packets = stage.end()
    assert packets[0][28:] == rtp(2, 160, AUDIO)
    assert packets[0][12:20] == bytes([192, 0, 2, 9, 192, 0, 2, 1])
    assert int.from_bytes(packets[0][22:24], "big") == stage.plane.ports[0]
    assert len(packets) > 1
    assert all(packet[12:20] == bytes([192, 0, 2, 1, 192, 0, 2, 9]) for packet in packets[1:])
    assert not stage.capture
    assert (stage.plane.table.captured == -1).all()


def test_rtp_capture__no_payload_while_a_secret_is_asked(stage: Stage) -> None:
    stage.begin(masked_until=1e15)
    stage.came(rtp(1, 0, AUDIO), key(2, 160, 160, marker=True), rtp(3, 480, b""), rtp(4, 640, AUDIO)[:7])
    stage.sent()
    packets = stage.end()
    assert packets[0][28:] == rtp(1, 0, b"\xff" * 160)
    assert packets[1][28:] == key(2, 160, 160, marker=True)[:12] + b"\xff" * 4
    assert all(set(packet[40:]) <= {0xFF} for packet in packets)


def test_rtp_capture__the_last_key_is_masked_until_it_is_up(stage: Stage) -> None:
    """The menu says that the secret is over at the first packet of its last key, which may be held for long."""
    stage.begin(masked_until=1e15)
    stage.came(key(1, 160, 160, marker=True))
    stage.mask(stage.world.now + 2.0)
    stage.came(*(key(number, 160, 160 * number) for number in range(2, 200)))       # 4 s
    stage.came(*(key(200, 160, 32_000, end=True) for _ in range(3)))
    for _ in range(400):
        stage.world.now += 0.005
        stage.plane.tick(stage.world.now)
    stage.world.now += 1.0
    stage.came(key(300, 90_000, 160, code=3, marker=True))
    packets = stage.end()
    assert {packet[40:] for packet in packets[:-1]} == {b"\xff" * 4}
    assert packets[-1][40] == 3


def test_rtp_capture__srtp_stays_encrypted(stage: Stage) -> None:
    made = b64encode(bytes(range(30))).decode()
    stage.world.do(commands.SetStream(0, "leg0", PEER, "PCMA", 8, 101, "sendrecv", 20, "sdp", None,
                                      "AES_CM_128_HMAC_SHA1_80", made, made))
    stage.begin()
    stage.sent()
    packets = stage.end()
    assert packets
    assert {len(packet) for packet in packets} == {28 + 12 + 160 + 10}
    assert all(len(set(packet[40:200])) > 50 for packet in packets)     # silence is one octet, were it readable


def test_rtp_capture__a_stream_that_ends_is_captured_no_more(stage: Stage) -> None:
    stage.begin()
    stage.world.do(commands.CloseStream(0, "leg0"))
    stage.world.do(commands.OpenStream(0, "another", 7, 100, 0))
    stage.came(rtp(1, 0, AUDIO))
    assert stage.end() == []


def test_rtp_capture__a_command_for_a_leg_that_is_gone(stage: Stage) -> None:
    stage.begin()
    stage.world.do(commands.CaptureStream(1, "leg9", 1, 0.0, (OURS,)))
    assert stage.plane.table.captured.tolist() == [1, -1, -1, -1]
    stage.end()


def test_rtp_capture__a_file_that_cannot_be_made(stage: Stage, tmp_path: Path) -> None:
    told = stage.capture.open(commands.OpenCapture(1, str(tmp_path / "nowhere/one.rtp"), 0.0, 1000))
    assert told == [CaptureClosed(1, 0, "No such file or directory")]
    assert not stage.capture


def test_rtp_capture__too_many(stage: Stage, tmp_path: Path) -> None:
    told = [stage.capture.open(commands.OpenCapture(number, str(tmp_path / f"{number}.rtp"), 0.0, 1000))
            for number in range(MOST + 1)]
    assert told == [[]] * MOST + [[CaptureClosed(MOST, 0, "too many captures")]]
    stage.capture.close_all()
    assert not stage.capture


def test_rtp_capture__the_tones_of_the_last_key_are_masked_until_it_is_up(stage: Stage) -> None:
    """The menu says that the secret is over as soon as the key is heard, and it goes on to sound."""
    stage.world.do(commands.SetStream(0, "leg0", PEER, "PCMA", 8, None, "sendrecv", 20, "sdp", in_band=True))
    stage.begin(masked_until=1e15)
    held = encode_alaw(np.concatenate([tones("5", 8000 * 4), np.zeros(8000 * 3, np.int16)]))
    for place in range(350):
        stage.came(rtp(place, 160 * place, held[160 * place:160 * place + 160].tobytes()))
        stage.plane.tick(stage.world.now)
        if place == 20:
            assert stage.plane.table.tone_digit[0] == 5
            stage.mask(stage.world.now + 1.0)
    payloads = [packet[40:] for packet in stage.end()]
    assert set(payloads[:200]) == {b"\xff" * 160}
    assert payloads[-1] == b"\xd5" * 160
