"""Recordings: what a peer says and what is sent to it, of all recorded streams at once, in blocks of our clock.

Both channels are read from a ring that keeps the last 640 ms (`Heard`), filled from a tape of what came and what left.
They are read late enough for packets that were late themselves, in pieces of 200 ms, whose last block is between 200
and 400 ms old. So a recording is as long as its time to the block, whatever came or did not, and its channels stay side
by side.

A secret is muted by block time: from the block of MuteRecording on, until MUTE_TAIL after it ended, and KEY_TAIL after
a key that is held then was last seen down, which is looked at every 200 ms. What is pressed within that time lies in
blocks that are silent in the file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ivr.media.columns import BLOCK, BLOCK_SAMPLES, NOBODY, Columns, Octets, Rows
from ivr.media.commands import MuteRecording, StartRecording, StopRecording
from ivr.media.events import Event
from ivr.media.recording.message import SILENT, Message
from ivr.media.recording.tape import WIDEST, Some, Tape
from ivr.media.rtp.packet import HEADER_BYTES, Packets
from ivr.media.voices.heard import block_at

PIECE = 20                      # blocks that are read at one time
LATE = 20                       # blocks that the newest of them is old, at the least
MUTE_TAIL, KEY_TAIL = 100, 50   # blocks: keys by INFO are told when they are up, keys in the audio while they sound
FOREVER = 1 << 60               # a block that never comes
MOST_SPANS = 32                 # muted spans that are told; from the last one on all is one span


class Piece(NamedTuple):
    """The next samples of some recordings: shape (recordings, frames, 2)."""

    recordings: Sequence[int]
    samples: NDArray[np.int16]


class Ended(NamedTuple):
    """A recording is over: its last samples have been given."""

    recording: int
    seconds: float
    reason: str
    muted: tuple[tuple[float, float], ...]
    spoken: float = 0.0


@dataclass
class Track:
    """One recording: its row, the block it began with, and the spans (first block, one behind) that are muted.
    `message`: of the peer alone, and when that has said all."""

    row: int
    first: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    message: Message | None = None


class Recorder:
    """The recordings of one plane. True if there is one: else nothing of it need be asked."""

    def __init__(self, table: Columns) -> None:
        self._table = table
        self._tape = Tape(table)       # what came (left), and from row `table.rows` on what left (right)
        self._tracks: dict[int, Track] = {}
        self._ready: list[Piece | Ended] = []
        self._next = 0                  # the block that is read next, of all recordings

    def __bool__(self) -> bool:
        return bool(self._tracks)

    @property
    def busy(self) -> bool:
        """Whether there is one, or there is something to take of one that was."""
        return bool(self._tracks or self._ready)

    @property
    def recordings(self) -> Iterable[int]:
        """Those that are running."""
        return self._tracks

    def start(self, command: StartRecording, now: float) -> list[Event]:
        """Begin a recording, or go on with one on another row. A row has one recording at a time; an older one ends."""
        row, recording, block = command.stream, command.recording, block_at(now)
        before = int(self._table.recorded[row])
        if before == recording:
            return []
        if before != NOBODY:
            self.stop(StopRecording(before, "another recording began"), now)
        track = self._tracks.get(recording)
        mute = (FOREVER, 0)
        if track is None:
            if not self._tracks:
                self._next = block
            message = Message(round(command.silence / BLOCK)) if command.caller_only else None
            track = self._tracks[recording] = Track(row, block, message=message)
        else:
            mute = max(int(self._table.muted_from[track.row]), block), int(self._table.muted_until[track.row])
            self._leave(track, block, now)
            track.row = row
        self._table.recorded[row], self._table.recorded_from[row] = recording, block
        self._table.muted_from[row], self._table.muted_until[row] = mute
        for place in (row, row + self._table.rows):
            self._tape.heard.want(place)
        return []

    def mute(self, command: MuteRecording, now: float) -> list[Event]:
        """From this block on silence, or until a while after it."""
        table, row, block = self._table, command.stream, block_at(now)
        if table.recorded[row] != command.recording:
            return []
        if not command.muted:
            table.muted_until[row] = min(int(table.muted_until[row]), block + MUTE_TAIL)
            return []
        if table.muted_until[row] <= self._next:        # else what is muted and not read yet stays so
            self._keep_span(self._tracks[command.recording])
            table.muted_from[row] = block
        table.muted_until[row] = FOREVER
        return []

    def stop(self, command: StopRecording, now: float) -> list[Event]:
        """End a recording, with all that was said up to now."""
        track = self._tracks.get(command.recording)
        if track is None:
            return []
        end = max(block_at(now) - round(command.cut / BLOCK), self._read_until(track))
        self._table.muted_until[track.row] = min(int(self._table.muted_until[track.row]), end)
        self._leave(track, end, now)
        del self._tracks[command.recording]
        muted = tuple((_seconds(first - track.first), _seconds(last - track.first)) for first, last in track.spans)
        spoken = _seconds(track.message.spoken) if track.message is not None else 0.0
        self._ready.append(Ended(command.recording, _seconds(end - track.first), command.reason, muted, spoken))
        return []

    def _read_until(self, track: Track) -> int:
        """The block up to which it has been read: nothing before that can be left out any more."""
        return max(self._next, int(self._table.recorded_from[track.row]))

    def close_row(self, row: int, now: float) -> None:
        """The stream ends, and with it its recording."""
        if self._tracks and self._table.recorded[row] != NOBODY:
            self.stop(StopRecording(int(self._table.recorded[row]), "the call ended"), now)

    def drop(self, recordings: Iterable[int]) -> None:
        """Nobody takes these any more."""
        for recording in recordings:
            track = self._tracks.pop(recording, None)
            if track is not None:
                self._tape.forget(track.row)
                self._free(track.row)

    def came(self, packets: Packets, matrix: Octets, now: float) -> None:
        """Packets that came, of streams each once; telephone-events among them are left out later."""
        places = (self._table.recorded[packets.rows] != NOBODY).nonzero()[0]
        if len(places):
            rows, offsets, sizes = packets.rows[places], packets.offsets[places], packets.sizes[places]
            width = min(int((offsets + sizes).max()), WIDEST)
            self._tape.add(Some(rows, rows, matrix[packets.slots[places], :width], offsets, sizes), now)

    def left(self, rows: Rows, octets: Octets, lengths: Rows, now: float) -> None:
        """Packets that leave, not yet encrypted: packet i is octets[i, :lengths[i]], of stream rows[i]."""
        places = (self._table.recorded[rows] != NOBODY).nonzero()[0]
        if len(places):
            rows, lengths = rows[places], lengths[places]
            width = min(int(lengths.max()), WIDEST)
            offsets = np.full(len(places), HEADER_BYTES)
            self._tape.add(Some(rows, rows + self._table.rows, octets[places, :width], offsets,
                                lengths - HEADER_BYTES), now)

    def gather(self, now: float) -> None:
        """Read what is old enough."""
        if not self._tracks:
            return
        self._tape.turn(now)
        while self._next + PIECE + LATE <= block_at(now):
            self._hold_mutes(now)
            rows = np.flatnonzero(self._table.recorded != NOBODY)
            begun = self._table.recorded_from[rows] <= self._next
            self._read(rows[begun], self._next, PIECE)
            for row in rows[~begun].tolist():       # those that began within it
                self._read_rest(row, self._next + PIECE)
            self._next += PIECE
            for recording in [number for number, track in self._tracks.items() if track.message and track.message.over]:
                self.stop(StopRecording(recording, SILENT), now)

    def take(self) -> list[Piece | Ended]:
        """What has been read since this was asked last."""
        ready, self._ready = self._ready, []
        return ready

    def _leave(self, track: Track, end: int, now: float) -> None:
        """Read the rest of a recording's row, which is then no more recorded."""
        self._tape.place(now)
        self._read_rest(track.row, end)
        self._keep_span(track, end)
        self._free(track.row)

    def _free(self, row: int) -> None:
        self._table.recorded[row] = NOBODY
        for place in (row, row + self._table.rows):
            self._tape.heard.unwant(place)

    def _read_rest(self, row: int, end: int) -> None:
        first = max(self._next, int(self._table.recorded_from[row]))
        if first < end:
            self._read(np.array([row]), first, end - first)

    def _read(self, rows: Rows, first: int, count: int) -> None:
        """`count` blocks of these rows, muted where they are to be."""
        if not len(rows):
            return
        samples = np.empty((len(rows), count * BLOCK_SAMPLES, 2), np.int16)
        both = self._tape.heard.blocks(np.concatenate((rows, rows + self._table.rows)), first, count)
        samples[:, :, 0], samples[:, :, 1] = both[:len(rows)], both[len(rows):]
        blocks = first + np.arange(count)
        muted = ((blocks >= self._table.muted_from[rows][:, None])
                 & (blocks < self._table.muted_until[rows][:, None]))
        if muted.any():
            samples.reshape(len(rows), count, BLOCK_SAMPLES, 2)[muted] = 0
        recordings = self._table.recorded[rows].tolist()
        for place, recording in enumerate(recordings):
            message = self._tracks[recording].message
            if message is not None:
                message.hear(samples[place])
        self._ready.append(Piece(recordings, samples))

    def _hold_mutes(self, now: float) -> None:
        """A key that is held when its secret is over stays muted until it is up."""
        table = self._table
        block = block_at(now)
        down = table.key_down | (table.tone_digit != NOBODY)
        held = np.flatnonzero((table.recorded != NOBODY) & down & (table.muted_until < FOREVER)
                              & (table.muted_until > block - LATE - PIECE))
        table.muted_until[held] = np.maximum(table.muted_until[held], block + KEY_TAIL)

    def _keep_span(self, track: Track, end: int = FOREVER) -> None:
        """Note the row's muted span, which is over or ends now."""
        first, last = (int(column[track.row]) for column in (self._table.muted_from, self._table.muted_until))
        last = min(last, end)
        if first >= last:
            return
        if len(track.spans) == MOST_SPANS:
            first = track.spans.pop()[0]
        track.spans.append((first, last))


def _seconds(blocks: int) -> float:
    return round(blocks * BLOCK, 2)

