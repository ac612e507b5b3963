"""The dialogues that lie beside a menu, played to it: what `hotline test` and the editor show."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivr.menu.testing.coverage import Branch, coverage
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.model import BOTH
from ivr.menu.testing.runner import Went, run_all
from ivr.menu.testing.story import story
from ivr.service.tested_menus import menu_of, read_menu, shown, text_of

if TYPE_CHECKING:
    from ivr.base.config import Config


@dataclass(frozen=True)
class Report:
    """One file of dialogues; `seconds` it took."""

    file: str
    menu: str
    version: str
    went: tuple[Went, ...]
    branches: tuple[Branch, ...]
    seconds: float

    @property
    def failed(self) -> list[Went]:
        return [went for went in self.went if not went.passed]

    @property
    def by_way(self) -> dict[str, list[Went]]:
        """Those held on voice, and those on text."""
        return {way: there for way in BOTH if (there := [went for went in self.went if went.on == way])}

    @property
    def by_file(self) -> dict[str, list[Branch]]:
        """The ways of each menu file, that of the dialogues first."""
        found: dict[str, list[Branch]] = {}
        for branch in self.branches:
            found.setdefault(branch.place.file, []).append(branch)
        return found

    @property
    def visited(self) -> int:
        return sum(branch.visited for branch in self.branches)


def run_file(file: Path, menu: Path | None, loaded: "Config", config: Path, on: Collection[str] = BOTH) -> Report:
    """Play the dialogues of `file` to the menu beside it, or to another version of that: on voice, text or both. Raises
    AdminError."""
    text, beside = text_of(file), menu_of(file)
    read = read_menu(menu or beside, loaded, config)
    numbers = frozenset(number for line in loaded.lines if Path(line.menu) == beside.absolute()
                        for number in line.numbers)
    tests = load_dialogues(text, shown(file), read.menu, read.known, numbers or None)
    begin = time.perf_counter()
    went = run_all(tests, read.menu, read.lengths, read.around, on)
    seconds = time.perf_counter() - begin
    branches = coverage(read.menu, read.text, [one.dialogue for one in went], read.others)
    return Report(shown(file), read.menu.file, read.menu.version, tuple(went), tuple(branches), seconds)


def as_json(reports: Sequence[Report]) -> dict[str, Any]:
    return {"passed": sum(len(report.went) - len(report.failed) for report in reports),
            "failed": sum(len(report.failed) for report in reports),
            "files": [_file(report) for report in reports]}


def _file(report: Report) -> dict[str, Any]:
    return {"file": report.file, "menu": report.menu, "menu_version": report.version,
            "seconds": round(report.seconds, 4), "dialogues": [_dialogue(went) for went in report.went],
            "branches": [{"file": branch.place.file, "menu": branch.menu, "way": branch.way, "line": branch.place.line,
                          "visited": branch.visited} for branch in report.branches]}


def _dialogue(went: Went) -> dict[str, Any]:
    failures = [{"line": failure.place.line, "column": failure.place.column, "message": failure.message,
                 "remedy": failure.remedy} for failure in went.failures]
    return {"dialogue": went.test.name, "on": went.on, "line": went.test.place.line, "passed": went.passed,
            "failures": failures, "seconds_of_call": round(went.dialogue.now, 2), "story": story(went)}
