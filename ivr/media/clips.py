"""The bank of clips: every clip as encoded blocks of 10 ms, in both laws, in one array."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.audio.g711 import ALAW_SILENCE, ULAW_SILENCE, encode_alaw, encode_ulaw
from ivr.media.columns import BLOCK, BLOCK_SAMPLES, Octets, Rows


@dataclass
class Clip:
    """A run of blocks. `users` counts the playbacks that hold it: its blocks are free again only at 0."""

    name: str
    start: int
    blocks: int
    written: int = 0            # blocks
    users: int = 0
    dropped: bool = False

    @property
    def duration(self) -> float:
        return self.blocks * BLOCK


class ClipBank:
    """Encoded blocks: shape (2 × capacity, 80), µ-law first; block 0 of either half is silence.

    Bounded by `capacity_seconds`: what does not fit is refused (reserve gives None). 3,600 s are 58 MB of addresses,
    of which the kernel gives pages only to what is written.
    """

    def __init__(self, capacity_seconds: float = 3600.0) -> None:
        self.capacity = 1 + int(capacity_seconds / BLOCK)
        self.octets: Octets = np.zeros((2 * self.capacity, BLOCK_SAMPLES), np.uint8)
        self.octets[0], self.octets[self.capacity] = ULAW_SILENCE, ALAW_SILENCE
        self._clips: dict[str, Clip] = {}
        self._free = [(1, self.capacity - 1)]       # runs of (start, blocks), in order, never touching

    def get(self, name: str) -> Clip | None:
        """A clip that can be played."""
        return self._clips.get(name)

    def reserve(self, name: str, samples: int) -> Clip | None:
        """Room for a clip, which can't be played yet; None if there is none."""
        blocks = max(1, -(-samples // BLOCK_SAMPLES))
        for place, (start, room) in enumerate(self._free):
            if room >= blocks:
                self._free[place:place + 1] = [(start + blocks, room - blocks)] if room > blocks else []
                return Clip(name, start, blocks)
        return None

    def write(self, clip: Clip, samples: NDArray[np.int16]) -> None:
        """Encode the clip's next samples. Only the last piece may end within a block; silence fills it."""
        whole = np.zeros((-(-len(samples) // BLOCK_SAMPLES), BLOCK_SAMPLES), np.int16)
        whole.reshape(-1)[:len(samples)] = samples
        at = clip.start + clip.written
        clip.written += len(whole)
        if clip.written > clip.blocks:
            raise ValueError(f"{clip.name} is longer than it said")
        self.octets[at:at + len(whole)] = encode_ulaw(whole)
        self.octets[self.capacity + at:self.capacity + at + len(whole)] = encode_alaw(whole)

    def publish(self, clip: Clip) -> None:
        """Let a clip that is written be played from now on; one of the same name is dropped."""
        self.drop(clip.name)
        self._clips[clip.name] = clip

    def drop(self, name: str) -> None:
        """Forget a clip; unknown ones are no error."""
        clip = self._clips.pop(name, None)
        if clip is not None:
            self.discard(clip)

    def discard(self, clip: Clip) -> None:
        """Free the room of a clip that is published no more, or never was, once nobody plays it."""
        clip.dropped = True
        self._free_if_unused(clip)

    def release(self, clip: Clip) -> None:
        """A playback no longer holds the clip."""
        clip.users -= 1
        self._free_if_unused(clip)

    def gather(self, positions: Rows, ends: Rows, laws: Rows, blocks: int) -> Octets:
        """Frames of `blocks` blocks from each position, silence from its end on: shape (rows, 80 × blocks)."""
        wanted = positions[:, None] + np.arange(blocks)
        wanted *= wanted < ends[:, None]
        wanted += (laws * self.capacity)[:, None]
        return self.octets.take(wanted, axis=0).reshape(len(positions), blocks * BLOCK_SAMPLES)

    def _free_if_unused(self, clip: Clip) -> None:
        if not clip.dropped or clip.users:
            return
        runs: list[tuple[int, int]] = []
        for start, blocks in sorted([*self._free, (clip.start, clip.blocks)]):
            if runs and sum(runs[-1]) == start:
                start, blocks = runs[-1][0], runs.pop()[1] + blocks
            runs.append((start, blocks))
        self._free = runs
