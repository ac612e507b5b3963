"""What is counted while a plan is simulated."""

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class QueueTally:
    """Stays in one queue. offered = answered + abandoned + overflowed, once everybody is gone."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    overflowed: int = 0
    delayed: int = 0
    """Found no operator who was free and answered at once."""
    wait_sum: float = 0.0
    """Seconds waited by all, however their stay ended."""
    waits: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds waited by each who was answered."""


@dataclass(slots=True)
class OperatorTally:
    """Seconds of a group's operators. `handling`: talk and wrap-up; `free`: available for the next call."""

    handling: float = 0.0
    free: float = 0.0


class Tally:
    """One replication, or one batch."""

    def __init__(self) -> None:
        self.queues: defaultdict[str, QueueTally] = defaultdict(QueueTally)
        self.operators: defaultdict[str, OperatorTally] = defaultdict(OperatorTally)
        """By operator."""
        self.visits: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Line -> how the way before any queue ended, how often."""
        self.retries = 0
