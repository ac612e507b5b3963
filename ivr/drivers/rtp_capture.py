"""The RTP of captured streams, from the plane's packets into files: what the wire carries, so SRTP stays encrypted."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ivr.base.pcap import Address, record
from ivr.drivers.capture_file import CaptureFile
from ivr.drivers.log import Log
from ivr.media.columns import NOBODY, U64, Columns, Octets, Rows
from ivr.media.commands import CaptureStream, CloseCapture, OpenCapture
from ivr.media.events import CaptureClosed, Event
from ivr.media.rtp.addresses import Addresses
from ivr.media.rtp.outgoing import Outgoing
from ivr.media.rtp.packet import HEADER_BYTES

MOST = 8                # files at one time; control opens fewer
KEY_TAIL = 2.0          # s that a row stays masked after the last packet of a key that went down while it was
MASK = 0xFF             # silence in µ-law, no key in telephone-event

log = Log("rtp_capture")


class RtpCapture:
    """Open captures. True if there is one: only then need packets be shown."""

    def __init__(self, table: Columns, ports: tuple[int, ...], addresses: Addresses) -> None:
        self._table, self._ports, self._addresses = table, ports, addresses
        self._files: dict[int, tuple[CaptureFile, float]] = {}      # with its offset to the time of day
        self._local: dict[int, tuple[str, ...]] = {}                # by row

    def __bool__(self) -> bool:
        return bool(self._files)

    def open(self, command: OpenCapture) -> list[Event]:
        if len(self._files) >= MOST or command.capture in self._files:
            return [CaptureClosed(command.capture, 0, "too many captures")]
        try:
            file = CaptureFile(Path(command.path), command.most_bytes)
        except OSError as error:
            log.warning("capture_not_opened", file=command.path, reason=error.strerror)
            return [CaptureClosed(command.capture, 0, error.strerror or "the file can't be made")]
        self._files[command.capture] = file, command.wall_offset
        return []

    def stream(self, command: CaptureStream) -> None:
        """The plane has marked the row, unless the command came too late."""
        self._local[command.stream] = command.addresses

    def close(self, command: CloseCapture) -> list[Event]:
        """The rest is still on its way to the disk when this is told: see `CaptureFile`."""
        found = self._files.pop(command.capture, None)
        self._table.captured[self._table.captured == command.capture] = NOBODY
        if not self._files:
            self._local.clear()
        if found is None:
            return []
        file, ended = found[0], found[0].reason
        file.close("closed")
        return [CaptureClosed(command.capture, file.count, ended)]

    def close_all(self) -> None:
        """Whoever asked for them is gone."""
        for capture in list(self._files):
            self.close(CloseCapture(capture))

    def incoming(self, rows: Rows, matrix: Octets, lengths: Rows, sources: U64, now: float) -> None:
        """Packets as they came."""
        for place in np.flatnonzero(self._table.captured[rows] != NOBODY).tolist():
            row = int(rows[place])
            self._keep(row, matrix[place, :lengths[place]].tobytes(),
                       self._addresses.unpack(int(sources[place])), now, outward=False)

    def outgoing(self, outgoing: Outgoing, now: float) -> None:
        """Packets as they leave."""
        rows = outgoing.rows
        for place in np.flatnonzero(self._table.captured[rows] != NOBODY).tolist():
            self._keep(int(rows[place]), outgoing.packets[place, :outgoing.lengths[place]].tobytes(),
                       self._addresses.unpack(int(outgoing.destinations[place])), now, outward=True)

    def _keep(self, row: int, packet: bytes, remote: Address, now: float, *, outward: bool) -> None:
        found = self._files.get(int(self._table.captured[row]))
        local = _of_family(self._local.get(row, ()), remote)
        if found is None or local is None:
            return
        file, offset = found
        if self._is_masked(row, now):
            packet = packet[:HEADER_BYTES] + bytes([MASK]) * (len(packet) - HEADER_BYTES)
        ours = (local, self._ports[row])
        ends = (ours, remote) if outward else (remote, ours)
        file.put(record(now + offset, *ends, packet))

    def _is_masked(self, row: int, now: float) -> bool:
        """A key that is held while the secret ends is masked until it is up."""
        table = self._table
        if now >= table.masked_until[row]:
            return False
        if table.key_down[row] or table.tone_digit[row] != NOBODY:
            table.masked_until[row] = max(table.masked_until[row], now + KEY_TAIL)
        return True


def _of_family(hosts: Iterable[str], remote: Address) -> str | None:
    return next((host for host in hosts if (":" in host) == (":" in remote[0])), None)
