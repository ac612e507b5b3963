"""The bank of clips: every clip as encoded blocks of 10 ms, in each codec that is spoken, in one array."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ivr.audio.codecs import BY_LAW, CLIP_BLOCKS, CODECS
from ivr.media.columns import BLOCK, BLOCK_SAMPLES, NOBODY, Octets, Rows, every

SILENT_BLOCKS = 6               # at the head of each section: the longest packet


@dataclass
class Clip:
    """A run of blocks. `users` counts the playbacks that hold it: its blocks are free again only at 0."""

    name: str
    start: int
    blocks: int
    written: int = 0            # blocks, of G.711
    encoded: dict[str, int] = field(default_factory=dict)       # blocks written of each other codec
    users: int = 0
    dropped: bool = False

    @property
    def duration(self) -> float:
        return self.blocks * BLOCK


class ClipBank:
    """Encoded blocks: shape (codecs × capacity, 80), a section for each of `codecs`, which begins with silence, and one
    of µ-law in any case: from that clips are mixed under voices. A clip has the same place in every section. Raises
    CodecMissing for a codec without its library.

    Bounded by `capacity_seconds`: what does not fit is refused (reserve gives None). 3,600 s are 29 MB of addresses for
    each codec, of which the kernel gives pages only to what is written.
    """

    def __init__(self, capacity_seconds: float = 3600.0, codecs: tuple[str, ...] = ("PCMU", "PCMA")) -> None:
        self._spoken = codecs
        self.codecs = [CODECS[name] for name in dict.fromkeys(("PCMU", *codecs))]
        self.prepared = [codec for codec in self.codecs if codec.wideband]      # what write() does not encode
        self.capacity = SILENT_BLOCKS + int(capacity_seconds / BLOCK)
        self.octets: Octets = np.zeros((len(self.codecs) * self.capacity, BLOCK_SAMPLES), np.uint8)
        self._sections = np.full(len(BY_LAW), NOBODY, np.intp)      # where that of each law begins
        self._frame = CLIP_BLOCKS if self.prepared else 1
        for place, codec in enumerate(self.codecs):
            start = self._sections[codec.law] = place * self.capacity
            self.octets[start:start + SILENT_BLOCKS] = codec.silence(SILENT_BLOCKS)
        self._clips: dict[str, Clip] = {}
        # runs of (start, blocks), in order, never touching
        self._free = [(SILENT_BLOCKS, self.capacity - SILENT_BLOCKS)]

    def speaks(self, codec: str) -> bool:
        """Whether clips can be played in this codec."""
        return codec in self._spoken

    @property
    def free_seconds(self) -> float:
        """Room for further clips, though not in one piece."""
        return sum(room for _, room in self._free) * BLOCK

    def get(self, name: str) -> Clip | None:
        """A clip that can be played."""
        return self._clips.get(name)

    def reserve(self, name: str, samples: int) -> Clip | None:
        """Room for a clip of 8 kHz samples, which can't be played yet; None if there is none. Clips are whole frames of
        every codec, so that a frame of Opus never ends in another clip."""
        blocks = max(1, -(-samples // (BLOCK_SAMPLES * self._frame))) * self._frame
        for place, (start, room) in enumerate(self._free):
            if room >= blocks:
                self._free[place:place + 1] = [(start + blocks, room - blocks)] if room > blocks else []
                return Clip(name, start, blocks)
        return None

    def write(self, clip: Clip, samples: NDArray[np.int16]) -> None:
        """Encode the clip's next samples in G.711. Only the last piece may end within a frame: silence fills it."""
        blocks = -(-len(samples) // (BLOCK_SAMPLES * self._frame)) * self._frame
        whole = np.zeros((blocks, BLOCK_SAMPLES), np.int16)
        whole.reshape(-1)[:len(samples)] = samples
        at = clip.start + clip.written
        clip.written += blocks
        if clip.written > clip.blocks:
            raise ValueError(f"{clip.name} is longer than it said")
        for codec in self.codecs:
            if not codec.wideband:
                start = self._sections[codec.law] + at
                self.octets[start:start + blocks] = codec.encoder(codec.sample_rate).encode(whole)

    def write_encoded(self, clip: Clip, codec: str, octets: Octets) -> None:
        """Take the clip's next blocks in a codec that write() does not encode: any number of times 80 octets."""
        blocks, written = octets.reshape(-1, BLOCK_SAMPLES), clip.encoded.get(codec, 0)
        if written + len(blocks) > clip.blocks:
            raise ValueError(f"{clip.name} is longer in {codec} than it said")
        at = self._sections[CODECS[codec].law] + clip.start + written
        self.octets[at:at + len(blocks)] = blocks
        clip.encoded[codec] = written + len(blocks)

    def encode(self, clip: Clip, samples: NDArray[np.int16]) -> None:
        """A whole clip in all codecs from its 8 kHz samples: for simulations, which have no files of it."""
        self.write(clip, samples)
        whole = np.zeros(clip.blocks * BLOCK_SAMPLES, np.int16)
        whole[:len(samples)] = samples
        for codec in self.prepared:
            self.write_encoded(clip, codec.name, codec.encoder(8000).encode(whole))

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
        ahead = np.arange(blocks)
        wanted = positions[:, None] + ahead
        if not every(positions + blocks <= ends):
            wanted = np.where(wanted < ends[:, None], wanted, ahead % SILENT_BLOCKS)
        wanted += self._sections.take(laws)[:, None]
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
