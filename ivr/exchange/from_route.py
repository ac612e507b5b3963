"""A leg that we dial has found its way: through which trunk, to which address, over TLS or not. Its offer follows."""

from typing import Any

from ivr.base.config_sip import TrunkConfig
from ivr.exchange import from_capture
from ivr.exchange.house import House, report
from ivr.exchange.legs import Leg
from ivr.sip.commands import OfferLeg
from ivr.sip.trunk.trunk_events import LegRouted


def leg_routed(house: House, event: LegRouted, now: float) -> list[Any]:
    leg, trunk = house.legs.get(event.leg), house.trunk(event.trunk)
    if leg is None:
        return []
    told = _through(leg, trunk) if trunk is not None else []
    return [*told, *_offer(house, leg, trunk, event, now)] if event.offer_due else told


def _through(leg: Leg, trunk: TrunkConfig) -> list[Any]:
    """Its audio is then trusted as that of the trunk's own calls is."""
    if leg.trunk == trunk.name:
        return []                # another of its addresses
    leg.is_of(trunk)
    return [report("info", "leg_routed", call=leg.call, trunk=trunk.name)]


def _offer(house: House, leg: Leg, trunk: TrunkConfig | None, event: LegRouted, now: float) -> list[Any]:
    """Describe our side as that peer must see it. One that refused SRTP is offered plain RTP, unless SRTP is required;
    should it ask for SRTP later, it has it."""
    srtp, remote = trunk.srtp if trunk is not None else None, event.flow.remote[0]
    if leg.binding is not None:
        srtp, remote = house.config.srtp_of(leg.binding.account), leg.binding.source or remote
    place = house.media_place(remote, tls=event.secure and not event.refused, srtp=srtp, trunk=trunk)
    house.legs.move(leg, place)
    told: list[Any] = from_capture.stream(house, leg) if house.captures else []
    if event.refused:
        told.append(report("warning", "srtp_refused", call=leg.call, trunk=event.trunk))
    command = OfferLeg(leg.leg, leg.sip.offer(), has_another=leg.sip.has_plain_offer)
    return [*told, *house.endpoint.handle(command, now)]


ROUTES: dict[type, Any] = {LegRouted: leg_routed}
