"""What one operator's screen shows of the dispatcher: calls they are on, calls that ring at them, the wrap-up."""

from dataclasses import dataclass

from routing.dispatcher.matching import Matching
from routing.operators import Operator
from routing.queue import Offer


@dataclass(frozen=True)
class Ringing:
    """A queue's call that rings at the operator for `left` s more; `others`: who else is rung for it."""

    call: str
    left: float
    others: tuple[str, ...]


@dataclass(frozen=True)
class AtDesk:
    """`noted`: the call whose request a wrap-up is for, `wrap_up_left` how long it still lasts (s), None without one;
    `until_saved`: it ends with the request. `calls`: those they are on, `ringing`: those of queues that ring."""

    calls: tuple[str, ...] = ()
    ringing: tuple[Ringing, ...] = ()
    noted: str = ""
    wrap_up_left: float | None = None
    until_saved: bool = False


def at_desk(matching: Matching, name: str, now: float) -> AtDesk:
    """Nothing at all of somebody who is no operator."""
    operator = matching.operators.get(name)
    if operator is None:
        return AtDesk()
    ends = matching.timers.get(operator.wrap_up_timer) if operator.wrap_up_timer is not None else None
    return AtDesk(tuple(operator.calls), tuple(_ringing(matching, operator, offer, now)
                                               for offer in operator.offers.values()),
                  operator.noted, None if ends is None else max(0.0, ends - now), operator.until_saved)


def _ringing(matching: Matching, operator: Operator, offer: Offer, now: float) -> Ringing:
    stay = matching.stays[offer.call]
    return Ringing(offer.call, max(0.0, matching.timers.get(offer.timer, now) - now),
                   tuple(name for name in stay.offers if name != operator.name))
