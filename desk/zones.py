"""On whose clocks days are counted: those of the lines."""

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.base.hours.schedule import Hours
from ivr.drivers.hours_file import read_hours
from ivr.drivers.own_zone import own_zone
from routing.reports.line_zones import line_zones
from routing.reports.questions import Zones


def zones_of(config: Config) -> Zones:
    """Blocks for as long as reading a small file takes. Where the file of hours can't be used just now (somebody writes
    it), every line counts by the clock of this machine."""
    try:
        hours = read_hours("config.yaml", config)
    except AdminError:
        hours = Hours()
    own, lines = line_zones(config, hours, own_zone())
    return Zones(own, lines)
