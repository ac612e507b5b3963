"""An operator hangs up on their screen what they talk in on a phone."""

from typing import Any

from ivr.call.state import CallState
from ivr.exchange.house import House
from ivr.exchange.legs import Leg
from ivr.exchange.transferring import NotTransferred
from ivr.sip import commands

ENDING = (CallState.CLOSING, CallState.ENDED)


def hang_up(house: House, operator: str, name: str, now: float) -> list[Any] | NotTransferred:
    """End the operator's own leg of the call. What follows is what follows when their phone hangs up: a survey, a
    caller who is handed over to whom they asked, or the end. A phone that rings is not silenced by this: who does not
    want the call chooses a break, and it goes to the next one."""
    opened = house.calls.get(name)
    if opened is None or opened.call.state in ENDING:
        return NotTransferred("unknown_call", f"no call {name!r} is in progress")
    legs = [leg for leg in house.legs.of_call(name) if leg.party == operator and leg.role != "target"]
    talking = [leg for leg in legs if leg.leg not in opened.call.ringing]
    if not talking:
        return NotTransferred("rings", "it rings: it can be answered, or left to the next one") if legs else \
            NotTransferred("not_yours", f"{operator} is not on this call")
    return [effect for leg in talking for effect in _end(house, leg, now)]


def _end(house: House, leg: Leg, now: float) -> list[Any]:
    return house.endpoint.handle(commands.HangUpLeg(leg.leg), now)
