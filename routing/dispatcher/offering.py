"""Offers are accepted, fail or ring for too long; and what operators choose, and their phones, do to them."""

from routing.dispatcher.effects import AssignCall, WithdrawReason
from routing.dispatcher.engaging import answered
from routing.dispatcher.events import OfferAccepted, OfferFailed, ReachabilityChanged, SeatBarred, StatusSet
from routing.dispatcher.matching import Matching
from routing.operators import Operator, Status
from routing.queue import Stay


def offer_of(matching: Matching, event: OfferAccepted | OfferFailed) -> tuple[Stay, Operator] | None:
    """The stay and the operator whose open offer the event is about, or None if that offer is over."""
    stay = matching.stays.get(event.call)
    return (stay, matching.operators[event.operator]) if stay and event.operator in stay.offers else None


def offer_accepted(matching: Matching, event: OfferAccepted, now: float) -> None:
    """The first to answer wins; whoever else is rung for the call is free for the next one."""
    found = offer_of(matching, event)
    if found is None:
        return
    stay, operator = found
    others = matching.withdraw_all(stay, "answered_elsewhere", now, but=operator.name)
    matching.effects.append(AssignCall(event.call, event.operator))
    matching.assigned[event.call] = event.operator
    matching.end_offer(stay, operator, "answered", now)
    matching.take_out(stay, "answered", now, operator.name)
    answered(operator, event.call, matching.queues[stay.queue].settings)
    operator.calls.append(event.call)
    matching.review(operator, now)
    matching.settle(operator, now)
    matching.settle_all(others, now)


def offer_failed(matching: Matching, event: OfferFailed, now: float) -> None:
    if found := offer_of(matching, event):
        stay, operator = found
        matching.end_offer(stay, operator, event.reason, now)
        matching.review(operator, now)
        matching.pass_on(stay, operator, now)


def offer_lost(matching: Matching, operator: Operator, call: str, reason: WithdrawReason, now: float) -> None:
    """An offer that rings at the operator comes to nothing, and we are the first to know."""
    stay = matching.stays[call]
    matching.withdraw(stay, operator, reason, now)
    matching.pass_on(stay, operator, now)


def ring_time_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    for offer in list(operator.offers.values()):
        if offer.timer not in matching.timers:
            offer_lost(matching, operator, offer.call, "no_answer", now)


# --- operators --------------------------------------------------------------------------------------------------------
def rest_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    operator.rest_timer = None
    matching.settle(operator, now)


def status_set(matching: Matching, event: StatusSet, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or (operator.status, operator.reason) == (event.status, event.reason):
        return
    operator.set_status(event.status, event.reason, now, event.by)
    matching.changed(operator)
    matching.unlist(operator)
    if event.status is Status.LOGGED_OUT:
        for call in list(operator.offers):
            stay = matching.stays[call]
            matching.withdraw(stay, operator, "logged_out", now)
            matching.find_next(stay, operator, now)
    matching.settle(operator, now)


def seat_barred(matching: Matching, event: SeatBarred, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or operator.barred == event.barred:
        return
    operator.barred = event.barred
    for call in list(operator.offers) if event.barred else ():
        stay = matching.stays[call]
        matching.withdraw(stay, operator, "engaged", now)
        matching.find_next(stay, operator, now)
    matching.settle(operator, now)


def reachability_changed(matching: Matching, event: ReachabilityChanged, now: float) -> None:
    if event.reachable:
        matching.reachable.add(event.operator)
    else:
        matching.reachable.discard(event.operator)
        matching.back_by = max(matching.back_by, now + event.back_within)
    operator = matching.operators.get(event.operator)
    if operator is None or operator.reachable == event.reachable:
        return
    operator.reachable = event.reachable
    for call in list(operator.offers) if not event.reachable else ():
        offer_lost(matching, operator, call, "unreachable", now)
    matching.settle(operator, now)
