"""What the estimates learned, as it is written down and taken up again.

Rounds and waits that go on are counted up to now, and no further: they end with their calls.
"""

from collections.abc import Iterable
from dataclasses import replace

from routing.estimate.learned import MOST_PRIORITIES, Pace, Rate
from routing.estimate.mirror import Mirror
from routing.estimate.tracker import FARTHEST, MOST_KINDS, Bounds, Tracker
from routing.lasting import BoundsLasts, PaceLasts, RateLasts, TrackerLasts
from routing.skills import Demand, demand_of

Trackers = dict[str, dict[Demand, Tracker]]


def learned(mirror: Mirror, trackers: Trackers, now: float) -> list[PaceLasts]:
    return [_written(name, line.pace, trackers.get(name, {}), now) for name, line in mirror.lines.items()]


def relearn(mirror: Mirror, trackers: Trackers, kept: Iterable[PaceLasts], shift: float, now: float) -> None:
    """Of queues that are still there; of times that lie ahead nothing is known. `shift` as of `Resumed`."""
    for each in kept:
        line = mirror.lines.get(each.queue)
        if line is not None:
            _read(line.pace, each, shift, now)
            trackers[each.queue] = {_demand(kind): _tracker(kind) for kind in each.kinds[:MOST_KINDS]}


def _written(queue: str, pace: Pace, kinds: dict[Demand, Tracker], now: float) -> PaceLasts:
    spread = pace.spread
    return PaceLasts(queue, _rate(pace.rounds, now), _rate(pace.abandons, now),
                     {priority: RateLasts(rate.events, rate.exposure, rate.at)
                      for priority, rate in pace.coming.items()},
                     pace.ring, (spread.weight, spread.total, spread.squares),
                     [_kind(demand, tracker) for demand, tracker in kinds.items()])


def _kind(demand: Demand, tracker: Tracker) -> TrackerLasts:
    return TrackerLasts(list(demand.skills), demand.language, [_bounds(one) for one in tracker.bounds], tracker.waited,
                        tracker.predicted)


def _demand(kind: TrackerLasts) -> Demand:
    return demand_of(kind.skills, (), kind.language)


def _tracker(kind: TrackerLasts) -> Tracker:
    tracker = Tracker(waited=kind.waited, predicted=kind.predicted)
    for bounds, known in zip(tracker.bounds, kind.bounds, strict=False):
        bounds.low = max(-FARTHEST, known.low)
        bounds.high = min(FARTHEST, max(bounds.low, known.high))
        bounds.outcomes = known.outcomes
    return tracker


def _bounds(bounds: Bounds) -> BoundsLasts:
    return BoundsLasts(bounds.low, bounds.high, bounds.outcomes)


def _rate(rate: Rate, now: float) -> RateLasts:
    if rate.exposed:                # else nothing has changed since, but that it is longer ago
        rate = replace(rate)
        rate.advance(now)
    return RateLasts(rate.events, rate.exposure, rate.at)


def _read(pace: Pace, kept: PaceLasts, shift: float, now: float) -> None:
    pace.rounds, pace.abandons = (_rate_read(rate, 0, shift, now) for rate in (kept.rounds, kept.abandons))
    pace.coming = {priority: _rate_read(rate, 1, shift, now)
                   for priority, rate in list(kept.coming.items())[:MOST_PRIORITIES]}
    pace.ring = kept.ring
    pace.spread.weight, pace.spread.total, pace.spread.squares = kept.spread


def _rate_read(kept: RateLasts, exposed: int, shift: float, now: float) -> Rate:
    return Rate(kept.events, kept.exposure, exposed, min(kept.at + shift, now))
