"""A report ready for JSON. Pure."""

from collections.abc import Iterable
from typing import Any

from routing.reports.figure import Figure
from routing.reports.figures import EVERY
from routing.reports.report import Report
from routing.reports.tally import Tally


def as_data(report: Report) -> dict[str, Any]:
    """What can't be divided is None."""
    period, bounds = report.wanted.period, report.wanted.bounds
    return {
        "from": period.since.isoformat(), "to": period.until.isoformat(), "by": report.wanted.by,
        "threshold_s": bounds.threshold, "thresholds_s": dict(bounds.thresholds), "short_s": bounds.short,
        "formulas": {figure.name: figure.formula for figure in report.figures},
        "groups": [{report.wanted.by: key, **values(tally, report.figures)} for key, tally in report.rows()],
        "total": values(report.total, (*(EVERY[name] for name in ("visits",)), *report.figures)),
    }


def values(tally: Tally, figures: Iterable[Figure]) -> dict[str, float | int | None]:
    return {figure.name: None if (value := figure.value(tally)) is None else round(value, 6) for figure in figures}
