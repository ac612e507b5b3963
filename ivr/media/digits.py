"""Keys that we press: RFC 4733 packets in place of audio, one every 20 ms, the last three with the end bit."""

from collections import deque

import numpy as np

from ivr.media.columns import NOBODY, Columns, Octets, Rows
from ivr.media.keys import DIGITS, EVENT_BYTES

STEPS_PER_SECOND = 50
STEP = 1 / STEPS_PER_SECOND
ENDS = 3                        # RFC 4733 §2.5.1.4; they are a pause of 60 ms before the next key, too
VOLUME = 10                     # dBm0 below, as everybody sends it
SHORTEST_MS, LONGEST_MS = 40, 8000      # what a receiver must know as a key; what fits 16 bits of duration at 8 kHz
LONGEST = 0xFFFF                # duration: 1.36 s at 48 kHz
LONGEST_QUEUE = 32              # keys per stream; further ones are dropped: nobody dials that far ahead


class Digits:
    """Queues of keys to send; the one being sent stands in the columns."""

    def __init__(self, table: Columns) -> None:
        self._table = table
        self._queues: list[deque[tuple[int, int]]] = [deque() for _ in range(table.rows)]

    def send(self, row: int, digit: str, length_ms: int) -> bool:
        """Queue a key; False if it is none, the peer takes no events or the queue is full."""
        if digit not in DIGITS or len(digit) != 1 or self._table.event_out[row] == NOBODY:
            return False
        queue = self._queues[row]
        if len(queue) >= LONGEST_QUEUE:
            return False
        length_ms = min(max(length_ms, SHORTEST_MS), LONGEST_MS)
        rate = int(self._table.event_rate[row])
        queue.append((DIGITS.index(digit), min(length_ms * rate // 1000, LONGEST)))
        if self._table.digit[row] == NOBODY:
            self.next(row)
        return True

    def next(self, row: int) -> bool:
        """Begin the next key of the queue; False if there is none."""
        table, queue = self._table, self._queues[row]
        if not queue:
            table.digit[row] = NOBODY
            return False
        table.digit[row], table.digit_length[row] = queue.popleft()
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
