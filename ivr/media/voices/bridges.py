"""Who hears whom: bridges of two, and streams that hear several."""

from collections.abc import Mapping

from ivr.media import commands
from ivr.media.columns import NOBODY, Columns
from ivr.media.dtmf.digits import Digits
from ivr.media.events import DigitReleased, Event
from ivr.media.playing.player import Player
from ivr.media.playing.sender import Sender
from ivr.media.voices.mixer import Mixer


class Bridges:
    """What Bridge, Unbridge and Hear do, and what is left of it when a leg goes."""

    def __init__(self, table: Columns, player: Player, mixer: Mixer, sender: Sender, digits: Digits,
                 legs: Mapping[int, str]) -> None:
        self._table, self._player, self._mixer, self._sender = table, player, mixer, sender
        self._digits, self._legs = digits, legs

    def bridge(self, command: commands.Bridge, now: float) -> list[Event]:
        row, peer, table = command.stream, command.peer, self._table
        if row == peer or self._legs.get(peer) != command.peer_leg:
            return []
        self.part(row, now)
        self.part(peer, now)
        told = self._player.stop(row) + self._player.stop(peer)
        table.peer[row], table.peer[peer] = peer, row
        for side in (row, peer):
            table.key_spent[side] = table.key_code[side] != NOBODY
            self._mixer.hear(side, ())
            self._sender.settle(side, now)
        return told

    def unbridge(self, command: commands.Unbridge, now: float) -> list[Event]:
        self.part(command.stream, now)
        return []

    def hear(self, command: commands.Hear, now: float) -> list[Event]:
        row = command.stream
        self._mixer.hear(row, tuple(speaker for speaker, leg in command.heard if self._legs.get(speaker) == leg))
        self.part(row, now)
        self._sender.settle(row, now)
        return []

    def pass_keys(self, told: list[Event], now: float) -> list[Event]:
        """A key that came up on a mixed bridge goes to the other side as a key, as it does on a relay, and as tones if
        that takes no events; tones in the audio are heard there anyway. Returns what was told."""
        for event in told:
            if isinstance(event, DigitReleased) and event.source == "event" and not self._table.key_spent[event.stream]:
                peer = int(self._table.peer[event.stream])
                if peer != NOBODY and (self._table.mixed[peer] or self._table.event_out[peer] == NOBODY):
                    self._digits.send(peer, event.digit, event.duration_ms)
                    self._sender.settle(peer, now)
        return told

    def settle(self, row: int, now: float) -> None:
        """After new SDP: a bridge that could be relayed may need the mix now, for both sides, and the reverse."""
        for side in (row, int(self._table.peer[row])):
            if side != NOBODY:
                self._sender.settle(side, now)

    def part(self, row: int, now: float) -> None:
        """End the row's bridge, if it has one."""
        peer = int(self._table.peer[row])
        if peer == NOBODY:
            return
        for side in (row, peer):
            self._table.peer[side] = NOBODY
            self._sender.settle(side, now)

    def forget(self, row: int, now: float) -> None:
        """The row's leg is gone: nobody hears it any more."""
        self.part(row, now)
        for listener in self._mixer.forget(row):
            self._sender.settle(listener, now)
