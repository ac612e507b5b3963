"""Schedules out of a few lines."""

from datetime import datetime
from textwrap import indent

import pytest

from ivr.base.errors import AdminError
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Schedule, Verdict


def schedule(text: str, zone: str = "Europe/Moscow") -> Schedule:
    """The schedule `some` that these lines describe."""
    return schedules(f"some:\n{indent(text, '  ')}", zone)["some"]


def schedules(text: str, zone: str = "Europe/Moscow") -> dict[str, Schedule]:
    """All that these lines describe; they are line 3 and following of a file."""
    return dict(load_hours(f"zone: {zone}\nschedules:\n{indent(text, '  ')}", "hours.yaml").schedules)


def at(one: Schedule, local: str, fold: int = 0) -> Verdict:
    """What holds at a time on the clock on the wall; `fold` 1 is the second of two."""
    return one.at(datetime.fromisoformat(local).replace(tzinfo=one.zone, fold=fold))


def told(one: Schedule, local: str, fold: int = 0) -> str:
    """The same in one line: `open, rule, until`."""
    verdict = at(one, local, fold)
    until = f"{verdict.until:%Y-%m-%d %H:%M%z}" if verdict.until else "for ever"
    return f"{'open' if verdict.open else 'closed'}: {verdict.rule}; until {until}"


def faults(text: str) -> list[str]:
    """What is said of a whole file: `line:column code: message (remedy)`."""
    with pytest.raises(AdminError) as caught:
        load_hours(text, "hours.yaml")
    assert {fault.severity for fault in caught.value.faults} == {"error"}
    return [str(fault).removeprefix("hours.yaml:").replace(": error", f" {fault.code}", 1)
            for fault in caught.value.faults]
