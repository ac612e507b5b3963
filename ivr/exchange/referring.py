"""What becomes of a caller whom an operator sends on, by REFER, by command or by keys: the event for their call."""

from typing import Any

from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.exchange.destinations import Destination, Headers, Unreachable, lease
from ivr.exchange.facts import facts_on
from ivr.exchange.house import House
from ivr.exchange.interpreters import interpreter_of
from ivr.exchange.legs import Leg
from ivr.menu.interpreter import NOBODY


def referral(house: House, call: Call, leg: Leg, destination: Destination, headers: Headers,
             now: float) -> tuple[Any | Unreachable, list[Any]]:
    """The event that sends the caller there, or why not; and effects for the world. `leg` is the operator's."""
    if destination.kind == "queue":
        return call_events.ReferredToQueue(leg.leg, destination.name), []
    if destination.line is not None:
        return _to_line(house, call, leg, destination), []
    rung, effects = lease(house, call, destination, leg.party, now, headers)
    if isinstance(rung, Unreachable):
        return rung, effects
    return call_events.ReferredToPhones(leg.leg, rung.name, destination.operator, rung.legs), effects


def _to_line(house: House, call: Call, leg: Leg, destination: Destination) -> Any:
    assert destination.line is not None
    channel = call.visit.call.channel if house.writes(call.call) else ""
    settings = house.call_settings(destination.line, call.call, writes=bool(channel))
    interpreter = interpreter_of(house.config, settings, call.language, NOBODY, channel)
    interpreter.facts = facts_on(house, destination.line, call.visit.person.caller_number or "",
                                 call.interpreter.facts.trunk, destination.line.numbers[0],
                                 call.interpreter.facts.groups)
    return call_events.ReferredToLine(leg.leg, settings, interpreter)
