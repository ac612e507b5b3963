"""Events of trunks: registrations and pings change."""

from typing import Any

from ivr.exchange.house import House, report
from ivr.sip.trunk.trunk_events import TrunkChanged

LEVELS = {"failing": "warning", "down": "warning", "refused": "error"}


def trunk_changed(house: House, event: TrunkChanged, now: float) -> list[Any]:
    level = LEVELS.get(event.state, "info")
    return [report(level, "trunk_changed", trunk=event.trunk, state=event.state, reason=event.reason)]


ROUTES: dict[type, Any] = {TrunkChanged: trunk_changed}
