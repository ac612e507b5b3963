"""`hotline check`: what would stop the hotline from starting, and what would let callers down, before it is started."""

import json
import os
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.base.findings.report import Report
    from ivr.service.loading import Found, Loaded

HELP = """Check configuration, menus and prompts; every finding with file:line:column, why, and what to do.

An error makes a file unusable. A warning is something that lets callers down; it is silenced by a remark in its line,
`# check: allow CODE reason`. docs/check.md explains each code.

Exit codes: 0 all well, or warnings alone; 1 an error, or with --strict a warning; 2 wrong usage.
"""

JsonOption = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]
SarifOption = Annotated[bool, typer.Option("--sarif", help="For code hosting sites and editors: SARIF 2.1.0.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Warnings fail too.")]


def check_command(config: ConfigOption = CONFIG, as_json: JsonOption = False, as_sarif: SarifOption = False,
                  strict: StrictOption = False) -> None:
    from ivr.base.findings.report import Report
    from ivr.service.loading import Found

    if as_json and as_sarif:
        raise typer.BadParameter("one of --json and --sarif")
    found = Found()
    loaded, errors = _read(config, found)
    away = _database(loaded.config, config) if loaded else []
    report = Report.of([as_seen(fault) for fault in (*errors, *found.warnings, *away)],
                       [as_seen(fault) for fault in found.allowed])
    if as_json or as_sarif:
        _write(report, as_sarif)
    else:
        _say(report, loaded, bool(away))
    if report.errors or (strict and report.warnings):
        raise typer.Exit(1)


def _read(config: Path, found: "Found") -> tuple["Loaded | None", list[Fault]]:
    from ivr.service.loading import load_house  # half the house

    try:
        return load_house(config, _progress if sys.stderr.isatty() else None, found), []
    except AdminError as error:
        return None, error.faults


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
    return [replace(fault, severity="warning", code="database-unreachable") for fault in faults]


def _write(report: "Report", as_sarif: bool) -> None:
    from ivr.base.findings import report as reports
    from ivr.base.findings import sarif

    written = sarif.as_sarif(report, version("hotline")) if as_sarif else reports.as_json(report)
    typer.echo(json.dumps(written, ensure_ascii=False, indent=2))


def _say(report: "Report", loaded: "Loaded | None", database_away: bool) -> None:
    from ivr.base.findings.report import as_text

    for finding in report.findings:
        typer.echo(as_text(finding))
    beside = [_counted(report.warnings, "warning")] if report.warnings else []
    allowed = [f"{_counted(len(report.allowed), 'finding')} allowed"] if report.allowed else []
    if loaded is None:
        typer.echo(", ".join([_counted(report.errors, "fault"), *beside, *allowed]), err=True)
    else:
        typer.echo(f"{', '.join([_verdict(beside, database_away), *allowed])}: {_counts(loaded)}")


def _verdict(warnings: list[str], database_away: bool) -> str:
    if not warnings:
        return "all well"
    return f"it can start{' once the database is well' if database_away else ''}, with {warnings[0]}"


def _counts(loaded: "Loaded") -> str:
    seconds = sum(loaded.lengths[clip] for clip in loaded.clips)
    numbers = sum(len(line.numbers) for line in loaded.config.lines)
    files = {one.path for menu in loaded.menus.values() for one in menu.files}
    counted = (_counted(numbers, "number"), _counted(len(files), "menu file"),
               f"{_counted(len(loaded.clips), 'clip')} ({seconds:.0f} s)",
               _counted(len(loaded.config.queues), "queue"), _counted(len(loaded.config.operators), "operator"))
    return ", ".join(counted)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _progress(done: int, total: int, clip: str) -> None:
    print(f"\rreading prompts {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
