"""`hotline test`: runs the dialogues that lie beside the menus."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.cli.dialogue_reports import Report


def run_command(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of dialogues, such as menus/bank.test.yaml; without "
                                                            "them those beside the menus of the configuration.",
                                                       show_default=False)] = None,
    menu: Annotated[Path | None, typer.Option(help="Run them against this menu: another version of theirs.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List every way of each menu, and whether a dialogue "
                                                              "went it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit's XML there, for CI.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Exit code 1 where a dialogue failed or a file is faulty."""
    from ivr.cli.dialogue_reports import as_json as in_json
    from ivr.cli.dialogue_reports import as_junit, in_words
    from ivr.drivers.config_file import load_config

    loaded = load_config(config)
    reports = _reports(files or _beside_menus(loaded, config), menu, loaded, config)
    if junit is not None:
        _write(junit, as_junit(reports))
    if as_json:
        from rich.console import Console

        Console().print_json(data=in_json(reports))
    else:
        for line in in_words(reports, coverage):
            typer.echo(line)
    if any(report.failed for report in reports):
        raise typer.Exit(1)


def _beside_menus(loaded: "Config", config: Path) -> list[Path]:
    from ivr.cli.tested_menus import menus_of, tests_of

    menus = menus_of(loaded)
    found = [tests for menu in menus if (tests := tests_of(menu)).exists()]
    if not found:
        raise AdminError([Fault(Place(str(config)), "no menu of it has dialogues beside it",
                                f"write some into {tests_of(menus[0]).name}: docs/dialogues.md shows how",
                                code="dialogues-none")])
    return found


def _reports(files: Sequence[Path], menu: Path | None, loaded: "Config", config: Path,
             ) -> "list[Report]":
    """Of every file. Raises AdminError with the faults of all of them."""
    reports, faults = [], []
    for file in files:
        try:
            reports.append(_report(file, menu, loaded, config))
        except AdminError as error:
            faults += error.faults
    if faults:
        raise AdminError(faults)
    return reports


def _report(file: Path, menu: Path | None, loaded: "Config", config: Path) -> "Report":
    from ivr.cli.dialogue_reports import Report
    from ivr.cli.tested_menus import menu_of, read_menu, shown, text_of
    from ivr.menu.testing.coverage import coverage
    from ivr.menu.testing.loader import load_dialogues
    from ivr.menu.testing.runner import run_all

    text, beside = text_of(file), menu_of(file)
    read = read_menu(menu or beside, loaded, config)
    numbers = frozenset(number for line in loaded.lines if Path(line.menu) == beside.absolute()
                        for number in line.numbers)
    tests = load_dialogues(text, shown(file), read.menu, read.known, numbers or None)
    begin = time.perf_counter()
    went = run_all(tests, read.menu, read.lengths, read.around)
    seconds = time.perf_counter() - begin
    branches = coverage(read.menu, read.text, [one.dialogue for one in went], read.others)
    return Report(shown(file), read.menu.file, read.menu.version, tuple(went), tuple(branches), seconds)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AdminError([Fault(Place(str(file)), f"can't be written: {error.strerror}")]) from None
