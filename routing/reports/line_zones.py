"""The zones in which lines count their days: those of their hours. Pure."""

from datetime import tzinfo

from ivr.base.config import Config
from ivr.base.hours.schedule import Hours


def line_zones(config: Config, hours: Hours, own: tzinfo) -> tuple[tzinfo, dict[str, tzinfo]]:
    """The zone for what belongs to no line, and that of each line by its first number.

    The first line with hours names the zone of whatever has none; where no line has hours, it is the machine's `own`.
    """
    zones: dict[str, tzinfo] = {line.numbers[0]: hours.schedules[line.hours].zone for line in config.lines
                                if line.hours is not None and line.hours in hours.schedules}
    shared = next(iter(zones.values()), own)
    return shared, {line.numbers[0]: zones.get(line.numbers[0], shared) for line in config.lines}
