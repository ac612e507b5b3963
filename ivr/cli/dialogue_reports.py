"""What `hotline test` found: in words, and as the XML of JUnit, which CI services read."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from ivr.menu.testing.runner import Went
from ivr.menu.testing.story import story
from ivr.service.dialogue_runs import Report


def in_words(reports: Sequence[Report], whole_coverage: bool) -> Iterator[str]:
    """Line by line: what failed, with the dialogue as it went; then the branches; then the sum."""
    for report in reports:
        for went in report.failed:
            yield from _failure(went)
        if whole_coverage:
            yield from map(str, report.branches)
        yield _sum(report)


def _failure(went: Went) -> Iterator[str]:
    yield f"{went.test.place}: failed on {went.on}: {went.test.name}"
    for failure in went.failures:
        yield f"  {failure}"
    yield from (f"  {line}" for line in story(went))
    yield ""


def _sum(report: Report) -> str:
    passed = ", ".join(_passed(way, went, " dialogues" if not number else "")
                       for number, (way, went) in enumerate(report.by_way.items())) or "no dialogues"
    named = {file: "the menu" if file == report.menu else file for file in report.by_file}
    ways = [f"{sum(one.visited for one in branches)} of {len(branches)} ways of {named[file]} were walked"
            for file, branches in report.by_file.items()]
    missing = len(report.branches) - report.visited
    return f"{report.file}: {passed} in {report.seconds:.2f} s; {', '.join(ways)}" \
        f"{'; --coverage lists them' if missing else ''}"


def _passed(way: str, went: Sequence[Went], what: str) -> str:
    """Of those on voice, or on text."""
    failed = sum(not one.passed for one in went)
    return f"{failed} of {len(went)}{what} failed on {way}" if failed else f"all {len(went)}{what} passed on {way}"


def as_junit(reports: Sequence[Report]) -> str:
    """A suite for each file, a case for each dialogue; a failure carries the dialogue as it went."""
    suites = ElementTree.Element("testsuites")
    for report in reports:
        suite = ElementTree.SubElement(suites, "testsuite", name=report.file, tests=str(len(report.went)),
                                       failures=str(len(report.failed)), time=f"{report.seconds:.4f}")
        for went in report.went:
            case = ElementTree.SubElement(suite, "testcase", name=f"{went.test.name} (on {went.on})",
                                          classname=report.menu, file=report.file, line=str(went.test.place.line))
            if not went.passed:
                failure = ElementTree.SubElement(case, "failure", message=str(went.failures[0]))
                failure.text = "\n".join([*map(str, went.failures), *story(went)])
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
