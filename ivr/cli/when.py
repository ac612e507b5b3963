"""`hotline when`: whether a line is open at a moment, by which rule of which file, and until when."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from ivr.base.errors import Place
from ivr.cli.faults import place_as_seen
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.table import Narrow, print_table
from ivr.cli.when_ordered import closure_at

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.base.hours.schedule import Schedule, Stretch
    from ivr.exchange.orders import LineOrder

TIME, DATE = re.compile(r"[0-9]{1,2}:[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(2000, 2100)       # as in files of hours
AS = "write 2026-12-31T23:59, 23:59 for today, or 2026-12-31 for the whole day"
NO_HOURS = "no `hours` stand at this line, so it never closes"
COLUMNS = {"day": "day", "hours": "open", "rule": "rule", "place": "where it is written"}
NARROW = Narrow(cut=("rule", "place"))


@dataclass(frozen=True)
class Line:
    """A line with its schedule; a line without one never closes. `place` is its own in config.yaml. `closure_at` gives
    the order that closes it at a moment, whatever its hours say."""

    number: str
    schedule: "Schedule | None"
    place: Place
    closure_at: "Callable[[datetime], LineOrder | None]"


@dataclass(frozen=True)
class Asked:
    """A moment, or a whole day; `twice` where the clock shows the time twice, and the first one is meant."""

    at: datetime
    whole_day: bool = False
    twice: bool = False


def when_command(
    number: Annotated[str, typer.Argument(help="A number of a line, as in config.yaml.")],
    moment: Annotated[list[str] | None, typer.Argument(
        metavar="LOCAL TIME", help="In the zone of the schedule: 2026-12-31T23:59, 23:59 or, for all of it, "
                                     "2026-12-31. Without it: now.", show_default=False)] = None,
    week: Annotated[bool, typer.Option("--week", help="Seven days, as a table.")] = False,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    line = _line(number, config)
    zone = line.schedule.zone if line.schedule else ZoneInfo("UTC")
    asked = _asked(" ".join(moment or ()), zone)
    if (week or asked.whole_day) and line.schedule is not None:
        _show_days(line.number, line.schedule, asked.at.date(), 7 if week else 1, as_json)
    elif as_json:
        order = line.closure_at(asked.at)
        Console().print_json(data={**_answer(line, asked.at), **({"order": order.written()} if order else {})})
    else:
        typer.echo("\n".join([*_lines(line, asked), *_ordered(line, asked.at)]))


def _line(number: str, config_file: Path) -> Line:
    from ivr.drivers.config_file import load_config, place_at
    from ivr.drivers.hours_file import read_hours

    config = load_config(config_file)
    index, dialled = _dialled(number, config)
    hours = config.lines[index].hours
    schedules = read_hours(str(config_file), config).schedules
    return Line(dialled, schedules[hours] if hours is not None else None, place_at(config_file, ("lines", index)),
                partial(closure_at, config, config.lines[index].numbers[0]))


def _dialled(number: str, config: "Config") -> tuple[int, str]:
    """The line of a number, and the number as the file has it; spaces and national forms are understood."""
    from ivr.base.config_checks import did_you_mean
    from ivr.base.numbers import e164

    numbers = {known: index for index, line in enumerate(config.lines) for known in line.numbers}
    same = e164(number, config.country)
    for known, index in numbers.items():
        if known == number.strip() or (same and e164(known, config.country) == same):
            return index, known
    raise typer.BadParameter(f"no line has the number {number}: {did_you_mean(number, numbers)}", param_hint="NUMBER")


def _asked(text: str, zone: ZoneInfo) -> Asked:
    now = datetime.now(UTC).astimezone(zone)
    if not text:
        return Asked(now)
    try:
        moment, whole_day = _read(text, now.date())
    except ValueError:
        raise typer.BadParameter(f"{text} is no time; {AS}", param_hint="TIME") from None
    if moment.year not in YEARS:
        raise typer.BadParameter(f"{text} lies too far away: a year from {YEARS[0]} to {YEARS[-1]}", param_hint="TIME")
    if moment.tzinfo is not None:
        return Asked(moment.astimezone(zone))
    return Asked(moment.replace(tzinfo=zone), whole_day=True) if whole_day else _on_the_wall(moment, zone)


def _read(text: str, today: date) -> tuple[datetime, bool]:
    """The moment, and whether it is a date alone. Raises ValueError."""
    if TIME.fullmatch(text):
        return datetime.combine(today, time.fromisoformat(text.rjust(len("23:59"), "0"))), False
    return datetime.fromisoformat(text), DATE.fullmatch(text) is not None


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> Asked:
    """A time that the clocks of the zone show: once, twice, or, when summer time begins, not at all."""
    at = moment.replace(tzinfo=zone)
    if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise typer.BadParameter(f"the clocks of {zone} leave out {moment:%Y-%m-%d %H:%M}: they are put forward then",
                                 param_hint="TIME")
    return Asked(at, twice=at.utcoffset() != at.replace(fold=1).utcoffset())


def _answer(line: Line, at: datetime) -> dict[str, Any]:
    """What holds, as plain values; times are local, with their offset from UTC."""
    if line.schedule is None:
        return {"number": line.number, "hours": None, "zone": None, "at": at.isoformat(), "open": True,
                "rule": NO_HOURS, "place": _plain(line.place), "until": None}
    verdict = line.schedule.at(at)
    return {"number": line.number, "hours": line.schedule.name, "zone": str(line.schedule.zone), "at": at.isoformat(),
            "open": verdict.open, "rule": verdict.rule, "place": _plain(verdict.place),
            "until": verdict.until.isoformat() if verdict.until else None}


def _lines(line: Line, asked: Asked) -> Iterator[str]:
    if line.schedule is None:
        yield f"line {line.number} is open"
        yield f"  rule   {NO_HOURS}"
        yield f"  place  {place_as_seen(line.place)}"
        return
    verdict = line.schedule.at(asked.at)
    yield f"line {line.number} is {'open' if verdict.open else 'closed'} on {_said(asked.at)}"
    yield f"  hours  {line.schedule.name}, {line.schedule.zone}"
    yield f"  rule   {verdict.rule}"
    yield f"  place  {place_as_seen(verdict.place)}"
    yield f"  until  {_said(verdict.until) if verdict.until else 'no end within 400 days'}"
    if asked.twice:
        yield "  note   clocks are put back then and show this time twice: this is the first"


def _ordered(line: Line, at: datetime) -> Iterator[str]:
    order = line.closure_at(at)
    if order is not None:
        until = _said(order.until.astimezone(at.tzinfo)) if order.until else "somebody opens it"
        yield f"  order  but {order.by or 'somebody'} has closed it until {until}: hotline open {line.number}"


def _said(at: datetime) -> str:
    return f"{at:%A %Y-%m-%d %H:%M}"


def _show_days(number: str, schedule: "Schedule", first: date, count: int, as_json: bool) -> None:
    days = [(day, schedule.day(day)) for day in (first + timedelta(days=ahead) for ahead in range(count))]
    if as_json:
        Console().print_json(data=[_stretch(day, stretch) for day, stretches in days for stretch in stretches])
        return
    rows = [row for day, stretches in days for row in _rows(day, stretches)]
    print_table(f"line {number}: {schedule.name} ({schedule.zone})", COLUMNS, rows, NARROW)


def _rows(day: date, stretches: tuple["Stretch", ...]) -> Iterator[dict[str, str]]:
    """A row for each part of the day in which it is open, or one that says why it is closed."""
    for stretch in [stretch for stretch in stretches if stretch.open] or stretches[:1]:
        yield {"day": f"{day:%a %Y-%m-%d}", "hours": str(stretch) if stretch.open else "closed", "rule": stretch.rule,
               "place": str(place_as_seen(stretch.place))}


def _stretch(day: date, stretch: "Stretch") -> dict[str, Any]:
    return {"date": day.isoformat(), "hours": str(stretch), "open": stretch.open, "rule": stretch.rule,
            "place": _plain(stretch.place)}


def _plain(place: Place) -> dict[str, Any]:
    return vars(place_as_seen(place))
