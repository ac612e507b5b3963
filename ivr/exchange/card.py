"""What an operator's desk shows of their calls: the story of a caller before "hello", who else rings, what follows.

Plain data at one moment, all times in seconds. It carries callers' numbers and names: it is for the operator whose
phone rings, and for nobody's log.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.call.supervising import SupervisionState
from ivr.exchange.from_recording import obstacle
from ivr.exchange.house import House, OpenCall
from ivr.exchange.story import story
from routing.dispatcher.at_desk import AtDesk, Ringing

S = CallState
TALKS = (S.BRIDGED, S.CONSULTING, S.CONFERENCE, S.REFERRED)
MINE: dict[Enum, str] = {S.BRIDGED: "talking", S.CONSULTING: "consulting", S.CONFERENCE: "conference",
                         S.REFERRED: "transferring", S.BRIEFING: "briefing", S.DIALLING: "dialling",
                         S.CALLING_BACK: "calling_back", S.FETCHING: "calling_back"}
BROUGHT: dict[Enum, str] = {S.CONSULTING: "asks", S.REFERRED: "passes_on"}


def at_desk(house: House, operator: str, now: float) -> dict[str, Any]:
    """JSON-ready. `cards`: their calls, those that ring first; `wrap_up`: what they write up, `lost`: the last call
    that rang and was not theirs in the end, each None without one."""
    desk = house.dispatcher.at_desk(operator, now)
    rung = {one.call: one for one in desk.ringing}
    calls = list(dict.fromkeys([*rung, *desk.calls, *_surveyed(house, desk)]))
    cards = [_card(house, opened, operator, rung.get(call), now) for call in calls
             if (opened := house.calls.get(call)) is not None]
    cards.sort(key=lambda card: card["state"] != "ringing")
    return {"operator": operator, "cards": cards, "wrap_up": _wrap_up(desk), "lost": _lost(house, operator, now)}


def _surveyed(house: House, desk: AtDesk) -> Iterator[str]:
    """The caller is asked how it went, while the operator writes it up."""
    opened = house.calls.get(desk.noted)
    if opened is not None and opened.call.state is S.SURVEYING:
        yield desk.noted


def _wrap_up(desk: AtDesk) -> dict[str, Any] | None:
    if desk.wrap_up_left is None:
        return None
    return {"call": desk.noted, "left_s": round(desk.wrap_up_left, 1), "until_saved": desk.until_saved}


def _lost(house: House, operator: str, now: float) -> dict[str, Any] | None:
    lost = house.lost_offers.news(operator, now)
    if lost is None:
        return None
    opened = house.calls.get(lost.call)
    by = opened.call.operator if opened is not None and opened.call.state in TALKS else ""
    return {"call": lost.call, "how": lost.how, "by": by if by != operator else "", "since_s": round(now - lost.at, 1)}


def _card(house: House, opened: OpenCall, operator: str, ringing: Ringing | None, now: float) -> dict[str, Any]:
    call = opened.call
    state = "ringing" if ringing is not None else _state(house, opened, operator)
    return {
        "call": call.call, "state": state, "ends_in_s": _ends_in(house, call, state, ringing, now),
        "also_rings": list(ringing.others) if ringing is not None else [],
        "brought": _brought(call, operator) if state == "ringing" else None,
        **story(house, opened, operator, now),
        "mode": _mode(opened, operator),
        "on_call": list(_others(house, opened, operator)),
        "recorded": house.recordings.of_call(call.call) is not None,
        "may_record": operator == call.operator and call.state in TALKS and _may_record(house, opened),
    }


def _may_record(house: House, opened: OpenCall) -> bool:
    """Whether the operator begins and ends a recording of this call themselves."""
    running = house.recordings.of_call(opened.call.call)
    return running.row.why == "on_demand" if running is not None else not obstacle(house, opened)


def _mode(opened: OpenCall, operator: str) -> str:
    """How they supervise it; "" for who does not."""
    supervision = opened.supervisions.get(operator)
    return supervision.mode if supervision is not None else ""


def _state(house: House, opened: OpenCall, operator: str) -> str:
    """What this operator does in the call."""
    call = opened.call
    supervision = opened.supervisions.get(operator)
    if supervision is not None:
        asked = house.writes(call.call) and supervision.state is SupervisionState.RINGING
        return "ringing" if asked else "supervising"        # a telephone rings by itself; a desk has this card alone
    if operator == call.target_operator and operator != call.operator:
        return _asked(call)
    if call.state is S.SURVEYING:
        return "surveying"
    if call.beside and call.state in (S.FETCHING, S.NOTICED):
        return "ringing" if call.ringing else "waits"
    if call.state is S.BRIDGED and _own_leg(call, operator) in call.holding:
        return "held"
    return MINE.get(call.state, "talking")


def _asked(call: Call) -> str:
    """A colleague sends them the caller, asks them first, or calls them."""
    if call.state is S.CONFERENCE:
        return "conference"
    return "consulted" if call.consulted_leg else "ringing"


def _brought(call: Call, operator: str) -> dict[str, str] | None:
    """Which colleague has this call ring here, and what answering means: one who only asks stays with the caller; one
    who passes on is mostly gone by then; and who passed on gets the caller back whom nobody took."""
    if operator != call.target_operator or operator == call.operator or not call.transferor:
        return None
    how = "comes_back" if call.returning else BROUGHT.get(call.state, "")
    return {"who": call.transferor, "how": how} if how else None


def _own_leg(call: Call, operator: str) -> str:
    return call.caller_leg if operator == call.far_operator != call.operator else call.partner_leg


def _ends_in(house: House, call: Call, state: str, ringing: Ringing | None, now: float) -> float | None:
    """Until it rings no longer: here, or where the caller is sent."""
    if ringing is not None:
        return round(ringing.left, 1)
    at = house.timers.at(("call", call.call, "ring")) if call.ringing or state == "briefing" else None
    return None if at is None else round(max(0.0, at - now), 1)


def _others(house: House, opened: OpenCall, operator: str) -> Iterator[dict[str, Any]]:
    """Who is on the call besides the caller and this operator, or rings for it."""
    call = opened.call
    asked = call.state in (S.CONSULTING, S.CONFERENCE, S.REFERRED)
    if call.operator not in ("", operator) and call.state in TALKS:
        yield {"who": call.operator, "part": "operator", "joined": True}
    if asked and call.target_operator != operator and call.transfer_target:
        yield {"who": call.transfer_target, "part": "asked", "joined": bool(call.consulted_leg)}
    for one in opened.supervisions.values():
        heard = one.mode != "listen" or house.config.web.listeners_shown
        if heard and one.who != operator and one.state is SupervisionState.JOINED:
            yield {"who": one.who, "part": "supervisor", "joined": True}
