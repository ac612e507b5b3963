"""`hotline simulate`: what would happen if so many people called, and these operators answered?"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import progress
from ivr.cli.records import AsJson

if TYPE_CHECKING:
    from ivr.cli.simulated_house import Simulated
    from routing.reports.simulation.requirements import Requirement
    from routing.reports.simulation.results import Results
    from routing.reports.simulation.tally import Tally

HELP = ("Simulate a day: described or recorded traffic through the real menus and the real queue in virtual time. "
        "Exit code 1 if a requirement is not met.")
PART = 1000     # parts of a replication that the bar knows


def simulate_command(
    file: Annotated[Path | None, typer.Argument(metavar="TRAFFIC", help="The traffic file: docs/simulate.md.",
                                                show_default=False)] = None,
    recorded: Annotated[str, typer.Option(metavar="FROM..TO", help="Callers as they were recorded: 2026-11-02 or "
                                          "2026-11-02..2026-11-06, both included.")] = "",
    arrivals: Annotated[Path | None, typer.Option(
        metavar="CSV", help="Callers of another system's record, with the columns time and queue.",
        show_default=False)] = None,
    key_counts: Annotated[int, typer.Option(
        min=0, max=3650, metavar="DAYS", help="Of menus for which the file has no `keys`: what callers pressed in the "
                                              "last so many days, from the record.")] = 0,
    require: Annotated[list[str] | None, typer.Option(
        help='Such as "sl>=0.8" or "queue:cards p90<=120": the whole interval must meet it. Several times.')] = None,
    replications: Annotated[int, typer.Option(min=2, max=10_000, help="How often the day is simulated.")] = 20,
    seed: Annotated[int, typer.Option(help="Another one gives another luck.")] = 1,
    as_json: AsJson = False,
    csv: Annotated[Path | None, typer.Option(help="Write the figures there as CSV, too.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    # Here and not above: menus, sounds and SQLAlchemy take a second to import.
    from ivr.cli import simulate_shown as shown
    from ivr.cli.simulated_house import Asked, load

    wanted = [_requirement(text) for text in require or ()]
    if file is None and not recorded:
        raise typer.BadParameter("name a traffic file, or --recorded FROM..TO", param_hint="TRAFFIC")
    if recorded and arrivals is not None:
        raise typer.BadParameter("callers come from one record", param_hint="--arrivals")
    simulated = load(Asked(file, recorded, arrivals, key_counts), config)
    from routing.reports.simulation.replications import replicate
    from routing.reports.simulation.results import results

    with progress("simulating") as advance:
        tell: Callable[[float, int], None] = lambda done, of: advance(round(done * PART), of * PART,   # noqa: E731
                                                                      f"replication {min(int(done) + 1, of)} of {of}")
        runs = replicate(simulated.plan, replications, seed, simulated.length, tell)
    found = results(simulated.plan, runs)
    verdicts = [_judged(requirement, found) for requirement in wanted]
    _show(simulated, runs, found, verdicts, as_json)
    if csv is not None:
        shown.write_csv(csv, found)
    if not all(met for met, _ in verdicts):
        raise typer.Exit(1)


def _show(simulated: "Simulated", runs: "list[Tally]", found: "Results", verdicts: list[tuple[bool, str]],
          as_json: bool) -> None:
    from ivr.cli import simulate_shown as shown

    if as_json:
        shown.print_json(simulated, runs, found, verdicts)
        return
    shown.print_tables(simulated, runs, found)
    for _, sentence in verdicts:
        typer.echo(sentence)


def _requirement(text: str) -> "Requirement":
    from routing.reports.simulation.requirements import read_requirement

    try:
        return read_requirement(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--require") from None


def _judged(requirement: "Requirement", found: "Results") -> tuple[bool, str]:
    from routing.reports.simulation.requirements import judge

    try:
        return judge(requirement, found)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--require") from None
