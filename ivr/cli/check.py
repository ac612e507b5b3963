"""`hotline check`: what would stop the hotline from starting, before it is started."""

import sys
from typing import TYPE_CHECKING

import typer

from ivr.base.errors import AdminError
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.service.loading import Loaded


def check_command(config: ConfigOption = CONFIG) -> None:
    from ivr.service.loading import load_house  # half the house

    progress = _progress if sys.stderr.isatty() else None
    try:
        loaded = load_house(config, progress)
    except AdminError as error:
        for fault in sorted(map(as_seen, error.faults), key=lambda fault: fault.place):
            typer.echo(fault)
        typer.echo(_counted(len(error.faults), "fault"), err=True)
        raise typer.Exit(1) from None
    for warning in loaded.warnings:
        typer.echo(as_seen(warning))
    typer.echo(f"{_verdict(loaded)}: {_counts(loaded)}")


def _verdict(loaded: "Loaded") -> str:
    return f"it can start, with {_counted(len(loaded.warnings), 'warning')}" if loaded.warnings else "all well"


def _counts(loaded: "Loaded") -> str:
    seconds = sum(loaded.lengths[clip] for clip in loaded.clips)
    numbers = sum(len(line.numbers) for line in loaded.config.lines)
    counted = (_counted(numbers, "number"), _counted(len(loaded.menus), "menu file"),
               f"{_counted(len(loaded.clips), 'clip')} ({seconds:.0f} s)",
               _counted(len(loaded.config.queues), "queue"), _counted(len(loaded.config.operators), "operator"))
    return ", ".join(counted)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _progress(done: int, total: int, clip: str) -> None:
    print(f"\rreading prompts {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
