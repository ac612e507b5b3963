"""The zone of this machine."""

import os
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

OWN_ZONE = Path("/etc/localtime")


def own_zone() -> tzinfo:
    """The machine's, with its summer time."""
    if name := os.environ.get("TZ"):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            return UTC
    try:
        with OWN_ZONE.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
