"""Captures on request: their bounds, their files, and how each stands. What is caught is decided by the exchange."""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivr.base.errors import AdminError
from ivr.base.pcap import Address, record
from ivr.drivers.capture_file import PART, CaptureFile, merge
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.log import Log
from ivr.drivers.own_address import EVERY_ADDRESS
from ivr.drivers.private_files import make_private_folder
from ivr.exchange.capturing import MOST, Capture, CaptureOver, Message, RtpCaptured, RtpWanted, Which
from ivr.service.calls_in_progress import only_call

if TYPE_CHECKING:
    from ivr.service.control_loop import Control

LONGEST, LARGEST = 3600.0, 256 << 20        # s and bytes of one capture
MOST_ON_DISK = 1 << 30                      # bytes of all that lie there: people forget them
REMEMBERED = 20                             # captures that are over and can still be asked about
LOOK_EVERY = 0.5                            # s between looks whether a file still takes records
PLANE_CLOSES = 5.0                          # s for the plane's file, whose disk may be slow

log = Log("captures")


@dataclass(eq=False)
class Kept:
    """One capture with its file; times of the wall clock. `state` is told to people."""

    capture: Capture
    file: CaptureFile
    offset: float
    state: str = "waiting"
    reason: str = ""
    packets: int = 0
    faults: list[str] = field(default_factory=list)


