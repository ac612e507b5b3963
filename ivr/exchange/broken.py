"""What becomes of a call, or an event, that a bug of ours has met: told in the log and ended; nothing stays behind."""

from typing import Any

from ivr.call.record import Outcome
from ivr.exchange import beside, callback_attempts
from ivr.exchange.effects import ToStore
from ivr.exchange.from_recording import call_over
from ivr.exchange.from_sip import hang_up
from ivr.exchange.house import House, OpenCall, report
from ivr.exchange.ladders import keep_ladder
from ivr.exchange.texting import delivering
from ivr.sip.commands import HangUpLeg
from routing.dispatcher import CallLeft, OperatorReleased

REASON = "internal error"


def break_off(house: House, opened: OpenCall, error: Exception, now: float) -> list[Any]:
    """End a call whose machine failed: outcome `failed`, legs hung up, queue and operator told, the ladder kept."""
    visit = opened.call.visit
    call = visit.call.id
    house.forget(opened)
    house.count("calls_broken")
    if visit.call.outcome is None:
        visit.ended(now, Outcome.FAILED, "hotline", REASON)
    house.count(f"calls_{visit.call.outcome}")
    batch = visit.take_batch()
    effects: list[Any] = [ToStore(batch)] if batch is not None else []
    effects += [*keep_ladder(house, opened, now), report("error", "call_broken_off", call=call, error=error)]
    effects += house.dispatcher.handle(CallLeft(call, "failed"), now)
    for operator in sorted({*opened.call.engaged, opened.call.operator, *opened.supervisions}):
        effects += house.dispatcher.handle(OperatorReleased(operator, call), now)
    call_over(house, call, now)
    delivering.call_over(house, opened)
    effects += [*callback_attempts.call_over(house, opened, now), *beside.call_over(house, opened, now)]
    for leg in house.legs:
        if leg.call == call:
            effects += hang_up(house, leg, REASON, now)
    return effects


def lose(house: House, event: Any, error: Exception, now: float) -> list[Any]:
    """An event could not be dealt with. The leg that it concerns is ended, with its call if there is one."""
    name = getattr(event, "leg", "")
    leg = house.legs.get(name)
    opened = house.calls.get(leg.call) if leg is not None else None
    if opened is not None:
        return break_off(house, opened, error, now)
    lost = report("error", "event_lost", event_type=type(event).__name__, error=error)
    ended = hang_up(house, leg, REASON, now) if leg is not None else house.endpoint.handle(HangUpLeg(name, REASON), now)
    return [lost, *ended]
