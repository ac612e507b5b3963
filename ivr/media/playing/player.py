"""What plays on each stream: queues of clips, and the frames of all streams at once."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from ivr.audio.g711 import Samples, decode_ulaw
from ivr.media.columns import Columns, Octets, Rows
from ivr.media.events import Event, PlaybackFinished
from ivr.media.playing.clips import Clip, ClipBank

LONGEST_QUEUE = 64      # plays per stream; a further one is refused, which its PlaybackFinished says
MOST_DB = 60.0          # above or below the clip's own level


def gain_of(under_db: float | None) -> float:
    """The gain of a clip that plays so much softer under voices; 0 where it plays in their place."""
    return 0.0 if under_db is None else 10.0 ** (-min(max(under_db, -MOST_DB), MOST_DB) / 20)


@dataclass
class Playback:
    """One Play: its clips and which comes next. `clips` may be empty: then it is over at its turn."""

    play_id: int
    clips: tuple[Clip, ...]
    loop: bool
    barge_in: bool
    gain: float = 0.0           # under the voices; 0: in their place
    next: int = 0


class Player:
    """Queues per stream. Python runs only where a clip ends or a command comes; frames are gathered as columns."""

    def __init__(self, table: Columns, bank: ClipBank, legs: dict[int, str]) -> None:
        self._table, self._bank, self._legs = table, bank, legs
        self._queues: list[deque[Playback]] = [deque() for _ in range(table.rows)]

    def play(self, row: int, playback: Playback, now: float) -> list[Event]:
        """Queue a playback; if the queue is full, that is its end."""
        queue = self._queues[row]
        if len(queue) >= LONGEST_QUEUE:
            return [self._finished(row, playback, True)]
        for clip in playback.clips:
            clip.users += 1
        queue.append(playback)
        if len(queue) == 1:
            self._begin(row, now)
        return []

    def stop(self, row: int) -> list[Event]:
        """Forget all that is queued."""
        queue, table = self._queues[row], self._table
        told: list[Event] = []
        while queue:
            told.append(self._finished(row, queue[0], True))
            self._release(queue.popleft())
        table.playing[row] = table.barge_in[row] = False
        table.gain[row] = 0.0
        table.position[row] = table.end[row] = 0
        return told

    def ended(self, rows: Rows) -> Rows:
        """Those of `rows` whose clip is over."""
        table = self._table
        return rows[table.playing[rows] & (table.position[rows] >= table.end[rows])]

    def advance(self, row: int, now: float) -> list[Event]:
        """Take the next clip after one that is over."""
        told: list[Event] = []
        queue = self._queues[row]
        while queue and not self._next_clip(row, queue[0]):
            told.append(self._finished(row, queue[0], False))
            self._release(queue.popleft())
            if queue:
                self._begin(row, now)
        if not queue:
            self.stop(row)
        return told

    def frames(self, rows: Rows, blocks: int) -> Octets:
        """The next frame of each stream, of `blocks` blocks; silence where nothing plays. Moves on."""
        table = self._table
        positions = table.position[rows]
        table.position[rows] = positions + blocks
        return self._bank.gather(positions, table.end[rows], table.law[rows], blocks)

    def samples(self, rows: Rows, blocks: int) -> Samples:
        """As frames(), as samples: shape (rows, 80 × blocks)."""
        table = self._table
        positions = table.position[rows]
        table.position[rows] = positions + blocks
        return decode_ulaw(self._bank.gather(positions, table.end[rows], np.zeros(len(rows), np.intp), blocks))

    def pass_over(self, rows: Rows) -> None:
        """Let a frame go by unheard: playback goes on while a stream may not send."""
        self._table.position[rows] += self._table.blocks[rows]

    def _begin(self, row: int, now: float) -> None:
        """Make the queue's first playback the current one; its first clip is fetched when the next frame is due."""
        table = self._table
        table.playing[row] = True
        table.barge_in[row], table.gain[row] = self._queues[row][0].barge_in, self._queues[row][0].gain
        table.began_at[row] = now
        table.position[row] = table.end[row] = 0

    def _next_clip(self, row: int, playback: Playback) -> bool:
        if playback.loop and playback.next == len(playback.clips):
            playback.next = 0           # without clips it is over all the same: see below
        if playback.next >= len(playback.clips):
            return False
        clip = playback.clips[playback.next]
        playback.next += 1
        self._table.position[row], self._table.end[row] = clip.start, clip.start + clip.blocks
        return True

    def _finished(self, row: int, playback: Playback, stopped: bool) -> Event:
        return PlaybackFinished(row, self._legs[row], playback.play_id, stopped)

    def _release(self, playback: Playback) -> None:
        for clip in playback.clips:
            self._bank.release(clip)
