"""Events of trunks: registrations and pings change, a leg goes out through one of them."""

from typing import Any

from ivr.exchange.house import House, report
from ivr.sip.trunk_events import LegRouted, TrunkChanged

LEVELS = {"failing": "warning", "down": "warning", "refused": "error"}


def trunk_changed(house: House, event: TrunkChanged, now: float) -> list[Any]:
    level = LEVELS.get(event.state, "info")
    return [report(level, "trunk_changed", trunk=event.trunk, state=event.state, reason=event.reason)]


def leg_routed(house: House, event: LegRouted, now: float) -> list[Any]:
    """Its audio is then trusted as that of the trunk's own calls is."""
    leg, trunk = house.legs.get(event.leg), house.trunk(event.trunk)
    if leg is None or trunk is None:
        return []
    leg.trunk = event.trunk
    leg.trusted_address = not trunk.learn_media_address
    return [report("info", "leg_routed", call=leg.call, trunk=event.trunk)]


ROUTES: dict[type, Any] = {TrunkChanged: trunk_changed, LegRouted: leg_routed}
