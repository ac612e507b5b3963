"""`hotline report`: figures of a period by queue, operator, menu and more, each with its formula."""

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer
from rich.console import Console

from ivr.base.channel_names import CHANNELS
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.table import Narrow, print_table

if TYPE_CHECKING:
    from routing.reports.figure import Figure
    from routing.reports.report import Report
    from routing.reports.tally import Bounds, Tally

HELP = "What happened in a period, by queue, operator, menu and more; figures with formulas."
By = Literal["queue", "operator", "menu", "topic", "hour", "day", "line", "language", "channel"]
DASH = "–"
# Left to files for programs: a terminal has no room for all of them.
NOT_SHOWN = frozenset((
    "satisfaction_low", "satisfaction_high", "asked", "abandonment_short", "wrap_up_time", "hold_time", "talk_time",
    "closed_requests", "due_requests", "response_low", "response_high", "first_response_90", "first_response_begun",
    "first_response_begun_90", "resolution_90", "resolution_median"))
# Of houses whose people write, or close requests as solved; others have no such columns.
RARE = frozenset(("replies", "first_response", "solved_requests", "resolution_time"))
NARROW = Narrow(left_out=(
    "service_level_2", "longest_wait", "closed_in_time", "solved_requests", "replies",
    "solved", "visits_closed", "visits_transferred", "visits_refused",
    "visits_overflow", "visits_callback", "visits_voicemail", "callback", "voicemail", "transferred", "closed",
    "response", "abandoned_short", "on_break", "service_level_answered", "visits_failed", "failed", "in_progress",
    "visits_abandoned", "visits_self_served", "visits_answered", "overflow", "waiting", "first_contact",
    "speed_of_answer", "handled"))

NARROW_ESTIMATES = Narrow(left_out=("estimates_given_up_later", "estimates_given_up", "estimates_width",
                                    "estimates_bias", "estimates_said", "estimates_kept"))


def report_command(
    by: Annotated[str, typer.Option(help=f"One row for each: {', '.join(get_args(By))}.")] = "queue",
    since: Annotated[str | None, typer.Option("--from", metavar="LOCAL TIME", help="A day, or a time; in the zone of "
                                              "each line.  [default: today]")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="LOCAL TIME", help="The last day, or until when.  "
                                              "[default: today]")] = None,
    line: Annotated[list[str] | None, typer.Option(help="Of this line alone; several times for several.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Of this queue alone; several times for several.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help=f"By this channel alone ({', '.join(CHANNELS)}); several "
                                                      "times for several.")] = None,
    threshold: Annotated[float | None, typer.Option(min=0, max=3600, help="T: seconds within which a call is answered "
                                                    "in time.  [default: `sla` of each queue, 20]")] = None,
    short: Annotated[float, typer.Option(min=0, max=3600, help="S: who hangs up before did so at once.")] = 5.0,
    formulas: Annotated[bool, typer.Option("--formulas", help="Say how each figure is made.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Whether every caller is accounted for; exit code 1 if not.")]
        = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for spreadsheets.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    if by not in get_args(By):
        raise typer.BadParameter(f"{by!r} is not one of {', '.join(get_args(By))}", param_hint="--by")
    if unknown := set(channel or ()) - set(CHANNELS):
        raise typer.BadParameter(f"{min(unknown)!r} is not one of {', '.join(CHANNELS)}", param_hint="--channel")
    if check:
        from ivr.cli.report_check import check_record

        check_record(config, since, until, as_json)
        return
    made = _make(config, by, since, until, (line or [], queue or [], channel or []), threshold, short)
    if as_json:
        from routing.reports.report_data import as_data

        Console().print_json(data=as_data(made))
    elif as_csv:
        _write_csv(made)
    else:
        _print(made, formulas)


