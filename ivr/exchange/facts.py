"""What the house knows of a call, for the menu of a line: who calls, and what time it is there."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from ivr.base.config_lines import LineConfig
from ivr.base.hours.schedule import Hours
from ivr.base.values import frozen
from ivr.exchange.house import House
from ivr.menu.facts import Facts


@frozen
class WallClock:
    """The wall's time in a zone, that of this machine without one."""

    to_utc: Callable[[float], datetime]
    zone: tzinfo | None

    def __call__(self, now: float) -> datetime:
        return self.to_utc(now).astimezone(self.zone)


@frozen
class OpenBy:
    """Whether a schedule is open at a moment; one that nobody knows never is."""

    hours: Hours

    def __call__(self, schedule: str, moment: datetime) -> bool:
        known = self.hours.schedules.get(schedule)
        return known is not None and known.at(moment).open


def facts_on(house: House, line: LineConfig, number: str, trunk: str, dialled: str,
             groups: tuple[str, ...] = ()) -> Facts:
    """The time is that of the line's schedule, else of this machine's zone. The call keeps these hours, as it keeps its
    menu, should others come."""
    schedule = house.hours.schedules.get(line.hours or "")
    zone = schedule.zone if schedule is not None else None
    return Facts(number, trunk, groups, dialled,
                 WallClock(house.to_utc, zone), OpenBy(house.hours), house.config.country)
