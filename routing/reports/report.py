"""A report: the record of a period, streamed once and counted by group. For the command line and for pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from routing.reports.due import Due, due_requests
from routing.reports.facts import Visit
from routing.reports.figure import Figure
from routing.reports.figures import FIGURES, Dimension
from routing.reports.period import Period
from routing.reports.replies import Reply, add_reply, reply_of
from routing.reports.solved import Solved, solved_requests
from routing.reports.stream import WRAP_UP, Closed, Spell, closed_requests, spells, visits
from routing.reports.tally import Bounds, Tally
from routing.reports.wait_calibration import wait_calibration

MOST_GROUPS = 10_000        # more than that (of topics, say) are counted together
OTHERS = "(others)"
NONE = "(none)"             # a visit without a topic, or in no queue


@dataclass(frozen=True)
class Wanted:
    """What a report is about; `lines`, `channels` and `queues`: of these alone, where any are named. Whoever asks for
    queues gets what happened in them and the visits that came into one."""

    period: Period
    by: Dimension
    bounds: Bounds = field(default_factory=Bounds)
    lines: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    promised: Mapping[str, timedelta] = field(default_factory=dict)     # by queue: when requests are due
    channels: frozenset[str] = frozenset()


@dataclass
class Report:
    """`total` counts everybody once; in `groups` a visit may stand in several (of queues, operators, menus)."""

    wanted: Wanted
    total: Tally = field(default_factory=Tally)
    groups: dict[str, Tally] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[Figure, ...]:
        return FIGURES[self.wanted.by]

    def of(self, key: str) -> Tally:
        """The tally of a group."""
        key = key or NONE
        if key not in self.groups and len(self.groups) >= MOST_GROUPS:
            key = OTHERS
        return self.groups.setdefault(key, Tally())

    def rows(self) -> Iterator[tuple[str, Tally]]:
        """By name."""
        return iter(sorted(self.groups.items()))


def make(engine: Engine, wanted: Wanted, now: datetime) -> Report:
    """Read and count. `now` (aware) ends what goes on. Raises SQLAlchemyError if the database is away."""
    return make_all(engine, (wanted,), now)[0]


def make_all(engine: Engine, all_wanted: Sequence[Wanted], now: datetime,
             heed: Callable[[Visit], None] = lambda visit: None) -> tuple[Report, ...]:
    """Several of one period and one promise, out of one reading; `heed` is told each visit that the first wants."""
    first = all_wanted[0]
    reports = tuple(map(Report, all_wanted))
    for visit in visits(engine, first.period):
        if _is_wanted(visit, first):
            heed(visit)
        for report in reports:
            add_visit(report, visit)
    for closed in closed_requests(engine, first.period):
        for report in reports:
            add_closed(report, closed)
    for solved in solved_requests(engine, first.period):
        for report in reports:
            add_solved(report, solved)
    for due in due_requests(engine, first.period, first.promised, now):
        for report in reports:
            add_due(report, due)
    for spell in spells(engine, first.period, now):
        for report in reports:
            _add_spell(report, spell)
    for report in reports:
        if report.wanted.by == "queue":
            _add_estimates(report, engine)
    return reports


def add_visit(report: Report, visit: Visit) -> None:
    """Nothing if it is not wanted."""
    if _is_wanted(visit, report.wanted):
        _ADDERS[report.wanted.by](report, visit)


def add_closed(report: Report, closed: Closed) -> None:
    for tally in _tallies_of(report, closed):
        tally.closed += 1
        tally.repeated += closed.repeated


def add_solved(report: Report, solved: Solved) -> None:
    for tally in _tallies_of(report, solved):
        tally.resolutions.add(solved.seconds)


def add_due(report: Report, due: Due) -> None:
    for tally in _tallies_of(report, due):
        tally.due += 1
        tally.due_in_time += due.in_time


def _tallies_of(report: Report, request: Closed | Due | Solved) -> Iterator[Tally]:
    if _call_wanted(request, report.wanted) and _queue_wanted(request.queue, report.wanted):
        yield from _tallies(report, _keys_of_closed(report, request))


def _add_estimates(report: Report, engine: Engine) -> None:
    wanted = report.wanted
    for queue, calibration in wait_calibration(engine, wanted.period, wanted.lines, wanted.channels).items():
        if _queue_wanted(queue, wanted):
            for tally in _tallies(report, [queue]):
                tally.estimates.add(calibration)


def _call_wanted(of: Visit | Closed | Due | Solved, wanted: Wanted) -> bool:
    return (not wanted.lines or of.line in wanted.lines) and (not wanted.channels or of.channel in wanted.channels)


def _queue_wanted(queue: str, wanted: Wanted) -> bool:
    return not wanted.queues or queue in wanted.queues


def _is_wanted(visit: Visit, wanted: Wanted) -> bool:
    return _call_wanted(visit, wanted) and (
        not wanted.queues or any(stay.queue in wanted.queues for stay in visit.stays))


def _tallies(report: Report, keys: Iterable[str]) -> Iterator[Tally]:
    yield report.total
    for key in keys:
        yield report.of(key)


# --- one group for a visit ------------------------------------------------------------------------------------------
def _moment(at: datetime, line: str, report: Report) -> str:
    local = report.wanted.period.local(at, line)
    return f"{local:%H}:00" if report.wanted.by == "hour" else f"{local:%Y-%m-%d}"


_KEYS: dict[str, Callable[[Any, Report], str]] = {
    "line": lambda of, report: of.line, "language": lambda of, report: of.language,
    "topic": lambda of, report: of.topic, "channel": lambda of, report: of.channel,
}


def _by_visit(report: Report, visit: Visit) -> None:
    """All of a visit in its one group; by hour and day each of its parts in that of its beginning."""
    key = _KEYS.get(report.wanted.by)
    one = key(visit, report) if key is not None else None

    def group(at: datetime) -> str:
        return one if one is not None else _moment(at, visit.line, report)

    for tally in _tallies(report, [group(visit.began_at)]):
        tally.add_visit(visit)
        tally.add_opinions(visit)
    _add_parts(report, visit, lambda part: group(part.began_at))
    _add_reply(report, visit, lambda reply: group(reply.at))


def _add_parts(report: Report, visit: Visit, group: Callable[[Any], str]) -> None:
    wanted = report.wanted
    for stay in visit.stays:
        if _queue_wanted(stay.queue, wanted):
            for tally in _tallies(report, [group(stay)]):
                tally.add_stay(stay, wanted.bounds)
    for talk in visit.talks:
        if _queue_wanted(talk.queue, wanted):
            for tally in _tallies(report, [group(talk)]):
                tally.add_talk(talk)


def _add_reply(report: Report, visit: Visit, group: Callable[[Reply], str]) -> None:
    reply = reply_of(visit)
    if reply is not None and _queue_wanted(reply.queue, report.wanted):
        for tally in _tallies(report, [group(reply)]):
            add_reply(tally, reply)


# --- several groups for a visit -------------------------------------------------------------------------------------
def _by_queue(report: Report, visit: Visit) -> None:
    """What callers think counts for the queue that they were in last."""
    report.total.add_visit(visit)
    _add_parts(report, visit, lambda part: part.queue)
    _add_reply(report, visit, lambda reply: reply.queue)
    if visit.queue and _queue_wanted(visit.queue, report.wanted):
        for tally in _tallies(report, [visit.queue]):
            tally.add_opinions(visit)


def _by_operator(report: Report, visit: Visit) -> None:
    """What callers think counts for who talked with them last."""
    report.total.add_visit(visit)
    for offer in visit.offers:
        if _queue_wanted(offer.queue, report.wanted):
            for tally in _tallies(report, [offer.operator]):
                tally.add_offer(offer)
    for talk in visit.talks:
        if _queue_wanted(talk.queue, report.wanted):
            for tally in _tallies(report, [talk.operator]):
                tally.add_talk(talk)
    _add_reply(report, visit, lambda reply: reply.operator)
    if visit.operator:
        for tally in _tallies(report, [visit.operator]):
            tally.add_opinions(visit)


def _by_menu(report: Report, visit: Visit) -> None:
    report.total.add_visit(visit)
    if visit.menus:
        report.total.add_menus(visit)
    for menu in visit.menus:
        report.of(menu).add_menu(visit, menu)


_ADDERS: dict[Dimension, Callable[[Report, Visit], None]] = {
    "queue": _by_queue, "operator": _by_operator, "menu": _by_menu, "topic": _by_visit, "hour": _by_visit,
    "day": _by_visit, "line": _by_visit, "language": _by_visit, "channel": _by_visit}


# --- requests and operators -----------------------------------------------------------------------------------------
def _keys_of_closed(report: Report, closed: Closed | Due | Solved) -> list[str]:
    by = report.wanted.by
    if by in ("hour", "day"):
        return [_moment(closed.at, closed.line, report)]
    return [] if by == "menu" else [getattr(closed, by)]


def _add_spell(report: Report, spell: Spell) -> None:
    """Time is of operators; a wrap-up is also of the visit that is written up."""
    wanted, by = report.wanted, report.wanted.by
    visit = spell.visit
    if (spell.state == WRAP_UP and visit is not None and wanted.period.holds(visit.began_at, visit.line)
            and _call_wanted(visit, wanted) and _queue_wanted(spell.queue, wanted)):
        seconds = (spell.ended_at - spell.began_at).total_seconds()
        for tally in _tallies(report, _keys_of_wrap_up(report, spell, visit)):
            tally.wrap_up += seconds
    if by == "operator":
        _add_time(report, spell)


def _keys_of_wrap_up(report: Report, spell: Spell, visit: Visit) -> list[str]:
    by = report.wanted.by
    if by in ("hour", "day"):
        return [_moment(visit.began_at, visit.line, report)]
    of_spell = {"operator": spell.operator, "queue": spell.queue}
    return [] if by == "menu" else [of_spell[by] if by in of_spell else _KEYS[by](visit, report)]


_TIMES = {"on_call": "on_call", "ringing": "ringing", WRAP_UP: "wrapping"}


def _add_time(report: Report, spell: Spell) -> None:
    """The part of the spell within the period, in the zone of lines without one of their own."""
    period = report.wanted.period
    since, until = (bound.replace(tzinfo=period.zone) for bound in (period.since, period.until))
    begin, end = max(spell.began_at, since), min(spell.ended_at, until)
    seconds = (end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds()
    name = _TIMES.get(spell.state)
    if name is None and spell.status == "on_break":
        name = "on_break"
    elif name is None and spell.status == "available" and spell.reachable:
        name = "idle"
    if seconds > 0 and name is not None:
        for tally in _tallies(report, [spell.operator]):
            setattr(tally, name, getattr(tally, name) + seconds)
