"""The bridge: what one leg sends goes to the other as it comes, under the other's SSRC, numbers, types and law.

Sequence numbers and timestamps are shifted, not made anew, so a peer's gaps and reordering stay what they are. The
shift is taken again, with the marker set, when the source begins, or comes back after a prompt or a key of ours.
"""

import numpy as np

from ivr.audio.codecs import CODECS, G711_LAWS
from ivr.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ivr.media.columns import NOBODY, U16, U32, Columns, Integers, Mask, Octets, Rows, every, some
from ivr.media.dtmf.digits import LONGEST
from ivr.media.dtmf.keys import EVENT_BYTES
from ivr.media.playing.sender import Sender
from ivr.media.rtp.outgoing import PacketMatrix
from ivr.media.rtp.packet import COMFORT_NOISE, Packets

STATIC_LAWS = {0: 0, 8: 1, 9: 2}        # payload type -> law: peers that were offered several may send each
NO_LAW = -1
OPUS = CODECS["opus"].law
# Frames of each configuration of Opus, on its clock of 48 kHz (RFC 6716 §3.1, table 2).
OPUS_FRAMES = np.array([480, 960, 1920, 2880] * 3 + [480, 960] * 2 + [120, 240, 480, 960] * 4)
LONGEST_OPUS = 5760             # in one packet: 120 ms


def laws_of(table: Columns, packets: Packets) -> Rows:
    """The law of each packet by its payload type, NO_LAW for what is no speech."""
    rows, payload_types = packets.rows, packets.payload_types
    usual, laws = payload_types == table.payload_type[rows], table.law[rows]
    if not every(usual):
        laws[~usual] = NO_LAW
        for payload_type, law in STATIC_LAWS.items():
            laws[(laws == NO_LAW) & (payload_types == payload_type)] = law
    return laws


def is_event(table: Columns, packets: Packets) -> Mask:
    """Which packets are telephone-events: by our number for them, or by the peer's, which some use both ways."""
    rows, payload_types = packets.rows, packets.payload_types
    events: Mask = (payload_types == table.event_in[rows]) | (payload_types == table.event_out[rows])
    return events


def is_noise(packets: Packets) -> Mask:
    """Which packets are comfort noise."""
    noise: Mask = packets.payload_types == COMFORT_NOISE
    return noise


def forward(table: Columns, sender: Sender, outgoing: PacketMatrix, packets: Packets, matrix: Octets,
            now: float) -> None:
    """Send packets of bridged streams on to their peers. Each stream may occur only once.

    What the other side can't take (comfort noise, events where it has no number for them) closes up: its absence is
    no loss on the way.
    """
    targets = table.peer[packets.rows]
    free = sender.allowed(targets, now) & ~table.clocked[targets]
    if not every(free):
        table.relaying[targets[~free]] = False
        packets, targets = packets.where(free), targets[free]
    laws, events = laws_of(table, packets), is_event(table, packets)
    same = laws == table.law[targets]
    if every(same & ~events):
        _shift_and_send(table, outgoing, packets, targets, laws, events, matrix, now)
        return
    fits = same | (laws < G711_LAWS) & (table.law[targets] < G711_LAWS) & (laws != NO_LAW)
    # A key that went down before the bridge began was for the menu, may be the last one of a secret.
    spent = table.key_spent[packets.rows] & (packets.timestamps == table.key_timestamp[packets.rows])
    wanted = fits & ~events | events & (table.event_out[targets] != NOBODY) & ~spent
    table.sequence_offset[targets[~wanted & table.relaying[targets]]] -= np.uint16(1)
    if some(wanted):
        _shift_and_send(table, outgoing, packets.where(wanted), targets[wanted], laws[wanted], events[wanted],
                        matrix, now)


