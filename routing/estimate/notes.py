"""For the record: every estimate, and what came of it."""

from dataclasses import dataclass
from typing import Literal

from routing.estimate.figures import Figure

CameTo = Literal["answered", "abandoned", "other"]
"""other: overflowed, taken out, or went elsewhere."""


@dataclass(frozen=True)
class WaitEstimated:
    """An estimate was made: entry `wait_estimated`. Seconds from now; `said` only if it was told to the caller."""

    call: str
    queue: str
    low: float
    high: float
    said: Figure | None


@dataclass(frozen=True)
class WaitCame:
    """The stay is over: entry `wait_came`. `waited` since the caller entered the queue."""

    call: str
    queue: str
    waited: float
    came_to: CameTo


Note = WaitEstimated | WaitCame
