"""A wire in virtual time: RTP as (source, destination, bytes) between a plane and simulated phones."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ivr.media.commands import Command, LoadClip, StartRecording
from ivr.media.events import ClipFailed, RecordingClosed
from ivr.media.plane import Plane
from ivr.media.recording.recorder import Ended

Address = tuple[str, int]
Packet = tuple[Address, Address, bytes]      # source, destination, payload


class VirtualWire:
    """Carries the commands, events and packets of one plane at `host`. `samples` has each clip's 8 kHz samples."""

    def __init__(self, plane: Plane, host: str, samples: Mapping[str, Any]) -> None:
        self.plane = plane
        self.host = host
        self.samples = samples
        self._row_of = {port: row for row, port in enumerate(plane.ports)}

    def handle(self, command: Command, now: float) -> list[Any]:
        """A command of control; LoadClip takes its samples from memory instead of a file."""
        if isinstance(command, LoadClip) and command.recorded and command.clip not in self.samples:
            return [ClipFailed(command.clip, "no such file")]
        if isinstance(command, LoadClip):
            return self.plane.add_clip(command.clip, self.samples[command.clip])
        return [*self.plane.handle(command, now), *self._recorded(now), *self._not_begun(command)]

    def receive(self, source: Address, port: int, payload: bytes, now: float) -> tuple[list[Any], list[Packet]]:
        """One packet for one of our ports; RTCP and unknown ports are dropped."""
        row = self._row_of.get(port)
        if row is None:
            return [], []
        matrix = np.frombuffer(payload, np.uint8).reshape(1, -1)
        told, outgoing = self.plane.receive(np.array([row]), matrix, np.array([len(payload)]),
                                            np.array([self.plane.addresses.pack(*source)], np.uint64), now)
        return told, self._packets(outgoing)

    def tick(self, now: float) -> tuple[list[Any], list[Packet]]:
        """One phase of the plane's clock."""
        told, outgoing = self.plane.tick(now)
        return [*told, *self._recorded(now)], self._packets(outgoing)

    def _recorded(self, now: float) -> list[Any]:
        """Recordings go nowhere; that they are closed is told at once."""
        return [RecordingClosed(item.recording, item.seconds, round(32_000 * item.seconds), item.reason, item.muted,
                                spoken=item.spoken)
                for item in self.plane.record(now) if isinstance(item, Ended)]

    def _not_begun(self, command: Command) -> list[Any]:
        """As the plane's loop tells of one whose stream is gone."""
        if not isinstance(command, StartRecording) or command.recording in self.plane.recorder.recordings:
            return []
        return [RecordingClosed(command.recording, 0.0, 0, "the call ended")]

    def _packets(self, outgoing: Any) -> list[Packet]:
        return [((self.host, self.plane.ports[row]), destination, payload)
                for row, payload, destination in outgoing.each(self.plane.addresses.unpack)]
