"""Supervisors of calls in progress: asked for, told what their legs do, ended with the talk."""

from dataclasses import dataclass
from typing import Any

from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.call.supervising import (
    EVENTS,
    Mode,
    ModeChosen,
    RingSupervisor,
    Supervision,
    SupervisionAsked,
    SupervisionEnded,
    SupervisionUnanswered,
)
from ivr.call.taken import WAITING
from ivr.call.taking import Taking
from ivr.exchange import hearing
from ivr.exchange.from_queue import phone_legs
from ivr.exchange.house import House, OpenCall, Tell, report

MOST = 4                        # supervisors of one call
# REFERRED: the operator sends the caller on, and may come back; CONSULTING: the operator asks somebody first
TALKING = (CallState.BRIDGED, CallState.CONSULTING, CallState.CONFERENCE, CallState.REFERRED)
ENDING = (CallState.CLOSING, CallState.ENDED)           # every leg is hung up, or another call's
OF_LEGS = (call_events.LegRinging, call_events.LegAnswered, call_events.LegEnded)


@dataclass(frozen=True)
class NotSupervised:
    """Why not: a word for programs and a sentence for people."""

    code: str
    reason: str


# --- what people ask -------------------------------------------------------------------------------------------------
def supervise(house: House, call: str, who: str, mode: Mode, now: float) -> list[Any] | NotSupervised:
    """Ring the phones of `who` (an operator or an account), or switch the mode of a supervision of theirs."""
    opened = house.calls.get(call)
    if opened is None:
        return NotSupervised("unknown_call", f"no call {call!r} is in progress")
    if who in opened.supervisions:
        return [Tell(call, ModeChosen(who, mode))]         # nothing for who is rung to take the call
    refusal = _refusal(house, opened, who, now)
    if refusal is not None:
        return refusal
    legs = phone_legs(house, opened.call, who, now, "supervisor")
    if not legs:
        return NotSupervised("no_free_port", "no stream of the media plane is free")
    names = tuple(leg.leg for leg in legs)
    opened.call.others.update(names)
    opened.supervisions[who] = Supervision(who, mode, names, opened.call.visit,
                                           engages=who in house.config.operators)
    house.count("supervisions")
    return [Tell(call, SupervisionAsked(who)),
            report("info", "supervision_asked", call=call, supervisor=who, mode=mode)]


def end_supervision(house: House, call: str, who: str, now: float) -> list[Any] | NotSupervised:
    opened = house.calls.get(call)
    if opened is None or who not in opened.supervisions:
        return NotSupervised("not_supervised", f"{who!r} does not supervise a call {call!r}")
    return [Tell(call, SupervisionEnded(who, "ended on request"))]


def status(opened: OpenCall) -> list[dict[str, Any]]:
    """JSON-ready: who is on the call besides caller and operator."""
    return [{"supervisor": one.who, "mode": one.mode, "state": one.state.name.lower()}
            for one in opened.supervisions.values()]


def _refusal(house: House, opened: OpenCall, who: str, now: float) -> NotSupervised | None:
    if opened.call.state is not CallState.BRIDGED:
        return NotSupervised("not_talking", "the caller does not talk with anybody now")
    return not_rung(house, opened, who, now)


def not_rung(house: House, opened: OpenCall, who: str, now: float) -> NotSupervised | None:
    """Why nobody can ring the phones of `who` for this call; None: they can be rung."""
    operator = who in house.config.operators
    if not operator and who not in house.config.accounts and who not in house.endpoint.pages:
        return NotSupervised("unknown_account", f"there is no operator or account {who!r}")
    if who in (opened.call.operator, opened.call.far_operator):
        return NotSupervised("on_this_call", f"{who} is on this call already")
    if len(opened.supervisions) >= MOST:
        return NotSupervised("too_many_supervisors", f"{MOST} supervisors are on this call already")
    writes = house.writes(opened.call.call)
    if not house.phones_for(opened.call.call, who, now):
        return NotSupervised("no_phone", f"{who} has no desk that answers chats" if writes else
                             f"no phone of {who} is registered")
    if operator and not house.dispatcher.can_be_rung(who, house.medium(opened.call.call)):
        return NotSupervised("busy", f"{who} has no room for one more chat" if writes else
                             f"{who} is on another call, or is being rung")
    return None


# --- what happens ----------------------------------------------------------------------------------------------------
def take(opened: OpenCall, event: Any, now: float) -> tuple[list[Any], bool]:
    """Effects of supervisions that an event is for; and whether the call itself is to be told, too."""
    if isinstance(event, EVENTS):
        one = opened.supervisions.get(event.who)
        return (one.handle(event, now) if one is not None else []), False
    if not isinstance(event, OF_LEGS):
        return [], True
    one = next((one for one in opened.supervisions.values() if event.leg in one.legs), None)
    if one is None:
        return [], True
    return one.handle(event, now), isinstance(event, call_events.LegEnded)


def follow(house: House, opened: OpenCall, now: float) -> list[Any]:
    """After any event: supervisions end with the talk; everybody hears whom they are to hear now."""
    call, done = opened.call, list[Any]()
    for who, one in list(opened.supervisions.items()):
        if one.over:
            del opened.supervisions[who]
        elif one.lasts and who in (call.operator, call.far_operator):
            one.engages = False             # by the call itself from now on
            done.append(Tell(call.call, SupervisionEnded(who, "took the call")))
        elif one.lasts and isinstance(one, Taking):
            if not taken_from(call, one.of) and call.state not in ENDING:
                done.append(Tell(call.call, SupervisionEnded(who, "the caller is elsewhere")))
        elif one.lasts and call.state not in (*TALKING, *ENDING):
            done.append(Tell(call.call, SupervisionEnded(who, "the talk is over")))
    return done if call.state in ENDING else [*hearing.settle(house, opened), *done]


def taken_from(call: Call, of: str) -> bool:
    """Whether the caller is still where somebody is to take them from: with the operator `of`; "": in a queue."""
    return call.state is CallState.BRIDGED and call.operator == of if of else call.state in WAITING


def ring_supervisor(house: House, opened: OpenCall, effect: RingSupervisor, now: float) -> list[Any]:
    key = ("supervision", opened.call.call, effect.who)
    if effect.at is None:
        house.timers.cancel(key)
    else:
        house.timers.start(key, effect.at, Tell(opened.call.call, SupervisionUnanswered(effect.who)))
    return []
