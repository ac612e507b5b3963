"""What the house knows of a call, for the menu of a line: who calls, and what time it is there."""

from datetime import datetime
from functools import partial

from ivr.base.config_lines import LineConfig
from ivr.base.hours.schedule import Hours
from ivr.exchange.house import House
from ivr.menu.facts import Facts


def facts_on(house: House, line: LineConfig, number: str, trunk: str, dialled: str,
             groups: tuple[str, ...] = ()) -> Facts:
    """The time is that of the line's schedule, else of this machine's zone. The call keeps these hours, as it keeps its
    menu, should others come."""
    schedule = house.hours.schedules.get(line.hours or "")
    zone = schedule.zone if schedule is not None else None
    return Facts(number, trunk, groups, dialled,
                 lambda now: house.to_utc(now).astimezone(zone), partial(_opens, house.hours), house.config.country)


def _opens(hours: Hours, schedule: str, moment: datetime) -> bool:
    known = hours.schedules.get(schedule)
    return known is not None and known.at(moment).open
