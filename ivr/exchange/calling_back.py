"""A call of ours to somebody who is to be called back: the caller's number and the operator's phones are rung."""

from typing import Any

from ivr.call import back_events
from ivr.call import effects as did
from ivr.call.machine import Call
from ivr.exchange import beside
from ivr.exchange.destinations import Destination, Unreachable, lease
from ivr.exchange.from_queue import phone_legs
from ivr.exchange.house import House, OpenCall, Tell
from ivr.exchange.legs import Leg


def dial_back(house: House, opened: OpenCall, effect: did.DialBack, now: float) -> list[Any]:
    """Through a trunk, by the rules of `outbound`, as if the operator dialled: it counts as a call of theirs."""
    destination = Destination("number", "", number=effect.number)
    rung, told = lease(house, opened.call, destination, effect.operator, now)
    if isinstance(rung, Unreachable):
        return [*told, Tell(opened.call.call, back_events.BackRefused(rung.status, rung.reason))]
    return [*told, Tell(opened.call.call, back_events.BackRung(rung.legs, rung.name))]


def fetch_operator(house: House, opened: OpenCall, effect: did.FetchOperator, now: float) -> list[Any]:
    if opened.call.beside and opened.talk is None and beside.is_busy(house, effect.operator, opened.call.call):
        return []           # they are rung for it as soon as they are in no other call
    legs = phone_legs(house, opened.call, effect.operator, now)
    return [Tell(opened.call.call, back_events.OperatorFetched(tuple(leg.leg for leg in legs)))]


def shown(call: Call, leg: Leg) -> tuple[str, str]:
    """Who calls, as the phones show it: the operator's, that somebody is to be called back; the caller's, our trunk's
    own number."""
    if leg.role != "operator":
        return "", ""
    person = call.visit.person
    return person.caller_number or "", f"Callback {person.caller_name or ''}".strip()
