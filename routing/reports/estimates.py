"""Did the wait estimates keep their word? The figures of it, which stand beside those of queues. Pure."""

from collections.abc import Callable

from routing.estimate import Calibration
from routing.reports.figure import Figure, ratio
from routing.reports.tally import Tally


def _of(value: Callable[[Calibration], float | None]) -> Callable[[Tally], float | None]:
    return lambda tally: value(tally.estimates)


def _per_judged(part: Callable[[Calibration], float]) -> Callable[[Tally], float | None]:
    return _of(lambda made: ratio(part(made), made.judged))


ESTIMATES = (
    Figure("estimates", "estimates", "count", "E: wait estimates made for callers who were answered",
           _of(lambda made: made.judged)),
    Figure("estimates_in_range", "in range", "share", "E whose true wait lay in the range / E; 80 % is meant",
           _per_judged(lambda made: made.judged - made.below - made.above)),
    Figure("estimates_sooner", "sooner", "share", "E answered before the range began / E; 10 % is meant",
           _per_judged(lambda made: made.below)),
    Figure("estimates_later", "later", "share", "E answered after the range ended / E; 10 % is meant",
           _per_judged(lambda made: made.above)),
    Figure("estimates_bias", "bias", "share", "sum of the ranges' middles / sum of the true waits - 1, over E; above 0 "
           "is too long", _of(lambda made: made.bias if made.waited else None)),
    Figure("estimates_width", "width s", "seconds", "mean of (end - beginning) of the ranges of E",
           _per_judged(lambda made: made.width)),
    Figure("estimates_said", "said", "count", "figures that were told to callers who were answered",
           _of(lambda made: made.said)),
    Figure("estimates_kept", "kept", "share", "of those, whose wait was no longer / all of those",
           _of(lambda made: ratio(made.said_kept, made.said))),
    Figure("estimates_given_up", "given up", "count", "estimates made for callers who hung up: not judged",
           _of(lambda made: made.given_up)),
    Figure("estimates_given_up_later", "given up later", "share", "of those, who had waited beyond the range / all of "
           "those", _of(lambda made: ratio(made.given_up_above, made.given_up))),
)
