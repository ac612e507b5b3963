"""The plane's loop: sleep to the next phase, commands, packets in, packets out, events."""

import argparse
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes
from typing import Any

from ivr.drivers.clip_reader import ClipReader
from ivr.drivers.log import Log, set_up_log
from ivr.drivers.plane_server import PlaneServer
from ivr.drivers.recording_files import RecordingFiles
from ivr.drivers.refused_address import remedy
from ivr.drivers.rtp_capture import RtpCapture
from ivr.drivers.rtp_sockets import Wire
from ivr.drivers.wires import UringRefused, open_wire
from ivr.media.commands import (
    CaptureStream,
    CloseCapture,
    Command,
    DropClip,
    Hello,
    LoadClip,
    OpenCapture,
    StartRecording,
    StopRecording,
)
from ivr.media.events import Event
from ivr.media.plane import Plane, PlaneSettings
from ivr.media.playing.turns import Turns
from ivr.media.recording.recorder import Ended
from ivr.service import lifeline
from ivr.service.lifeline import Pulse
from ivr.service.open_files import allow_files

PHASE, BRIDGE_PHASE = 0.005, 0.002      # seconds; what is relayed waits for the next phase
CROWD, CROWD_PHASE = 300, 0.008         # beyond so many bridged streams: a turn costs much the same for few and many
IDLE = 0.2                              # seconds between looks around, for signals, while no stream is open
LOADING, IDLE_LOADING = 0.001, 0.05     # seconds of a turn for reading clips
COLLECT_EVERY = 60.0                    # seconds; a few thousand objects by then, under a millisecond
EVERY_IPV4 = "0.0.0.0"
SPARE_FILES = 64                        # descriptors besides the sockets
LAST_WORDS = 2.0                        # seconds for the disk to take the ends of recordings
PRIORITY = -10                          # nice: on a busy machine audio comes before reports; granted to root alone

log = Log("plane")


