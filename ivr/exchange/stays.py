"""How each stay in a queue ended, and each offer made in it, as one entry of the call: `stay_ended`.

The dispatcher says both, once each; so every count of it, of queues and of operators, can be made of entries again.

    queue, ending, wait (s)      as of `routing.dispatcher.StayEnded`; operator, reason, tier where there is one
    offers                       [operator, how it ended, how often, seconds that it rang], of this stay
"""

from typing import Any

from ivr.base.values import frozen
from ivr.call.record import Batch
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall
from routing.dispatcher import OfferEnded, StayEnded


@frozen
class Behind:
    """Rows that follow those which the call is writing in this turn: entries leave in their order."""

    batch: Batch


def offer_ended(house: House, effect: OfferEnded, now: float) -> list[Any]:
    house.lost_offers.note(effect, now)
    if (opened := house.calls.get(effect.call)) is not None:
        _offer(opened, effect)
    return []


def stay_ended(house: House, effect: StayEnded, now: float) -> list[Any]:
    """The call goes on: what it writes next has the entry in it."""
    if (opened := house.calls.get(effect.call)) is not None:
        _stay(house, opened, effect, now)
    return []


def left(house: House, opened: OpenCall, effects: list[Any], now: float) -> list[Any]:
    """The call left the queue, and may be over with this turn: what the dispatcher says to it is written down at once,
    without what is done with here."""
    others = []
    for effect in effects:
        if type(effect) is OfferEnded and effect.call == opened.call.call:
            house.lost_offers.note(effect, now)
            _offer(opened, effect)
        elif type(effect) is StayEnded and effect.call == opened.call.call:
            _stay(house, opened, effect, now)
        else:
            others.append(effect)
    return [*others, *(Behind(written.batch) for written in opened.call.write())]


def behind(house: House, effect: Behind, now: float) -> list[Any]:
    return [ToStore(effect.batch)]


def _offer(opened: OpenCall, effect: OfferEnded) -> None:
    """As many rows as operators and ways to end an offer, however long the stay."""
    key = effect.operator, effect.how
    times, rang = opened.offers.get(key, (0, 0.0))
    opened.offers[key] = times + 1, rang + effect.rang


def _stay(house: House, opened: OpenCall, effect: StayEnded, now: float) -> None:
    details: dict[str, Any] = {"queue": effect.queue, "ending": effect.ending, "wait": round(effect.wait, 1)}
    if effect.operator:
        details["operator"] = effect.operator
        if (tier := _tier(house, effect.queue, effect.operator)) > 1:
            details["tier"] = tier
    if effect.reason:
        details["reason"] = effect.reason
    if opened.offers:
        details["offers"] = [[*key, times, round(rang, 1)] for key, (times, rang) in opened.offers.items()]
        opened.offers = {}
    opened.call.visit.entry(now, "stay_ended", **details)


def _tier(house: House, queue: str, operator: str) -> int:
    known = house.config.queues.get(queue)
    if known is None or not known.tiers or operator in known.operators:
        return 1
    return next((number for number, tier in enumerate(known.tiers, 2) if operator in tier.operators), 1)


ROUTES: dict[type, Any] = {OfferEnded: offer_ended, StayEnded: stay_ended, Behind: behind}
