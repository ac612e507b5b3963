"""Transfers by command and by keys: an operator sends the caller on, asks somebody first, joins all three.

What a REFER does from the operator's phone is in `from_sip_transfers`; both end in the same events for the call.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from ivr.base.suggestions import did_you_mean
from ivr.call import consult_events as c
from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.exchange.destinations import Destination, Unreachable, find, lease
from ivr.exchange.from_sip_transfers import join_calls, move
from ivr.exchange.house import House, OpenCall, Tell
from ivr.exchange.legs import Leg
from ivr.exchange.referring import referral
from ivr.sip import commands

Wish = Literal["back", "conference", "hand_over"]
"""What becomes of a consultation: the operator goes back to the caller, joins all three, or leaves the two alone."""
WISHES: tuple[Wish, ...] = get_args(Wish)
EVENTS = {"back": c.ConsultEnded, "conference": c.ConferenceAsked, "hand_over": c.HandOverAsked}
ASKING = (CallState.CONSULTING, CallState.CONFERENCE)
REASONS = {
    "busy": "they are on a call, or being rung; of a chat: they have no room for one more",
    "no_phone": "no phone of theirs is registered; of a chat: no desk of theirs answers any",
    "no_free_port": "no stream of the media plane is free", "writes": "a chat can't be sent to a telephone",
    "denied": "`outbound.deny` forbids this number",
    "not_allowed": "`outbound.allow` does not permit this number", "max_calls": "`outbound.max_calls` is reached",
    "daily_calls": "`outbound.daily_calls` is reached",
    "daily_calls_per_operator": "`outbound.daily_calls_per_operator` is reached"}


@dataclass(frozen=True)
class NotTransferred:
    """Why not: a word for programs and a sentence for people."""

    code: str
    reason: str


def transfer(house: House, name: str, target: str, now: float, *, attended: bool) -> list[Any] | NotTransferred:
    """Send the caller of a call to `target`, as a REFER names it; `attended`: the operator asks there first."""
    opened = house.calls.get(name)
    leg = operator_leg(house, opened) if opened is not None else None
    if opened is None or leg is None or opened.call.state is not CallState.BRIDGED:
        return NotTransferred("not_talking", "the caller does not talk with an operator now")
    destination = find(house, target)
    if destination is None:
        known = [*house.config.operators, *house.config.queues, *house.config.transfers, *house.config.extensions]
        return NotTransferred("unknown_target", f"nobody is {target!r}: {did_you_mean(target, known)}; or a line's "
                              "number, or one that `outbound.allow` permits")
    if attended:
        return _consult(house, opened.call, leg, destination, now)
    referred, effects = referral(house, opened.call, leg, destination, (), now)
    if isinstance(referred, Unreachable):
        return _refused(house, opened.call, leg, destination, referred, now)
    house.count("transfers_accepted")
    return [*effects, Tell(name, referred)]


def consultation(house: House, name: str, wish: Wish, now: float) -> list[Any] | NotTransferred:
    """Go on with a consultation that `transfer` began."""
    opened = house.calls.get(name)
    leg = operator_leg(house, opened) if opened is not None else None
    if opened is None or leg is None or opened.call.state not in ASKING:
        return NotTransferred("nobody_consulted", "nobody is asked in this call now")
    if wish == "conference" and not opened.call.consulted_leg:
        return NotTransferred("still_rings", f"{opened.call.transfer_target} has not answered yet")
    return [Tell(name, EVENTS[wish](leg.leg))]


def join_all(house: House, name: str, own: Leg, now: float) -> list[Any] | NotTransferred:
    """The operator talks on a second call of theirs, `name`, on the leg `own`: the caller whom they hold, whom they
    called, and they themselves are one talk from now on, and the second call is over."""
    given, held = house.calls.get(name), _held_call(house, own)
    if given is None or held is None:
        return NotTransferred("nobody_held", "no caller of theirs waits on another call")
    kept, kept_leg = held
    call = given.call
    if call.state is not CallState.BRIDGED or own.leg not in (call.caller_leg, call.partner_leg):
        return NotTransferred("still_rings", "nobody has answered yet")
    if house.legs.worker(call.call) != house.legs.worker(kept.call):
        return NotTransferred("calls_in_two_planes", "the two calls are in different planes")
    called = own.leg == call.partner_leg
    partner = call.caller_leg if called else call.partner_leg
    operator = call.far_operator if called else call.operator
    move(house, (partner, own.leg), kept)
    house.count("conferences")
    told = c.ConferenceGiven(kept_leg.leg, own.leg, partner, operator or call.transfer_target, operator)
    return [Tell(kept.call, told), Tell(call.call, call_events.GivenAway(own.leg, (partner, own.leg)))]


def give_up_second(house: House, own: Leg, now: float) -> list[Any]:
    """The operator goes back to the caller whom they hold: their second call ends."""
    return house.endpoint.handle(commands.HangUpLeg(own.leg), now)


def hand_over_second(house: House, own: Leg, now: float) -> list[Any] | NotTransferred:
    """The caller whom the operator holds, and whom they called."""
    held = _held_call(house, own)
    if held is None:
        return NotTransferred("nobody_held", "no caller of theirs waits on another call")
    kept, kept_leg = held
    return join_calls(house, kept, kept_leg, own.leg, now)


def operator_leg(house: House, opened: OpenCall) -> Leg | None:
    """The leg of the operator who talks with the caller."""
    leg = house.legs.get(opened.call.partner_leg)
    return leg if leg is not None and leg.role == "operator" and leg.party in house.config.operators else None


def _held_call(house: House, own: Leg) -> tuple[Call, Leg] | None:
    """The visit in which this operator talks on another leg of theirs."""
    for leg in house.legs:
        if leg.role == "operator" and leg.party == own.party and leg.call != own.call and leg.writes == own.writes:
            opened = house.calls.get(leg.call)
            if (opened is not None and opened.call.visit.call.direction == "inbound"
                    and opened.call.state is CallState.BRIDGED and opened.call.partner_leg == leg.leg):
                return opened.call, leg
    return None


def _consult(house: House, call: Call, leg: Leg, destination: Destination, now: float) -> list[Any] | NotTransferred:
    if destination.kind in ("queue", "line"):
        return NotTransferred("not_attended", f"{destination.name} can't be asked first: send the caller there, or "
                              "call it from the phone while the caller is on hold")
    rung, effects = lease(house, call, destination, leg.party, now)
    if isinstance(rung, Unreachable):
        return _refused(house, call, leg, destination, rung, now)
    house.count("consultations")
    return [*effects, Tell(call.call, c.ConsultAsked(leg.leg, rung.name, destination.operator, rung.legs))]


def _refused(house: House, call: Call, leg: Leg, destination: Destination, why: Unreachable,
             now: float) -> NotTransferred:
    house.count("transfers_refused")
    call.visit.entry(now, "transfer_refused", by=leg.party, to=destination.name, status=why.status, reason=why.reason)
    return NotTransferred(why.reason, f"{destination.name or 'this number'}: {REASONS.get(why.reason, why.reason)}")

