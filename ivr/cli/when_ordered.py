"""The order that closes a line whatever its hours say, for `hotline when`."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.exchange.orders import LineOrder


def closure_at(config: "Config", line: str, at: datetime) -> "LineOrder | None":
    """The closure of the line whose first number is `line`, if one holds at this moment as things are now. None too
    where this user may not read what the service has noted down."""
    from ivr.drivers.state_files import StateFiles
    from ivr.exchange.orders import LineOrder

    if not os.access(config.state_dir, os.R_OK | os.X_OK):
        return None
    try:
        orders = [LineOrder.read_back(one) for one in StateFiles(Path(config.state_dir)).orders()
                  if one.get("line") == line and one.get("kind") == "closure"]
    except (KeyError, TypeError, ValueError):
        return None
    return next((order for order in orders if order.since <= at and order.holds(at)), None)
