"""Keys that we press, in place of audio: RFC 4733 packets, one every 20 ms, the last three with the end bit; for a peer
that takes none the key's tones, and a pause."""

from collections import deque

import numpy as np

from ivr.audio.codecs import CLIP_BLOCKS
from ivr.audio.dtmf import PERIOD_SAMPLES, tones
from ivr.media.columns import BLOCK_SAMPLES, NOBODY, RATE, Columns, Octets, Rows
from ivr.media.dtmf.keys import DIGITS, EVENT_BYTES
from ivr.media.playing.clips import Clip, ClipBank

STEPS_PER_SECOND = 50
STEP = 1 / STEPS_PER_SECOND
ENDS = 3                        # RFC 4733 §2.5.1.4; they are a pause of 60 ms before the next key, too
VOLUME = 10                     # dBm0 below, as everybody sends it
SHORTEST_MS, LONGEST_MS = 40, 8000      # what a receiver must know as a key; what fits 16 bits of duration at 8 kHz
LONGEST = 0xFFFF                # duration: 1.36 s at 48 kHz
TONE_SAMPLES = PERIOD_SAMPLES + 6 * BLOCK_SAMPLES      # a second, which is played round, and the longest packet
PAUSE_SAMPLES = 100 * RATE // 1000                     # after a tone: 40 ms would do by Q.24, not for everybody
LONGEST_QUEUE = 32              # keys per stream; further ones are dropped: nobody dials that far ahead


class Digits:
    """Queues of keys to send; the one being sent stands in the columns."""

    def __init__(self, table: Columns, bank: ClipBank) -> None:
        self._table, self._bank = table, bank
        self._tones: dict[int, Clip] = {}       # of the keys that were sent so
        self._queues: list[deque[tuple[int, int]]] = [deque() for _ in range(table.rows)]

    def send(self, row: int, digit: str, length_ms: int) -> bool:
        """Queue a key; False if it is none, the queue is full, or the peer takes no events and the bank no tones."""
        if digit not in DIGITS or len(digit) != 1:
            return False
        if self._table.event_out[row] == NOBODY and not self._has_tones(DIGITS.index(digit)):
            return False
        queue = self._queues[row]
        if len(queue) >= LONGEST_QUEUE:
            return False
        queue.append((DIGITS.index(digit), min(max(length_ms, SHORTEST_MS), LONGEST_MS)))
        if self._table.digit[row] == NOBODY:
            self.next(row)
        return True

    def next(self, row: int) -> bool:
        """Begin the next key of the queue; False if there is none."""
        table, queue = self._table, self._queues[row]
        if not queue:
            table.digit[row] = NOBODY
            return False
        digit, length_ms = queue.popleft()
        toned = table.digit_tones[row] = table.event_out[row] == NOBODY
        if toned and not self._has_tones(digit):
            return self.next(row)
        rate = RATE if toned else int(table.event_rate[row])
        table.digit[row], table.digit_length[row] = digit, min(length_ms * rate // 1000, LONGEST)
        table.digit_elapsed[row] = table.digit_ends[row] = 0
        return True

    def clear(self, row: int) -> None:
        """Forget all keys of a row."""
        self._queues[row].clear()
        self._table.digit[row] = NOBODY

    def payloads(self, rows: Rows) -> tuple[Octets, Rows]:
        """The next packet of each row's key, shape (rows, 4), and the rows whose key is done with it. Moves on."""
        table = self._table
        steps = table.event_rate[rows] // STEPS_PER_SECOND
        elapsed = np.minimum(table.digit_elapsed[rows] + steps, table.digit_length[rows])
        ending = elapsed >= table.digit_length[rows]
        table.digit_elapsed[rows] = elapsed
        table.digit_ends[rows] += ending
        octets = np.empty((len(rows), EVENT_BYTES), np.uint8)
        octets[:, 0] = table.digit[rows]
        octets[:, 1] = VOLUME | ending.astype(np.uint8) << 7
        octets[:, 2], octets[:, 3] = elapsed >> 8, elapsed & 0xFF
        return octets, rows[table.digit_ends[rows] >= ENDS]

    def frames(self, rows: Rows, blocks: int) -> Octets:
        """The next frame of each row's tones and of the pause behind them, of `blocks` blocks. Moves on."""
        table = self._table
        elapsed = table.digit_elapsed[rows] // BLOCK_SAMPLES
        starts = np.array([self._tones[digit].start for digit in table.digit[rows].tolist()], np.intp)
        left = np.maximum(-(-table.digit_length[rows] // BLOCK_SAMPLES) - elapsed, 0)
        left += left % CLIP_BLOCKS      # whole frames of every codec
        positions = starts + elapsed % (PERIOD_SAMPLES // BLOCK_SAMPLES)
        table.digit_elapsed[rows] += blocks * BLOCK_SAMPLES
        return self._bank.gather(positions, positions + left, table.law[rows], blocks)

    def sounded(self, rows: Rows) -> Rows:
        """Those of `rows` whose tones and pause are out."""
        over = self._table.digit_elapsed[rows] >= self._table.digit_length[rows] + PAUSE_SAMPLES
        return rows[over]

    def _has_tones(self, digit: int) -> bool:
        """Make a key's tones when it is sent for the first time."""
        if digit not in self._tones:
            clip = self._bank.reserve(f"tones of {DIGITS[digit]}", TONE_SAMPLES)
            if clip is None:
                return False
            self._bank.encode(clip, tones(DIGITS[digit], TONE_SAMPLES))
            self._tones[digit] = clip
        return True
