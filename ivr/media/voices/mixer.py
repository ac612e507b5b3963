"""Streams that hear several others: the sum of what those say, with or without a clip, made anew for each listener.

Who hears whom are edges, kept as two arrays; a turn of any number of listeners is one gather of blocks, one sum over
runs of edges and one encoding per law. What a stream hears is

- what Hear said, or else
- its peer, where the bridge can't be relayed (codecs that no table maps), or while a clip plays under the peer's voice.

Everybody else is on the fast path: clips by indexing, bridges by the relay.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ivr.audio.codecs import BY_LAW, G711_LAWS
from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.media.columns import BLOCK, BLOCK_SAMPLES, NOBODY, Columns, Integers, Octets, Rows
from ivr.media.playing.player import Player
from ivr.media.voices.heard import Heard, Samples
from ivr.media.voices.transcoding import RowEncoders

Encoder = Callable[[Rows, Samples], Octets]     # samples for these rows, shape (rows, samples) -> (rows, octets)

MOST_HEARD = 32                 # by one stream
LOUDEST = np.iinfo(np.int16)


class Mixer:
    """Edges between streams, and the frames of those that hear others."""

    def __init__(self, table: Columns, player: Player, heard: Heard) -> None:
        self._table, self._player, self._heard = table, player, heard
        self._asked: dict[int, tuple[int, ...]] = {}        # by Hear
        self._hears: dict[int, tuple[int, ...]] = {}        # in effect
        self._listeners: Rows = np.zeros(0, np.intp)        # the edges: who hears, in order ...
        self._speakers: Rows = np.zeros(0, np.intp)         # ... and whom
        self._place_of: Integers = np.full(table.rows, NOBODY)
        self._encoders: dict[int, Encoder] = {0: lambda _, samples: encode_ulaw(samples),
                                              1: lambda _, samples: encode_alaw(samples)}
        self._stateful = {codec.law: RowEncoders(codec) for codec in BY_LAW[G711_LAWS:]}
        self._encoders |= self._stateful

    def hear(self, row: int, speakers: tuple[int, ...]) -> None:
        """Let a row hear these rows, none: nobody. settle() must follow. Raises ValueError for too many."""
        wanted = tuple(dict.fromkeys(speaker for speaker in speakers if speaker != row))
        if len(wanted) > MOST_HEARD:
            raise ValueError(f"a stream hears at most {MOST_HEARD} others")
        self._asked.pop(row, None)
        if wanted:
            self._asked[row] = wanted

    def settle(self, row: int) -> None:
        """After any change of a row: whom it hears through the mix, if anybody."""
        table = self._table
        under = bool(table.playing[row] and table.gain[row])
        self._connect(row, self._asked.get(row) or self._peer(row, under))
        table.mixed[row] = under or (row in self._hears and not table.playing[row])

    def forget(self, row: int) -> list[int]:
        """The row's leg is gone. Returns who heard it; settle() must follow for them."""
        self._asked.pop(row, None)
        self._connect(row, ())
        for encoders in self._stateful.values():
            encoders.forget(row)
        left = [listener for listener, speakers in self._asked.items() if row in speakers]
        for listener in left:
            self.hear(listener, tuple(speaker for speaker in self._asked[listener] if speaker != row))
        return left

    def frames(self, rows: Rows, blocks: int) -> Octets:
        """What each of these rows hears in the blocks of its turn, encoded: shape (rows, 80 × blocks)."""
        table = self._table
        total = self._voices(rows, blocks)
        playing = table.playing[rows]
        if playing.any():
            clips = self._player.samples(rows[playing], blocks) * table.gain[rows[playing], None]
            total[playing] += np.rint(clips).astype(np.int32)
        samples = np.clip(total, LOUDEST.min, LOUDEST.max).astype(np.int16)
        laws = table.law[rows]
        first = int(laws[0])
        if (laws == first).all():
            return self._encoders[first](rows, samples)
        octets: Octets = np.empty(samples.shape, np.uint8)
        for law in np.unique(laws).tolist():
            alike = laws == law
            octets[alike] = self._encoders[law](rows[alike], samples[alike])
        return octets

    def _voices(self, rows: Rows, blocks: int) -> NDArray[np.int32]:
        total = np.zeros((len(rows), blocks * BLOCK_SAMPLES), np.int32)
        self._place_of[rows] = np.arange(len(rows))
        places = self._place_of[self._listeners]
        self._place_of[rows] = NOBODY
        chosen = np.flatnonzero(places != NOBODY)
        if len(chosen):
            last = (self._table.due[rows] / BLOCK + 1e-6).astype(np.int64)      # of the turn
            places = places[chosen]
            said = self._heard.blocks(self._speakers[chosen], last[places] - (blocks - 1), blocks)
            runs = np.flatnonzero(np.diff(places, prepend=NOBODY))
            total[places[runs]] = np.add.reduceat(said, runs, axis=0, dtype=np.int32)
        return total

    def _peer(self, row: int, under: bool) -> tuple[int, ...]:
        peer = int(self._table.peer[row])
        if peer == NOBODY:
            return ()
        law, other = int(self._table.law[row]), int(self._table.law[peer])
        relayed = law == other or max(law, other) < G711_LAWS
        return (peer,) if under or not relayed else ()

    def _connect(self, row: int, speakers: tuple[int, ...]) -> None:
        before = self._hears.get(row, ())
        if speakers == before:
            return
        for speaker in speakers:
            self._heard.want(speaker)
        for speaker in before:
            self._heard.unwant(speaker)
        self._hears.pop(row, None)
        if speakers:
            self._hears[row] = speakers
        edges = sorted((listener, speaker) for listener, heard in self._hears.items() for speaker in heard)
        pairs = np.array(edges, np.intp).reshape(-1, 2)
        self._listeners, self._speakers = pairs[:, 0].copy(), pairs[:, 1].copy()
