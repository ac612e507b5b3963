"""From place and pace to a distribution: the wait until the k-th opening among n operators, as a gamma distribution.

Each of `servers` becomes free at its own rate, together at `rate`; each of those ahead gives up at `abandon_rate`.
While j are ahead, the line moves at rate + j * abandon_rate: the wait is the sum of such steps (Erlang A's birth-death
chain, from the caller's place down). Mean and variance add up. Rounds that vary more or less than exponential ones
change the variance alone: little as long as k is small against n, where openings come from many rounds (as good as
Poisson), by cv² in the end.
Quantiles are Wilson and Hilferty's: the cube root of a gamma variable is nearly normal.
"""

import math
from dataclasses import dataclass

EXACT_STEPS = 48        # beyond it the sum over j is taken as an integral; the difference is below 1 %
Z90 = 1.2816            # of the normal distribution: 90 % lie below
LEAST_SHAPE = 0.3       # flatter ones have a cube root that is no longer normal
Z_SAID = 0.6745         # three of four lie below: what callers are told


@dataclass(frozen=True)
class Range:
    """p10 and p90 of what is left of the wait, and what three of four don't exceed. Seconds."""

    low: float
    high: float
    likely: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A gamma distribution with this mean (s) and shape."""

    mean: float
    shape: float

    def at(self, score: float, bias: float) -> float:
        """The wait that lies `score` standard deviations (of its cube root) out; `bias` multiplies the mean."""
        spread = 1 / (9 * self.shape)
        root = max(0.0, 1 - spread + score * math.sqrt(spread))
        return self.mean * bias * root ** 3


def predict(ahead: float, servers: int, rate: float, abandon_rate: float, cv2: float, ring: float) -> Prediction:
    """Of a caller with so many ahead, in whole or, where queues share operators, in part; `rate` > 0. `ring`: how long
    phones ring until they are answered, on the average."""
    mean, variance = _steps(ahead, rate, abandon_rate)
    turns = ahead + 1
    variance *= 1 + (cv2 - 1) * turns / (turns + servers)
    mean, variance = mean + ring, variance + ring * ring
    return Prediction(mean, max(LEAST_SHAPE, mean * mean / variance))


def _steps(ahead: float, rate: float, abandon_rate: float) -> tuple[float, float]:
    """Mean and variance of the sum of exponential steps with rates rate + j * abandon_rate, j = 0 … ahead."""
    whole = min(int(ahead), EXACT_STEPS)
    mean = variance = 0.0
    for j in range(whole + 1):
        step = 1 / (rate + j * abandon_rate)
        mean += step
        variance += step * step
    rest = ahead - whole
    first, last = rate + (whole + 0.5) * abandon_rate, rate + (whole + 0.5 + rest) * abandon_rate
    if abandon_rate > 1e-9 * rate:
        return mean + math.log(last / first) / abandon_rate, variance + (1 / first - 1 / last) / abandon_rate
    return mean + rest / rate, variance + rest / rate ** 2
