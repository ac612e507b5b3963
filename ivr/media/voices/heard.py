"""What peers say: their speech as samples, addressed by our own clock in blocks of 10 ms.

Whoever wants samples of a row (the mix, keys in the audio, a recording) says so and reads them by block number:
block T is heard from T × 10 ms on. Rows that nobody wants cost nothing. A ring of 64 blocks per row, and beside it
which block each slot holds, so that nothing is ever cleared:

    past                          now                 future
    | 400 ms for late readers  |  T  | what came early: up to 220 ms |

A packet lands where its RTP time belongs, so order and duplicates mean nothing. The place of the first packet is its
arrival plus a delay; the delay grows when packets come too late, and shrinks when the least slack of two seconds
allows. So a peer's clock that drifts is followed, too: by whole blocks left out or repeated.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ivr.audio.codecs import BY_LAW, CODECS, G711_LAWS
from ivr.audio.g711 import decode_alaw, decode_ulaw
from ivr.media.columns import BLOCK, BLOCK_SAMPLES, NOBODY, RATE, Columns, Integers, Mask, Octets, Rows, Seconds
from ivr.media.rtp.packet import COMFORT_NOISE, Packets
from ivr.media.voices.transcoding import RowDecoders

Samples = NDArray[np.int16]
Decoder = Callable[[Rows, Octets], Samples]     # payloads of these rows, shape (rows, octets) -> (rows, samples)

SLOTS = 64                      # a power of two
RING_SAMPLES = SLOTS * BLOCK_SAMPLES
LATEST_READER = 40              # blocks after its moment a block may still be read
DELAY = 2                       # blocks beyond arrival, to begin with
MARGIN = 0.010                  # seconds: slack of a packet that was late, once the delay has grown
LOW, HIGH = 0.004, 0.031        # seconds: the least slack of a window stays between them
CALM = 0.020                    # ... and is brought down to this or up to a block more, if it was above
SLACK_WINDOW = 2.0              # seconds
LATEST, EARLIEST = 0.12, 0.16   # seconds late or early: beyond them it is another clock, not jitter
ASTRAY = 0.1                    # seconds without any others until those are believed
MOST_SAMPLES = 6 * BLOCK_SAMPLES    # of one packet; what is beyond is left out
OPUS, OPUS_MOST = CODECS["opus"].law, 1275      # octets of one frame (RFC 6716 §3.4); more is left out whole
KINDS = 2048                    # more than octets of a packet
CONCEALED = 6                   # blocks of a gap until silence
REPEATED_SAMPLES = 2 * BLOCK_SAMPLES    # what a gap is covered with; so much silence is made of comfort noise


def _fade() -> NDArray[np.float32]:
    """Gain of each sample of a gap's blocks: 10 ms in full, then to nought (as in G.711 appendix I)."""
    falling = np.linspace(1.0, 0.0, (CONCEALED - 1) * BLOCK_SAMPLES, dtype=np.float32)
    return np.concatenate((np.ones(BLOCK_SAMPLES, np.float32), falling)).reshape(CONCEALED, BLOCK_SAMPLES)


FADE = _fade()


def block_at(now: float) -> int:
    """The number of the block that is heard at `now`."""
    return int(now / BLOCK + 1e-6)


