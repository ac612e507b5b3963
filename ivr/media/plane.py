"""The media plane as a pure machine: commands, packets and time in; packets and events out. No socket, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.media import commands, events
from ivr.media.columns import NOBODY, U64, Columns, Octets, Rows, every, some
from ivr.media.commands import Command
from ivr.media.dtmf import keys
from ivr.media.dtmf.digits import Digits
from ivr.media.events import Event
from ivr.media.playing.clips import ClipBank
from ivr.media.playing.player import Playback, Player, gain_of
from ivr.media.playing.sender import Sender
from ivr.media.recording.recorder import Ended, Piece, Recorder
from ivr.media.rtp import latch, statistics
from ivr.media.rtp.addresses import Addresses
from ivr.media.rtp.outgoing import Outgoing, PacketMatrix
from ivr.media.rtp.receiver import Receiver
from ivr.media.rtp.rtcp import Reports
from ivr.media.rtp.srtp import Keys, Srtp
from ivr.media.voices.bridges import Bridges
from ivr.media.voices.heard import Heard
from ivr.media.voices.mixer import Mixer
from ivr.media.voices.row_codec import set_codec

WATCH_EVERY = 0.5               # seconds between looks for streams that fell silent


@dataclass(frozen=True)
class PlaneSettings:
    """What may be set.

    clip_seconds: room for all clips together; lost_after: silence until MediaLost; batch: packets that one receive()
    takes at most, which bounds the memory for what is relayed; codecs: what streams may be set to.
    """

    clip_seconds: float = 3600.0
    lost_after: float = 20.0
    batch: int = 2048
    codecs: tuple[str, ...] = ("PCMU", "PCMA")


class Plane:
    """All streams of one process.

    `ports` are the RTP ports of the rows, `wire` the name of what carries them, `addresses` packs where packets come
    from and go to: wire and plane must have the same one. `chance` gives so many random bytes (tests do with zeros).
    """

    def __init__(self, ports: tuple[int, ...], wire: str = "plain", settings: PlaneSettings | None = None,
                 addresses: Addresses | None = None, chance: Callable[[int], bytes] = bytes) -> None:
        self.ports, self.wire, self.epoch = ports, wire, 0
        self.settings, self.addresses = settings or PlaneSettings(), addresses or Addresses()
        self.table, self.bank = Columns(len(ports)), ClipBank(self.settings.clip_seconds, self.settings.codecs)
        self._legs: dict[int, str] = {}         # of the open rows
        self.heard = Heard(self.table)
        self._player = Player(self.table, self.bank, self._legs)
        self._digits = Digits(self.table, self.bank)
        self._srtp = Srtp(self.table)
        self._packets = PacketMatrix(self.table, max(len(ports), self.settings.batch), self._srtp)
        self._reports = Reports(self.table, self._srtp, chance)
        self._mixer = Mixer(self.table, self._player, self.heard)
        self._sender = Sender(self.table, self._player, self._digits, self._packets, self._mixer)
        self._bridges = Bridges(self.table, self._player, self._mixer, self._sender, self._digits, self._legs)
        self.recorder = Recorder(self.table)
        self._receiver = Receiver(self.table, self._player, self._sender, self._packets, self._legs,
                                  self._srtp, self.addresses, self.heard, self._reports, self.recorder)
        self._watch_at = 0.0
        self._actions: dict[type, Callable[[Any, float], list[Event]]] = {
            commands.Hello: self._hello, commands.OpenStream: self._open, commands.ConfirmStream: self._confirm,
            commands.SetStream: self._set, commands.Play: self._play, commands.StopPlayback: self._stop,
            commands.Bridge: self._bridges.bridge, commands.Unbridge: self._bridges.unbridge,
            commands.Hear: self._bridges.hear, commands.SendDigit: self._send_digit,
            commands.CloseStream: self._close, commands.DropClip: self._drop_clip,
            commands.CaptureStream: self._capture,
            commands.StartRecording: self.recorder.start, commands.MuteRecording: self.recorder.mute,
            commands.StopRecording: self.recorder.stop}

    @property
    def matrix(self) -> Octets:
        """The memory in which outgoing packets are made: the same for the plane's life."""
        return self._packets.octets

    @property
    def idle(self) -> bool:
        """Whether no stream is open."""
        return not self._legs

    @property
    def bridged(self) -> int:
        """How many streams are bridged: what is relayed should not wait for the next phase of 5 ms."""
        return int(np.count_nonzero(self.table.peer != NOBODY))

    def handle(self, command: Command, now: float) -> list[Event]:
        """Do what control asks. Stale commands do nothing. Raises ValueError for one that makes no sense.

        LoadClip is not for here, since it opens a file: see add_clip(), or the bank's reserve(), write(), publish().
        Nor is what opens and closes captures.
        """
        action = self._actions.get(type(command))
        if action is None:
            raise ValueError(f"{type(command).__name__} is not for the plane itself")
        if isinstance(command, commands.StreamCommand) and self._legs.get(command.stream) != command.leg:
            return []
        return action(command, now)

    def add_clip(self, name: str, samples: NDArray[np.int16]) -> list[Event]:
        """Make a clip of 8 kHz samples playable at once."""
        clip = self.bank.reserve(name, len(samples))
        if clip is None:
            return [events.ClipFailed(name, "the clip bank is full")]
        self.bank.encode(clip, samples)
        self.bank.publish(clip)
        return [events.ClipLoaded(name, clip.duration)]

    def receive(self, rows: Rows, matrix: Octets, lengths: Rows, sources: U64,
                now: float) -> tuple[list[Event], Outgoing]:
        """Take RTP: packet i is matrix[i, :lengths[i]], came to stream rows[i] from sources[i] (`addresses.pack`).

        Any number per stream, in order of arrival, at most `batch` in all. Returns events, and the packets that are
        relayed. Raises nothing, whatever the bytes are.
        """
        self._packets.begin()
        told = self._bridges.pass_keys(self._receiver.receive(rows, matrix, lengths, sources, now), now)
        return told, self._take(now)

    def receive_rtcp(self, rows: Rows, sources: U64, packets: Sequence[bytes], now: float) -> None:
        """Take RTCP packets of these rows and sources. Raises nothing, whatever the bytes are."""
        self._receiver.receive_rtcp(rows, sources, packets, now)

    def report(self, now: float) -> Outgoing | None:
        """RTCP that is due, for the rows' RTCP sockets; None for none. Wanted as often as tick()."""
        return self._reports.due(now)

    def tick(self, now: float) -> tuple[list[Event], Outgoing]:
        """Send what is due, at most one packet per stream. Wanted every phase: 5 ms, less while bridging."""
        self._packets.begin()
        told = self._bridges.pass_keys(self._receiver.releases(keys.time_out(self.table, now)), now)
        told += self._receiver.listen(now)
        rows = self._sender.due(now)
        if len(rows):
            told += self._take_turns(rows, now)
        if now >= self._watch_at:
            self._watch_at = now + WATCH_EVERY
            self._sender.align()
            told += self._receiver.fallen_silent(self.settings.lost_after, now)
        return told, self._take(now)

    def record(self, now: float) -> list[Piece | Ended]:
        """What recordings hold more by now, and which have ended. Wanted after every tick."""
        self.recorder.gather(now)
        return self.recorder.take()

    def _take(self, now: float) -> Outgoing:
        if self.recorder:           # before SRTP closes them
            self.recorder.left(*self._packets.waiting, now)
        return self._packets.take()

    def _take_turns(self, rows: Rows, now: float) -> list[Event]:
        """The turn of these streams: next clips where one is over, and a packet each."""
        told: list[Event] = []
        ended = self._player.ended(rows)
        if len(ended):
            for row in ended.tolist():
                told += self._player.advance(row, now)
                self._sender.settle(row, now)
            rows = rows[self.table.clocked[rows]]
        self._send(rows, now)
        return told

    def _send(self, rows: Rows, now: float) -> None:
        sender = self._sender
        allowed, keyed = sender.allowed(rows, now), self.table.digit[rows] != NOBODY
        if not every(allowed):
            sender.skip(rows[~allowed])
            rows, keyed = rows[allowed], keyed[allowed]
        if not some(keyed):
            sender.audio(rows)
            return
        sender.audio(rows[~keyed])
        for row in sender.keys(rows[keyed]).tolist():
            self._digits.next(row)
            sender.settle(row, now)

    def _hello(self, command: commands.Hello, now: float) -> list[Event]:
        """Legs of an older epoch mean nothing to the new control, so their ends are not told."""
        if command.epoch <= self.epoch:
            return []
        self.epoch = command.epoch
        for row in list(self._legs):
            self._end(row, now)
        return [events.PlaneReady(self.ports, self.wire)]

    def _open(self, command: commands.OpenStream, now: float) -> list[Event]:
        row, table = command.stream, self.table
        if not 0 <= row < table.rows:
            raise ValueError(f"there is no stream {row}")
        told = self._close(commands.CloseStream(row, self._legs[row]), now) if row in self._legs else []
        table.open[row], self._legs[row] = True, command.leg
        table.ssrc[row] = command.ssrc & 0xFFFFFFFF
        table.sequence_number[row] = command.sequence_number & 0xFFFF
        table.timestamp[row] = command.timestamp & 0xFFFFFFFF
        if command.unconfirmed_limit is not None:
            table.unconfirmed[row] = command.unconfirmed_limit
        return told

    def _confirm(self, command: commands.ConfirmStream, now: float) -> list[Event]:
        self.table.unconfirmed[command.stream] = self.table.send_until[command.stream] = np.inf
        return []

    def _set(self, command: commands.SetStream, now: float) -> list[Event]:
        row, table = command.stream, self.table
        if not self.bank.speaks(command.codec):
            raise ValueError(f"{command.codec} is not spoken here")
        remote = self.addresses.pack(*command.remote)
        suite = command.srtp_suite
        self._srtp.set_keys(row, Keys(suite, command.srtp_key_out, command.srtp_key_in) if suite else None)
        latch.set_remote(table, row, remote, command.latch == "learn")
        set_codec(table, command)
        event_out, event_in = command.event_payload_type, command.event_payload_type_in
        table.event_out[row] = NOBODY if event_out is None else event_out
        table.event_in[row] = table.event_out[row] if event_in is None else event_in
        if event_out is None and not table.digit_tones[row]:
            self._digits.clear(row)         # it takes the key that is being sent no longer
        table.sends[row] = command.direction in ("sendrecv", "sendonly")
        table.receives[row] = command.direction in ("sendrecv", "recvonly")
        table.alive_at[row], table.lost_told[row] = now, False
        if table.sends[row] and table.send_until[row] == np.inf:
            table.send_until[row] = now + table.unconfirmed[row]
        table.rtcp_sdp[row] = self.addresses.pack(*command.rtcp) if command.rtcp else latch.beside(remote)
        if not table.live[row]:
            table.live[row], table.due[row] = True, self._sender.turn(row, now)
            self._reports.begin(row, now)
        self._bridges.settle(row, now)
        return self._receiver.listen_to(row, command.in_band)

    def _play(self, command: commands.Play, now: float) -> list[Event]:
        row = command.stream
        told = self._player.stop(row) if command.replace else []
        found = [(name, self.bank.get(name)) for name in command.clips]
        told += [events.ClipFailed(name, "not loaded, and was to be played") for name, clip in found if clip is None]
        clips = tuple(clip for _, clip in found if clip is not None)
        playback = Playback(command.play_id, clips, command.loop, command.barge_in, gain_of(command.under_db))
        told += self._player.play(row, playback, now)
        self._sender.settle(row, now)
        return told

    def _stop(self, command: commands.StopPlayback, now: float) -> list[Event]:
        told = self._player.stop(command.stream)
        self._sender.settle(command.stream, now)
        return told

    def _send_digit(self, command: commands.SendDigit, now: float) -> list[Event]:
        self._digits.send(command.stream, command.digit, command.duration_ms)
        self._sender.settle(command.stream, now)
        return []

    def _capture(self, command: commands.CaptureStream, now: float) -> list[Event]:
        self.table.captured[command.stream] = command.capture
        self.table.masked_until[command.stream] = command.masked_until
        return []

    def _close(self, command: commands.CloseStream, now: float) -> list[Event]:
        """What still plays is told as stopped: every Play has its end, and StreamClosed is the last word of a leg."""
        row, leg = command.stream, command.leg
        figures = statistics.report(self.table, row)
        return [*self._end(row, now), events.StreamClosed(row, leg, figures)]

    def _end(self, row: int, now: float) -> list[Event]:
        self.recorder.close_row(row, now)
        self._bridges.forget(row, now)
        told = self._player.stop(row)
        self._digits.clear(row)
        self._reports.leave(row, now)
        self._srtp.clear(row)
        self.heard.forget(row)
        self._receiver.listener.forget(row)
        self.table.clear(row)
        del self._legs[row]
        return told

    def _drop_clip(self, command: commands.DropClip, now: float) -> list[Event]:
        self.bank.drop(command.clip)
        return []
