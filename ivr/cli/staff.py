"""`hotline staff`: how many operators the traffic needs, by Erlang A (callers have a patience) or C."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ivr.base.errors import AdminError, Fault
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.table import Narrow, print_table
from routing.staffing.arrivals import Interval, read_arrivals
from routing.staffing.erlang import Service, Traffic
from routing.staffing.formulas import FIGURES, WORDS, Figure
from routing.staffing.needed import Plan, Unreachable, plan
from routing.staffing.targets import Target, read_targets

if TYPE_CHECKING:
    from routing.reports.traffic import Seen

HOUR = 3600.0
HELP = "How many operators the calls need, and what a few more or less would give: by Erlang's formulas."


@dataclass(frozen=True)
class Demand:
    """What is asked for, whatever calls."""

    handle_time: float
    patience: float | None
    targets: tuple[Target, ...]
    threshold: float
    shrinkage: float

    def plan(self, rate: float) -> Plan:
        return plan(Traffic(rate, self.handle_time, self.patience), self.targets, self.threshold, self.shrinkage)


def staff_command(
    calls: Annotated[float | None, typer.Option(min=0, max=1_000_000, help="Calls per hour.")] = None,
    arrivals: Annotated[Path | None, typer.Option(readable=False, help="A CSV with the columns time,calls: calls of "
                                                                   "each half hour.")] = None,
    records: Annotated[int | None, typer.Option(metavar="DAYS", min=1, max=366, help="Calls, handle time and patience "
                                                "as they were in the last so many days.")] = None,
    queue: Annotated[str | None, typer.Option(help="With --records: of this queue alone.")] = None,
    handle: Annotated[float | None, typer.Option(min=1, max=36_000, help="Seconds of work a call: talk, hold and "
                                                 "wrap-up.  [default: 180, or of the records]")] = None,
    patience: Annotated[float | None, typer.Option(min=0, max=86_400, help="Mean seconds until a waiting caller hangs "
                                                   "up; 0: never (Erlang C).  [default: 0, or of the records]")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=3_600, help="Seconds within which a call counts as answered in "
                                             "time.")] = 20.0,
    require: Annotated[str, typer.Option(help="What must be reached: sl, sl_answered, sl2, asa, abandonment, "
                                         "occupancy, delayed; several with commas.")] = "sl>=0.8",
    max_occupancy: Annotated[float | None, typer.Option(min=0.01, max=1, help="Operators are not busier than this.")]
        = None,
    shrinkage: Annotated[float, typer.Option(min=0, max=0.95, help="Share of paid time that goes on breaks, leave, "
                                             "illness, training.")] = 0.0,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for spreadsheets.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    if sum(given is not None for given in (calls, arrivals, records)) != 1:
        raise typer.BadParameter("say where calls come from: one of --calls, --arrivals and --records")
    seen = _seen(records, queue, config) if records is not None else None
    work = handle or (seen.handle_time if seen else None) or 180.0
    waits = patience if patience is not None else seen.patience if seen else None
    demand = Demand(work, waits or None, _targets(require, max_occupancy), threshold, shrinkage)
    try:
        if calls is not None:
            _show_one(demand, demand.plan(calls / HOUR), as_json, as_csv)
        else:
            intervals = seen.intervals if seen else _read(arrivals or Path())
            _show_day(demand, [(each, demand.plan(each.rate)) for each in intervals], as_json, as_csv)
    except Unreachable as error:
        raise typer.BadParameter(str(error), param_hint="--require") from None


def _targets(require: str, max_occupancy: float | None) -> tuple[Target, ...]:
    try:
        targets = read_targets(require)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--require") from None
    return targets if max_occupancy is None else (*targets, Target("occupancy", max_occupancy))


def _read(file: Path) -> tuple[Interval, ...]:
    from ivr.drivers.text_files import text_of

    faults: list[Fault] = []
    intervals = read_arrivals(text_of(str(file)).removeprefix("\ufeff").splitlines(), str(file), faults)
    if faults:
        raise AdminError(faults)
    return intervals


def _seen(days: int, queue: str | None, config: Path) -> "Seen":
    from ivr.cli.staff_records import seen_in_records

    return seen_in_records(config, days, queue)


# --- one rate of calls ----------------------------------------------------------------------------------------------
def _show_one(demand: Demand, made: Plan, as_json: bool, as_csv: bool) -> None:
    if as_json:
        Console().print_json(data={**_basis(demand), "calls_per_hour": made.traffic.rate * HOUR, **_plan_data(made)})
    elif as_csv:
        _write_csv(["operators", *(figure.name for figure in FIGURES)],
                   [[each.operators, *(_plain(each, figure) for figure in FIGURES)] for each in made.around])
    else:
        _print_one(demand, made)


def _print_one(demand: Demand, made: Plan) -> None:
    columns = {"figure": "figure", **{str(each.operators): str(each.operators) for each in made.around},
               "formula": "formula"}
    rows = [{"figure": figure.title, "formula": figure.formula(demand.patience is not None),
             **{str(each.operators): _shown(each, figure) for each in made.around}} for figure in FIGURES]
    print_table(_headline(demand, made), columns, rows, Narrow(cut=("formula",)))
    typer.echo(WORDS)


def _headline(demand: Demand, made: Plan) -> str:
    model = "Erlang C" if demand.patience is None else f"Erlang A, patience {demand.patience:g} s"
    people = f"; on the roster {made.rostered} ({_RULE})" if demand.shrinkage else ""
    return (f"{made.operators} operators for {made.traffic.rate * HOUR:g} calls an hour of {demand.handle_time:g} s "
            f"({', '.join(map(str, demand.targets))}, T = {demand.threshold:g} s; {model}){people}")


# --- half hours -----------------------------------------------------------------------------------------------------
_RULE = "operators / (1 - shrinkage)"
DAY = {"time": "half hour", "calls": "calls", "operators": "operators", "rostered": "roster"}


def _show_day(demand: Demand, day: Sequence[tuple[Interval, Plan]], as_json: bool, as_csv: bool) -> None:
    if as_json:
        Console().print_json(data={**_basis(demand), "intervals": [
            {"time": each.name, "calls": each.calls, **_plan_data(made)} for each, made in day]})
    elif as_csv:
        _write_csv([*DAY, *(figure.name for figure in FIGURES)],
                   [[each.name, each.calls, made.operators, made.rostered,
                     *(_plain(made.service, figure) for figure in FIGURES)] for each, made in day])
    else:
        _print_day(demand, day)


def _print_day(demand: Demand, day: Sequence[tuple[Interval, Plan]]) -> None:
    rows = [{"time": each.name, "calls": f"{each.calls:g}", "operators": str(made.operators),
             "rostered": str(made.rostered), **{figure.name: _shown(made.service, figure) for figure in FIGURES}}
            for each, made in day]
    hours = sum(made.operators for _, made in day) / 2
    title = f"{hours:g} hours of operators, {sum(each.rostered for _, each in day) / 2:g} on the roster"
    print_table(title, {**DAY, **{figure.name: figure.name for figure in FIGURES}}, rows, Narrow(("delayed", "sl2")))
    typer.echo(f"roster = {_RULE}, shrinkage {demand.shrinkage:g}; handle time {demand.handle_time:g} s")
    for figure in FIGURES:
        typer.echo(f"{figure.name} = {figure.formula(demand.patience is not None)}")
    typer.echo(WORDS)


# --- words and numbers ----------------------------------------------------------------------------------------------
def _basis(demand: Demand) -> dict[str, Any]:
    patient = demand.patience is not None
    return {"model": "erlang_a" if patient else "erlang_c", "handle_time_s": demand.handle_time,
            "patience_s": demand.patience, "threshold_s": demand.threshold, "shrinkage": demand.shrinkage,
            "require": [str(target) for target in demand.targets],
            "formulas": {figure.name: figure.formula(patient) for figure in FIGURES} | {"words": WORDS}}


def _plan_data(made: Plan) -> dict[str, Any]:
    return {"operators": made.operators, "rostered": made.rostered,
            "table": [{"operators": each.operators, **{figure.name: _plain(each, figure) for figure in FIGURES}}
                      for each in made.around]}


def _plain(given: Service, figure: Figure) -> float | None:
    """None where the queue grows without end."""
    value: float = getattr(given, figure.field)
    return None if isinf(value) else round(value, 6)


def _shown(given: Service, figure: Figure) -> str:
    value: float = getattr(given, figure.field)
    if isinf(value):
        return "no end"
    return f"{value * 100:.1f} %" if figure.unit == "share" else f"{value:.1f}"


def _write_csv(head: list[str], rows: list[list[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)


