"""Time zones by the name of a city, as the IANA has them."""

import re
from zoneinfo import ZoneInfo, available_timezones

from ivr.base.located_yaml import Node
from ivr.base.reader import Reader
from ivr.base.suggestions import nearest

UTC = "UTC"
NO_CITY = re.compile(r"(Etc|posix|right)/.*|[^/]*")     # Etc/GMT-3 means three hours ahead; EST knows no summer time
ABBREVIATED = {"MSK": "Europe/Moscow", "MSD": "Europe/Moscow", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
               "MEZ": "Europe/Berlin", "BST": "Europe/London", "WET": "Europe/Lisbon", "EET": "Europe/Kyiv"}
AS = "a zone is named after a city, such as Europe/Moscow, so that its summer time is known"


def read_zone(reader: Reader, node: Node | None) -> ZoneInfo | None:
    """The zone; None where there is none or a fault was noted."""
    if (name := reader.text(node, "`zone`")) is None or node is None:
        return None
    if name == UTC or not NO_CITY.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):     # OSError: a folder of the database, such as America/Indiana
            pass
    reader.fault(node.place, f"there is no time zone `{name}`", _guess(name), code="zone-unknown")
    return None


def _guess(name: str) -> str:
    """What may be meant by a zone that is none: by its city alone, or by what is written nearly so."""
    zones = sorted(zone for zone in available_timezones() if zone == UTC or not NO_CITY.fullmatch(zone))
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in reversed(zones)}
    by_name = {zone.lower(): zone for zone in zones}
    if name.upper() in ABBREVIATED:
        return f"did you mean {ABBREVIATED[name.upper()]}? {AS}"
    word = name.lower().replace(" ", "_")
    for known in (by_city, by_name) if "/" not in word else (by_name,):
        if near := nearest(word, known):
            return f"did you mean {known[near]}? {AS}"
    return AS
