"""What `hotline simulate` reads: the configuration, its menus and hours, a traffic file, the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.config_file import load_config
from ivr.menu.facts import Facts
from ivr.service.build import queue_settings
from ivr.service.tested_menus import Read, read_menu, shown, text_of
from routing.reports.simulation.arrivals import Recorded, Source
from routing.reports.simulation.arrivals_file import read_arrivals
from routing.reports.simulation.building import House, build, described_sources
from routing.reports.simulation.menu_ways import HANGUP, Entrance, Habits, Walked, depends_on, walk_all
from routing.reports.simulation.plan import Plan
from routing.reports.simulation.traffic import LineTraffic, Traffic
from routing.reports.simulation.traffic_file import Names, default_traffic, load_traffic

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from routing.reports.simulation.recorded import History

T = TypeVar("T")
MOST_DAYS = 31          # of one simulation
AS = "one day such as 2026-11-02, or two with .. between them"


@dataclass(frozen=True)
class Simulated:
    """What is simulated, and what was taken for granted (`remarks`); `length` of the time in which callers come, s."""

    plan: Plan
    length: float
    title: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What the command line names; `recorded` and `key_counts` are "" and 0 where it does not."""

    file: Path | None
    recorded: str
    arrivals: Path | None
    key_counts: int


def load(asked: Asked, config_file: Path) -> Simulated:
    """Raises AdminError."""
    config, file = load_config(config_file), asked.file
    span = _span(asked.recorded) if asked.recorded else None
    menus = {line.numbers[0]: read_menu(Path(line.menu), config, config_file) for line in config.lines}
    names = Names({number: read.menu for number, read in menus.items()}, frozenset(config.queues),
                  tuple(config.operators))
    traffic = default_traffic(names) if file is None else load_traffic(
        text_of(file), shown(file), names, span is not None or asked.arrivals is not None)
    house = House(queue_settings(config), {name: queue.overflow.queue for name, queue in config.queues.items()
                                           if queue.overflow.queue is not None})
    if span is not None:
        return _recorded(traffic, house, config, config_file, span, next(iter(menus.values())).around.zone)
    counted = _counted(config, config_file, asked.key_counts) if asked.key_counts else {}
    walks = Walks(menus, traffic.date, counted)
    sources: tuple[Source, ...] = described_sources(traffic, walks.at)
    if asked.arrivals is not None:
        sources = (*sources, read_arrivals(text_of(asked.arrivals), shown(asked.arrivals), config.queues))
    title = f"{shown(file) if file else ''}, {_clock(traffic.day[0])}-{_clock(traffic.day[1])}"
    plan = build(traffic, house, sources)
    _all_known(plan, sources, "say `handle_s` in the traffic file", shown(file) if file else "")
    return Simulated(plan, traffic.day[1], title, walks.remarks())


def _all_known(plan: Plan, sources: tuple[Source, ...], remedy: str, file: str) -> None:
    """Of every recorded caller it is known how long the talk may take."""
    queues = {way.queue for source in sources if isinstance(source, Recorded) for _, way in source.calls if way.queue}
    unknown = sorted(name for name in queues if not plan.traffic[name].handle.mean)
    if unknown:
        raise AdminError([Fault(Place(file), f"nobody knows how long calls of {', '.join(unknown)} take", remedy)])


