"""`hotline check`: what would stop the hotline from starting, before it is started."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
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
    away = _database(loaded.config, config)
    warnings = [*loaded.warnings, *away]
    for warning in warnings:
        typer.echo(as_seen(warning))
    typer.echo(f"{_verdict(len(warnings), bool(away))}: {_counts(loaded)}")


def _database(config: "Config", path: Path) -> list[Fault]:
    """A warning if the database lets nobody in from here: it may be another machine's, or not started yet."""
    from ivr.drivers.passwords import database_url
    from routing.requests.database import why_not

    if config.database.password_env not in (None, *os.environ):
        return []       # told with the configuration: without it there is nothing to ask with
    try:
        fault = why_not(database_url(config, os.environ), Place(str(path)))
        faults = [fault] if fault is not None else []
    except AdminError as error:
        faults = list(error.faults)
    return [replace(fault, severity="warning") for fault in faults]


def _verdict(warnings: int, database_away: bool) -> str:
    if not warnings:
        return "all well"
    return f"it can start{' once the database is well' if database_away else ''}, with {_counted(warnings, 'warning')}"


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