class CaptureDesk:
    """All captures of this control."""

    def __init__(self, control: "Control", folder: Path) -> None:
        self._control, self._folder = control, folder
        self._captures = control.exchange.house.captures
        self._kept: dict[int, Kept] = {}
        self._number = 0
        self._looking: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, which: Which, value: str, *, rtp: bool, seconds: float, most_bytes: int) -> dict[str, Any]:
        """Raises ControlRefused for what can't be done."""
        now = time.monotonic()
        value = only_call(self._control.exchange.house.calls, value) if which == "call" else value
        self._check_bounds(value if which == "call" else "")
        self._number += 1
        offset = time.time() - now
        path = self._folder / f"{datetime.now():%Y%m%d-%H%M%S}-{self._number}.pcap"
        most = min(most_bytes, LARGEST)
        wanted = RtpWanted(str(path.with_suffix(".rtp")), offset, most) if rtp else None
        capture = Capture(self._number, which, value, wanted)
        self._kept[self._number] = Kept(capture, self._file(path, most), offset)
        for number in [number for number, kept in self._kept.items() if kept.state == "done"][:-REMEMBERED]:
            del self._kept[number]
        self._control.carry_out(self._control.exchange.begin_capture(capture, now + min(seconds, LONGEST)), now)
        self._look()
        log.info("capture_begun", file=str(path), rtp=rtp, which=which)
        return self.status(self._number)

    def end(self, number: int) -> dict[str, Any]:
        """Raises ControlRefused if there is none."""
        self.status(number)
        self._finish(number, "it was stopped")
        return self.status(number)

    def status(self, number: int) -> dict[str, Any]:
        kept = self._kept.get(number)
        if kept is None:
            raise ControlRefused("unknown_capture", f"there is no capture {number}")
        state = "running" if kept.state == "waiting" and kept.capture.call else kept.state
        file = str(kept.file.path) if kept.capture.call or state != "done" else ""
        return {"capture": number, "state": state, "call": kept.capture.call, "file": file,
                "messages": kept.file.count, "packets": kept.packets, "rtp": kept.capture.rtp is not None,
                "reason": "; ".join((kept.reason, *kept.faults)) if kept.reason else ""}

    def all(self) -> list[dict[str, Any]]:
        return [self.status(number) for number in self._kept]

    def write(self) -> None:
        """Put down what the exchange has caught."""
        for number, message in self._captures.caught():
            kept = self._kept.get(number)
            if kept is None:
                continue
            try:
                kept.file.put(self._record(message, kept.offset))
            except Exception as error:          # no message and no bug of ours here may disturb a call
                log.error("message_not_captured", error=error)

    def take(self, effect: CaptureOver | RtpCaptured) -> None:
        if isinstance(effect, CaptureOver):
            self.over(effect)
        else:
            self.rtp_over(effect)

    def over(self, effect: CaptureOver) -> None:
        """The exchange has ended a capture."""
        self.write()
        kept = self._kept.get(effect.capture)
        if kept is None or kept.reason:
            return
        kept.reason, kept.state = kept.file.reason or effect.reason, "closing"
        kept.file.close(effect.reason)
        task = self._control.loop.create_task(self._close(kept))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def rtp_over(self, effect: RtpCaptured) -> None:
        """The plane has closed its file."""
        kept = self._kept.get(effect.capture)
        if kept is not None:
            kept.packets = effect.packets
            kept.faults += [f"RTP: {effect.reason}"] if effect.reason else []

    async def close(self) -> None:
        """The service ends: captures too."""
        for capture in self._captures:
            self._finish(capture.number, "the service stopped")
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _finish(self, number: int, reason: str) -> None:
        self._control.carry_out(self._control.exchange.end_capture(number, reason), time.monotonic())

    def _check_bounds(self, call: str) -> None:
        if len(self._captures) >= MOST:
            raise ControlRefused("too_many_captures", f"{MOST} captures are on already: end one of them")
        if call and self._captures.of_call(call) is not None:
            raise ControlRefused("captured_already", f"call {call} is being captured already")

    def _file(self, path: Path, most_bytes: int) -> CaptureFile:
        try:
            make_private_folder(self._folder)
            used = _octets_in(self._folder)
            if used > MOST_ON_DISK:
                raise ControlRefused("captures_full", f"{used >> 20} MB of captures lie in {self._folder}: remove some")
            return CaptureFile(path, most_bytes)
        except (AdminError, OSError) as error:
            raise ControlRefused("no_file", f"{path} can't be made: {error}") from None

    def _look(self) -> None:
        """A file that takes no more ends its capture."""
        for capture in self._captures:
            kept = self._kept[capture.number]
            if kept.file.reason:
                self._finish(capture.number, kept.file.reason)
        if self._looking is not None:
            self._looking.cancel()
        self._looking = self._control.loop.call_later(LOOK_EVERY, self._look) if self._captures else None

    def _record(self, message: Message, offset: float) -> bytes:
        flow = message.flow
        host, port = flow.local
        if host in EVERY_ADDRESS:
            host = self._control.exchange.house.endpoint.advertised_address(flow.remote[0])
        if (":" in host) != (":" in flow.remote[0]):
            host = "::" if ":" in flow.remote[0] else "0.0.0.0"
        ours: Address = (host, port)
        ends = (ours, flow.remote) if message.outward else (flow.remote, ours)
        return record(message.at + offset, *ends, message.payload)

    async def _close(self, kept: Kept) -> None:
        try:
            await asyncio.to_thread(_put_together, kept)
        except OSError as error:
            kept.faults.append(error.strerror or str(error))
            log.warning("capture_not_merged", file=str(kept.file.path), reason=error.strerror)
        if kept.file.fault not in (kept.reason, ""):
            kept.faults.append(kept.file.fault)
        kept.state = "done"
        log.info("capture_done", file=str(kept.file.path), messages=kept.file.count, packets=kept.packets,
                 reason=kept.reason)


def _octets_in(folder: Path) -> int:
    """Of all its files. One that gets its final name meanwhile counts for nothing: its old one is gone."""
    octets = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                octets += entry.stat().st_size
    return octets


def _put_together(kept: Kept) -> None:
    """Wait for both files and make one of them, or none where no call came. Raises OSError."""
    kept.file.wait(PLANE_CLOSES)
    rtp = kept.capture.rtp if kept.capture.worker is not None else None
    part = _closed_part(Path(rtp.path)) if rtp is not None else None
    if not kept.capture.call:           # files of a header alone tell nobody anything
        for file in (kept.file.path, part):
            if file is not None:
                file.unlink(missing_ok=True)
    elif part is not None and part.exists():
        merge(kept.file.path, part)


def _closed_part(part: Path) -> Path:
    until = time.monotonic() + PLANE_CLOSES
    while not part.exists() and time.monotonic() < until:
        time.sleep(0.02)
    return part if part.exists() else part.with_name(part.name + PART)      # the plane has died: what it wrote is there
