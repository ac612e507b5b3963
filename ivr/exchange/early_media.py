"""What somebody says before they answer (early media): a carrier's ringing tone, "the number is not available".

An operator who calls, or asks somebody during a talk, hears it; a caller who is sent on hears music instead.
"""

from typing import Any

from ivr.base.errors import PeerError
from ivr.call.state import CallState
from ivr.exchange import hearing
from ivr.exchange.effects import ToPlane
from ivr.exchange.from_sip import set_stream
from ivr.exchange.house import House, OpenCall
from ivr.exchange.legs import Leg
from ivr.media import commands as media
from ivr.sip import commands, events


def hear_early(house: House, leg: Leg, event: events.LegRinging, now: float) -> list[Any]:
    """Let the operator hear it, the first that comes; what can't be understood is not heard."""
    opened = house.calls.get(leg.call)
    listener = _listener(house, opened) if opened is not None and leg.leg in opened.call.ringing else None
    if event.body is None or opened is None or listener is None or listener.sip.negotiated is None:
        return []
    if opened.joined is not None:
        return []           # two phones of theirs: one is enough
    try:
        leg.sip.take_answer(event.body)
    except PeerError:
        return []
    leg.early = True
    opened.joined = listener.leg, leg.leg
    return [*set_stream(leg), *_opened(house, listener, now), *hearing.settle(house, opened)]


def answered(leg: Leg) -> None:
    """The answer says anew where audio goes: another phone may have answered than the one that spoke before."""
    if leg.early:
        leg.early = False
        leg.sip.awaits_answer()


def _listener(house: House, opened: OpenCall) -> Leg | None:
    call = opened.call
    if call.state is CallState.DIALLING:
        return house.legs.get(call.caller_leg)
    return house.legs.get(call.partner_leg) if call.state is CallState.CONSULTING else None


def _opened(house: House, listener: Leg, now: float) -> list[Any]:
    """The operator's phone takes audio from here on: one that calls has no answer yet, one that asks hears music."""
    if house.calls[listener.call].call.state is CallState.CONSULTING:
        return [ToPlane(media.StopPlayback(listener.stream, listener.leg))]
    listener.early = True
    return [*house.endpoint.handle(commands.ProgressLeg(listener.leg, listener.sip.body), now), *set_stream(listener)]
