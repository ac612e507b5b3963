"""`hotline test`: runs the dialogues that lie beside the menus."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.service.dialogue_runs import Report


class On(StrEnum):
    """As what dialogues are held."""

    VOICE = "voice"
    TEXT = "text"
    BOTH = "both"


def run_command(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of dialogues, such as menus/bank.test.yaml; without "
                                                            "them those beside the menus of the configuration.",
                                                       show_default=False)] = None,
    menu: Annotated[Path | None, typer.Option(help="Run them against this menu: another version of theirs.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List every way of each menu, and whether a dialogue "
                                                              "went it.")] = False,
    on: Annotated[On, typer.Option(help="Hold them as calls, as chats, or as both.")] = On.BOTH,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit's XML there, for CI.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Exit code 1 where a dialogue failed or a file is faulty."""
    from ivr.cli.dialogue_reports import as_junit, in_words
    from ivr.drivers.config_file import load_config
    from ivr.service.dialogue_runs import as_json as in_json

    loaded = load_config(config)
    reports = _reports(files or _beside_menus(loaded, config), menu, loaded, config, on)
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
    from ivr.service.tested_menus import menus_of, tests_of

    menus = menus_of(loaded)
    found = [tests for menu in menus if (tests := tests_of(menu)).exists()]
    if not found:
        raise AdminError([Fault(Place(str(config)), "no menu of it has dialogues beside it",
                                f"write some into {tests_of(menus[0]).name}: docs/dialogues.md shows how",
                                code="dialogues-none")])
    return found


def _reports(files: Sequence[Path], menu: Path | None, loaded: "Config", config: Path, on: On,
             ) -> "list[Report]":
    """Of every file. Raises AdminError with the faults of all of them."""
    from ivr.menu.testing.model import BOTH
    from ivr.service.dialogue_runs import run_file

    reports, faults = [], []
    for file in files:
        try:
            reports.append(run_file(file, menu, loaded, config, BOTH if on is On.BOTH else (on.value,)))
        except AdminError as error:
            faults += error.faults
    if faults:
        raise AdminError(faults)
    return reports


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AdminError([Fault(Place(str(file)), f"can't be written: {error.strerror}")]) from None
