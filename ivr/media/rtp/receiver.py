"""What packets do when they come in: latch, count, keys, relay; in this order, whole batches at a time."""

from collections.abc import Sequence

import numpy as np

from ivr.media.columns import NOBODY, U64, Columns, Mask, Octets, Rows, every, some
from ivr.media.dtmf import keys
from ivr.media.dtmf.listener import Listener
from ivr.media.events import DigitPressed, DigitReleased, Event, KeySource, MediaLatched, MediaLost
from ivr.media.playing.player import Player
from ivr.media.playing.sender import Sender
from ivr.media.recording.recorder import Recorder
from ivr.media.rtp import latch, statistics
from ivr.media.rtp.addresses import Addresses
from ivr.media.rtp.outgoing import PacketMatrix
from ivr.media.rtp.packet import Packets, in_turns, is_rtcp, parse
from ivr.media.rtp.rtcp import Reports
from ivr.media.rtp.srtp import Srtp
from ivr.media.voices import relay
from ivr.media.voices.heard import Heard

NARROWEST = 64          # octets of a matrix in which every field that may be looked at has a place


class Receiver:
    """Takes batches of RTP."""

    def __init__(self, table: Columns, player: Player, sender: Sender, outgoing: PacketMatrix,
                 legs: dict[int, str], srtp: Srtp, addresses: Addresses, heard: Heard, reports: Reports,
                 recorder: Recorder) -> None:
        self._table, self._player, self._sender, self._outgoing, self._legs = table, player, sender, outgoing, legs
        self._srtp, self._addresses, self._heard = srtp, addresses, heard
        self._reports, self._recorder = reports, recorder
        self.listener = Listener(table, heard)
        self._turn_of = np.zeros(table.rows, np.int64)

    def receive(self, rows: Rows, matrix: Octets, lengths: Rows, sources: U64, now: float) -> list[Event]:
        """Take packets: number i is matrix[i, :lengths[i]]. What must be relayed is added to the outgoing."""
        if self._addresses.full:
            self._addresses.forget(sources, self._table.destination, self._table.sdp, self._table.candidate)
        if matrix.shape[1] < NARROWEST:
            matrix = np.pad(matrix, ((0, 0), (0, NARROWEST - matrix.shape[1])))
        there = None
        if self._srtp:
            matrix, lengths, there = self._srtp.open(rows, matrix, lengths)
        packets, good = parse(rows, matrix, lengths, sources)
        good &= self._table.live[rows]
        if there is not None:
            good &= there
        if not every(good):
            self._set_aside(packets, ~good if there is None else ~good & there, matrix, lengths, now)
            packets = packets.where(good)
        told: list[Event] = []
        for part in in_turns(packets, self._turn_of):
            told += self._receive_part(part, matrix, now)
        return told

    def receive_rtcp(self, rows: Rows, sources: U64, packets: Sequence[bytes], now: float) -> None:
        """Take RTCP. Under SRTP it must authenticate."""
        if self._srtp:
            opened = [self._srtp.opened_rtcp(row, packet) for row, packet in zip(rows.tolist(), packets, strict=True)]
            opens = np.array([packet is not None for packet in opened], np.bool_)
            rows, sources, packets = rows[opens], sources[opens], [packet for packet in opened if packet is not None]
        self._hear_control(rows, sources, packets, now)

    def _hear_control(self, rows: Rows, sources: U64, packets: Sequence[bytes], now: float) -> None:
        self._is_alive(rows[self._reports.hear(rows, sources, packets, now)], now)

    def fallen_silent(self, lost_after: float, now: float) -> list[Event]:
        """MediaLost of streams on which nothing came for so many seconds though it should, once each."""
        table = self._table
        silent_for = now - table.alive_at
        rows = np.flatnonzero(table.live & table.receives & ~table.lost_told & (silent_for >= lost_after))
        table.lost_told[rows] = True
        return [MediaLost(row, self._legs[row], float(silent_for[row])) for row in rows.tolist()]

    def releases(self, released: keys.Releases, source: KeySource = "event") -> list[Event]:
        """The events of keys that came up."""
        if not len(released.rows):      # in most phases
            return []
        return [DigitReleased(row, self._legs[row], keys.DIGITS[digit], duration_ms, source)
                for row, digit, duration_ms in zip(*(column.tolist() for column in released), strict=True)]

    def listen_to(self, row: int, wanted: bool) -> list[Event]:
        """Whether keys are to be heard in the row's audio."""
        return self.releases(self.listener.listen_to(row, wanted), "in_band")

    def listen(self, now: float) -> list[Event]:
        """Keys in the audio, since the last time."""
        told: list[Event] = []
        for changes in self.listener.listen(now):
            told += self.releases(changes.released, "in_band")
            for row, digit in zip(changes.pressed.tolist(), changes.digits.tolist(), strict=True):
                told += self._press(row, digit, False, "in_band", now)
        return told

    def _set_aside(self, packets: Packets, bad: Mask, matrix: Octets, lengths: Rows, now: float) -> None:
        """RTCP on the RTP port (RFC 5761) is heard though not negotiated; the rest is counted."""
        odd = bad & self._table.live[packets.rows]
        control = odd & (lengths >= 8) & is_rtcp(matrix[:len(lengths), 1])
        if some(control):
            heard = [matrix[place, :lengths[place]].tobytes() for place in np.flatnonzero(control).tolist()]
            self._hear_control(packets.rows[control], packets.sources[control], heard, now)
        np.add.at(self._table.malformed, packets.rows[odd & ~control], 1)

    def _receive_part(self, packets: Packets, matrix: Octets, now: float) -> list[Event]:
        """Packets of different streams."""
        table = self._table
        admitted, latched = latch.admit(table, packets, now)
        told: list[Event] = [MediaLatched(row, self._legs[row], self._addresses.unpack(int(table.destination[row])))
                             for row in latched.tolist()]
        if not every(admitted):
            table.refused[packets.rows[~admitted]] += 1
            packets = packets.where(admitted)
        self._is_alive(packets.rows, now)
        table.rtp_at[packets.rows] = now
        packets, events = self._count(packets, told, now)
        if some(events):
            told += self._take_keys(packets.where(events), matrix, now)
        if self._heard.users:
            self._hear(packets.where(table.wanted[packets.rows] & ~events), matrix, now)
        if self._recorder:
            self._recorder.came(packets, matrix, now)
        bridged = table.peer[packets.rows] != NOBODY
        if some(bridged):
            relay.forward(table, self._sender, self._outgoing, packets.where(bridged), matrix, now)
        return told

    def _hear(self, packets: Packets, matrix: Octets, now: float) -> None:
        """Speech of rows that somebody wants decoded."""
        if len(packets.rows):
            self._heard.place(packets, matrix, relay.laws_of(self._table, packets), now)

    def _count(self, packets: Packets, told: list[Event], now: float) -> tuple[Packets, Mask]:
        """Count packets of peers; returns those that are new and wanted, and which of them are telephone-events."""
        table, rows = self._table, packets.rows
        usual = packets.payload_types == table.payload_type[rows]
        unusual = not every(usual)
        events = relay.is_event(table, packets) if unusual else ~usual
        fresh, begins = statistics.arrive(table, packets, ~events, now)
        if some(begins):
            table.key_moved[rows[begins]] = True
            peers = table.peer[rows[begins]]
            table.relaying[peers[peers != NOBODY]] = False
        if unusual:
            others = packets.where(~events & ~usual)
            unknown = (relay.laws_of(table, others) == relay.NO_LAW) & ~relay.is_noise(others)
            table.malformed[others.rows[unknown]] += 1
        wanted = fresh & table.receives[rows]
        return (packets, events) if every(wanted) else (packets.where(wanted), events[wanted])

    def _take_keys(self, packets: Packets, matrix: Octets, now: float) -> list[Event]:
        changes = keys.hear(self._table, packets, matrix, now)
        told = self.releases(changes.before)
        for row, digit, held in zip(changes.pressed.tolist(), changes.digits.tolist(), changes.held_at_start.tolist(),
                                    strict=True):
            told += self._press(row, digit, held, "event", now)
        return told + self.releases(changes.after)

    def _press(self, row: int, digit: int, held: bool, source: KeySource, now: float) -> list[Event]:
        """A key went down; what may be interrupted stops."""
        told: list[Event] = [DigitPressed(row, self._legs[row], keys.DIGITS[digit], held, source)]
        if self._table.barge_in[row] and not held:
            told += self._player.stop(row)
            self._sender.settle(row, now)
        return told

    def _is_alive(self, rows: Rows, now: float) -> None:
        self._table.alive_at[rows] = now
        self._table.lost_told[rows] = False
