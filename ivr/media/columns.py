"""The table of streams: one row per stream, one numpy column per quantity."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Octets = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
Integers = NDArray[np.int64]
Seconds = NDArray[np.float64]

RATE = 8000                     # samples a second of G.711, and of the RTP clock of all codecs but Opus
BLOCK_SAMPLES = 80              # 10 ms: clips, frames and positions are counted in blocks of it
BLOCK = BLOCK_SAMPLES / RATE
NOBODY = -1                     # in `peer`, `digit`, `key_code`, `event_out`, `event_in`, `recorded`: none


def every(mask: Mask) -> bool:
    """mask.all(), which costs ten times as much for the few hundred of a batch: numpy goes a long way round for it."""
    return b"\0" not in mask.tobytes()


def some(mask: Mask) -> bool:
    """mask.any(), as every()."""
    return b"\1" in mask.tobytes()


def largest(numbers: NDArray[np.integer[Any]]) -> int:
    """int(numbers.max()), as every(). There must be one."""
    return int(numbers[numbers.argmax()])


class _Column:
    def __init__(self, kind: Any, fresh: Any) -> None:
        self.kind, self.fresh = kind, fresh


def column(kind: Any, fresh: Any = 0) -> Any:
    """A column of `kind` whose rows begin as `fresh`."""
    return _Column(kind, fresh)


class Columns:
    """All streams. A row keeps its number for life: it is also the number of its sockets.

    `due` and `timestamp` belong together: `timestamp` is the RTP time of the next sample to be sent and `due` the
    moment when that sample has its turn. So a source that starts later adds what has passed since, and the far end
    hears one clock whatever the sources do.
    """

    # who
    open: Mask = column(np.bool_)               # a leg holds the row
    live: Mask = column(np.bool_)               # ... and its SDP is known
    receives: Mask = column(np.bool_)           # by the direction
    sends: Mask = column(np.bool_)
    unconfirmed: Seconds = column(np.float64, np.inf)   # how long a stranger may be sent to who has not confirmed
    send_until: Seconds = column(np.float64, np.inf)    # ... and so until when
    secure: Mask = column(np.bool_)             # SRTP, with a context in Srtp
    srtp_source: Integers = column(np.int64, NOBODY)    # ... the SSRC that authenticated last, under settled keys
    captured: Integers = column(np.int64, NOBODY)       # the capture that gets its packets
    masked_until: Seconds = column(np.float64)          # ... without their payload
    # the recording
    recorded: Integers = column(np.int64, NOBODY)       # its number
    recorded_from: Integers = column(np.int64)          # block of our clock
    muted_from: Integers = column(np.int64)             # blocks that are silent in it: from this one ...
    muted_until: Integers = column(np.int64)            # ... to the one before this
    # what we send
    clocked: Mask = column(np.bool_)            # by our clock: all but streams that relay their peer
    due: Seconds = column(np.float64)
    ssrc: U32 = column(np.uint32)
    sequence_number: U16 = column(np.uint16)    # of the next packet
    timestamp: U32 = column(np.uint32)
    marked: Mask = column(np.bool_)             # the next packet begins a new source
    payload_type: Octets = column(np.uint8)
    law: Rows = column(np.intp)                 # 0 µ-law, 1 A-law, 2 G.722, 3 Opus: see ivr.audio.codecs
    blocks: Rows = column(np.intp, 2)           # in one packet
    clock_rate: Integers = column(np.int64, RATE)       # of the RTP clock, per second
    step: U32 = column(np.uint32, 2 * BLOCK_SAMPLES)    # of the RTP clock, in one packet
    event_rate: Integers = column(np.int64, RATE)       # what durations of telephone-events count in, per second
    destination: U64 = column(np.uint64)        # packed: see Addresses
    sent: Integers = column(np.int64)
    sent_octets: Integers = column(np.int64)
    # telephone-event
    event_out: NDArray[np.int16] = column(np.int16, NOBODY)     # payload type towards the peer
    event_in: NDArray[np.int16] = column(np.int16, NOBODY)      # payload type from the peer
    digit: NDArray[np.int16] = column(np.int16, NOBODY)         # that is being sent
    digit_timestamp: U32 = column(np.uint32)
    digit_elapsed: Integers = column(np.int64)                  # of its clock, as all of these
    digit_length: Integers = column(np.int64)
    digit_ends: Integers = column(np.int64)                     # end packets sent
    digit_tones: Mask = column(np.bool_)                        # it is sent as tones
    # what plays
    playing: Mask = column(np.bool_)
    position: Rows = column(np.intp)            # block in the bank
    end: Rows = column(np.intp)                 # block behind the clip; position >= end is silence
    barge_in: Mask = column(np.bool_)
    began_at: Seconds = column(np.float64)
    gain: NDArray[np.float32] = column(np.float32)      # of a clip under the voices; 0: in their place
    mixed: Mask = column(np.bool_)              # the next frame is made by the mix
    # where it comes from
    learns: Mask = column(np.bool_)             # may the source differ from the SDP's address?
    sdp: U64 = column(np.uint64)
    settled: Mask = column(np.bool_)            # latched
    candidate: U64 = column(np.uint64)
    candidate_ssrc: U32 = column(np.uint32)
    candidate_sequence: U16 = column(np.uint16)
    candidate_count: Integers = column(np.int64)
    # what came (RFC 3550 §6.4.1 and appendix A)
    heard: Mask = column(np.bool_)              # a source is known
    heard_ssrc: U32 = column(np.uint32)
    newest: Integers = column(np.int64)         # extended sequence number
    oldest: Integers = column(np.int64)         # the source's first
    window: U64 = column(np.uint64)             # bit i: newest - i came
    expected_next: NDArray[np.int32] = column(np.int32, -1)     # after a wild jump: what would confirm it
    from_source: Integers = column(np.int64)    # packets of this source
    lost_before: Integers = column(np.int64)    # of earlier sources
    transit: U32 = column(np.uint32)
    jitter: Seconds = column(np.float64)        # of the RTP clock
    received: Integers = column(np.int64)
    received_octets: Integers = column(np.int64)
    duplicates: Integers = column(np.int64)
    reordered: Integers = column(np.int64)
    malformed: Integers = column(np.int64)
    refused: Integers = column(np.int64)
    rtp_at: Seconds = column(np.float64, -np.inf)
    alive_at: Seconds = column(np.float64)      # RTP or RTCP
    lost_told: Mask = column(np.bool_)
    # reports (RFC 3550 §6.4)
    rtcp_sdp: U64 = column(np.uint64)           # where the SDP says that RTCP goes
    rtcp_heard: U64 = column(np.uint64)         # where the peer's comes from, 0 unknown
    report_at: Seconds = column(np.float64, np.inf)     # the next of ours
    reports: Integers = column(np.int64)        # of ours so far
    reported_sent: Integers = column(np.int64)          # as in our last report
    reported_expected: Integers = column(np.int64)      # ... of this source
    reported_received: Integers = column(np.int64)
    sender_time: U32 = column(np.uint32)        # of the peer's last SR, the middle of its NTP time
    sender_time_at: Seconds = column(np.float64, -np.inf)
    remote_reports: Integers = column(np.int64)         # of what we send, by the peer
    remote_sent: Integers = column(np.int64)    # packets of ours when that report came
    remote_lost: Integers = column(np.int64)
    remote_jitter: Integers = column(np.int64)  # samples
    round_trips: Integers = column(np.int64)
    round_trip_sum: Seconds = column(np.float64)
    round_trip_most: Seconds = column(np.float64)
    # the last key
    key_code: NDArray[np.int16] = column(np.int16, NOBODY)
    key_down: Mask = column(np.bool_)           # pressed was told, released was not
    key_ended: Mask = column(np.bool_)          # an end packet came
    key_sequence: U16 = column(np.uint16)
    key_timestamp: U32 = column(np.uint32)      # of its current segment
    key_duration: Integers = column(np.int64)   # of its clock, of its current segment
    key_before: Integers = column(np.int64)     # of its clock, of its segments before
    key_at: Seconds = column(np.float64)
    key_walks: Mask = column(np.bool_)          # its packets have each a time of their own
    key_spent: Mask = column(np.bool_)          # it went down before the bridge began: it is not for the peer
    key_moved: Mask = column(np.bool_)          # its numbers and times are those of an RTP source before
    # who wants to hear what it says, and where that lies: see Heard
    wanted: Mask = column(np.bool_)
    ring_users: Integers = column(np.int64)
    ring_live: Mask = column(np.bool_)          # the fields below hold
    ring_ssrc: U32 = column(np.uint32)
    ring_timestamp: U32 = column(np.uint32)     # the newest RTP time, and ...
    ring_at: Integers = column(np.int64)        # ... where it is heard: samples of our clock
    ring_least: Seconds = column(np.float64, np.inf)    # the least slack since this window began
    ring_until: Seconds = column(np.float64)            # the window's end
    ring_heard_at: Seconds = column(np.float64)         # when the last packet came that was not far too late
    # the last key by its tones (in_band.py)
    in_band: Mask = column(np.bool_)            # listened for
    tone_digit: NDArray[np.int16] = column(np.int16, NOBODY)    # that is down
    tone_low: NDArray[np.float32] = column(np.float32)          # amplitudes of its tones
    tone_high: NDArray[np.float32] = column(np.float32)
    tone_hops: Integers = column(np.int64)      # for how long, in 10 ms
    tone_gap: Integers = column(np.int64)       # ... of which it has been missing at the end
    # the bridge
    peer: Rows = column(np.intp, NOBODY)
    relaying: Mask = column(np.bool_)           # the offsets below hold
    sequence_offset: U16 = column(np.uint16)
    timestamp_offset: U32 = column(np.uint32)
    relayed_span: Integers = column(np.int64)   # sequence numbers since the offsets hold

    def __init__(self, rows: int) -> None:
        self.rows = rows
        columns = [(name, spec) for name, spec in vars(Columns).items() if isinstance(spec, _Column)]
        self._blocks = [self._block([each for each in columns if np.dtype(each[1].kind).itemsize == octets], octets)
                        for octets in (1, 2, 4, 8)]

    def clear(self, row: int) -> None:
        """Make a row as new."""
        for memory, fresh in self._blocks:
            memory[:, row] = fresh

    def _block(self, columns: list[tuple[str, _Column]], octets: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Memory of the columns whose numbers have so many octets, so that clear() writes a few times and not once a
        column; and how a row of it begins."""
        fresh = np.zeros(len(columns), f"u{octets}")
        for place, (_, spec) in enumerate(columns):
            fresh[place:place + 1].view(spec.kind)[0] = spec.fresh
        memory = np.repeat(fresh[:, None], self.rows, axis=1)
        for (name, spec), column_memory in zip(columns, memory, strict=True):
            setattr(self, name, column_memory.view(spec.kind))
        return memory, fresh


def pack_address(host: str, port: int) -> int:
    """An IPv4 address and port as one number. Raises ValueError for what is none."""
    octets = bytes(map(int, host.split(".")))       # a ValueError for what is none
    if len(octets) != 4 or not 0 <= port <= 65535:
        raise ValueError(f"{host}:{port} is no IPv4 address and port")
    return int.from_bytes(octets, "big") << 16 | port


def unpack_address(packed: int) -> tuple[str, int]:
    """The reverse of pack_address."""
    return ".".join(map(str, (packed >> 16).to_bytes(4, "big"))), packed & 0xFFFF
