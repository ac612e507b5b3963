"""The ladder of a call, until it is complete: the call is over before our last BYE or CANCEL is answered."""

import re
from dataclasses import dataclass
from typing import Any

from ivr.call.record import Batch, TraceRow
from ivr.exchange.capturing import PARTING, CaptureDue
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall, Parting
from ivr.exchange.legs import Leg
from ivr.sip.events import Traced

UNANSWERED = 4.0         # s: by then a BYE was sent four times (RFC 3261 timer E); a crash loses no older ladder
SETTLED = 0.1            # s after the last answer: the ACK to a 487 comes with it
MOST_WAITING = 1_000     # ladders, some 5 MB; beyond that they are written as they are
TRACED_LENGTH = 120      # characters of a ladder's line: a reason phrase may be as long as a message
WHOM = re.compile(r"^(INVITE )[^ @]+@")


@dataclass(frozen=True)
class LadderDue:
    """Timer: the ladder of this call is complete, or is waited for no longer."""

    call: str


def trace_of(opened: OpenCall) -> ToStore:
    """The ladder of a call that is over."""
    return ToStore(Batch(traces=(TraceRow(opened.call.call, tuple(opened.trace.rows)),)))


def traced(house: House, event: Traced, now: float) -> list[Any]:
    """A message of a leg."""
    leg = house.legs.get(event.leg)
    if leg is None:
        _traced_late(house, event, now)
        return []
    opened = house.calls.get(leg.call)
    if opened is not None:
        # Whom an operator dials may be a person's number; a ladder carries none.
        text = WHOM.sub(r"\1…@", event.text) if leg.role == "operator" else event.text
        _draw(opened, leg.party, event.direction, text, now)
        if house.captures:
            house.captures.leg_seen(leg.call, house.endpoint.sip_call_id(event.leg))
    return []


def _traced_late(house: House, event: Traced, now: float) -> None:
    call = house.parting_legs.get(event.leg)
    if call is None:
        return
    parting = house.partings[call]
    opened = parting.over or house.calls[call]
    _draw(opened, parting.legs[event.leg], event.direction, event.text, now)
    if parting.over is not None and not _is_awaited(house, parting):
        house.timers.start(("ladder", call), now + SETTLED, LadderDue(call))


def _draw(opened: OpenCall, party: str, direction: str, text: str, now: float) -> None:
    if direction == "in":
        opened.trace.arrow(now, party, "hotline", text[:TRACED_LENGTH])
    else:
        opened.trace.arrow(now, "hotline", party, text[:TRACED_LENGTH])


def leg_leaves(house: House, leg: Leg) -> None:
    """A leg is over for its call. SIP may still have a word to hear."""
    if leg.call in house.calls and house.endpoint.is_parting(leg.leg):
        house.partings.setdefault(leg.call, Parting()).legs[leg.leg] = leg.party
        house.parting_legs[leg.leg] = leg.call


def close_ladder(house: House, opened: OpenCall, now: float) -> list[Any]:
    """The call is over: keep its ladder, at once or when the last answers have come."""
    call = opened.call.call
    parting = house.partings.get(call)
    if parting is None or len(house.partings) > MOST_WAITING or not _is_awaited(house, parting):
        return keep_ladder(house, opened, now)
    parting.over = opened
    house.timers.start(("ladder", call), now + UNANSWERED, LadderDue(call))
    return []


def keep_ladder(house: House, opened: OpenCall, now: float) -> list[Any]:
    """Write it; nothing more is waited for."""
    call = opened.call.call
    parting = house.partings.pop(call, None)
    for leg in parting.legs if parting is not None else ():
        del house.parting_legs[leg]
    capture = house.captures.of_call(call)
    if capture is not None:
        house.timers.start(("capture", capture.number), now + PARTING, CaptureDue(capture.number, "the call is over"))
    return [trace_of(opened)]


def ladder_due(house: House, event: LadderDue, now: float) -> list[Any]:
    parting = house.partings.get(event.call)
    return keep_ladder(house, parting.over, now) if parting is not None and parting.over is not None else []


def keep_all(house: House, now: float) -> list[Any]:
    """The service ends: no answer is waited for."""
    waiting = [parting.over for parting in house.partings.values() if parting.over is not None]
    return [effect for opened in waiting for effect in keep_ladder(house, opened, now)]


def live(house: House, call: str) -> OpenCall | None:
    """A call whose ladder is not complete."""
    parting = house.partings.get(call)
    return house.calls.get(call) or (parting.over if parting is not None else None)


def _is_awaited(house: House, parting: Parting) -> bool:
    return any(house.endpoint.is_parting(leg) for leg in parting.legs)


ROUTES: dict[type, Any] = {Traced: traced, LadderDue: ladder_due}
