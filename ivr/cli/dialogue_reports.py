"""What `hotline test` found: in words, as JSON, and as the XML of JUnit, which CI services read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from ivr.menu.testing.coverage import Branch
from ivr.menu.testing.runner import Went
from ivr.menu.testing.story import story


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
    def by_file(self) -> dict[str, list[Branch]]:
        """The ways of each menu file, that of the dialogues first."""
        found: dict[str, list[Branch]] = {}
        for branch in self.branches:
            found.setdefault(branch.place.file, []).append(branch)
        return found

    @property
    def visited(self) -> int:
        return sum(branch.visited for branch in self.branches)


def in_words(reports: Sequence[Report], whole_coverage: bool) -> Iterator[str]:
    """Line by line: what failed, with the dialogue as it went; then the branches; then the sum."""
    for report in reports:
        for went in report.failed:
            yield from _failure(went)
        if whole_coverage:
            yield from map(str, report.branches)
        yield _sum(report)


def _failure(went: Went) -> Iterator[str]:
    yield f"{went.test.place}: failed: {went.test.name}"
    for failure in went.failures:
        yield f"  {failure}"
    yield from (f"  {line}" for line in story(went))
    yield ""


def _sum(report: Report) -> str:
    count, failed = len(report.went), len(report.failed)
    passed = f"{failed} of {count} dialogues failed" if failed else f"all {count} dialogues passed"
    named = {file: "the menu" if file == report.menu else file for file in report.by_file}
    ways = [f"{sum(one.visited for one in branches)} of {len(branches)} ways of {named[file]} were walked"
            for file, branches in report.by_file.items()]
    missing = len(report.branches) - report.visited
    return f"{report.file}: {passed} in {report.seconds:.2f} s; {', '.join(ways)}" \
        f"{'; --coverage lists them' if missing else ''}"


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
    return {"dialogue": went.test.name, "line": went.test.place.line, "passed": went.passed, "failures": failures,
            "seconds_of_call": round(went.dialogue.now, 2), "story": story(went)}


def as_junit(reports: Sequence[Report]) -> str:
    """A suite for each file, a case for each dialogue; a failure carries the dialogue as it went."""
    suites = ElementTree.Element("testsuites")
    for report in reports:
        suite = ElementTree.SubElement(suites, "testsuite", name=report.file, tests=str(len(report.went)),
                                       failures=str(len(report.failed)), time=f"{report.seconds:.4f}")
        for went in report.went:
            case = ElementTree.SubElement(suite, "testcase", name=went.test.name, classname=report.menu,
                                          file=report.file, line=str(went.test.place.line))
            if not went.passed:
                failure = ElementTree.SubElement(case, "failure", message=str(went.failures[0]))
                failure.text = "\n".join([*map(str, went.failures), *story(went)])
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