# --- menus ------------------------------------------------------------------------------------------------------------
@dataclass
class Walks:
    """The ways through the menus of lines, walked anew only when hours that a menu knows have changed."""

    menus: Mapping[str, Read]
    day: date
    counted: Mapping[str, Habits]
    found: dict[tuple[object, ...], Walked] = field(default_factory=dict)

    def at(self, line: LineTraffic, second: float) -> Walked:
        read = self.menus[line.number]
        begin = datetime.combine(self.day, time(), read.around.zone) + timedelta(seconds=second)
        opens = read.around.opens
        names, schedules = depends_on(read.menu)
        hours = tuple(opens(name, begin) for name in sorted(schedules))
        key = (line.number, hours, second if "now" in names else None)
        if key not in self.found:
            facts = Facts(line=line.number, clock=lambda now: begin + timedelta(seconds=now), opens=opens)
            habits = {**self.counted.get(line.number, {}), **line.habits}
            self.found[key] = self._walked(read, Entrance(line.number, None, facts), habits)
        return self.found[key]

    def _walked(self, read: Read, entrance: Entrance, habits: Habits) -> Walked:
        try:
            return walk_all(read.menu, read.lengths, entrance, habits)
        except ValueError as error:
            raise AdminError([Fault(Place(read.menu.file), str(error), "say in `keys` what callers press")]) from None

    def remarks(self) -> tuple[str, ...]:
        """What the reader has to know of the walks."""
        lines = []
        for (line, *_), walked in self.found.items():
            if walked.assumed:
                lines.append(f"line {line}: nobody knows what callers press in {', '.join(walked.assumed)}: "
                             f"every option equally often")
            lines.append(f"line {line}: {walked.walks} ways through the menu were walked, each once, by the real "
                         f"interpreter; {100 * walked.share:.1f} % of the callers go one that comes to an end")
        return tuple(dict.fromkeys(lines))


# --- the record -------------------------------------------------------------------------------------------------------
def _counted(config: Config, config_file: Path, days: int) -> dict[str, Habits]:
    """Of each line: menu -> keys -> how often. Who came into a menu and took no key has hung up there."""
    from routing.requests.menu_counts import menu_counts

    found: dict[str, Habits] = {}
    since = datetime.now(UTC) - timedelta(days=days)
    for line in config.lines:
        counts = _read(config, config_file, partial(menu_counts, lines=line.numbers, since=since))
        habits: dict[str, dict[str, float]] = {}
        for (menu, keys), count in counts.chosen.items():
            habits.setdefault(menu, {})[keys] = float(count)
        for menu, keys_of in habits.items():
            left = counts.entered.get(menu, 0) - sum(keys_of.values())
            keys_of[HANGUP] = max(float(counts.left.get(menu, 0)), left)
        found[line.numbers[0]] = habits
    return found


def _recorded(traffic: Traffic, house: House, config: Config, config_file: Path, span: tuple[date, date],
              zone: tzinfo) -> Simulated:
    from routing.reports.simulation.recorded import read_history

    first, last = span
    days = (last - first).days + 1
    midnight = datetime.combine(first, time(), zone)
    begin, end = midnight, midnight + timedelta(days=days)
    history: History = _read(config, config_file,
                             lambda engine: read_history(engine, begin, end, midnight, config.queues.keys()))
    if not history.arrivals.calls:
        raise AdminError([Fault(Place(str(config_file)), f"no calls are recorded from {first} to {last}",
                                "hotline calls lists them")])
    plan = build(traffic, house, (history.arrivals,), history.handles, history.patiences, days)
    remarks = [f"{history.calls} recorded calls come when they came, and go the way that they went; talk and patience "
               f"are drawn anew where the traffic file does not give them: talks from those recorded, patience "
               f"exponential with the recorded mean"]
    _all_known(plan, plan.sources, "nobody talked with them then: say `handle_s` in a traffic file", str(config_file))
    if history.truncated:
        remarks.append("there are more calls: the first ones were taken")
    return Simulated(plan, days * 86_400.0, f"recorded calls of {first} to {last} ({zone})", tuple(remarks))


def _read(config: Config, config_file: Path, ask: "Callable[[Engine], T]") -> T:
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread

    engine = engine_of(config, config_file)
    try:
        return ask(engine)
    except SQLAlchemyError as error:
        raise unread(config, config_file, error) from None
    finally:
        engine.dispose()


def _span(text: str) -> tuple[date, date]:
    hint = "--recorded"
    first, dots, last = text.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        raise typer.BadParameter(f"`{text}` names no days: {AS}", param_hint=hint) from None
    if not 0 <= (span[1] - span[0]).days < MOST_DAYS:
        raise typer.BadParameter(f"`{text}`: from 1 to {MOST_DAYS} days, the earlier one first", param_hint=hint)
    return span


def _clock(second: float) -> str:
    return f"{int(second // 3600):02}:{int(second % 3600 // 60):02}"
