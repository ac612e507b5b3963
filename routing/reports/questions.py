"""What pages ask of the record, as plain values, and the answers ready for JSON: so that another process may count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Engine

from routing.reports.cases import Behind, cases
from routing.reports.counted import counts, opened
from routing.reports.figure import Figure
from routing.reports.figures import EVERY, FIGURES, Dimension
from routing.reports.period import Period
from routing.reports.report import Report, Wanted, make_all
from routing.reports.report_data import values
from routing.reports.staffing import Demand, staffing
from routing.reports.tally import Bounds, Tally
from routing.reports.waits import Waits

MOST_GROUPS = 500           # of a dimension that are shown; those with the most go first
MOST_CASES = 5_000          # of a list; its count is exact all the same


@dataclass(frozen=True)
class Zones:
    """On whose clocks days are counted: by the first number of a line; `other` of what belongs to no line."""

    other: tzinfo
    lines: Mapping[str, tzinfo] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Figures of a period `by` one or several dimensions; with `count`: the calls behind that count instead, of the
    first dimension. `since`, `until`: local times; the rest as in `Wanted` and `Behind`."""

    since: datetime
    until: datetime
    by: tuple[Dimension, ...] = ("queue",)
    bounds: Bounds = field(default_factory=Bounds)
    lines: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    promised: Mapping[str, timedelta] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    count: str = ""
    group: str = ""
    waited: tuple[float, float | None] | None = None
    demand: Demand | None = None
    """Instead of figures: how many operators this would take."""


def answer(engine: Engine, question: Question, zones: Zones, now: datetime) -> dict[str, Any]:
    """Raises SQLAlchemyError if the database is away, KeyError for a count that there is not."""
    period = Period(question.since, question.until, zones.other, zones.lines)
    wanted = [Wanted(period, by, question.bounds, question.lines, question.queues, question.promised,
                     question.channels)
              for by in question.by]
    if question.count:
        return _cases(engine, Behind(wanted[0], question.count, question.group, question.waited), now)
    if question.demand is not None:
        return staffing(engine, period, question.demand, now)
    waits = Waits()
    reports = make_all(engine, wanted, now, lambda visit: waits.add(
        stay for stay in visit.stays if not question.queues or stay.queue in question.queues))
    return {"from": period.since.isoformat(), "to": period.until.isoformat(), "zone": name_of(zones.other, now),
            "threshold_s": question.bounds.threshold, "thresholds_s": dict(question.bounds.thresholds),
            "short_s": question.bounds.short, "waits": waits.shown(),
            "figures": [described(figure) for figure in EVERY.values()],
            "reports": {report.wanted.by: shown(report) for report in reports}}


def name_of(zone: tzinfo, now: datetime) -> str:
    """As the world calls it; else as its clocks do now."""
    return getattr(zone, "key", None) or now.astimezone(zone).tzname() or str(zone)


def described(figure: Figure) -> dict[str, Any]:
    return {"name": figure.name, "title": figure.title, "unit": figure.unit, "formula": figure.formula,
            "opened": list(opened(figure))}


def shown(report: Report) -> dict[str, Any]:
    """`groups` by name; `left_out`: how many are not among them."""
    figures = FIGURES[report.wanted.by]
    groups = sorted(report.groups.items(), key=lambda row: (-_size(row[1]), row[0]))[:MOST_GROUPS]
    return {"figures": [figure.name for figure in figures],
            "groups": [{"key": key, **_told(tally, figures)} for key, tally in sorted(groups)],
            "left_out": len(report.groups) - len(groups),
            "total": _told(report.total, (*(EVERY[name] for name in ("visits",)), *figures))}


def _told(tally: Tally, figures: tuple[Figure, ...]) -> dict[str, Any]:
    return {"values": values(tally, figures), "counts": counts(tally)}


def _size(tally: Tally) -> int:
    return tally.visits + tally.offered + tally.handled + tally.entered


def _cases(engine: Engine, behind: Behind, now: datetime) -> dict[str, Any]:
    found = list(cases(engine, behind, now))
    newest = found[:-MOST_CASES - 1:-1]
    return {"count": sum(case.times for case in found), "calls": len(found),
            "cases": [[case.call, case.times] for case in newest]}
