"""A menu asks who the caller is: tries are counted and locks held here; PINs are looked at by the register's driver."""

from collections.abc import Iterator
from typing import Any

from ivr.base.numbers import e164
from ivr.call import effects as did
from ivr.call.events import LookUpAnswered
from ivr.exchange.effects import ToPinRegister
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.pin_tries import Key, Limits
from ivr.menu.actions.verify import REFUSED

LOCKED = "too many wrong PINs"
NO_REGISTER = "there is no such register"


def verify_pin(house: House, opened: OpenCall, effect: did.VerifyPin, now: float) -> list[Any]:
    """Have the register asked, unless there were too many wrong PINs."""
    call, config = opened.call.call, house.config.pins.get(effect.register)
    if config is None:
        return [Tell(call, LookUpAnswered(effect.number, reason=NO_REGISTER))]
    limits = Limits(config.tries, config.within_s, config.locked_s)
    keys = _keys(house, opened, effect)
    opened.trying = house.pin_tries.begin(effect.number, keys, limits, now)
    if opened.trying is None:
        return [report("warning", "pin_while_locked", call=call, register=effect.register, number=_caller(opened)),
                Tell(call, LookUpAnswered(effect.number, reason=LOCKED))]
    return [ToPinRegister(call, effect.number, effect.register, effect.customer, effect.pin)]


def verified(house: House, call: str, number: int, name: str, reason: str, now: float) -> list[Any]:
    """The register's verdict. That of a call which is over stays counted as wrong: else who hangs up tries for ever."""
    opened = house.calls.get(call)
    if opened is None or opened.trying is None or opened.trying.number != number:
        return []
    tried, opened.trying = opened.trying, None
    told = Tell(call, LookUpAnswered(number, name or None, reason))
    if not reason:
        house.pin_tries.right(tried)
        opened.known_to[tried.keys[0].register] = name
        return [told]
    if reason != REFUSED:
        house.pin_tries.unanswered(tried)
        return [told]
    house.count("pins_refused")
    locked = house.pin_tries.wrong(tried, now)
    return [report("warning", "pin_refused", call=call, register=tried.keys[0].register, number=_caller(opened),
                   locks=" ".join(key.kind for key in locked)), told]


def _keys(house: House, opened: OpenCall, effect: did.VerifyPin) -> Iterator[Key]:
    """Who withholds their number is counted by the customer alone: they are many."""
    yield Key(effect.register, "customer", effect.customer)
    number = _caller(opened)
    if number:
        yield Key(effect.register, "caller", e164(number, house.config.country) or number)


def _caller(opened: OpenCall) -> str:
    return opened.call.visit.person.caller_number or ""