def _make(config: Path, by: str, since: str | None, until: str | None, only: tuple[list[str], list[str], list[str]],
          threshold: float | None, short: float) -> "Report":
    from ivr.cli.report_setting import open_record, read_setting
    from routing.reports.report import Wanted, make
    from routing.reports.tally import Bounds
    from routing.requests.due import limits

    setting, now = read_setting(config), datetime.now(UTC)
    lines = frozenset(found.numbers[0] for number in only[0] if (found := setting.config.line_for(number)) is not None)
    if only[0] and not lines:
        raise typer.BadParameter(f"no line has the number {only[0][0]}", param_hint="--line")
    given = 20.0 if threshold is None else threshold
    thresholds = {} if threshold is not None else {
        name: known.sla.answer_s for name, known in setting.config.queues.items() if known.sla.answer_s != given}
    wanted = Wanted(setting.period(since, until, now), by, Bounds(given, short, thresholds), lines,    # type: ignore[arg-type]
                    frozenset(only[1]), limits(setting.config), frozenset(only[2]))
    with open_record(setting, config) as engine:
        return make(engine, wanted, now)


# --- shown ----------------------------------------------------------------------------------------------------------
def _print(made: "Report", formulas: bool) -> None:
    rows = [*made.rows(), ("all", made.total)]
    figures = list(_shown(made, rows))
    columns = {"": made.wanted.by, **{figure.name: figure.title for figure in figures}}
    cells = [{"": key, **{figure.name: cell(figure, tally) for figure in figures}} for key, tally in rows]
    print_table(_title(made), columns, cells, NARROW)
    if made.total.estimates.judged or made.total.estimates.given_up:
        _print_estimates(made)
    if formulas:
        _print_formulas(made)


def _print_estimates(made: "Report") -> None:
    from routing.reports.estimates import ESTIMATES

    rows = [(key, tally) for key, tally in [*made.rows(), ("all", made.total)]
            if tally.estimates.judged or tally.estimates.given_up]
    typer.echo("")
    print_table("wait estimates of callers who were answered, and whether they were so",
                {"": made.wanted.by, **{figure.name: figure.title for figure in ESTIMATES}},
                [{"": key, **{figure.name: cell(figure, tally) for figure in ESTIMATES}} for key, tally in rows],
                NARROW_ESTIMATES)


def _names_of_estimates() -> frozenset[str]:
    """They have a table of their own."""
    from routing.reports.estimates import ESTIMATES

    return frozenset(figure.name for figure in ESTIMATES)


def _title(made: "Report") -> str:
    period, bounds = made.wanted.period, made.wanted.bounds
    return (f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M}, visits {made.total.visits}, "
            f"{_bounds(bounds)}")


def _bounds(bounds: "Bounds") -> str:
    single = "".join(f", {queue} {seconds:g}" for queue, seconds in bounds.thresholds.items())
    return f"T = {bounds.threshold:g} s{single}, S = {bounds.short:g} s"


def _shown(made: "Report", rows: "Sequence[tuple[str, Tally]]") -> "Iterator[Figure]":
    """Figures that say something: a column of nothing but zeros and dashes is left out, where there are others."""
    for figure in made.figures:
        empty = not any(figure.value(tally) for _, tally in rows)
        if figure.name not in NOT_SHOWN | _names_of_estimates() and not (
                empty and (figure.name in RARE or (made.total.visits and figure.unit == "count"))):
            yield figure


def cell(figure: "Figure", tally: "Tally") -> str:
    value = figure.value(tally)
    if value is None:
        return DASH
    if figure.unit == "share":
        low, high = tally_interval(figure, tally)
        return f"{value * 100:.1f} %" + (f" ({low * 100:.0f}–{high * 100:.0f})" if high else "")
    return f"{value:.0f}" if figure.unit == "count" else f"{value:.1f}"


def tally_interval(figure: "Figure", tally: "Tally") -> tuple[float, float]:
    """The bounds that stand beside satisfaction and the response rate; (0, 0) of all else."""
    from routing.reports.wilson import wilson

    counted = {"satisfaction": (tally.content, tally.marks), "response": (tally.replied, tally.asked)}
    return wilson(*counted[figure.name]) if figure.name in counted else (0.0, 0.0)


def _print_formulas(made: "Report") -> None:
    from routing.reports.figures import WORDS

    for figure in made.figures:
        typer.echo(f"{figure.title} ({figure.name}) = {figure.formula}")
    typer.echo(WORDS)


def _write_csv(made: "Report") -> None:
    from routing.reports.report_data import values

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([made.wanted.by, *(figure.name for figure in made.figures)])
    for key, tally in made.rows():
        writer.writerow([key, *values(tally, made.figures).values()])


