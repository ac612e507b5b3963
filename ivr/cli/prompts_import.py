"""`hotline prompts import`: a folder of recordings becomes prompts."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import counted, progress
from ivr.cli.table import Narrow, print_table

if TYPE_CHECKING:
    from ivr.drivers.prompt_import import Import, Plan, Recording

COLUMNS = {"file": "recording", "clip": "becomes", "was": "there now", "seconds": "s", "level": "dBov",
           "verdicts": "but"}
NARROW = Narrow(left_out=("level", "seconds"), cut=("verdicts", "file", "clip"))


def import_command(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="The recordings: wav, mp3, ogg, opus or flac at any "
                                                                  "rate, in folders or not.")],
    language: Annotated[str, typer.Option(help="Of recordings whose names tell none.")] = "",
    as_is: Annotated[bool, typer.Option("--as-is", help="Neither even nor trim them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    from ivr.drivers.config_file import load_config
    from ivr.drivers.prompt_import import Import
    from ivr.service.loading import load_needed

    loaded = load_config(config)
    bringing = Import(source, Path(loaded.prompts.folder), load_needed(loaded), language, as_is)
    plan = bringing.plan()
    done = list(plan.recordings) if dry_run else _carry_out(bringing, plan)
    good = [one for one in done if one.fault is None]
    if good:
        print_table("recordings", COLUMNS, [_row(one) for one in good], NARROW)
    _say_troubles(source, plan, done)
    typer.echo(f"{counted(len(good), 'recording')} {'would be' if dry_run else ''} imported into {bringing.folder}"
               .replace("  ", " "))
    if bringing.kept.is_dir():
        typer.echo(f"what they replace is kept in {bringing.kept}")
    raise typer.Exit(0 if len(good) == len(plan.recordings) + len(plan.unmatched) else 1)


def _carry_out(bringing: "Import", plan: "Plan") -> "list[Recording]":
    total, done = len(plan.recordings), [one for one in plan.recordings if one.fault is not None]
    with progress("importing") as advance:
        for one in bringing.carry_out(plan):
            done.append(one)
            advance(len(done), total, one.file)
    return done


def _say_troubles(source: Path, plan: "Plan", done: "Sequence[Recording]") -> None:
    faults = [one.fault for one in done if one.fault is not None]
    faults += [Fault(Place(str(source / one.recording)), one.message, one.remedy, code="import-unmatched")
               for one in plan.unmatched]
    faults += [Fault(Place(str(source / one.file)), verdict.message, verdict.remedy, "warning", "import-quality")
               for one in done if one.fault is None for verdict in one.verdicts]
    for fault in faults:
        print(as_seen(fault), file=sys.stderr)


def _row(one: "Recording") -> dict[str, str]:
    figures = one.measured.figures
    return {"file": one.file, "clip": one.clip, "was": "another" if one.replaces else "nothing",
            "seconds": f"{figures.seconds:.1f}" if figures else "-",
            "level": f"{figures.level_dbov:.1f}" if figures else "-",
            "verdicts": " ".join(verdict.code for verdict in one.verdicts)}