class Heard:
    """The ring, and the jitter buffer that fills it."""

    def __init__(self, table: Columns) -> None:
        self._table = table
        self._samples: Samples = np.zeros((table.rows, SLOTS, BLOCK_SAMPLES), np.int16)     # pages come when written
        self._holds: Integers = np.zeros((table.rows, SLOTS), np.int64)     # block numbers
        self._by_place, self._holds_by_place = self._samples.reshape(-1, BLOCK_SAMPLES), self._holds.reshape(-1)
        self._decoders: dict[int, Decoder] = {0: lambda _, octets: decode_ulaw(octets),
                                              1: lambda _, octets: decode_alaw(octets)}
        self._stateful = {codec.law: RowDecoders(codec) for codec in BY_LAW[G711_LAWS:]}
        self._decoders |= self._stateful
        self.users = 0          # of all rows: while there are none, receiving need not look at rows

    def want(self, row: int) -> None:
        """One more wants this row's samples, from its next packet on."""
        table = self._table
        if not table.wanted[row]:
            table.wanted[row], table.ring_live[row] = True, False
            self._holds[row] = NOBODY
        table.ring_users[row] += 1
        self.users += 1

    def unwant(self, row: int) -> None:
        """One less wants them. More often than want(): nothing."""
        table = self._table
        if table.ring_users[row]:
            table.ring_users[row] -= 1
            table.wanted[row] = table.ring_users[row] > 0
            self.users -= 1
            if not table.wanted[row]:
                self._forget_decoders(row)

    def forget(self, row: int) -> None:
        """The row's leg is gone: nobody wants it any more."""
        self.users -= int(self._table.ring_users[row])
        self._table.ring_users[row] = 0
        self._table.wanted[row] = False
        self._forget_decoders(row)

    def _forget_decoders(self, row: int) -> None:
        for decoders in self._stateful.values():
            decoders.forget(row)

    def place(self, packets: Packets, matrix: Octets, laws: Rows, now: float) -> None:
        """Put what packets say where it is to be heard. Each row may occur only once.

        `laws`: of the payloads; of those that have none (below 0) comfort noise is silence, the rest is left out.
        """
        if not len(laws) or self._place_calmly(packets, matrix, laws, now):
            return
        noise = packets.payload_types == COMFORT_NOISE
        sizes = np.where(laws == OPUS, packets.sizes, np.minimum(packets.sizes, MOST_SAMPLES))
        sizes = np.where(noise, REPEATED_SAMPLES, sizes)
        good = noise | (laws >= 0) & (sizes > 0) & (sizes <= OPUS_MOST)
        if not good.all():
            packets, laws, sizes, noise = packets.where(good), laws[good], sizes[good], noise[good]
        if not len(sizes):
            return
        at, there = self._schedule(packets, np.where(laws == OPUS, BLOCK_SAMPLES, sizes), now)
        kinds = np.where(noise, NOBODY, laws * KINDS + sizes)
        for kind in np.unique(kinds).tolist() if (kinds != kinds[0]).any() else kinds[:1].tolist():
            alike = np.flatnonzero((kinds == kind) & there)
            if len(alike):
                self._decode(packets.rows[alike], packets.slots[alike], packets.offsets[alike], matrix, kind, at[alike])

    def _place_calmly(self, packets: Packets, matrix: Octets, laws: Rows, now: float) -> bool:
        """As place(), where packets are alike, in order and in time, as nearly all are: about half the work."""
        table, rows = self._table, packets.rows
        law, size, offset = int(laws[0]), int(packets.sizes[0]), int(packets.offsets[0])
        if not 0 <= law < G711_LAWS or size % BLOCK_SAMPLES or not 0 < size <= MOST_SAMPLES:
            return False
        steps = (packets.timestamps - table.ring_timestamp[rows]).view(np.int32)
        at = table.ring_at[rows] + steps
        slack = at / RATE - now
        odd = (laws != law) | (packets.sizes != size) | (packets.offsets != offset) | (steps <= 0) \
            | (at % BLOCK_SAMPLES != 0) | (slack < 0) | (slack > EARLIEST) | ~table.ring_live[rows] \
            | (packets.ssrcs != table.ring_ssrc[rows]) | (table.clock_rate[rows] != RATE)
        if odd.any():
            return False
        table.ring_at[rows], table.ring_timestamp[rows] = at, packets.timestamps
        self._look_back(rows, slack, now)
        self._put_blocks(rows, at, self._decoders[law](rows, matrix[packets.slots, offset:offset + size]))
        return True

    def blocks(self, rows: Rows, first: Integers | int, count: int) -> Samples:
        """What rows say in the blocks first .. first + count - 1 (the same for all, or by row): (rows, count × 80).

        Blocks that did not come are concealed for 60 ms, then silence. Blocks older than 400 ms are silence. Reading
        changes nothing.
        """
        numbers = np.reshape(first, (-1, 1)) + np.arange(count)
        places = (numbers & SLOTS - 1) + (rows * SLOTS)[:, None]
        said: Samples = self._by_place.take(places, axis=0)
        missing = self._holds_by_place.take(places) != numbers
        if missing.any():
            where, which = missing.nonzero()
            numbers = np.broadcast_to(numbers, missing.shape)
            said[where, which] = self._conceal(rows[where], numbers[where, which])
        return said.reshape(len(rows), count * BLOCK_SAMPLES)

    def _conceal(self, rows: Rows, numbers: Integers) -> Samples:
        """For blocks that did not come: the last 20 ms before the gap again, fading."""
        concealed = np.zeros((len(rows), BLOCK_SAMPLES), np.int16)
        before = numbers[:, None] - np.arange(1, CONCEALED + 2)
        held = self._holds[rows[:, None], before % SLOTS] == before
        gap = np.argmax(held[:, :CONCEALED], axis=1)            # blocks between the last that came and this one
        some = np.flatnonzero(held[:, :CONCEALED].any(axis=1))
        rows, gap, numbers = rows[some], gap[some], numbers[some]
        back = gap + 1 + ((gap % 2 == 0) & held[some, gap + 1])
        repeated = self._samples[rows, (numbers - back) % SLOTS]
        concealed[some] = repeated * FADE[gap]
        return concealed

    def _schedule(self, packets: Packets, sizes: Rows, now: float) -> tuple[Integers, Mask]:
        """Where packets are to be heard, in samples of our clock, and which may be. Follows delay and drift."""
        table, rows = self._table, packets.rows
        steps = (packets.timestamps - table.ring_timestamp[rows]).view(np.int32) // (table.clock_rate[rows] // RATE)
        at = table.ring_at[rows] + steps
        slack = at / RATE - now
        begins = ~table.ring_live[rows] | (packets.ssrcs != table.ring_ssrc[rows]) | (slack > EARLIEST)
        astray = ~begins & (slack < -LATEST)
        if astray.any():
            begins |= astray & (now - table.ring_heard_at[rows] > ASTRAY)
            astray &= ~begins
        if begins.any():
            at[begins] = (block_at(now) + 1 + DELAY) * BLOCK_SAMPLES
            slack[begins] = at[begins] / RATE - now
            self._begin(rows[begins], packets.ssrcs[begins], now)
        onward = begins | (steps > 0) & ~astray
        off = at % BLOCK_SAMPLES * (sizes % BLOCK_SAMPLES == 0) * onward
        if off.any():       # a jump that is no multiple of 10 ms: by at most 5 ms to the next edge of a block
            at += np.where(off < BLOCK_SAMPLES // 2, 0, BLOCK_SAMPLES * (off > 0)) - off
        grown = self._grow(rows, slack, astray, now)
        at += grown * onward
        table.ring_at[rows] = np.where(onward, at, table.ring_at[rows] + grown)
        table.ring_timestamp[rows[onward]] = packets.timestamps[onward]
        self._look_back(rows[~astray], slack[~astray], now)
        return at, ~astray

    def _begin(self, rows: Rows, ssrcs: NDArray[np.uint32], now: float) -> None:
        table = self._table
        table.ring_live[rows], table.ring_ssrc[rows] = True, ssrcs
        table.ring_least[rows], table.ring_until[rows] = np.inf, now + SLACK_WINDOW

    def _grow(self, rows: Rows, slack: Seconds, astray: Mask, now: float) -> Integers:
        """Samples of delay more, for rows whose packet came too late."""
        late = (slack < 0) & ~astray
        if not late.any():
            return np.zeros(len(rows), np.int64)
        table = self._table
        table.ring_least[rows[late]], table.ring_until[rows[late]] = np.inf, now + SLACK_WINDOW
        grown: Integers = np.where(late, np.ceil((MARGIN - slack) / BLOCK), 0).astype(np.int64) * BLOCK_SAMPLES
        return grown

    def _look_back(self, rows: Rows, slack: Seconds, now: float) -> None:
        """At the end of a window: one block more of delay before packets come too late, or as many less as may be."""
        table = self._table
        table.ring_heard_at[rows] = now
        least = table.ring_least[rows]
        least = np.where(slack < 0, least, np.minimum(least, slack))
        table.ring_least[rows] = least
        over = table.ring_until[rows] <= now
        if over.any():
            rows, least = rows[over], least[over]
            judged = now - table.ring_until[rows] < SLACK_WINDOW        # after a long silence nothing is known
            less = np.where(least >= HIGH, (least - CALM) // BLOCK, 0).astype(np.int64)
            table.ring_at[rows] += ((least < LOW) - less) * judged * BLOCK_SAMPLES
            table.ring_least[rows], table.ring_until[rows] = np.inf, now + SLACK_WINDOW

    def _decode(self, rows: Rows, slots: Rows, offsets: Rows, matrix: Octets, kind: int, at: Integers) -> None:
        """Payloads of one law and size, or (kind NOBODY) comfort noise."""
        if kind == NOBODY:
            self._put(rows, at, np.zeros((len(rows), REPEATED_SAMPLES), np.int16))
            return
        law, size = divmod(kind, KINDS)
        if law == OPUS and len(rows) > 1:       # packets of one size may last differently
            for each in range(len(rows)):
                alone = slice(each, each + 1)
                self._decode(rows[alone], slots[alone], offsets[alone], matrix, kind, at[alone])
            return
        for offset in np.unique(offsets).tolist() if (offsets != offsets[0]).any() else offsets[:1].tolist():
            alike = slice(None) if (offsets == offset).all() else np.flatnonzero(offsets == offset)
            payloads = matrix[slots[alike], offset:offset + size]
            self._put(rows[alike], at[alike], self._decoders[law](rows[alike], payloads))

    def _put(self, rows: Rows, at: Integers, samples: Samples) -> None:
        count = samples.shape[1]
        if count % BLOCK_SAMPLES or (at % BLOCK_SAMPLES).any():
            self._put_anywhere(rows, at, samples)
            return
        self._put_blocks(rows, at, samples)

    def _put_blocks(self, rows: Rows, at: Integers, samples: Samples) -> None:
        numbers = (at // BLOCK_SAMPLES)[:, None] + np.arange(samples.shape[1] // BLOCK_SAMPLES)
        places = ((numbers & SLOTS - 1) + (rows * SLOTS)[:, None]).reshape(-1)
        self._by_place[places] = samples.reshape(-1, BLOCK_SAMPLES)
        self._holds_by_place[places] = numbers.reshape(-1)

    def _put_anywhere(self, rows: Rows, at: Integers, samples: Samples) -> None:
        """Samples that begin or end within a block: what else is in the block stays, or is silence."""
        count = samples.shape[1]
        numbers = at[:, None] // BLOCK_SAMPLES + np.arange(count // BLOCK_SAMPLES + 2)
        touched = numbers * BLOCK_SAMPLES < (at + count)[:, None]
        which, block = (touched & (self._holds[rows[:, None], numbers % SLOTS] != numbers)).nonzero()
        self._samples[rows[which], numbers[which, block] % SLOTS] = 0
        self._holds[rows[which], numbers[which, block] % SLOTS] = numbers[which, block]
        ring = self._samples.reshape(len(self._samples), RING_SAMPLES)
        ring[rows[:, None], (at[:, None] + np.arange(count)) % RING_SAMPLES] = samples
