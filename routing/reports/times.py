"""Times of one kind, with their mean and percentiles. Pure."""

from array import array
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class Times:
    """Seconds, each kept (eight octets), so that percentiles are true ones."""

    seconds: "array[float]" = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.seconds)

    def add(self, seconds: float) -> None:
        self.seconds.append(seconds)

    @property
    def mean(self) -> float | None:
        return sum(self.seconds) / len(self.seconds) if self.seconds else None

    def percentile(self, share: float) -> float | None:
        """The shortest time that is not exceeded by this share of all (nearest rank)."""
        if not self.seconds:
            return None
        return sorted(self.seconds)[max(ceil(share * len(self.seconds)) - 1, 0)]
