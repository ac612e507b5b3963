"""Codes of findings: each has its row, each row is used, and docs/check.md has them all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.base.findings.codes import CODES, TABLES

ROOT = Path(__file__).parent.parent.parent
SEVERITIES = {"error": "error", "warning": "warning", "either": "error or warning"}
MADE_OF_PARTS = {f"{what}-unknown" for what in ("menu", "prompt", "queue", "transfer", "language", "operator", "kind",
                                               "skill", "sort", "method", "register", "line")}
# Faults that these files make are findings of the check, of dialogues or of prompts, all of them.
FILES = [*(ROOT / "ivr/menu").rglob("*.py"), *(ROOT / "ivr/base").rglob("*.py"),
           *(ROOT / "ivr/drivers" / name for name in (
               "config_file.py", "config_faults.py", "customer_files.py", "hours_file.py", "prompt_engines.py",
               "text_files.py", "prompt_files.py", "prompt_import.py", "prompt_manifest.py", "prompt_rendering.py",
               "topics_file.py")),
           *(ROOT / "ivr/service" / name for name in (
               "cross_checks.py", "loading.py", "overflow_checks.py", "tls_files.py"))]
CHECKED = [path for path in FILES if re.search(r"(fault|Fault|Finding|fault_at)\(", path.read_text())]


def docs_rows() -> list[str]:
    """What docs/check.md must have, line by line: a heading and a table for each of TABLES."""
    rows: list[str] = []
    for heading, table in TABLES.items():
        rows += [f"### {heading}", "", "| code | severity | what, and why it matters | what to do |",
                 "|---|---|---|---|"]
        rows += [f"| `{code}` | {SEVERITIES[row.severity]} | {row.why} | {row.remedy} |" for code, row in table.items()]
        rows.append("")
    return rows[:-1]


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_docs__every_code() -> None:
    written = (ROOT / "docs/check.md").read_text()
    assert written.partition("## All codes\n\n")[2].splitlines() == docs_rows()


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_faults__each_is_made_with_a_code(path: Path) -> None:
    """`reader.fault(...)`, `Fault(...)`, `Finding(...)` and the like."""
    makers = {"fault": 4, "Fault": 5, "Finding": 5, "fault_at": 5}     # so many arguments, if the code is the last
    bare = [call.lineno for call in calls(path) if name_of(call) in makers
            and not any(keyword.arg == "code" for keyword in call.keywords) and len(call.args) < makers[name_of(call)]
            and not any(isinstance(argument, ast.Starred) for argument in call.args)]
    assert bare == []


def test_codes__each_that_is_given_has_a_row() -> None:
    sources = [path.read_text() for path in (ROOT / "ivr").rglob("*.py")]
    given = {code for source in sources for code in re.findall(r'\bcode="([^"]*)"|\bwarn\(\s*"([^"]*)"', source)}
    assert len(given) > 100
    assert {code or warned for code, warned in given} <= CODES.keys() | {""}


def test_codes__each_row_is_given() -> None:
    sources = [path.read_text() for path in (ROOT / "ivr").rglob("*.py") if path.parent.name != "findings"]
    sources.append((ROOT / "ivr/base/findings/allowances.py").read_text())
    given = {word for source in sources for word in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source)}
    assert CODES.keys() - given - MADE_OF_PARTS == set()


def test_codes__kebab_case_and_sentences() -> None:
    for code, row in CODES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
        assert row.why.endswith(".")
        assert row.remedy.endswith((".", "?"))
        assert "|" not in row.why + row.remedy
