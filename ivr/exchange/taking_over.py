"""An INVITE with Replaces (RFC 3891): who may take the place of a leg of ours, and how the new leg comes in."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.call import events as call_events
from ivr.exchange.from_sip import close_stream, open_stream
from ivr.exchange.house import House, Tell, no_room, report
from ivr.exchange.legs import Leg
from ivr.sip import commands, events

FORBIDDEN, NO_SUCH_DIALOG = 403, 481


def leg_takes_place(house: House, event: events.LegOffered, now: float) -> list[Any]:
    """Let the new leg into the call of the one it replaces; the call's machine ends that one."""
    replaced = house.legs.get(event.replaces or "")
    if replaced is None or replaced.call not in house.calls:
        return house.endpoint.handle(commands.RejectLeg(event.leg, NO_SUCH_DIALOG), now)
    if not _may_take(house, event, replaced):
        house.count("takeovers_refused")
        return [*house.endpoint.handle(commands.RejectLeg(event.leg, FORBIDDEN), now),
                report("warning", "takeover_refused", call=replaced.call, account=event.account, trunk=event.trunk)]
    caller = replaced.role == "caller"
    operator = "" if caller else event.account or ""
    trunk = house.trunk(event.trunk)
    srtp = trunk.srtp if trunk is not None and trunk.srtp is not None else house.config.srtp_of(event.account)
    place = house.place_of(event.flow, srtp, trunk)
    leg = house.legs.open(event.leg, replaced.call, replaced.role if caller else "operator", operator or replaced.party,
                          place, now)
    if leg is None:
        return [*no_room(house, replaced.call, now), *house.endpoint.handle(commands.RejectLeg(event.leg, 503), now)]
    leg.account, leg.trunk = event.account, event.trunk or ""
    leg.is_of(trunk)
    leg.is_of_page(event.flow.transport)
    try:
        leg.sip.take_offer(event.body)
    except PeerError as error:
        house.legs.close(leg.leg)
        return [*close_stream(house, leg, now),
                *house.endpoint.handle(commands.RejectLeg(event.leg, error.status or 488, error.reason), now)]
    return [*open_stream(house, leg, None), Tell(leg.call, call_events.LegTaken(leg.leg, replaced.leg, operator))]


def _may_take(house: House, event: events.LegOffered, replaced: Leg) -> bool:
    """Operators take what rings at, or is with, an operator or a target; a caller's leg is moved by its own side."""
    if replaced.role != "caller":
        return event.account in house.config.operators
    same_trunk = event.trunk is not None and event.trunk == replaced.trunk
    return same_trunk or (event.account is not None and event.account == replaced.account)
