"""Erlang's B, C and A: what so many operators give callers who come by chance, at a constant rate.

Load a = arrivals · handle time, in Erlang; mu = 1/handle time, theta = 1/patience. Callers come as a Poisson process;
talks and patience are exponential; one queue, every operator takes every call. Stable up to 10,000 operators and far
into overload: products are carried as logarithms, and Erlang's B by its recursion.

Of a caller who comes while all n operators are busy and j wait, the place falls by chance at the rates n·mu + i·theta,
i = j … 0. With c = n·mu/theta the wait V in the end, offered to a caller without end of patience, is such that
exp(-theta·V) has the distribution Beta(c, j + 1); so every figure below is a sum over j with terms in closed form
(`_Waiting`), and no integral is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, expm1, inf, lgamma, log

ENOUGH = 1e-14          # of the probability: states that hold less in all are left out
MOST_STATES = 2_000_000     # of callers who wait: 15 minutes of patience at 2,000 calls a second


@dataclass(frozen=True)
class Traffic:
    """What comes: calls per second, mean seconds of work a call (talk, hold and wrap-up), and the mean patience in
    seconds; None: callers wait for ever."""

    rate: float
    handle_time: float
    patience: float | None = None

    @property
    def load(self) -> float:
        """In Erlang: as many operators would always be busy if nobody hung up."""
        return self.rate * self.handle_time


@dataclass(frozen=True)
class Service:
    """What callers get; shares from 0 to 1, times in seconds, `inf` where the queue grows without end.

    `delayed`: of all calls, those that wait at all (P_w). `service_level`: answered within the threshold, of all;
    `service_level_answered`: the same of those that are answered; `service_level_2`: answered or abandoned within it,
    of all. `speed_of_answer`: the mean wait of those that are answered; `mean_wait`: of all. `occupancy`: the share of
    an operator's time that is work.
    """

    operators: int
    delayed: float
    service_level: float
    service_level_answered: float
    service_level_2: float
    speed_of_answer: float
    mean_wait: float
    abandonment: float
    occupancy: float


def erlang_b(load: float, operators: int) -> float:
    """The share of calls that find all busy and are turned away: B_k = a·B_{k-1} / (k + a·B_{k-1}), B_0 = 1."""
    blocked = 1.0
    for number in range(1, operators + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def service(traffic: Traffic, operators: int, threshold: float) -> Service:
    """Erlang A where callers have a patience, else Erlang C. ValueError for what is no traffic (negative, no time)."""
    if traffic.rate < 0 or traffic.handle_time <= 0 or operators < 0 or threshold < 0:
        raise ValueError("a rate, a handle time, operators and a threshold are not negative, and work takes time")
    if traffic.patience is not None and traffic.patience <= 0:
        raise ValueError("patience is more than 0 s")
    if traffic.rate == 0:
        return Service(operators, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    if traffic.patience is None:
        return _erlang_c(traffic, operators, threshold)
    return _erlang_a(traffic, traffic.patience, operators, threshold)


def _erlang_c(traffic: Traffic, operators: int, threshold: float) -> Service:
    """P_w = n·B/(n - a(1 - B)); SL = 1 - P_w·exp(-(n - a)·T/AHT); ASA = P_w·AHT/(n - a)."""
    load, spare = traffic.load, operators - traffic.load
    if spare <= 0:
        return Service(operators, 1.0, 0.0, 0.0, 0.0, inf, inf, 0.0, 1.0)
    blocked = erlang_b(load, operators)
    delayed = operators * blocked / (operators - load * (1 - blocked))
    level = 1 - delayed * exp(-spare * threshold / traffic.handle_time)
    answer = delayed * traffic.handle_time / spare
    return Service(operators, delayed, level, level, level, answer, answer, 0.0, load / operators)


def _erlang_a(traffic: Traffic, patience: float, operators: int, threshold: float) -> Service:
    """The birth-death chain with death rate k·mu up to n operators, and n·mu + (k - n)·theta above."""
    if operators == 0:
        return Service(0, 1.0, 0.0, 0.0, -expm1(-threshold / patience), inf, patience, 1.0, 1.0)
    chain = _Chain(traffic, patience, operators)
    within = waited = late = abandoned = 0.0
    pace = operators * patience / traffic.handle_time
    for share, wait in zip(chain.shares, _waiting(pace, patience, threshold), strict=False):
        abandoned += share * wait.given_up
        within += share * wait.served_in_time
        waited += share * wait.wait_if_served
        late += share * wait.later
    abandoned = min(1.0, abandoned)
    served, level = 1 - abandoned, chain.at_once + within
    return Service(
        operators, chain.delayed, level, level / served if served > 0 else 0.0, 1 - late,
        waited / served if served > 0 else inf, abandoned * patience, abandoned,
        traffic.load * served / operators)


class _Chain:
    """How often a caller finds what: `at_once` a free operator; `shares[j]` all busy and j waiting."""

    def __init__(self, traffic: Traffic, patience: float, operators: int) -> None:
        blocked = erlang_b(traffic.load, operators)
        waiting = list(self._weights(traffic, patience, operators)) if blocked > 0 else [0.0]
        top = max(waiting)
        # Of the state "all busy, nobody waits", as 1: all states up to it have 1/B, by the recursion.
        below = exp(-top) * (1 / blocked - 1) if blocked > 0 else inf
        scaled = [exp(weight - top) for weight in waiting]
        total = below + sum(scaled)
        self.shares = [each / total for each in scaled] if total < inf else [0.0]
        self.delayed = min(1.0, sum(self.shares))
        self.at_once = 1 - self.delayed

    @staticmethod
    def _weights(traffic: Traffic, patience: float, operators: int) -> Iterator[float]:
        """Logarithms; they rise to one top and fall after it, ever faster."""
        weight = top = 0.0
        for waiting in range(1, MOST_STATES):
            yield weight
            death = operators / traffic.handle_time + waiting / patience
            weight += log(traffic.rate / death)
            top = max(top, weight)
            ratio = traffic.rate / death
            # What is left is less than a geometric series with the ratio of here.
            if ratio < 1 and weight - top < log(ENOUGH * (1 - ratio)):
                return


@dataclass(frozen=True)
class _Waiting:
    """Chances of a caller who finds j before them: `given_up` before the answer; `served_in_time`: answered, and not
    after the threshold; `later`: still waiting at the threshold. `wait_if_served`: the expected wait, counted as 0 for
    who hangs up."""

    given_up: float
    served_in_time: float
    wait_if_served: float
    later: float


def _waiting(pace: float, patience: float, threshold: float) -> Iterator[_Waiting]:
    """For j = 0, 1 …; `pace` is c = n·mu/theta.

    With x = exp(-theta·T): P(Beta(c + 1, j + 1) < x) and P(Beta(c, j + 1) < x) are sums of the terms of a negative
    binomial distribution, x^a · (1 - x)^i · G(a + i) / (G(a) · i!).
    """
    in_time, still = _Binomial(pace + 1, threshold / patience), _Binomial(pace, threshold / patience)
    slower, place = 0.0, 0
    alive = exp(-threshold / patience)
    while True:
        slower += patience / (pace + 1 + place)         # the mean wait of one who is answered, from place j
        place += 1
        served = pace / (pace + place)
        in_time_too = served * max(0.0, 1 - in_time.next())
        yield _Waiting(place / (pace + place), in_time_too, served * slower, alive * min(1.0, still.next()))


class _Binomial:
    """Sums of the terms above, as i grows."""

    def __init__(self, shape: float, decay: float) -> None:
        """`decay` is -ln x, at least 0."""
        self._shape, self._decay = shape, decay
        self._step = log(-expm1(-decay)) if decay > 0 else -inf     # ln(1 - x)
        self._count, self._sum = 0, 0.0

    def next(self) -> float:
        count, shape = self._count, self._shape
        if count == 0:
            term = -shape * self._decay
        elif self._step == -inf:
            term = -inf
        else:
            term = -shape * self._decay + count * self._step + lgamma(shape + count) - lgamma(shape) - lgamma(count + 1)
        self._count += 1
        self._sum += exp(term)
        return self._sum