def _shift_and_send(table: Columns, outgoing: PacketMatrix, packets: Packets, targets: Rows, laws: Rows, events: Mask,
                    matrix: Octets, now: float) -> None:
    begins = ~table.relaying[targets]
    if some(begins):
        _rebase(table, packets.where(begins), targets[begins], now)
    numbers = packets.sequence_numbers + table.sequence_offset[targets]
    ahead = (numbers - table.sequence_number[targets]).view(np.int16).astype(np.int64)
    known = ahead >= -table.relayed_span[targets]       # older than the bridge: its number is another packet's
    if not every(known):
        packets, targets, laws, events = packets.where(known), targets[known], laws[known], events[known]
        begins, numbers, ahead = begins[known], numbers[known], ahead[known]
    timestamps = packets.timestamps + table.timestamp_offset[targets]
    types = table.payload_type[targets]
    if some(events):
        types = np.where(events, table.event_out[targets], types).astype(np.uint8)
    places = outgoing.add(targets, types, numbers, timestamps, packets.markers | begins, packets.sizes)
    _copy(places, packets, matrix)
    unlike = ~events & (laws != table.law[targets])
    if some(unlike):
        for law, other in ((0, ULAW_TO_ALAW), (1, ALAW_TO_ULAW)):
            differs = unlike & (laws == law)
            places[differs] = other[places[differs]]
    if some(events):
        _scale_events(table, packets.rows[events], targets[events], places, np.flatnonzero(events))
    _advance(table, targets, numbers, ahead, timestamps, spans(packets, matrix, laws, events), now)


def spans(packets: Packets, matrix: Octets, laws: Rows, events: Mask) -> Rows:
    """How long each packet is on its RTP clock; events are nothing, since the next packet's time is another's."""
    lasting: Rows = np.where(events, 0, packets.sizes) if some(events) else packets.sizes.copy()
    if some(laws == OPUS):
        places = np.flatnonzero((laws == OPUS) & ~events)
        last = matrix.shape[1] - 1
        first, second = (matrix[packets.slots[places], np.minimum(packets.offsets[places] + each, last)]
                         for each in (0, 1))
        codes = first & 3
        frames = np.where(codes == 3, second & 0x3F, np.where(codes == 0, 1, 2)).astype(np.intp)
        lasting[places] = np.minimum(OPUS_FRAMES[first >> 3] * frames, LONGEST_OPUS) * (packets.sizes[places] > 0)
    return lasting


def _scale_events(table: Columns, rows: Rows, targets: Rows, places: Octets, which: Rows) -> None:
    """Durations of telephone-events for who counts them at another rate."""
    rates, wanted = table.event_rate[rows], table.event_rate[targets]
    differs = np.flatnonzero(rates != wanted)
    if len(differs) and places.shape[1] >= EVENT_BYTES:
        which = which[differs]
        durations = (places[which, 2].astype(np.int64) << 8 | places[which, 3]) * wanted[differs] // rates[differs]
        durations = np.minimum(durations, LONGEST)
        places[which, 2], places[which, 3] = durations >> 8, durations & 0xFF


def _rebase(table: Columns, packets: Packets, targets: Rows, now: float) -> None:
    """Let the first packet of a source have the next number and the time that has come."""
    waited = np.rint(np.maximum(now - table.due[targets], 0.0) * table.clock_rate[targets]).astype(np.uint32)
    table.sequence_offset[targets] = table.sequence_number[targets] - packets.sequence_numbers
    table.timestamp_offset[targets] = table.timestamp[targets] + waited - packets.timestamps
    table.relayed_span[targets] = 0
    table.relaying[targets] = True


def _copy(places: Octets, packets: Packets, matrix: Octets) -> None:
    """Payloads to their new places; what stands behind a shorter one is not sent."""
    offsets, width = packets.offsets, places.shape[1]
    if every(offsets == offsets[:1]):
        first = int(offsets[0]) if len(offsets) else 0
        end = min(first + width, matrix.shape[1])
        places[:, :end - first] = matrix[packets.slots, first:end]
        return
    for offset in np.unique(offsets).tolist():
        alike = np.flatnonzero(offsets == offset)
        end = min(offset + width, matrix.shape[1])
        places[alike, :end - offset] = matrix[packets.slots[alike], offset:end]


def _advance(table: Columns, targets: Rows, numbers: U16, ahead: Integers, timestamps: U32, lasting: Rows,
             now: float) -> None:
    """Keep the row's next number and time, so that whatever follows goes on from here."""
    onward = ahead >= 0
    if not every(onward):
        targets, numbers, ahead = targets[onward], numbers[onward], ahead[onward]
        timestamps, lasting = timestamps[onward], lasting[onward]
    table.sequence_number[targets] = numbers + np.uint16(1)
    table.relayed_span[targets] += ahead + 1
    ends = timestamps + lasting.astype(np.uint32)
    later = (ends - table.timestamp[targets]).view(np.int32) > 0
    if not every(later):
        targets, ends, lasting = targets[later], ends[later], lasting[later]
    table.timestamp[targets] = ends
    table.due[targets] = now + lasting / table.clock_rate[targets]
