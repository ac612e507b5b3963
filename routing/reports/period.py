"""The time that a report is about, on the clocks of the lines. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo


@dataclass(frozen=True)
class Period:
    """From `since`, included, to `until`, not included: local times, in the zone of each line. `zones` by the first
    number of a line; others have `zone`."""

    since: datetime
    until: datetime
    zone: tzinfo = UTC
    zones: Mapping[str, tzinfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.since.tzinfo is not None or self.until.tzinfo is not None:
            raise ValueError("the bounds of a period are local times")

    def zone_of(self, line: str) -> tzinfo:
        return self.zones.get(line, self.zone)

    def local(self, at: datetime, line: str) -> datetime:
        """`at` (aware) as the clock of the line shows it, without a zone."""
        return at.astimezone(self.zone_of(line)).replace(tzinfo=None)

    def holds(self, at: datetime, line: str) -> bool:
        return self.since <= self.local(at, line) < self.until

    @property
    def _zones(self) -> set[tzinfo]:
        return {self.zone, *self.zones.values()}

    @property
    def begin(self) -> datetime:
        """Aware UTC: nothing of the period is earlier, wherever it was."""
        return min(self.since.replace(tzinfo=zone) for zone in self._zones).astimezone(UTC) - _TWICE

    @property
    def end(self) -> datetime:
        """Aware UTC: nothing of the period is later."""
        return max(self.until.replace(tzinfo=zone) for zone in self._zones).astimezone(UTC) + _TWICE


_TWICE = timedelta(hours=2)     # where summer time ends a local time comes twice: both of them are looked at
