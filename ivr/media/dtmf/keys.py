"""Keys that peers press: telephone-events (RFC 4733) of all streams at once.

A press is new if the event code differs, or its timestamp is new and there is a marker, or it lies at least 40 ms
beyond timestamp + duration, or an end has come before. Segments of one long press are one (§2.5.1.3), and so is a press
in which the RTP source changes. It counts at its start. Packets that are older than the last one (by sequence number)
say nothing new. Some senders give each packet its time, repeated ends too, or all keys the same.

     0                   1                   2                   3
    |     event     |E|R| volume    |          duration             |
"""

from typing import NamedTuple

import numpy as np

from ivr.media.columns import NOBODY, Columns, Mask, Octets, Rows, Seconds
from ivr.media.rtp.packet import Packets

DIGITS = "0123456789*#ABCD"
EVENT_BYTES = 4
PAUSES_PER_SECOND = 25      # a pause is at least 40 ms
LONGEST = 0xFFFF            # duration of a segment
LOST_END = 0.2              # seconds without a packet of the event: it has ended and its end was lost
HELD_BEFORE = 0.1           # seconds: a press seen late is still taken for one during the prompt up to this


class Releases(NamedTuple):
    """Rows whose key came up, which key, and how long it was down by the peer's clock."""

    rows: Rows
    digits: Rows
    durations_ms: Rows


NOTHING = Releases(*(np.zeros((3, 0), np.intp)))


class KeyChanges(NamedTuple):
    """What a batch changed, in this order: keys that a new one ended, new keys, keys that came up.

    A press whose beginning was lost may be in both of the last two. `held_at_start`, per press: it went down before
    what is playing began.
    """

    before: Releases
    pressed: Rows
    digits: Rows
    held_at_start: Mask
    after: Releases


def hear(table: Columns, packets: Packets, matrix: Octets, now: float) -> KeyChanges:
    """Take telephone-event packets, each stream at most once, no duplicates among them."""
    codes, ends, durations, good = _fields(packets, matrix)
    behind = (packets.sequence_numbers - table.key_sequence[packets.rows]).view(np.int16) < 0
    good &= ~behind | table.key_moved[packets.rows] | (table.key_code[packets.rows] == NOBODY)
    packets, codes, ends, durations = packets.where(good), codes[good], ends[good], durations[good]
    rows = packets.rows
    new, segment = _judge(table, packets, codes, ends, durations)
    if table.key_moved[rows].any():
        new, segment = _judge_moved(table, rows, codes, ends, now - durations / table.event_rate[rows], new, segment)
    before = _release(table, rows[new])
    longest = np.where(packets.timestamps == table.key_timestamp[rows],
                       np.maximum(durations, table.key_duration[rows]), durations)
    advance = (packets.timestamps - table.key_timestamp[rows]).astype(np.int64)
    table.key_before[rows] = np.where(new, 0, table.key_before[rows] + np.where(segment, advance, 0))
    table.key_duration[rows] = np.where(new, durations, longest)
    table.key_code[rows], table.key_timestamp[rows] = codes, packets.timestamps
    table.key_sequence[rows], table.key_at[rows] = packets.sequence_numbers, now
    table.key_ended[rows] = ends | (table.key_ended[rows] & ~new)
    table.key_down[rows] |= new
    table.key_spent[rows] &= ~new
    held = table.playing[rows] & (now - durations / table.event_rate[rows] < table.began_at[rows] - HELD_BEFORE)
    return KeyChanges(before, rows[new], codes[new].astype(np.intp), held[new], _release(table, rows[ends]))


def time_out(table: Columns, now: float) -> Releases:
    """Keys that have not been heard of for too long: they are up from now on."""
    rows = table.key_down.nonzero()[0]
    if not len(rows):
        return NOTHING
    return _release(table, rows[now - table.key_at[rows] >= LOST_END])


def _release(table: Columns, rows: Rows) -> Releases:
    """Those of `rows` whose key is down, which they no longer are."""
    if not len(rows):
        return NOTHING
    rows = rows[table.key_down[rows]]
    table.key_down[rows] = False
    durations = (table.key_before[rows] + table.key_duration[rows]) * 1000 // table.event_rate[rows]
    return Releases(rows, table.key_code[rows].astype(np.intp), durations.astype(np.intp))


def _fields(packets: Packets, matrix: Octets) -> tuple[Octets, Mask, Rows, Mask]:
    """Event codes, end bits, durations in samples, and which packets hold one of our sixteen keys."""
    places = np.minimum(packets.offsets[:, None] + np.arange(EVENT_BYTES), matrix.shape[1] - 1)
    octets = matrix[packets.slots[:, None], places]
    codes, durations = octets[:, 0], octets[:, 2].astype(np.intp) << 8 | octets[:, 3]
    return codes, octets[:, 1] >= 0x80, durations, (packets.sizes >= EVENT_BYTES) & (codes < len(DIGITS))


def _judge(table: Columns, packets: Packets, codes: Octets, ends: Mask, durations: Rows) -> tuple[Mask, Mask]:
    """Which packets begin a press, and which only a further segment of a long one."""
    rows = packets.rows
    forward = (packets.timestamps - table.key_timestamp[rows]).view(np.int32).astype(np.int64)
    longest, pause = table.key_duration[rows], table.event_rate[rows] // PAUSES_PER_SECOND
    ended = table.key_ended[rows]
    beyond = forward - longest
    # Near its longest duration a segment may end unheard. Some senders mark the next one.
    full = ~ended & (forward > 0) & (forward <= LONGEST) & (longest > LONGEST - LOST_END * table.event_rate[rows])
    after_end = ended & (~ends | ((beyond >= 0) & ~table.key_walks[rows]))      # no end that is repeated
    renewed = (forward != 0) & (packets.markers | (beyond >= pause) | after_end)
    renewed |= (forward == 0) & ended & ~ends & (durations < longest)       # all keys have the same time
    new = (codes != table.key_code[rows]) | (renewed & ~full)
    table.key_walks[rows] = ~new & (table.key_walks[rows] | ((forward > 0) & ~ended & ~full))
    return new, ~new & (forward > 0) & (beyond >= 0)


def _judge_moved(table: Columns, rows: Rows, codes: Octets, ends: Mask, began: Seconds, new: Mask,
                 segment: Mask) -> tuple[Mask, Mask]:
    """The same for the first event of another RTP source: by `began`, the time when the key went down, it is the press
    of the source before, or a new one."""
    moved, ended = table.key_moved[rows], table.key_ended[rows]
    table.key_moved[rows] = False
    until = table.key_at[rows] + np.where(ended, 0.0, 1 / PAUSES_PER_SECOND)
    same = (codes == table.key_code[rows]) & (began < until) & (ends | ~ended)
    return np.where(moved, ~same, new), segment & ~moved
