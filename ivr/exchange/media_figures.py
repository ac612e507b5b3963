"""What the media plane tells of itself and of the audio of legs, summed up for `/metrics` and `/health`."""

from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from typing import Any

from msgspec.structs import asdict as fields_of

from ivr.media.events import PlaneFigures, StreamStatistics

LATE_MS = 20.0          # p99 of a turn's lateness: from here on packets come in bursts
LOSS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)                # parts of the packets
JITTER = (0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1)            # seconds
ROUND_TRIP = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)              # seconds
MOS = (2.0, 2.5, 3.0, 3.5, 3.8, 4.0, 4.2)


@dataclass
class Histogram:
    """How many values are at most each bound, and above them all; and their sum."""

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    sum: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def add(self, value: float | None) -> None:
        """Count a value, if there is one."""
        if value is not None:
            self.counts[bisect_left(self.bounds, value)] += 1
            self.sum += value


@dataclass
class MediaFigures:
    """Since control started. Of each leg's audio: `in` is what came from it, `out` what it says of ours."""

    clocks: dict[int, PlaneFigures] = field(default_factory=dict)       # by worker
    late_since: dict[int, float] = field(default_factory=dict)      # the first figures in a row that were too late
    audio: dict[str, Histogram] = field(default_factory=lambda: {
        f"{what}_{way}": Histogram(bounds) for what, bounds in (("loss", LOSS), ("jitter", JITTER), ("mos", MOS))
        for way in ("in", "out")} | {"round_trip": Histogram(ROUND_TRIP)})

    def turn(self, figures: PlaneFigures, now: float) -> None:
        """What the plane tells every few seconds."""
        self.clocks[figures.worker] = figures
        if figures.late_p99_ms <= LATE_MS:
            self.late_since.pop(figures.worker, None)
        else:
            self.late_since.setdefault(figures.worker, now)

    def lost(self, worker: int) -> None:
        """That plane is gone."""
        self.clocks.pop(worker, None)
        self.late_since.pop(worker, None)

    def closed(self, told: StreamStatistics) -> None:
        """A leg's stream is closed."""
        came = told.packets_received - told.duplicates
        if came > 0:
            self.audio["loss_in"].add(told.packets_lost / (came + told.packets_lost))
            self.audio["jitter_in"].add(told.jitter_ms / 1000)
        if told.remote_lost is not None and told.packets_sent:
            self.audio["loss_out"].add(min(max(told.remote_lost, 0) / told.packets_sent, 1.0))
        for name, value in (("jitter_out", told.remote_jitter_ms), ("round_trip", told.round_trip_ms)):
            self.audio[name].add(None if value is None else value / 1000)
        self.audio["mos_in"].add(told.mos_in)
        self.audio["mos_out"].add(told.mos_out)

    def snapshot(self, now: float) -> dict[str, Any]:
        """JSON-ready. "clocks": of each plane that has told something."""
        clocks = [{**fields_of(clock), "late_for_s": round(now - self.late_since.get(worker, now), 1)}
                  for worker, clock in sorted(self.clocks.items())]
        return {"clocks": clocks, "audio": {name: asdict(histogram) for name, histogram in self.audio.items()}}
