"""What arrived: order, duplicates, losses and jitter of all streams at once (RFC 3550 appendix A)."""

import numpy as np

from ivr.media.columns import BLOCK, Columns, Integers, Mask, every, some
from ivr.media.events import StreamStatistics
from ivr.media.rtp import quality
from ivr.media.rtp.packet import Packets

MAX_DROPOUT, MAX_MISORDER = 3000, 100       # RFC 3550 A.1: beyond these it is another sequence, not a gap
WINDOW = 64                                 # packets back in which a duplicate is known as one
NO_PACKETS = StreamStatistics()
LONGEST_WAIT = 1                            # seconds: a jump of the peer's clock must not drown the jitter


def arrive(table: Columns, packets: Packets, steady: Mask, now: float) -> tuple[Mask, Mask]:
    """Count packets of the streams' own peers.

    Each stream may occur only once. `steady`: packets whose timestamp is that of their first sample (events repeat
    theirs). Returns two masks: new to us (no duplicate, no wild jump), and beginning a new sequence.
    """
    rows = packets.rows
    following = table.newest[rows] + 1
    known = table.heard[rows] & (packets.ssrcs == table.heard_ssrc[rows])
    if every(known & (packets.sequence_numbers == following.astype(np.uint16))):
        table.newest[rows] = following
        table.window[rows] = table.window[rows] << np.uint64(1) | np.uint64(1)
        fresh, begins = known, ~known
    else:
        steps = (packets.sequence_numbers - (following - 1).astype(np.uint16)).view(np.int16).astype(np.int64)
        fresh, begins = _out_of_step(table, packets, steps, ~known)
    table.received[rows] += 1
    table.received_octets[rows] += packets.sizes
    table.from_source[rows] += fresh
    _jitter(table, packets, steady & fresh, begins, now)
    return fresh, begins


def lost(table: Columns, row: int) -> int:
    """Packets that were due and never came, over all sources of the row."""
    before = int(table.lost_before[row])
    if not table.heard[row]:
        return before
    return before + max(0, int(_missing(table, np.array([row]))[0]))


def end_source(table: Columns, row: int) -> None:
    """The peer's next packet begins a new source, whatever its SSRC."""
    table.lost_before[row], table.heard[row] = lost(table, row), False


def report(table: Columns, row: int) -> StreamStatistics:
    """The row's figures."""
    if not (table.sent[row] or table.received[row] or table.malformed[row] or table.refused[row]):
        return NO_PACKETS       # most streams of short calls
    told = table.remote_reports[row] > 0
    trips = int(table.round_trips[row])
    jitter_ms = _seconds(table, row, table.jitter[row]) * 1000
    mos_in, mos_out = _opinions(table, row)
    return StreamStatistics(
        packets_sent=int(table.sent[row]), octets_sent=int(table.sent_octets[row]),
        packets_received=int(table.received[row]), octets_received=int(table.received_octets[row]),
        packets_lost=lost(table, row), jitter_ms=round(jitter_ms, 2),
        duplicates=int(table.duplicates[row]), reordered=int(table.reordered[row]),
        malformed=int(table.malformed[row]), refused=int(table.refused[row]),
        remote_lost=int(table.remote_lost[row]) if told else None,
        remote_jitter_ms=round(_seconds(table, row, table.remote_jitter[row]) * 1000, 2) if told else None,
        round_trip_ms=round(float(table.round_trip_sum[row]) / trips * 1000, 1) if trips else None,
        round_trip_most_ms=round(float(table.round_trip_most[row]) * 1000, 1) if trips else None,
        mos_in=mos_in, mos_out=mos_out)


