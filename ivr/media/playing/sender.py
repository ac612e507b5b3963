"""What the streams on our clock send when their turn comes: clips, silence, keys."""

from collections.abc import Callable
from math import ceil

import numpy as np

from ivr.media.columns import BLOCK, BLOCK_SAMPLES, NOBODY, RATE, Columns, Mask, Octets, Rows, Seconds, some
from ivr.media.dtmf.digits import STEP, STEPS_PER_SECOND, Digits
from ivr.media.playing.player import Player
from ivr.media.rtp.outgoing import PacketMatrix
from ivr.media.voices.mixer import Mixer

FRAME, PHASES = 0.02, 4         # streams have their turns in four phases of 20 ms, 5 ms apart, so that load is even
GRAIN = 0.005           # seconds: every turn is a multiple of it, whatever the phase and the length of its packets
EARLY = 0.0005          # seconds: a clock that wakes us this much too soon is on time
LATE = 0.06             # seconds: up to three packets behind we catch up, one packet more per phase; then we skip


class Sender:
    """The clock of the streams that we feed, and their packets. Those that relay a peer have none."""

    def __init__(self, table: Columns, player: Player, digits: Digits, packets: PacketMatrix, mixer: Mixer) -> None:
        self._table, self._player, self._digits, self._packets, self._mixer = table, player, digits, packets, mixer

    def settle(self, row: int, now: float) -> None:
        """After any change: who gives this stream its packets, our clock or the peer of its bridge?"""
        table = self._table
        self._mixer.settle(row)
        ours = table.peer[row] == NOBODY or table.playing[row] or table.digit[row] != NOBODY or table.mixed[row]
        if not (ours and table.live[row]):
            table.clocked[row] = table.relaying[row] = False
        elif not table.clocked[row]:
            self._start_clock(row, now)

    def due(self, now: float) -> Rows:
        """Streams whose turn has come. Those that are too far behind skip what they missed."""
        table = self._table
        rows: Rows = (table.clocked & (table.due <= now + EARLY)).nonzero()[0]
        if len(rows):
            behind = now - table.due[rows]
            if behind.max() > LATE:
                late = rows[behind > LATE]
                frame = (table.blocks[late] * BLOCK).astype(np.float64)
                self._pass_time(late, np.floor(behind[behind > LATE] / frame + 1e-6) * frame)
                table.marked[late] = True
        return rows

    def align(self) -> None:
        """Put turns back on their grid. A turn is the one before and a frame, and sums of fractions go astray, by
        1e-11 s each; so now and then is often enough."""
        table = self._table
        rows = table.clocked.nonzero()[0]
        table.due[rows] = np.rint(table.due[rows] / GRAIN) * GRAIN

    def allowed(self, rows: Rows, now: float) -> Mask:
        """Which streams may send now, by direction and confirmation."""
        return self._table.sends[rows] & (self._table.send_until[rows] > now)

    def skip(self, rows: Rows) -> None:
        """Let the turn of streams that may not send go by."""
        self._pass_time(rows, (self._table.blocks[rows] * BLOCK).astype(np.float64))
        self._table.marked[rows] = True
        self._player.pass_over(rows)

    def audio(self, rows: Rows) -> None:
        """A frame of what plays, or silence, of each stream."""
        self._send(rows, self._frames)

    def _send(self, rows: Rows, frames: Callable[[Rows, int], Octets]) -> None:
        table = self._table
        sizes = table.blocks[rows]
        unlike = some(sizes != sizes[:1])
        for blocks in np.unique(sizes).tolist() if unlike else sizes[:1].tolist():
            part = rows[sizes == blocks] if unlike else rows
            samples = blocks * BLOCK_SAMPLES
            numbers, timestamps = table.sequence_number[part], table.timestamp[part]
            payloads = self._packets.add(part, table.payload_type[part], numbers, timestamps, table.marked[part],
                                         samples)
            payloads[:] = frames(part, blocks)
            table.sequence_number[part] = numbers + np.uint16(1)
            table.timestamp[part] = timestamps + table.step[part]
            table.due[part] += samples / RATE
            table.marked[part] = False

    def _frames(self, rows: Rows, blocks: int) -> Octets:
        mixed = self._table.mixed[rows]
        if not some(mixed):
            return self._player.frames(rows, blocks)
        if mixed.all():
            return self._mixer.frames(rows, blocks)
        frames = np.empty((len(rows), blocks * BLOCK_SAMPLES), np.uint8)
        frames[mixed] = self._mixer.frames(rows[mixed], blocks)
        frames[~mixed] = self._player.frames(rows[~mixed], blocks)
        return frames

    def keys(self, rows: Rows) -> Rows:
        """A packet of each stream's key. Returns the rows whose key is out."""
        toned = self._table.digit_tones[rows]
        if not some(toned):
            return self._events(rows)
        self._send(rows[toned], self._digits.frames)
        return np.concatenate((self._digits.sounded(rows[toned]), self._events(rows[~toned])))

    def _events(self, rows: Rows) -> Rows:
        table = self._table
        begins = table.digit_elapsed[rows] == 0
        table.digit_timestamp[rows[begins]] = table.timestamp[rows[begins]]
        octets, done = self._digits.payloads(rows)
        payloads = self._packets.add(rows, table.event_out[rows].astype(np.uint8), table.sequence_number[rows],
                                     table.digit_timestamp[rows], begins, octets.shape[1])
        payloads[:] = octets
        table.sequence_number[rows] += np.uint16(1)
        table.timestamp[rows] += (table.clock_rate[rows] // STEPS_PER_SECOND).astype(np.uint32)
        table.due[rows] += STEP
        table.marked[done] = True
        return done

    def turn(self, row: int, earliest: float) -> float:
        """The stream's first turn that is not before `earliest`."""
        phase = row % PHASES * (FRAME / PHASES)
        return ceil((earliest - phase) / FRAME - 1e-6) * FRAME + phase

    def _start_clock(self, row: int, now: float) -> None:
        """Send on our clock from the stream's next turn on; the RTP time grows by what has passed."""
        table = self._table
        before = float(table.due[row])
        due = self.turn(row, max(now, before))
        passed = round((due - before) * int(table.clock_rate[row]))
        table.timestamp[row] = int(table.timestamp[row]) + passed & 0xFFFFFFFF
        table.due[row] = due            # not a sum of steps: turns must not drift apart
        table.clocked[row] = table.marked[row] = True

    def _pass_time(self, rows: Rows, seconds: Seconds) -> None:
        """Let time go by on these streams without a packet."""
        self._table.timestamp[rows] += np.rint(seconds * self._table.clock_rate[rows]).astype(np.uint32)
        self._table.due[rows] += seconds
