"""Findings that an admin allows: `# check: allow CODE reason`, in the line of the finding or alone in the line above.

    "9": {queue: staff}    # check: allow option-not-named  colleagues know it

Several codes are divided by commas. Only warnings can be allowed: a file with an error is refused in any case.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.base.errors import Fault, Place
from ivr.base.findings.codes import CODES, warn

CODE = "[a-z0-9-]+"
REMARK = re.compile(rf"(?:^|\s)#\s*check:\s*allow\b\s*(?P<codes>{CODE}(?:\s*,\s*{CODE})*)?(?P<reason>.*)")


@dataclass(frozen=True)
class Allowance:
    """One code that a remark allows, in the line that it is about; `place` is that of the remark."""

    code: str
    line: int
    place: Place
    reason: str


def sift(findings: Iterable[Fault], file: str, text: str) -> tuple[list[Fault], list[Fault]]:
    """What is left of the findings in this file after its remarks, and what they allow.

    To the former belong warnings about remarks that are wrong or allow nothing. Findings of other files pass.
    """
    allowances = list(allowances_in(text, file))
    kept: list[Fault] = []
    allowed: list[Fault] = []
    used: set[Allowance] = set()
    for finding in findings:
        fitting = [one for one in allowances if _fits(one, finding)]
        used.update(fitting)
        (allowed if fitting else kept).append(finding)
    return kept + [fault for one in allowances for fault in _faults_of(one, used)], allowed


def allowances_in(text: str, file: str) -> Iterator[Allowance]:
    """Every remark of the file."""
    if "check:" not in text:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if found := REMARK.search(line):
            place = Place(file, number, line.index("#", found.start()) + 1)
            alone = line.lstrip().startswith("#")
            about = _next_line(lines, number) if alone else number
            for code in re.split(r"\s*,\s*", found["codes"] or ""):
                yield Allowance(code, about, place, found["reason"].strip())


def _next_line(lines: list[str], number: int) -> int:
    """The first line after this one that is neither empty nor a remark."""
    there = (after for after, line in enumerate(lines[number:], number + 1)
             if line.strip() and not line.lstrip().startswith("#"))
    return next(there, number)


def _fits(allowance: Allowance, finding: Fault) -> bool:
    return (finding.severity == "warning" and finding.code == allowance.code and bool(allowance.reason)
            and (finding.place.file, finding.place.line) == (allowance.place.file, allowance.line))


def _faults_of(allowance: Allowance, used: set[Allowance]) -> Iterator[Fault]:
    code, place = allowance.code, allowance.place
    if code not in CODES:
        yield warn("allow-unknown", place, f"there is no code `{code}`" if code else "no code is named here",
                   "the code stands in brackets at the end of each finding")
    elif CODES[code].severity == "error":
        yield warn("allow-error", place, f"`{code}` can't be allowed: it is an error",
                   "mend it, and take the remark out")
    elif not allowance.reason:
        yield warn("allow-without-reason", place, f"no reason is given for `{code}`, so it is not allowed",
                   f"write why: # check: allow {code} because …")
    elif allowance not in used:
        yield warn("allow-unused", place, f"nothing in line {allowance.line} is found as `{code}`",
                   "take the remark out, or put it into the line of the finding")
