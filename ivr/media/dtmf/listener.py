"""Which legs are listened to for keys in their audio, and when: every 10 ms, the newest block of the ring."""

from functools import partial

import numpy as np

from ivr.media.columns import BLOCK_SAMPLES, NOBODY, Columns, Rows
from ivr.media.dtmf import in_band
from ivr.media.dtmf.keys import NOTHING, Releases
from ivr.media.dtmf.tone_gate import ToneGate
from ivr.media.voices.heard import MOST_SAMPLES, Heard, Samples, block_at

MOST_BEHIND = 20            # blocks: after a pause of the process the older ones are not heard any more


class Listener:
    """Rows that ask for it (`in_band`) are wanted in the ring."""

    def __init__(self, table: Columns, heard: Heard) -> None:
        self._table, self._heard = table, heard
        self._gate = ToneGate(table.rows)
        self._next = 0              # the block that is listened to next
        self._rows = 0

    def listen_to(self, row: int, wanted: bool) -> Releases:
        """Begin or end; a key that is down when it ends is up."""
        table = self._table
        if bool(table.in_band[row]) == wanted:
            return NOTHING
        table.in_band[row] = wanted
        if wanted:
            self._rows += 1
            self._heard.want(row)
            return NOTHING
        self._rows -= 1
        self._heard.unwant(row)
        return in_band.forget(table, np.array([row]))

    def forget(self, row: int) -> None:
        """The row's leg is gone, and with it what the ring had of it."""
        self._rows -= int(self._table.in_band[row])
        self._table.in_band[row] = False

    def listen(self, now: float) -> list[in_band.Changes]:
        """What the blocks changed that have come since the last time."""
        last = block_at(now)
        first, self._next = max(self._next, last - MOST_BEHIND), last + 1
        if not self._rows or first > last:
            return []
        changes = []
        for block in range(first, last + 1):
            rows = self._speaking(block)
            if len(rows):
                samples = self._heard.blocks(rows, block, 1)
                changes.append(in_band.hear(self._table, self._gate, rows, samples, block, partial(self._spans, block)))
        return changes

    def _spans(self, block: int, rows: Rows) -> Samples:
        return self._heard.blocks(rows, block - in_band.SPAN_BLOCKS + 1, in_band.SPAN_BLOCKS)

    def _speaking(self, block: int) -> Rows:
        """Rows to listen to: not those that are silent, nor those to which we send tones, whose echo may come back."""
        table = self._table
        since = (block - in_band.SPAN_BLOCKS + 1) * BLOCK_SAMPLES - MOST_SAMPLES
        sounds = table.ring_live & (table.ring_at > since) & (table.digit == NOBODY) | (table.tone_digit != NOBODY)
        rows: Rows = (table.in_band & sounds).nonzero()[0]
        return rows