def _opinions(table: Columns, row: int) -> tuple[float | None, float | None]:
    """What this leg's listener thinks of the peer's voice, and the peer of what we sent. A way back of unknown length
    counts as none."""
    trip = float(table.round_trip_sum[row]) / max(int(table.round_trips[row]), 1)
    packet, law = float(table.blocks[row]) * BLOCK, int(table.law[row])
    came, gone = int(table.received[row] - table.duplicates[row]), lost(table, row)
    mos_in = mos_out = None
    if came > 0:
        delay = quality.delay(trip, packet, _seconds(table, row, table.jitter[row]))
        mos_in = round(quality.mos(law, gone / (came + gone), delay), 2)
    if table.remote_reports[row]:
        delay = quality.delay(trip, packet, _seconds(table, row, table.remote_jitter[row]))
        mos_out = round(quality.mos(law, int(table.remote_lost[row]) / max(int(table.remote_sent[row]), 1), delay), 2)
    return mos_in, mos_out


def _seconds(table: Columns, row: int, ticks: float) -> float:
    """Ticks of the row's RTP clock."""
    return float(ticks) / float(table.clock_rate[row])


def _out_of_step(table: Columns, packets: Packets, steps: Integers, begins: Mask) -> tuple[Mask, Mask]:
    rows = packets.rows
    wild = ~begins & ((steps > MAX_DROPOUT) | (steps < -MAX_MISORDER))
    begins = begins | (wild & (packets.sequence_numbers == table.expected_next[rows]))
    table.expected_next[rows] = np.where(wild & ~begins, (packets.sequence_numbers.astype(np.int32) + 1) & 0xFFFF, -1)
    _begin(table, packets.where(begins))
    known = ~begins & ~wild
    ahead, behind = known & (steps > 0), known & (steps <= 0)
    duplicate = behind.copy()
    back = -steps[behind]
    seen = table.window[rows[behind]] >> np.minimum(back, WINDOW - 1).astype(np.uint64) & np.uint64(1)
    duplicate[behind] = (seen == 1) & (back < WINDOW)
    table.duplicates[rows[duplicate]] += 1
    late = behind & ~duplicate
    table.reordered[rows[late]] += 1
    _shift_windows(table, packets, steps, ahead, late)
    return begins | ahead | late, begins


def _shift_windows(table: Columns, packets: Packets, steps: Integers, ahead: Mask, late: Mask) -> None:
    one = np.uint64(1)
    rows, by = packets.rows[ahead], steps[ahead]
    table.newest[rows] += by
    kept = np.where(by < WINDOW, table.window[rows] << np.minimum(by, WINDOW - 1).astype(np.uint64), np.uint64(0))
    table.window[rows] = kept | one
    rows, back = packets.rows[late], -steps[late]
    bits = np.where(back < WINDOW, one << np.minimum(back, WINDOW - 1).astype(np.uint64), np.uint64(0))
    table.window[rows] |= bits


def _begin(table: Columns, packets: Packets) -> None:
    rows = packets.rows
    table.lost_before[rows] += np.where(table.heard[rows], np.maximum(_missing(table, rows), 0), 0)
    table.heard[rows], table.heard_ssrc[rows] = True, packets.ssrcs
    table.newest[rows] = table.oldest[rows] = packets.sequence_numbers
    table.window[rows] = 1
    table.from_source[rows] = table.reported_expected[rows] = table.reported_received[rows] = 0
    table.sender_time_at[rows] = -np.inf


def _missing(table: Columns, rows: Integers) -> Integers:
    due = np.where(table.heard[rows], table.newest[rows] - table.oldest[rows] + 1, 0)
    missing: Integers = due - table.from_source[rows]
    return missing


def _jitter(table: Columns, packets: Packets, steady: Mask, begins: Mask, now: float) -> None:
    """RFC 3550 A.8. Arrival is the moment of the batch, so what is finer than a phase is not seen."""
    if not every(steady):
        packets, begins = packets.where(steady), begins[steady]
    rows = packets.rows
    rates = table.clock_rate[rows]
    transit = (rates * now).astype(np.int64).astype(np.uint32) - packets.timestamps
    change = np.abs((transit - table.transit[rows]).view(np.int32).astype(np.float64))
    table.transit[rows] = transit
    jitter = table.jitter[rows]
    moved = jitter + (np.minimum(change, rates * LONGEST_WAIT) - jitter) / 16
    table.jitter[rows] = np.where(begins, jitter, moved) if some(begins) else moved
