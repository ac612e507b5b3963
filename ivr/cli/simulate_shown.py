"""The results of a simulation as tables, JSON and CSV."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.simulated_house import Simulated
from ivr.cli.table import Narrow, print_table
from routing.reports.simulation.intervals import Interval
from routing.reports.simulation.results import FIGURES, QUEUE_FIGURES, Results, Scope, endings
from routing.reports.simulation.tally import Tally

COLUMNS = {"of": "", **{name: FIGURES[name].title for name in QUEUE_FIGURES}}
NARROW = Narrow(left_out=("p99", "overflow", "p50", "offered", "wait", "abandoned"), cut=("of",))
CSV_HEAD = ("kind", "name", "figure", "value", "low", "high", "unit", "formula")


def print_tables(simulated: Simulated, runs: list[Tally], found: Results) -> None:
    """Each figure with the 95 % interval of its mean behind it."""
    rows = [{"of": str(scope), **{name: _cell(name, figures.get(name)) for name in QUEUE_FIGURES}}
            for scope, figures in found.items()]
    print_table(f"{simulated.title}: {len(runs)} replications, 95 % intervals", COLUMNS, rows, NARROW)
    for name in QUEUE_FIGURES:
        typer.echo(f"  {FIGURES[name].title:13} {FIGURES[name].formula}")
    typer.echo(f"  T = {simulated.plan.threshold:g} s")
    for line, ended in endings(runs).items():
        total = sum(ended.values())
        parts = ", ".join(f"{ending.replace('_', ' ')} {100 * count / total:.1f} %" for ending, count in ended.items())
        typer.echo(f"  line {line}: {total:.0f} calls; the menu ends as: {parts}")
    for remark in simulated.remarks:
        typer.echo(f"  {remark}")


def _cell(name: str, interval: Interval | None) -> str:
    if interval is None:
        return ""
    if math.isnan(interval.value):
        return "-"
    unit = FIGURES[name].unit
    value, low, high = (f"{each * (1 if unit else 100):.{0 if unit == 'calls' else 1}f}"
                        for each in (interval.value, interval.low, interval.high))
    return f"{value}{'' if unit else ' %'} ({low}-{high})"


def print_json(simulated: Simulated, runs: list[Tally], found: Results, verdicts: list[tuple[bool, str]]) -> None:
    Console().print_json(data={
        "title": simulated.title, "replications": len(runs), "level": 0.95, "threshold_s": simulated.plan.threshold,
        "figures": [{"kind": scope.kind, "name": scope.name, **_figures(figures)} for scope, figures in found.items()],
        "menus": endings(runs), "formulas": {name: figure.formula for name, figure in FIGURES.items()},
        "requirements": [{"met": met, "sentence": sentence} for met, sentence in verdicts],
        "remarks": list(simulated.remarks)})


def _figures(figures: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: {"value": _plain(each.value), "low": _plain(each.low), "high": _plain(each.high)}
            for name, each in figures.items()}


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else round(value, 6)


def write_csv(path: Path, found: Results) -> None:
    """Raises AdminError."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(CSV_HEAD)
            writer.writerows(_row(scope, name, interval) for scope, figures in found.items()
                             for name, interval in figures.items())
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"can't be written: {error.strerror}")]) from None


def _row(scope: Scope, name: str, interval: Interval) -> tuple[Any, ...]:
    numbers = (_plain(value) for value in (interval.value, interval.low, interval.high))
    return scope.kind, scope.name, name, *numbers, FIGURES[name].unit or "share", FIGURES[name].formula
