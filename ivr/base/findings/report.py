"""What a check found, whole: for a terminal, for programs (JSON), and for tools that show findings in code (SARIF)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ivr.base.errors import Fault
from ivr.base.findings.codes import CODES


@dataclass(frozen=True)
class Report:
    """Findings in the order of their places, and those that remarks in the files allow."""

    findings: Sequence[Fault]
    allowed: Sequence[Fault] = ()

    @classmethod
    def of(cls, findings: Sequence[Fault], allowed: Sequence[Fault] = ()) -> "Report":
        """A report of findings in any order; each says what to do, if need be in the words of its code."""
        return cls(sorted(map(_advised, findings), key=_order), sorted(map(_advised, allowed), key=_order))

    @property
    def errors(self) -> int:
        """How many findings make a file unusable."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings let callers down."""
        return len(self.findings) - self.errors


def as_text(finding: Fault) -> str:
    """One line: place, severity, what is wrong, what to do, and the code."""
    return f"{finding} [{finding.code}]" if finding.code else str(finding)


def as_json(report: Report) -> dict[str, Any]:
    """The report as values that JSON can carry. Lines and columns count from 1; 0 where a finding has none."""
    return {
        "errors": report.errors,
        "warnings": report.warnings,
        "findings": [_written(finding) for finding in report.findings],
        "allowed": [_written(finding) for finding in report.allowed],
    }


def _written(finding: Fault) -> Mapping[str, Any]:
    place = finding.place
    return {"code": finding.code, "severity": finding.severity, "file": place.file, "line": place.line,
            "column": place.column, "message": finding.message, "remedy": finding.remedy}


def _advised(finding: Fault) -> Fault:
    known = CODES.get(finding.code)
    if finding.remedy or known is None:
        return finding
    words = known.remedy.removesuffix(".")
    return replace(finding, remedy=words[0].lower() + words[1:] if words[1:2].islower() else words)


def _order(finding: Fault) -> Any:
    return finding.place, finding.code, finding.message
