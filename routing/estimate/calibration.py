"""Do the estimates keep their word? Counted from their notes, as they came or as the record has them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

from routing.estimate.figures import MORE, Figure
from routing.estimate.notes import Note, WaitCame, WaitEstimated


@dataclass
class Calibration:
    """Of one queue. Estimates of callers who gave up are not judged: nobody knows how long they would have waited; only
    of those who had waited beyond the range by then is it known that it was missed."""

    judged: int = 0
    """Estimates of callers who were answered,"""
    below: int = 0
    """of them: answered sooner than the range,"""
    above: int = 0
    """or later."""
    given_up: int = 0
    """Estimates of callers who gave up,"""
    given_up_above: int = 0
    """of them: beyond the range already."""
    waited: float = 0.0
    """Seconds, of the judged."""
    middle: float = 0.0
    """Seconds: the middles of the ranges, of the judged."""
    width: float = 0.0
    said: int = 0
    """Figures told to callers who were answered,"""
    said_kept: int = 0
    """of them: the wait was no longer."""

    def add(self, other: "Calibration") -> None:
        """Count those of another one, too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def coverage(self) -> float:
        """Share of the judged whose true wait lay in the range: 0.8 is what is meant."""
        return 1 - (self.below + self.above) / self.judged

    @property
    def bias(self) -> float:
        """By how much the ranges' middles are longer (above 0) than the true waits, as a part of these."""
        return self.middle / self.waited - 1 if self.waited else 0.0


def calibrated(notes: Iterable[tuple[float, Note]]) -> dict[str, Calibration]:
    """By queue, of notes with their times (s), in their order. Estimates of stays that go on are left out."""
    found: defaultdict[str, Calibration] = defaultdict(Calibration)
    made: dict[str, list[tuple[float, WaitEstimated]]] = {}
    for at, note in notes:
        if isinstance(note, WaitEstimated):
            made.setdefault(note.call, []).append((at, note))
        else:
            for began, estimate in made.pop(note.call, ()):
                _judge(found[note.queue], estimate, note, at - began)
    return dict(found)


def _judge(calibration: Calibration, made: WaitEstimated, came: WaitCame, left: float) -> None:
    """`left`: how long it went on from the estimate."""
    if came.came_to == "abandoned":
        calibration.given_up += 1
        calibration.given_up_above += left > made.high
    if came.came_to != "answered":
        return
    calibration.judged += 1
    calibration.below += left < made.low
    calibration.above += left > made.high
    calibration.waited += left
    calibration.middle += (made.low + made.high) / 2
    calibration.width += made.high - made.low
    if made.said is not None:
        calibration.said += 1
        calibration.said_kept += left <= _longest(made.said)


def _longest(said: Figure) -> float:
    """The longest wait (s) with which the figure was true."""
    return float("inf") if said == MORE else max(1, said) * 60.0
