"""Being on a call is a lease: an operator is held busy as long as a leg of theirs lives in it, and no longer.

Every call frees its operators as it ends. Should one ever fail to, this looks once a minute and frees them: an alarm.
"""

from typing import Any

from ivr.base.values import frozen
from ivr.exchange import operator_log
from ivr.exchange.house import House, report
from routing.dispatcher import LeaseLost, LegsAlive, OperatorChanged, State

LEASE = 60.0             # s between two looks; long for an operator without calls, and so rare that it costs nothing


@frozen
class LeaseDue:
    """Time to look whether this operator's calls are still there."""

    operator: str


def operator_changed(house: House, effect: OperatorChanged, now: float) -> list[Any]:
    """While they are on a call, the lease runs. Screens read the snapshot."""
    key = ("lease", effect.operator)
    if effect.state is State.ON_CALL:
        house.timers.start(key, now + LEASE, LeaseDue(effect.operator))
    else:
        house.timers.cancel(key)
    return operator_log.changed(house, effect, now)


def lease_due(house: House, event: LeaseDue, now: float) -> list[Any]:
    house.timers.start(("lease", event.operator), now + LEASE, event)
    return house.dispatcher.handle(LegsAlive(legs_alive(house)), now)


def legs_alive(house: House) -> dict[str, set[str]]:
    """The calls in which each operator has a leg that lives, whoever called whom."""
    found: dict[str, set[str]] = {}
    for leg in house.legs:
        for name in (leg.party, leg.account):
            if name is not None and name in house.config.operators:
                found.setdefault(name, set()).add(leg.call)
    for name, opened in house.calls.items():
        if opened.call.back is not None or opened.call.beside:      # kept for a caller; no phone of theirs rings yet
            for operator in opened.call.engaged:
                found.setdefault(operator, set()).add(name)
    return found


def lease_lost(house: House, effect: LeaseLost, now: float) -> list[Any]:
    """A bug of ours somewhere: a call ended and did not free its operator. They are free again; it is counted."""
    house.count("operators_freed_late")
    return [report("error", "operator_freed_late", operator=effect.operator, call=effect.call)]


ROUTES: dict[type, Any] = {OperatorChanged: operator_changed, LeaseDue: lease_due, LeaseLost: lease_lost}
