"""A report as SARIF 2.1.0 (OASIS standard, 27 March 2020): what code hosting sites and editors show beside the lines.

Findings that a remark allows are results too, with a suppression (§3.35), so that a tool can count them.
"""

from typing import Any
from urllib.parse import quote

from ivr.base.errors import Fault, Place
from ivr.base.findings.code import Code
from ivr.base.findings.codes import CODES
from ivr.base.findings.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "either": "warning"}      # §3.27.10
UNCODED = Code("error", "Something else is wrong.", "The message says what.")


def as_sarif(report: Report, version: str) -> dict[str, Any]:
    """The log of one run (§3.13); `version` is the hotline's."""
    results = [*report.findings, *report.allowed]
    codes = sorted({_code(finding) for finding in results})
    driver = {"name": "hotline check", "version": version, "rules": [_rule(code) for code in codes]}
    written = [_result(finding, codes, finding in report.allowed) for finding in results]
    # Columns are counted in characters, as YAML counts them (§3.14.17).
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": written}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _code(finding: Fault) -> str:
    return finding.code or "other"


def _rule(code: str) -> dict[str, Any]:
    """A kind of finding (§3.49)."""
    known = CODES.get(code, UNCODED)
    return {"id": code, "shortDescription": {"text": known.why}, "help": {"text": known.remedy},
            "defaultConfiguration": {"level": LEVELS[known.severity]}}


def _result(finding: Fault, codes: list[str], allowed: bool) -> dict[str, Any]:
    """One finding (§3.27)."""
    code = _code(finding)
    text = f"{finding.message} ({finding.remedy})" if finding.remedy else finding.message
    result = {"ruleId": code, "ruleIndex": codes.index(code), "level": LEVELS[finding.severity],
              "message": {"text": text}, "locations": [{"physicalLocation": _location(finding.place)}]}
    return result | ({"suppressions": [{"kind": "inSource"}]} if allowed else {})


def _location(place: Place) -> dict[str, Any]:
    """A file as a URI reference, and where in it (§3.29, §3.30)."""
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file)}}
    if place.line:
        location["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    return location
