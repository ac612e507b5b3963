"""A message: the peer alone, on both channels, so that whoever plays it hears it in both ears; and when it is over.

Blocks are loud or quiet by their power alone. What disturbs a line all the time, a street or a fan, makes no block
quiet: such a message ends by its key, its bound or a hang-up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.media.columns import BLOCK_SAMPLES

LOUD = 200.0            # root mean square: 44 dB below full scale; speech has -30 to -15, an idle line -60
SILENT = "silence"


@dataclass
class Message:
    """Blocks of 10 ms: `silence` quiet ones in a row end it (0: never), `spoken` were loud."""

    silence: int
    quiet: int = 0
    spoken: int = 0

    @property
    def over(self) -> bool:
        """Whether the peer has been quiet for long enough."""
        return 0 < self.silence <= self.quiet

    def hear(self, samples: NDArray[np.int16]) -> None:
        """The next whole blocks, shape (frames, 2): left is the peer, and becomes right too."""
        samples[:, 1] = samples[:, 0]
        blocks = samples[:, 0].reshape(-1, BLOCK_SAMPLES).astype(np.float32)
        loud = np.flatnonzero(np.einsum("ij,ij->i", blocks, blocks) >= LOUD * LOUD * BLOCK_SAMPLES)
        self.spoken += len(loud)
        self.quiet = len(blocks) - 1 - int(loud[-1]) if len(loud) else self.quiet + len(blocks)
