"""Times that chance draws: how long a call takes, how long somebody waits before giving up. Seconds throughout."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal["exponential", "lognormal", "fixed", "empirical", "never"]
NEVER = math.inf


@dataclass(frozen=True)
class Distribution:
    """`mean` in seconds; `cv`, the coefficient of variation (standard deviation / mean), is the lognormal's alone;
    `values` are those of an empirical one, each as likely as the others. What never happens has no mean."""

    kind: Kind
    mean: float = 0.0
    cv: float = 1.0
    values: tuple[float, ...] = ()

    def drawn_by(self, chance: Random) -> Callable[[], float]:
        """A function that draws one time after the other."""
        if self.kind == "exponential":
            rate, exponential = 1 / self.mean, chance.expovariate
            return lambda: exponential(rate)
        if self.kind == "lognormal":
            mu, sigma, lognormal = *_lognormal(self.mean, self.cv), chance.lognormvariate
            return lambda: lognormal(mu, sigma)
        if self.kind == "empirical":
            values, choice = self.values, chance.choice
            return lambda: choice(values)
        time = self.mean if self.kind == "fixed" else NEVER
        return lambda: time


def exponential(mean: float) -> Distribution:
    """Without memory: how long it has gone on says nothing of how long it will."""
    return Distribution("exponential", mean)


def lognormal(mean: float, cv: float) -> Distribution:
    """The shape that handle times of real operators have."""
    return Distribution("lognormal", mean, cv)


def fixed(seconds: float) -> Distribution:
    """Always the same."""
    return Distribution("fixed", seconds)


def empirical(values: tuple[float, ...]) -> Distribution:
    """Drawn from times that were seen; there must be one at least."""
    return Distribution("empirical", sum(values) / len(values), values=values)


INFINITE = Distribution("never", NEVER)
AT_ONCE = fixed(0.0)


def _lognormal(mean: float, cv: float) -> tuple[float, float]:
    """mu and sigma of the normal distribution of the logarithms."""
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)
