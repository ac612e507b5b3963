"""A plane in virtual time, and the far end of its streams: what tests and stories of the media plane stand on."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ivr.media import commands
from ivr.media.events import Event
from ivr.media.plane import Plane, PlaneSettings
from ivr.media.recording.recorder import Ended

PHASE = 0.005
START = 1000.0


@dataclass(frozen=True)
class Rtp:
    """A packet as it came to a peer."""

    at: float
    source_port: int
    destination: tuple[str, int]
    marker: bool
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    octets: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Rtcp:
    """RTCP as it came to a peer."""

    at: float
    source_port: int
    destination: tuple[str, int]
    octets: bytes


def rtp(sequence_number: int, timestamp: int, payload: bytes = b"\xd5" * 160, payload_type: int = 8, ssrc: int = 7,
        marker: bool = False) -> bytes:
    return struct.pack(">BBHII", 0x80, payload_type | marker << 7, sequence_number & 0xFFFF, timestamp & 0xFFFFFFFF,
                       ssrc) + payload


def key(sequence_number: int, timestamp: int, duration: int, code: int = 5, end: bool = False, marker: bool = False,
        payload_type: int = 101, ssrc: int = 7) -> bytes:
    payload = struct.pack(">BBH", code, 10 | end << 7, duration)
    return rtp(sequence_number, timestamp, payload, payload_type, ssrc, marker)


@dataclass
class World:
    """One plane, its time, and all that came out of it."""

    rows: int = 4
    settings: PlaneSettings = field(default_factory=lambda: PlaneSettings(clip_seconds=120.0, batch=256))
    now: float = START
    events: list[Any] = field(default_factory=list)
    sent: list[Rtp] = field(default_factory=list)
    reports: list[Rtcp] = field(default_factory=list)
    chance: Callable[[int], bytes] = bytes
    recorded: dict[int, list[np.ndarray[Any, np.dtype[np.int16]]]] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plane = Plane(tuple(range(16384, 16384 + 2 * self.rows, 2)), settings=self.settings, chance=self.chance)
        self.do(commands.Hello(1))
        self.events.clear()

    def do(self, *asked: commands.Command) -> list[Event]:
        told = [event for command in asked for event in self.plane.handle(command, self.now)]
        self.events += told
        self._record()
        return told

    def open(self, stream: int, codec: Any = "PCMA", **changes: Any) -> None:
        """A stream whose leg is called by its number, whose peer is 192.0.2.<stream>:4000."""
        self.do(commands.OpenStream(stream, str(stream), 0x1000 + stream, 65530, 0xFFFFFE00),
                self.sdp(stream, codec=codec, **changes))

    def sdp(self, stream: int, **changes: Any) -> commands.SetStream:
        given: dict[str, Any] = {"remote": (f"192.0.2.{stream}", 4000), "codec": "PCMA", "event_payload_type": 101,
                                 "direction": "sendrecv", "ptime_ms": 20, "latch": "sdp", **changes}
        given.setdefault("payload_type", {"PCMU": 0, "PCMA": 8, "G722": 9, "opus": 96}[given["codec"]])
        return commands.SetStream(stream, str(stream), **given)

    def hear(self, stream: int, *payloads: bytes, source: tuple[str, int] | None = None) -> list[Event]:
        """Packets of one stream in one batch."""
        return self.batch(*((stream, payload, source) for payload in payloads))

    def batch(self, *packets: tuple[int, bytes, tuple[str, int] | None]) -> list[Event]:
        matrix = np.zeros((max(len(packets), 1), 1500), np.uint8)
        for i, (_, payload, _) in enumerate(packets):
            matrix[i, :len(payload)] = np.frombuffer(payload, np.uint8)
        sources = [self.plane.addresses.pack(*(source or (f"192.0.2.{stream}", 4000))) for stream, _, source in packets]
        told, outgoing = self.plane.receive(
            np.array([stream for stream, _, _ in packets], np.intp), matrix,
            np.array([len(payload) for _, payload, _ in packets], np.intp), np.array(sources, np.uint64), self.now)
        self._collect(outgoing)
        self.events += told
        return told

    def control(self, stream: int, *packets: bytes, source: tuple[str, int] | None = None) -> None:
        """RTCP of one stream."""
        at = self.plane.addresses.pack(*(source or (f"192.0.2.{stream}", 4001)))
        self.plane.receive_rtcp(np.full(len(packets), stream), np.full(len(packets), at, np.uint64), packets, self.now)

    def run(self, seconds: float) -> list[Event]:
        """Tick in phases."""
        before = len(self.events)
        for _ in range(round(seconds / PHASE)):
            told, outgoing = self.plane.tick(self.now)
            self._collect(outgoing)
            self._record()
            self.events += told
            self._collect_reports()
            self.now = round(self.now + PHASE, 6)
        return self.events[before:]

    def reports_of(self, stream: int) -> list[Rtcp]:
        return [report for report in self.reports if report.source_port == self.plane.ports[stream] + 1]

    def octets_from(self, stream: int) -> list[tuple[float, bytes]]:
        """When each packet of a stream was sent, and the packet itself."""
        return [(packet.at, packet.octets) for packet in self.sent_from(stream)]

    def sent_from(self, stream: int) -> list[Rtp]:
        return [packet for packet in self.sent if packet.source_port == self.plane.ports[stream]]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _collect_reports(self) -> None:
        outgoing = self.plane.report(self.now)
        for row, octets, destination in outgoing.each(self.plane.addresses.unpack) if outgoing is not None else ():
            self.reports.append(Rtcp(self.now, self.plane.ports[row] + 1, destination, octets))

    def recording(self, number: int) -> np.ndarray[Any, np.dtype[np.int16]]:
        """What has been recorded so far: (frames, 2)."""
        return np.concatenate(self.recorded[number])

    def _record(self) -> None:
        for item in self.plane.record(self.now):
            if isinstance(item, Ended):
                self.ended.append(item)
                continue
            for place, number in enumerate(item.recordings):
                self.recorded.setdefault(number, []).append(item.samples[place])

    def _collect(self, outgoing: Any) -> None:
        for row, octets, destination in outgoing.each(self.plane.addresses.unpack):
            flags, second, sequence_number, timestamp, ssrc = struct.unpack(">BBHII", octets[:12])
            assert flags == 0x80
            self.sent.append(Rtp(self.now, self.plane.ports[row], destination, second >= 128, second & 127,
                                 sequence_number, timestamp, ssrc, octets[12:], octets))


def ramp(frames: int, first: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Samples of a clip each of whose 20 ms frames has a value of its own."""
    return np.repeat(np.arange(first, first + frames, dtype=np.int16) * 256, 160)
