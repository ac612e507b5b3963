"""The bridge: what one leg sends goes to the other as it comes, under the other's SSRC, numbers, types and law.

Sequence numbers and timestamps are shifted, not made anew, so a peer's gaps and reordering stay what they are. The
shift is taken again, with the marker set, when the source begins, or comes back after a prompt or a key of ours.
"""

import numpy as np

from ivr.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ivr.media.columns import NOBODY, RATE, U16, U32, Columns, Integers, Mask, Octets, Rows
from ivr.media.outgoing import PacketMatrix
from ivr.media.packet import COMFORT_NOISE, Packets
from ivr.media.sender import Sender

STATIC_LAWS = {0: 0, 8: 1}      # payload type -> law: peers that were offered both may send either
NO_LAW = -1


def laws_of(table: Columns, packets: Packets) -> Rows:
    """The law of each packet by its payload type, NO_LAW for what is no G.711."""
    rows, payload_types = packets.rows, packets.payload_types
    laws = np.where(payload_types == table.payload_type[rows], table.law[rows], NO_LAW)
    if (laws == NO_LAW).any():
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
    table.relaying[targets[~free]] = False
    packets, targets = packets.where(free), targets[free]
    laws, events = laws_of(table, packets), is_event(table, packets)
    wanted = (laws != NO_LAW) & ~events | events & (table.event_out[targets] != NOBODY)
    table.sequence_offset[targets[~wanted & table.relaying[targets]]] -= np.uint16(1)
    if wanted.any():
        _shift_and_send(table, outgoing, packets.where(wanted), targets[wanted], laws[wanted], events[wanted],
                        matrix, now)


def _shift_and_send(table: Columns, outgoing: PacketMatrix, packets: Packets, targets: Rows, laws: Rows, events: Mask,
                    matrix: Octets, now: float) -> None:
    begins = ~table.relaying[targets]
    if begins.any():
        _rebase(table, packets.where(begins), targets[begins], now)
    numbers = packets.sequence_numbers + table.sequence_offset[targets]
    ahead = (numbers - table.sequence_number[targets]).view(np.int16).astype(np.int64)
    known = ahead >= -table.relayed_span[targets]       # older than the bridge: its number is another packet's
    if not known.all():
        packets, targets, laws, events = packets.where(known), targets[known], laws[known], events[known]
        begins, numbers, ahead = begins[known], numbers[known], ahead[known]
    timestamps = packets.timestamps + table.timestamp_offset[targets]
    types = np.where(events, table.event_out[targets], table.payload_type[targets]).astype(np.uint8)
    places = outgoing.add(targets, types, numbers, timestamps, packets.markers | begins, packets.sizes)
    _copy(places, packets, matrix)
    for law, other in ((0, ULAW_TO_ALAW), (1, ALAW_TO_ULAW)):
        differs = ~events & (laws == law) & (table.law[targets] != law)
        if differs.any():
            places[differs] = other[places[differs]]
    _advance(table, targets, numbers, ahead, timestamps, np.where(events, 0, packets.sizes), now)


def _rebase(table: Columns, packets: Packets, targets: Rows, now: float) -> None:
    """Let the first packet of a source have the next number and the time that has come."""
    waited = np.rint(np.maximum(now - table.due[targets], 0.0) * RATE).astype(np.uint32)
    table.sequence_offset[targets] = table.sequence_number[targets] - packets.sequence_numbers
    table.timestamp_offset[targets] = table.timestamp[targets] + waited - packets.timestamps
    table.relayed_span[targets] = 0
    table.relaying[targets] = True


def _copy(places: Octets, packets: Packets, matrix: Octets) -> None:
    """Payloads to their new places; what stands behind a shorter one is not sent."""
    offsets, width = packets.offsets, places.shape[1]
    for offset in np.unique(offsets) if (offsets != offsets[:1]).any() else offsets[:1]:
        alike = np.flatnonzero(offsets == offset)
        end = min(int(offset) + width, matrix.shape[1])
        places[alike, :end - int(offset)] = matrix[packets.slots[alike], offset:end]


def _advance(table: Columns, targets: Rows, numbers: U16, ahead: Integers, timestamps: U32, samples: Rows,
             now: float) -> None:
    """Keep the row's next number and time, so that whatever follows goes on from here."""
    onward = ahead >= 0
    rows = targets[onward]
    table.sequence_number[rows] = numbers[onward] + np.uint16(1)
    table.relayed_span[rows] += ahead[onward] + 1
    ends = timestamps[onward] + samples[onward].astype(np.uint32)
    later = (ends - table.timestamp[rows]).view(np.int32) > 0
    table.timestamp[rows[later]] = ends[later]
    table.due[rows[later]] = now + samples[onward][later] / RATE
