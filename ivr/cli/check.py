"""`hotline check`: what would stop the hotline from starting, before it is started."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ivr.base.errors import AdminError
from ivr.service.loading import load_house


def check_command(
    config: Annotated[Path, typer.Option("--config", "-c", envvar="HOTLINE_CONFIG",
                                         help="The configuration file.")] = Path("config.yaml"),
) -> None:
    progress = _progress if sys.stderr.isatty() else None
    try:
        loaded = load_house(config, progress)
    except AdminError as error:
        for fault in sorted(error.faults, key=lambda fault: fault.place):
            typer.echo(fault)
        typer.echo(f"{len(error.faults)} fault{'s' if len(error.faults) != 1 else ''}", err=True)
        raise typer.Exit(1) from None
    for warning in loaded.warnings:
        typer.echo(warning)
    seconds = sum(loaded.lengths[clip] for clip in loaded.clips)
    typer.echo(f"all well: {len(loaded.config.lines)} line(s), {len(loaded.menus)} menu file(s), "
               f"{len(loaded.clips)} clips ({seconds:.0f} s), {len(loaded.config.queues)} queues, "
               f"{len(loaded.config.operators)} operators")


def _progress(done: int, total: int, clip: str) -> None:
    print(f"\rreading prompts {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
