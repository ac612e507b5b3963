"""What a call says of operators, for the dispatcher: who accepts it, has it, keeps busy with it, is free of it."""

from typing import Any

from ivr.call import effects as did
from ivr.exchange import beside, last_operators, operator_log
from ivr.exchange.house import House, OpenCall
from routing.dispatcher import CallerOwned, CallTaken, OfferAccepted, OfferFailed, OperatorEngaged, OperatorReleased


def accept_offer(house: House, opened: OpenCall, effect: did.AcceptOffer, now: float) -> list[Any]:
    return house.dispatcher.handle(OfferAccepted(opened.call.call, effect.operator), now)


def fail_offer(house: House, opened: OpenCall, effect: did.FailOffer, now: float) -> list[Any]:
    return house.dispatcher.handle(OfferFailed(opened.call.call, effect.operator, effect.reason), now)


def take_call(house: House, opened: OpenCall, effect: did.TakeCall, now: float) -> list[Any]:
    last_operators.note(house, opened, effect.operator)
    operator_log.has_call(house, effect.operator, opened.call.call)
    call = opened.call.call
    return house.dispatcher.handle(CallTaken(call, effect.operator, house.medium(call)), now)


def engage_operator(house: House, opened: OpenCall, effect: did.EngageOperator, now: float) -> list[Any]:
    operator_log.has_call(house, effect.operator, opened.call.call)
    call = opened.call.call
    return house.dispatcher.handle(OperatorEngaged(effect.operator, call, house.medium(call)), now)


def own_caller(house: House, opened: OpenCall, effect: did.OwnCaller, now: float) -> list[Any]:
    operator_log.has_call(house, effect.operator, opened.call.call)
    return house.dispatcher.handle(CallerOwned(effect.operator, opened.call.call, effect.queue), now)


def release_operator(house: House, opened: OpenCall, effect: did.ReleaseOperator, now: float) -> list[Any]:
    released = house.dispatcher.handle(OperatorReleased(effect.operator, opened.call.call, effect.in_vain,
                                                        effect.asked), now)
    return [*released, *beside.freed(house, effect.operator, now)]


EFFECTS: dict[type, Any] = {
    did.AcceptOffer: accept_offer,
    did.FailOffer: fail_offer,
    did.TakeCall: take_call,
    did.EngageOperator: engage_operator,
    did.OwnCaller: own_caller,
    did.ReleaseOperator: release_operator,
}