class PlaneLoop:
    """Ties plane, wire, link and clips together."""

    def __init__(self, plane: Plane, wire: Wire, link: PlaneServer, pulse: Pulse) -> None:
        self._plane, self._wire, self._link, self._pulse = plane, wire, link, pulse
        self._clips, self._turns = ClipReader(plane.bank), Turns(plane.bank)
        self._captures = RtpCapture(plane.table, plane.ports, plane.addresses)
        self._recordings = RecordingFiles()
        self._actions: dict[type, Callable[[Any, float], list[Event]]] = {
            LoadClip: self._load, DropClip: self._load, OpenCapture: self._capture, CaptureStream: self._capture,
            CloseCapture: self._capture, Hello: self._capture,
            StartRecording: self._start_recording}      # the others are for the plane itself
        self._collect_at = 0.0
        self._faults = 0
        self.stopping = False

    def run(self) -> None:
        """Turn until `stopping`. Deadlines are absolute: multiples of the phase, and what was missed is missed. A turn
        that took longer than its phase is followed by one at once: were it to wait for the next multiple, the work
        of two phases would come together, and take longer again."""
        began = time.monotonic()
        self._pulse.beat(began)         # ready
        while not self.stopping:
            if self._plane.idle:
                idle = 0.0 if self._clips.busy else PHASE if self._link.behind else IDLE
                self._turn(self._link.receive(idle), IDLE_LOADING)
                began = time.monotonic()
                continue
            phase = phase_of(self._plane.bridged)
            due = (began // phase + 1) * phase
            self._wire.wait(due - time.monotonic())
            began = time.monotonic()
            self._turns.woke(due, began, phase)
            self._turn(self._link.receive(), LOADING)

    def _turn(self, commands: list[Command], loading: float) -> None:
        plane, wire = self._plane, self._wire
        now = time.monotonic()
        told: list[Event] = []
        for command in commands:
            told += self._do(command, now)
        if commands:
            wire.follow(plane.table.open)
        told += self._receive(now)
        ticked, outgoing = plane.tick(now)
        if self._captures:
            self._captures.outgoing(outgoing, now)
        wire.send(outgoing)
        self._turns.packets_out += len(outgoing.rows)
        told += ticked
        told += self._turns.figures(now, wire.failed)
        reports = plane.report(now)
        if reports is not None:
            wire.send_rtcp(reports)
        if plane.recorder.busy or self._recordings:
            told += self._record(now)
        if self._clips.busy:
            told += self._clips.work(loading)
        self._link.send(told)
        self._pulse.beat(now)
        if now >= self._collect_at:
            self._collect_at = now + COLLECT_EVERY
            gc.collect()

    def _do(self, command: Command, now: float) -> list[Event]:
        try:
            return self._actions.get(type(command), self._plane.handle)(command, now)
        except ValueError as error:
            log.error("command_refused", command=type(command).__name__, reason=str(error))
        except Exception as error:      # a fault of ours: it must not end every call
            log.error("command_lost", command=type(command).__name__, error=error)
        return []

    def _load(self, command: LoadClip | DropClip, now: float) -> list[Event]:
        if isinstance(command, DropClip) and not self._clips.busy:
            return self._plane.handle(command, now)
        return self._clips.ask(command)

    def _capture(self, command: OpenCapture | CaptureStream | CloseCapture | Hello, now: float) -> list[Event]:
        match command:
            case OpenCapture():
                return self._captures.open(command)
            case CloseCapture():
                return self._captures.close(command)
            case CaptureStream():
                self._captures.stream(command)
            case Hello():
                self._captures.close_all()
        return self._plane.handle(command, now)

    def _start_recording(self, command: StartRecording, now: float) -> list[Event]:
        refused = self._recordings.open(command)
        if refused:
            return list(refused)
        told = self._plane.handle(command, now)
        if command.recording not in self._plane.recorder.recordings:        # the call ended before this came
            self._recordings.put([Ended(command.recording, 0.0, "the call ended", ())])
        return told

    def _record(self, now: float) -> list[Event]:
        """Hand on what recordings hold more. A bug of ours in them ends them, and no call."""
        try:
            told = self._recordings.put(self._plane.record(now))
        except Exception as error:
            log.error("recordings_lost", error=error)
            told = self._recordings.give_up(list(self._plane.recorder.recordings), "internal error")
        told += self._recordings.told()
        self._plane.recorder.drop([closed.recording for closed in told if closed.failed])
        return list(told)

    def _receive(self, now: float) -> list[Event]:
        incoming = self._wire.receive()
        if incoming is None:
            return []
        self._turns.packets_in += len(incoming.rows)
        if self._captures:          # before the plane sees them: it decrypts in their place
            self._captures.incoming(incoming.rows, incoming.packets, incoming.lengths, incoming.sources, now)
        try:
            if len(incoming.rtcp_rows):
                self._plane.receive_rtcp(incoming.rtcp_rows, incoming.rtcp_sources, incoming.rtcp_packets, now)
            told, outgoing = self._plane.receive(incoming.rows, incoming.packets, incoming.lengths,
                                                 incoming.sources, now)
        except Exception as error:
            # A fault of ours that some packet found must not end every call; the batch is lost, the first ones logged.
            self._faults += 1
            if self._faults <= 10:
                log.error("batch_lost", error=error, packets=len(incoming.rows))
            return []
        if self._captures:
            self._captures.outgoing(outgoing, now)
        self._wire.send(outgoing)
        self._turns.packets_out += len(outgoing.rows)
        return told

    def close(self) -> None:
        """The last words of recordings. Blocks."""
        now = time.monotonic()
        for recording in list(self._plane.recorder.recordings):
            self._plane.handle(StopRecording(recording, "the media plane stopped"), now)
        self._recordings.put(self._plane.record(now))
        self._recordings.close(LAST_WORDS)

    def stop(self, *_: object) -> None:
        """For signals."""
        self.stopping = True


def phase_of(bridged: int) -> float:
    """Seconds from turn to turn while so many streams are bridged."""
    if not bridged:
        return PHASE
    return BRIDGE_PHASE if bridged <= CROWD else CROWD_PHASE


def run(arguments: argparse.Namespace) -> int:
    """The process: 0 after SIGTERM, 1 with one message if it can't start."""
    lifeline.watch(arguments.lifeline)
    set_up_log(arguments.name, arguments.log_level)
    settings = PlaneSettings(arguments.clip_seconds, arguments.lost_after, codecs=tuple(arguments.codecs))
    hosts = arguments.host or [EVERY_IPV4]
    allow_files(len(arguments.ports) * len(hosts) + SPARE_FILES)
    try:
        wire = open_wire(arguments.wire, hosts, arguments.ports, settings.batch)
    except UringRefused as error:
        print(f"media.wire: uring is not possible here: {error} (or write auto: the plain wire works everywhere)",
              file=sys.stderr)
        return 1
    except OSError as error:
        ports = f"{arguments.ports.start}-{arguments.ports.stop - 1}"
        print(f"media.ports: none of the UDP ports {ports} at {' and '.join(hosts)} can be opened: "
              f"{error.strerror or error} ({remedy(error)})", file=sys.stderr)
        return 1
    if wire.busy:
        log.warning("ports_in_use", pairs=len(wire.busy), first=wire.busy[0], streams=len(wire.ports))
    link = PlaneServer(Path(arguments.socket))
    loop = PlaneLoop(Plane(wire.ports, wire.name, settings, wire.addresses, token_bytes), wire, link,
                     Pulse(arguments.ready))
    signal.signal(signal.SIGTERM, loop.stop)
    signal.signal(signal.SIGINT, loop.stop)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        loop.run()
        loop.close()
    finally:
        link.close()
        wire.close()
    return 0
