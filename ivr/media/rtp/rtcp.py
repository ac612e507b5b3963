"""Reports to the peers and from them (RTCP, RFC 3550 §6): each leg says every 5 s what it sends and what it hears, and
learns what arrived at the far end, and how long the way there and back is.
"""

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ivr.media.columns import U64, Columns, Mask, Octets, Rows
from ivr.media.rtp.outgoing import Outgoing
from ivr.media.rtp.rtcp_packet import CNAME_OCTETS, LARGEST_LOSS, LONGEST, Block, Heard, blank_reports, farewell, read
from ivr.media.rtp.srtp import MOST_TRAILER, Srtp

INTERVAL = 5.0                  # seconds, times 0.5 to 1.5 by chance (RFC 3550 §6.3); the first comes in half the time
LOOK_EVERY = 0.05               # seconds; so a thousand legs are ten reports at a time
LEAST_SLOTS, PART = 64, 25      # of one look: or a part of all rows, four times as many as are due on average
LONGEST_ROUND_TRIP = 10.0       # seconds; what is beyond is a lie or a mistake
CLOCKS_APART = 0.05             # seconds that the peer's clock may have gained while it kept our report
SHORT = 1 << 16                 # units of a second in LSR and DLSR


class Reports:
    """When each row reports, what it says, and what was reported of it.

    `chance` gives so many random bytes: for intervals, for names that say nothing of us, and for where our clock
    begins, since its time would tell how long this machine is up.
    """

    def __init__(self, table: Columns, srtp: Srtp, chance: Callable[[int], bytes]) -> None:
        self._table, self._srtp, self._chance = table, srtp, chance
        self._slots = max(LEAST_SLOTS, table.rows // PART)
        self._matrix: Octets = np.zeros((self._slots, LONGEST + MOST_TRAILER), np.uint8)
        self._names: Octets = np.zeros((table.rows, CNAME_OCTETS), np.uint8)
        self._farewells: deque[tuple[int, bytes, int]] = deque()        # at most one for each row
        self._beginning = float(int.from_bytes(chance(4), "big") >> 2)
        self._look_at = 0.0

    def begin(self, row: int, now: float) -> None:
        """A row's SDP is known: it has a name from now on, and reports."""
        self._names[row] = np.frombuffer(b64encode(self._chance(CNAME_OCTETS * 3 // 4)), np.uint8)
        self._table.report_at[row] = now + INTERVAL / 2 * float(self._factors(1)[0])

    def leave(self, row: int, now: float) -> None:
        """A row is given up: its peer is told, if it ever heard of us and may hear now."""
        table = self._table
        rows = np.array([row])
        heard_of_us = bool(table.sent[row]) or bool(table.reports[row])
        if not (heard_of_us and self._may(rows, now)[0]) or len(self._farewells) >= table.rows:
            return
        packet = farewell(int(table.ssrc[row]), self._names[row].tobytes())
        closed = self._srtp.closed_rtcp(row, packet)
        if closed is not None:
            self._farewells.append((row, closed, int(self._destinations(rows)[0])))

    def due(self, now: float) -> Outgoing | None:
        """The reports whose time has come and farewells, a bounded number at a time; None for nothing."""
        if now < self._look_at:
            return None
        self._look_at = now + LOOK_EVERY
        rows = np.flatnonzero(self._table.report_at <= now)[:self._slots]
        if len(rows):
            self._table.report_at[rows] = now + INTERVAL * self._factors(len(rows))
            rows = rows[self._may(rows, now)]
        if not len(rows) and not self._farewells:
            return None
        lengths = self._compose(rows, now)
        there = self._close(rows, lengths)
        return self._with_farewells(Outgoing(rows, self._matrix, lengths, self._destinations(rows)), there)

    def hear(self, rows: Rows, sources: U64, packets: Sequence[bytes], now: float) -> Mask:
        """RTCP that is authentic where it must be. Returns which packets show that their peer lives."""
        table = self._table
        hosts = sources >> np.uint64(16)
        at_home = hosts == table.destination[rows] >> np.uint64(16)
        known = table.live[rows] & (at_home | (hosts == table.sdp[rows] >> np.uint64(16)))
        alive = np.zeros(len(rows), np.bool_)
        for place in np.flatnonzero(known).tolist():
            row, heard = int(rows[place]), read(packets[place])
            if heard is None:
                table.malformed[row] += 1
                continue
            alive[place] = not heard.leaves
            self._take(row, heard, now)
            apart = sources[place] != table.destination[row]        # else both on one port, which nobody agreed to
            if at_home[place] and apart and heard.ssrc is not None and self._is_peer(row, heard.ssrc):
                table.rtcp_heard[row] = sources[place]
        return alive

    def _take(self, row: int, heard: Heard, now: float) -> None:
        table = self._table
        if heard.sender_time is not None and heard.ssrc is not None and self._is_peer(row, heard.ssrc):
            table.sender_time[row], table.sender_time_at[row] = heard.sender_time, now
        for block in heard.blocks:
            if block.source == int(table.ssrc[row]):
                table.remote_reports[row] += 1
                table.remote_sent[row] = table.sent[row]
                table.remote_lost[row], table.remote_jitter[row] = block.lost, block.jitter
                self._round_trip(row, block, now)

    def _round_trip(self, row: int, block: Block, now: float) -> None:
        """RFC 3550 §6.4.1, figure 2: what has passed since our report, less what the peer kept it."""
        table = self._table
        if not block.last_sender:
            return
        passed = self._short_time(now) - block.last_sender & 0xFFFFFFFF
        seconds = (passed - block.delay) / SHORT
        if -CLOCKS_APART < seconds < LONGEST_ROUND_TRIP:
            seconds = max(seconds, 0.0)
            table.round_trips[row] += 1
            table.round_trip_sum[row] += seconds
            table.round_trip_most[row] = max(seconds, float(table.round_trip_most[row]))

    def _is_peer(self, row: int, ssrc: int) -> bool:
        return not self._table.heard[row] or ssrc == int(self._table.heard_ssrc[row])

    def _may(self, rows: Rows, now: float) -> Mask:
        """Who may be sent to: not who holds us at no address, nor a stranger beyond their time."""
        table = self._table
        may: Mask = (table.destination[rows] >> np.uint64(16) != 0) & (table.send_until[rows] > now)
        return may

    def _destinations(self, rows: Rows) -> U64:
        """RTCP goes where it was heard from; else where the SDP says, or, when RTP comes from elsewhere, next to it."""
        table = self._table
        rtp, heard = table.destination[rows], table.rtcp_heard[rows]
        here = (heard >> np.uint64(16) == rtp >> np.uint64(16)) & (heard != 0)
        beside = rtp + (rtp & np.uint64(0xFFFF) < 0xFFFF)
        destinations: U64 = np.where(here, heard, np.where(rtp == table.sdp[rows], table.rtcp_sdp[rows], beside))
        return destinations

    def _factors(self, count: int) -> Any:
        return 0.5 + np.frombuffer(self._chance(2 * count), np.uint16) / 65536

    def _short_time(self, now: float) -> int:
        """The middle 32 bits of our NTP time."""
        return int((self._beginning + now) * SHORT) & 0xFFFFFFFF

    def _compose(self, rows: Rows, now: float) -> Rows:
        """Write the reports into the matrix; returns their lengths."""
        table = self._table
        lengths = np.zeros(len(rows), np.intp)
        sends = table.sent[rows] != table.reported_sent[rows]
        hears = table.heard[rows] & (table.from_source[rows] != table.reported_received[rows])
        for alike in {(bool(sent), bool(heard)) for sent, heard in zip(sends, hears, strict=True)}:
            places = np.flatnonzero((sends == alike[0]) & (hears == alike[1]))
            reports = self._reports(rows[places], *alike, now)
            self._matrix[places, :reports.itemsize] = reports.view(np.uint8).reshape(len(places), -1)
            lengths[places] = reports.itemsize
        table.reports[rows] += 1
        return lengths

    def _reports(self, rows: Rows, sends: bool, hears: bool, now: float) -> Any:
        table, reports = self._table, blank_reports(len(rows), sends, hears)
        reports["ssrc"] = reports["sdes_ssrc"] = table.ssrc[rows]
        reports["cname"] = self._names[rows]
        if sends:
            whole = self._beginning + now
            reports["seconds"], reports["fraction"] = int(whole), int(whole % 1 * 2 ** 32)
            since = np.rint((now - table.due[rows]) * table.clock_rate[rows]).astype(np.int64).astype(np.uint32)
            reports["timestamp"] = table.timestamp[rows] + since
            reports["packets"], reports["octets"] = table.sent[rows], table.sent_octets[rows]
            table.reported_sent[rows] = table.sent[rows]
        if hears:
            self._block(rows, reports, now)
        return reports

    def _block(self, rows: Rows, reports: Any, now: float) -> None:
        """RFC 3550 A.3."""
        table = self._table
        expected, received = table.newest[rows] - table.oldest[rows] + 1, table.from_source[rows]
        since = expected - table.reported_expected[rows]
        lost = np.maximum(since - (received - table.reported_received[rows]), 0)
        fraction = np.where(since > 0, np.minimum((lost << 8) // np.maximum(since, 1), 255), 0)
        table.reported_expected[rows], table.reported_received[rows] = expected, received
        all_lost = np.clip(expected - received, -LARGEST_LOSS - 1, LARGEST_LOSS)
        reports["source"], reports["lost"] = table.heard_ssrc[rows], fraction << 24 | all_lost & 0xFFFFFF
        reports["highest"], reports["jitter"] = table.newest[rows], table.jitter[rows]
        known = table.sender_time_at[rows] > -np.inf
        delay = np.where(known, now - table.sender_time_at[rows], 0.0)
        reports["last_sender"] = np.where(known, table.sender_time[rows], 0)
        reports["delay"] = np.minimum(delay * SHORT, 0xFFFFFFFF)

    def _close(self, rows: Rows, lengths: Rows) -> Mask:
        """Encrypt what must be; which packets can be sent."""
        there = np.ones(len(rows), np.bool_)
        for place in np.flatnonzero(self._table.secure[rows]).tolist():
            closed = self._srtp.closed_rtcp(int(rows[place]), self._matrix[place, :lengths[place]].tobytes())
            there[place] = closed is not None
            lengths[place] = len(closed or b"")
            self._matrix[place, :lengths[place]] = np.frombuffer(closed or b"", np.uint8)
        return there

    def _with_farewells(self, reports: Outgoing, there: Mask) -> Outgoing:
        """Reports that could be closed and, behind them, farewells as far as there is room."""
        kept = np.flatnonzero(there)
        self._matrix[:len(kept)] = self._matrix[kept]
        leaving = [self._farewells.popleft() for _ in range(min(len(self._farewells), self._slots - len(kept)))]
        for place, (_, packet, _) in enumerate(leaving, len(kept)):
            self._matrix[place, :len(packet)] = np.frombuffer(packet, np.uint8)
        return Outgoing(
            np.append(reports.rows[kept], [row for row, _, _ in leaving]).astype(np.intp),
            self._matrix[:len(kept) + len(leaving)],
            np.append(reports.lengths[kept], [len(packet) for _, packet, _ in leaving]).astype(np.intp),
            np.concatenate((reports.destinations[kept], np.array([at for _, _, at in leaving], np.uint64))))
