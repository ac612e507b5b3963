"""Ranges that keep their word: bounds move after every outcome, so that one in ten falls below and one above.

Online conformal calibration (adaptive conformal inference, Gibbs and Candès 2021): a bound that was crossed moves out
by 0.9 steps, one that was not moves in by 0.1. Whatever the true distribution is, and however it drifts, after N
outcomes the share that crossed differs from 0.1 by no more than (way that the bound has gone) / (step * N). So the
model has to be good for narrow ranges only, and never for honest ones.
"""

from dataclasses import dataclass, field

from routing.estimate.prediction import Z90, Z_SAID, Prediction, Range

OUTSIDE = 0.1           # of the true waits on either side
STEP = 0.06             # in standard deviations of the score
FIRST_STEP = 0.4        # the n-th step is FIRST_STEP / sqrt(n), until that is below STEP
FARTHEST = 12.0         # no bound goes farther: a day of nonsense must not take a week to forget
CLASSES = 5             # callers by what they have before them: next, 1, 2-3, 4-7, 8 and more ahead
SHARE = (Z90 + Z_SAID) / (2 * Z90)      # where between the bounds the likely one lies
MOST_KINDS = 16         # of callers of a queue, by what they ask for, of whom each has a tracker
MEMORY = 500.0          # outcomes over which the bias is taken
BEGUN_WITH = 10.0       # as if so many waits of a minute had been predicted rightly


@dataclass(slots=True)
class Bounds:
    """Scores between which four of five waits of one class came to lie."""

    low: float = -Z90
    high: float = Z90
    outcomes: int = 0

    def learn(self, below: bool, above: bool) -> None:
        """Whether the wait lay outside the range that was given then."""
        self.outcomes += 1
        step = max(STEP, FIRST_STEP / self.outcomes ** 0.5)
        self.low = max(-FARTHEST, self.low + step * (OUTSIDE - below))
        self.high = min(FARTHEST, max(self.low, self.high + step * (above - OUTSIDE)))


@dataclass(slots=True)
class Tracker:
    """What one queue's estimates have come to."""

    bounds: list[Bounds] = field(default_factory=lambda: [Bounds() for _ in range(CLASSES)])
    waited: float = 60 * BEGUN_WITH
    predicted: float = 60 * BEGUN_WITH
    """Both decayed sums of seconds."""

    @property
    def bias(self) -> float:
        """True waits / predicted ones, lately."""
        return max(0.2, min(5.0, self.waited / self.predicted))

    def range(self, prediction: Prediction, ahead: float) -> Range:
        bounds, bias = self.bounds[class_of(ahead)], self.bias
        likely = bounds.low + SHARE * (bounds.high - bounds.low)
        return Range(prediction.at(bounds.low, bias), prediction.at(bounds.high, bias), prediction.at(likely, bias))

    def learn(self, prediction: Prediction, ahead: float, given: Range, wait: float) -> None:
        """What came of an estimate. The error of the range that was given counts, not that of the one which would be
        given now: this one has seen the jam already that the caller stood in."""
        self.bounds[class_of(ahead)].learn(wait < given.low, wait > given.high)
        kept = 1 - 1 / MEMORY
        self.waited = self.waited * kept + wait
        self.predicted = self.predicted * kept + prediction.mean


def class_of(ahead: float) -> int:
    return min(int(ahead).bit_length(), CLASSES - 1)
