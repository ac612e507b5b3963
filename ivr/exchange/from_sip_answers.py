"""SIP tells of the legs that we dial: they ring, and perhaps say something before the answer, or answer."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.call import events as call_events
from ivr.exchange import early_media
from ivr.exchange.from_sip import lose_leg, set_stream
from ivr.exchange.house import House, Tell
from ivr.sip import events


def leg_ringing(house: House, event: events.LegRinging, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    if leg is None:
        return []
    return [*early_media.hear_early(house, leg, event, now), Tell(leg.call, call_events.LegRinging(leg.leg))]


def leg_answered(house: House, event: events.LegAnswered, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    if leg is None:
        return []
    early_media.answered(leg)
    try:
        leg.sip.take_answer(event.body)
    except PeerError as error:
        return lose_leg(house, leg, error.reason, now)
    return [*set_stream(leg), Tell(leg.call, call_events.LegAnswered(leg.leg))]


ROUTES: dict[type, Any] = {events.LegRinging: leg_ringing, events.LegAnswered: leg_answered}
