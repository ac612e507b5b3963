"""Remarks that silence a finding: where they hold, and that they are counted."""

import pytest

from ivr.base.errors import Fault, Place
from ivr.base.findings.allowances import sift

SHORT = Fault(Place("m.yaml", 2, 3), "too short", "", "warning", "timeout-short")


def left_of(text: str, *findings: Fault) -> tuple[list[str], int]:
    """The codes that are left, and how many findings were allowed."""
    kept, allowed = sift(findings, "m.yaml", text)
    return [finding.code for finding in kept], len(allowed)


@pytest.mark.parametrize("text", [
    "defaults:\n  first_key_s: 1  # check: allow timeout-short we are quick\n",
    "defaults:\n  first_key_s: 1  #check: allow timeout-short - tried it\n",
    "# check: allow timeout-short we are quick\n  first_key_s: 1\n",
    "# check: allow key-delay, timeout-short both are meant\n  first_key_s: 1\n",
])
def test_sift__a_remark_in_its_line_or_above_it(text: str) -> None:
    delay = Fault(Place("m.yaml", 2, 5), "slow", "", "warning", "key-delay")
    kept, allowed = sift([SHORT, delay], "m.yaml", text)
    assert allowed[0] == SHORT
    assert kept == ([] if "key-delay" in text else [delay])


def test_sift__a_remark_above_skips_other_remarks_and_empty_lines() -> None:
    later = Fault(Place("m.yaml", 4, 3), "too short", "", "warning", "timeout-short")
    assert left_of("# check: allow timeout-short quick\n# seconds:\n\n  first_key_s: 1\n", later) == ([], 1)


def test_sift__other_files_codes_and_errors_stay() -> None:
    text = "defaults:\n  first_key_s: 1  # check: allow timeout-short we are quick\n"
    elsewhere = Fault(Place("n.yaml", 2, 3), "too short", "", "warning", "timeout-short")
    error = Fault(Place("m.yaml", 2, 3), "too short", code="timeout-short")
    other = Fault(Place("m.yaml", 2, 3), "too long", "", "warning", "prompt-too-long")
    assert left_of(text, elsewhere) == (["timeout-short", "allow-unused"], 0)
    assert left_of(text, error, other, SHORT) == (["timeout-short", "prompt-too-long"], 1)


def test_sift__one_remark_allows_every_finding_of_its_line() -> None:
    again = Fault(Place("m.yaml", 2, 9), "too short as well", "", "warning", "timeout-short")
    assert left_of("\n  first_key_s: 1  # check: allow timeout-short we are quick\n", SHORT, again) == ([], 2)


def test_sift__a_text_without_remarks_changes_nothing() -> None:
    assert left_of("# allow: timeout-short\n  first_key_s: 1 # recheck: allow timeout-short x\n", SHORT) == (
        ["timeout-short"], 0)
