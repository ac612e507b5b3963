"""How many operators the traffic of a period would have taken, by half hours of a mean day: `hotline staff --records`
for pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from routing.reports.period import Period
from routing.reports.traffic import Seen, seen
from routing.staffing.arrivals import Interval
from routing.staffing.erlang import Traffic
from routing.staffing.formulas import FIGURES, WORDS
from routing.staffing.needed import Unreachable, plan
from routing.staffing.targets import Target

USUAL_HANDLE_TIME = 180.0       # s, where nobody was answered


@dataclass(frozen=True)
class Demand:
    """The service level within `threshold` s that must be reached, and the share of paid time that goes on breaks,
    leave and training. `queue`: of one alone, "" of all."""

    level: float
    threshold: float
    shrinkage: float = 0.0
    queue: str = ""


def staffing(engine: Engine, period: Period, demand: Demand, now: datetime) -> dict[str, Any]:
    """Ready for JSON; `intervals` that can't be served as wanted have null for operators. Raises SQLAlchemyError."""
    found = seen(engine, period, demand.queue or None, now)
    patient = found.patience is not None
    formula = next(figure.formula(patient) for figure in FIGURES if figure.name == "sl")
    return {"handle_time": found.handle_time, "patience": found.patience, "level": demand.level,
            "threshold_s": demand.threshold, "shrinkage": demand.shrinkage, "formula": formula, "words": WORDS,
            "intervals": [_interval(found, demand, each) for each in found.intervals]}


def _interval(found: Seen, demand: Demand, interval: Interval) -> dict[str, Any]:
    row = {"time": interval.name, "calls": interval.calls, "operators": None, "rostered": None, "level": None,
           "speed_of_answer": None, "occupancy": None}
    traffic = Traffic(interval.rate, found.handle_time or USUAL_HANDLE_TIME, found.patience)
    try:
        made = plan(traffic, (Target("sl", demand.level),), demand.threshold, demand.shrinkage)
    except Unreachable:
        return row
    given = made.service
    return {**row, "operators": made.operators, "rostered": made.rostered, "level": round(given.service_level, 4),
            "speed_of_answer": round(given.speed_of_answer, 2), "occupancy": round(given.occupancy, 4)}
