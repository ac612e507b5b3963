"""SIP tells of a transfer (REFER): an operator's is carried out, a caller's is refused."""

from typing import Any

from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.exchange.destinations import (
    BUSY,
    FORBIDDEN,
    NO_ROOM,
    NOT_FOUND,
    Headers,
    Unreachable,
    find,
)
from ivr.exchange.house import House, Tell, report
from ivr.exchange.legs import Leg
from ivr.exchange.referring import referral
from ivr.sip import commands, events
from ivr.sip.message.replaces import Replaces

DECLINED, NO_SUCH_DIALOG = 603, 481


def transfer_requested(house: House, event: events.TransferRequested, now: float) -> list[Any]:
    """A REFER on one of our legs. Only operators' phones may: nobody else makes us call anybody."""
    leg = house.legs.get(event.leg)
    opened = house.calls.get(leg.call) if leg is not None else None
    if leg is None or opened is None:
        return house.endpoint.handle(commands.RejectTransfer(event.leg, NO_SUCH_DIALOG), now)
    call = opened.call
    if leg.role != "operator" or leg.party not in house.config.operators:
        return _refuse(house, call, leg, "", Unreachable(FORBIDDEN, "not_an_operator"), now)
    if event.replaced_leg is not None:
        return join_calls(house, call, leg, event.replaced_leg, now)
    if call.state is not CallState.BRIDGED or leg.leg not in (call.caller_leg, call.partner_leg):
        return _refuse(house, call, leg, "", Unreachable(DECLINED, "nobody_to_transfer"), now)
    destination = find(house, event.refer_to.plain_user)
    if destination is None:
        return _refuse(house, call, leg, "", Unreachable(NOT_FOUND, "unknown_target"), now)
    referred, effects = referral(house, call, leg, destination, _replacing(event.replaces), now)
    if isinstance(referred, Unreachable):
        return effects + _refuse(house, call, leg, destination.name, referred, now)
    return effects + _accept(house, call, leg, referred, now)


def _accept(house: House, call: Call, leg: Leg, event: Any, now: float) -> list[Any]:
    house.count("transfers_accepted")
    return [*house.endpoint.handle(commands.AcceptTransfer(leg.leg), now), Tell(call.call, event)]


def _refuse(house: House, call: Call, leg: Leg, target: str, why: Unreachable, now: float) -> list[Any]:
    house.count("transfers_refused")
    return [*house.endpoint.handle(commands.RejectTransfer(leg.leg, why.status), now),
            report("warning", "transfer_refused", call=call.call, party=leg.party, status=why.status,
                   reason=why.reason),
            Tell(call.call, call_events.TransferRefused(leg.leg, target, why.status, why.reason))]


def _replacing(replaces: Replaces | None) -> Headers:
    """A dialog of another server's, which the target will know: our INVITE asks for its place."""
    if replaces is None or not (replaces.sip_call_id + replaces.to_tag + replaces.from_tag).isprintable():
        return ()
    early = ";early-only" if replaces.early_only else ""
    value = f"{replaces.sip_call_id};to-tag={replaces.to_tag};from-tag={replaces.from_tag}{early}"
    return (("Replaces", value),)


# --- two calls of one operator become one ---------------------------------------------------------------------------
def join_calls(house: House, call: Call, leg: Leg, other_name: str, now: float) -> list[Any]:
    """The caller of one call gets the partner of the other. A visit goes on and an operator's own call ends; of two
    own calls the one goes on in which the REFER came."""
    other_leg = house.legs.get(other_name)
    opened = house.calls.get(other_leg.call) if other_leg is not None else None
    if other_leg is None or opened is None or opened.call is call:
        return _refuse(house, call, leg, "", Unreachable(NO_SUCH_DIALOG, "no_such_call"), now)
    if other_leg.role != "operator" or other_leg.party != leg.party:
        return _refuse(house, call, leg, "", Unreachable(FORBIDDEN, "not_their_call"), now)
    kept, kept_leg, given, given_leg = call, leg, opened.call, other_leg
    if given.visit.call.direction == "inbound":
        kept, kept_leg, given, given_leg = given, given_leg, kept, kept_leg
    if given.visit.call.direction == "inbound":
        return _refuse(house, call, leg, "", Unreachable(FORBIDDEN, "two_callers"), now)
    if kept.state is not CallState.BRIDGED or kept_leg.leg not in (kept.caller_leg, kept.partner_leg):
        return _refuse(house, call, leg, "", Unreachable(BUSY, "nobody_to_transfer"), now)
    if house.legs.worker(given.call) != house.legs.worker(kept.call):
        return _refuse(house, call, leg, "", Unreachable(NO_ROOM, "calls_in_two_planes"), now)
    if given.state is CallState.DIALLING and kept_leg is leg:
        return _give_ringing(house, kept, kept_leg, given, given_leg, now)
    if given.in_queue and kept_leg is leg:
        return _follow_into_queue(house, kept, kept_leg, given, given_leg, now)
    if given.state is not CallState.BRIDGED or given_leg.leg not in (given.caller_leg, given.partner_leg):
        return _refuse(house, call, leg, "", Unreachable(BUSY, "nobody_to_join"), now)
    return _give_partner(house, kept, kept_leg, given, given_leg, leg, now)


def _give_partner(house: House, kept: Call, kept_leg: Leg, given: Call, given_leg: Leg, told: Leg,
                  now: float) -> list[Any]:
    called = given_leg.leg == given.partner_leg
    partner = given.caller_leg if called else given.partner_leg
    operator = given.far_operator if called else given.operator
    joined = call_events.PartnerGiven(kept_leg.leg, told.leg, partner, operator or given.transfer_target, operator)
    move(house, (partner,), kept)
    return [*_accept(house, kept, told, joined, now),
            Tell(given.call, call_events.GivenAway(given_leg.leg, (partner,)))]


def _give_ringing(house: House, kept: Call, kept_leg: Leg, given: Call, given_leg: Leg, now: float) -> list[Any]:
    legs = tuple(sorted(given.ringing))
    joined = call_events.RingingGiven(kept_leg.leg, given.transfer_target, given.target_operator, legs)
    move(house, legs, kept)
    return [*_accept(house, kept, kept_leg, joined, now),
            Tell(given.call, call_events.GivenAway(given_leg.leg, legs))]


def _follow_into_queue(house: House, kept: Call, kept_leg: Leg, given: Call, given_leg: Leg, now: float) -> list[Any]:
    """The operator did not wait for an answer of the queue that they called: the caller waits there now."""
    referred = call_events.ReferredToQueue(kept_leg.leg, given.visit.call.queue)
    return [*_accept(house, kept, kept_leg, referred, now),
            *house.endpoint.handle(commands.HangUpLeg(given_leg.leg), now)]


def move(house: House, legs: tuple[str, ...], call: Call) -> None:
    """What happens on these legs is told to another call from now on."""
    for name in legs:
        leg = house.legs.get(name)
        if leg is not None:
            house.legs.give(leg, call.call)


def transfer_progressed(house: House, event: events.TransferProgressed, now: float) -> list[Any]:
    return []            # we send nobody a REFER yet


ROUTES: dict[type, Any] = {
    events.TransferRequested: transfer_requested,
    events.TransferProgressed: transfer_progressed,
}
