"""What a stream speaks: its codec, packets and clocks, as its row says them."""

from ivr.audio.codecs import CODECS
from ivr.media.columns import Columns
from ivr.media.commands import SetStream
from ivr.media.rtp import statistics

BLOCK_MS, MOST_BLOCKS = 10, 6
BLOCKS_PER_SECOND = 100
EVENT_RATES = (8000, 48_000)


def set_codec(table: Columns, command: SetStream) -> None:
    """Opus has frames of 20 ms and no others. What plays goes on at one of its frames. With another codec begins what
    is a new source for whoever hears the peer, whose timestamps may count in other units. Raises ValueError."""
    row, codec = command.stream, CODECS[command.codec]
    if command.event_clock_rate not in EVENT_RATES:
        raise ValueError(f"telephone-events at {command.event_clock_rate} are not understood")
    if table.clock_rate[row] != codec.clock_rate:
        statistics.end_source(table, row)
    if table.law[row] != codec.law:
        table.ring_live[row] = False
    table.law[row], table.payload_type[row] = codec.law, command.payload_type & 0x7F
    table.clock_rate[row], table.event_rate[row] = codec.clock_rate, command.event_clock_rate
    whole = codec.frame_blocks > 1
    blocks = codec.frame_blocks if whole else min(max(command.ptime_ms // BLOCK_MS, 1), MOST_BLOCKS)
    table.blocks[row], table.step[row] = blocks, blocks * codec.clock_rate // BLOCKS_PER_SECOND
    if whole:
        table.position[row] += (table.end[row] - table.position[row]) % blocks
