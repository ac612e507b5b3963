"""What supervisors do with a call besides listening: have it taken out of its queue or from its operator, end it."""

from typing import Any

from ivr.call.events import EndOrdered
from ivr.call.state import CallState
from ivr.call.supervising import HandCall, RingSupervisor, SupervisionAsked, TakeWished
from ivr.call.taken import WAITING
from ivr.call.taking import TakenOut, Taking
from ivr.exchange.from_queue import phone_legs
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.supervising import ENDING, NotSupervised, not_rung, ring_supervisor


def take(house: House, call: str, who: str, by: str, now: float) -> list[Any] | NotSupervised:
    """Ring the phones of `who` (an operator or an account), who is to have the call; who listens has it at once."""
    opened = house.calls.get(call)
    if opened is None:
        return NotSupervised("unknown_call", f"no call {call!r} is in progress")
    if opened.call.visit.call.direction != "inbound" or not _has_somewhere(opened):
        return NotSupervised("not_takeable", "the caller neither waits in a queue nor talks with one operator now")
    of = opened.call.operator if opened.call.state is CallState.BRIDGED else ""
    there = opened.supervisions.get(who)
    if there is not None and there.joined:
        return [Tell(call, TakeWished(who, by, of)), report("info", "take_asked", call=call, to=who, by=by)]
    if there is not None:
        return NotSupervised("on_this_call", f"{who} is being rung for this call already")
    refusal = not_rung(house, opened, who, now)
    if refusal is not None:
        return refusal
    legs = phone_legs(house, opened.call, who, now, "supervisor")
    if not legs:
        return NotSupervised("no_free_port", "no stream of the media plane is free")
    names = tuple(leg.leg for leg in legs)
    opened.call.others.update(names)
    opened.supervisions[who] = Taking(who, names, opened.call.visit, by=by, of=of,
                                      engages=who in house.config.operators)
    house.count("takes")
    return [Tell(call, SupervisionAsked(who)), report("info", "take_asked", call=call, to=who, by=by)]


def hang_up(house: House, call: str, by: str, reason: str, now: float) -> list[Any] | NotSupervised:
    """End a call for all who are on it. It counts as what it was so far; the entry says who wanted it and why."""
    opened = house.calls.get(call)
    if opened is None or opened.call.state in ENDING:
        return NotSupervised("unknown_call", f"no call {call!r} is in progress")
    opened.call.visit.entry(now, "end_ordered", by=by, reason=reason)
    house.count("calls_hung_up")
    return [Tell(call, EndOrdered(f"{by} ended it")), report("info", "end_ordered", call=call, by=by)]


def hand_call(house: House, opened: OpenCall, effect: HandCall, now: float) -> list[Any]:
    """The leg is no supervisor's any more: its keys and transfers are an operator's, where it is one."""
    leg, operator = house.legs.get(effect.leg), effect.who if effect.who in house.config.operators else ""
    if leg is not None:
        leg.role = "operator" if operator else "target"
    return [Tell(opened.call.call, TakenOut(effect.leg, operator, effect.who, effect.by, effect.of))]


def _has_somewhere(opened: OpenCall) -> bool:
    call = opened.call
    return call.state in WAITING or (call.state is CallState.BRIDGED and bool(call.operator) and not call.far_operator)


EFFECTS: dict[type, Any] = {RingSupervisor: ring_supervisor, HandCall: hand_call}
