"""The dispatcher's effects: phones are found and rung, callers told, timers kept."""

from typing import Any

from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.exchange import callback_attempts, callbacks, last_operators, leases, operator_log, stays
from ivr.exchange.house import House, Tell, no_room
from ivr.exchange.legs import Leg, Role
from routing import dispatcher as queue

MAX_PHONES = 4           # of one operator that ring at once; more would be a registration gone wild


def offer_call(house: House, effect: queue.OfferCall, now: float) -> list[Any]:
    """Lease a leg for each phone of the operator and let the call ring them."""
    begun, to_be_rung = callback_attempts.offered(house, effect, now)
    if not to_be_rung:
        return begun
    opened = house.calls.get(effect.call)
    if opened is None:
        return house.dispatcher.handle(queue.CallLeft(effect.call), now)
    operator_log.has_call(house, effect.operator, effect.call)
    legs = phone_legs(house, opened.call, effect.operator, now)
    if not legs:
        told = no_room(house, effect.call, now) if house.phones_for(effect.call, effect.operator, now) else []
        failed = house.dispatcher.handle(queue.OfferFailed(effect.call, effect.operator, "unreachable"), now)
        return [*begun, *told, *failed]
    return [*begun, Tell(effect.call, call_events.OfferMade(effect.operator, tuple(leg.leg for leg in legs)))]


def phone_legs(house: House, call: Call, operator: str, now: float, role: Role = "operator") -> list[Leg]:
    """A leased leg of the call for each phone of the account; fewer or none where streams run out. Of a chat: for their
    desk, if it answers chats."""
    legs = []
    for binding in house.phones_for(call.call, operator, now)[:MAX_PHONES]:
        place = house.place_of(binding.flow, house.config.srtp_of(operator), address=binding.address)
        leg = house.legs.open(call.new_leg(), call.call, role, operator, place, now)
        if leg is not None:
            leg.binding = binding
            leg.is_of_page(binding.flow.transport)
            legs.append(leg)
    return legs


def withdraw_offer(house: House, effect: queue.WithdrawOffer, now: float) -> list[Any]:
    return [Tell(effect.call, call_events.OfferWithdrawn(effect.operator, effect.reason))]


def assign_call(house: House, effect: queue.AssignCall, now: float) -> list[Any]:
    opened = house.calls.get(effect.call)
    if opened is None:
        return house.dispatcher.handle(queue.OperatorReleased(effect.operator, effect.call), now)
    if opened.call.back is None:         # who is called back may not be reached
        last_operators.note(house, opened, effect.operator)
    cancelled = callbacks.caller_served(house, effect.call, now)
    return [Tell(effect.call, call_events.Assigned(effect.operator)), *cancelled]


def overflow_call(house: House, effect: queue.OverflowCall, now: float) -> list[Any]:
    callbacks.queue_gone(house, effect.call, now)
    return [Tell(effect.call, call_events.Overflowed(effect.queue, effect.reason))]


def announce_place(house: House, effect: queue.AnnouncePlace, now: float) -> list[Any]:
    told = house.dispatcher.say(effect.call, now)
    if told is None:
        return [Tell(effect.call, call_events.PlaceDue(effect.place))]
    spoken = house.config.queues[told.queue].announce_wait
    return [Tell(effect.call, call_events.PlaceDue(effect.place, told.low, told.high, told.said if spoken else None))]


def start_timer(house: House, effect: queue.StartTimer, now: float) -> list[Any]:
    house.timers.start(("queue", effect.key), effect.at, queue.TimerFired(effect.key))
    return []


def cancel_timer(house: House, effect: queue.CancelTimer, now: float) -> list[Any]:
    house.timers.cancel(("queue", effect.key))
    return []


def timer_fired(house: House, event: queue.TimerFired, now: float) -> list[Any]:
    return house.dispatcher.handle(event, now)


ROUTES: dict[type, Any] = {
    queue.OfferCall: offer_call,
    queue.WithdrawOffer: withdraw_offer,
    queue.AssignCall: assign_call,
    queue.OverflowCall: overflow_call,
    queue.AnnouncePlace: announce_place,
    queue.StartTimer: start_timer,
    queue.CancelTimer: cancel_timer,
    queue.TimerFired: timer_fired,
    **leases.ROUTES,
    **callbacks.ROUTES,
    **stays.ROUTES,
}
