"""What pages say in Russian of what Python names: nothing is missing there, and nothing stays of what is gone."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import cast

import pytest

from desk.login_limit import Attempt
from desk.menu_editing import _told
from desk.menu_files import Change, Stored, refuse_changed
from desk.passwords import tried
from desk.problems import Refusal
from desk.state import Desk
from ivr.base.findings.codes import TABLES
from routing.reports.figures import EVERY
from routing.staffing.formulas import FIGURES, WORDS
from tests.support.service import ROOT

PAGES = ROOT / "desk/pages/src"
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
SIGNS = re.compile(r"[OAB]|SL2|w|T|S|<=?|[-+/()0-9 ]")      # the same in every language


def test_formulas__each_that_has_words_has_russian_ones() -> None:
    text = (PAGES / "reports/formulas.ts").read_text()
    known = set(re.findall(r'^(?:  |const [A-Z]+ = )"(.*?)"[:;]', text, re.MULTILINE))
    (staffing,) = (figure for figure in FIGURES if figure.name == "sl")
    shown = {*(figure.formula for figure in EVERY.values()), staffing.with_patience, staffing.without, WORDS}
    assert known == {formula for formula in shown if SIGNS.sub("", formula)}
    said = re.findall(r': *\n? *"(.*)",$', text, re.MULTILINE)
    assert len(said) == len(known)
    assert all(CYRILLIC.search(each) for each in said)


# What only programs ask for wrongly: no page offers it.
NEVER_MET = {"unknown_operation", "unknown_wish", "unknown_mode", "unknown_kind", "unknown_gateway", "bad_signature",
             "bad_secret", "away", "too_many"}


def test_problems__each_that_a_page_can_meet_has_russian_words() -> None:
    text = (PAGES / "base/problem_words.ts").read_text()
    known = dict(re.findall(r'^  ([a-z_]+): "(.*)",$', text, re.MULTILINE))
    sources = [path for folder in ("desk", "ivr/service", "ivr/exchange") for path in (ROOT / folder).rglob("*.py")]
    told = {code for path in sources for code in re.findall(
        r'(?:Refusal\([0-9]+, |ControlRefused\(|refused\()\s*"([a-z_]+)"', path.read_text())}
    assert len(told) > 40
    assert told - NEVER_MET <= set(known)
    assert told_apart() <= set(known)
    assert all(CYRILLIC.search(words) for words in known.values())


def told_apart() -> set[str]:
    """Codes of what the process that works apart refuses; `desk.apart.refused` makes problems of them."""
    sources = [*(ROOT / "ivr/service/desk_work").rglob("*.py"),
               *(ROOT / f"ivr/drivers/prompt_{name}.py" for name in ("import", "manifest", "rendering"))]
    codes = {code for path in sources for code in re.findall(r'code="([a-z-]+)"', path.read_text())}
    assert {"prompt-in-use", "hours-by-hand", "prompts-unwritable"} <= codes
    return {code.replace("-", "_") for code in codes if not code.startswith("import-")}     # those are a command's


def test_problems__values_are_found_in_what_the_server_says() -> None:
    text = (PAGES / "base/problem_words.ts").read_text()
    patterns = dict(re.findall(r"^  ([a-z_]+): {\n    in: /(.*)/s?,$", text, re.MULTILINE))
    assert set(patterns) == {"changed_meanwhile", "has_errors", "too_many_attempts"}
    at = datetime(2026, 11, 23, 17, tzinfo=UTC)
    for by, when, groups in (("olga", at, ("bank.yaml", "olga", "2026-11-23 17:00:00")),
                             ("", None, ("bank.yaml", "somebody", None))):
        with pytest.raises(Refusal) as changed:
            refuse_changed(Change("bank.yaml", "a", ""), Stored("/m/bank.yaml", "", "b", "", when), by)
        assert _groups(patterns["changed_meanwhile"], changed.value) == groups
    found = [{"file": "/m/bank.yaml", "line": 3, "column": line, "message": "no: such; menu"} for line in range(5)]
    for findings, more in ((found, "2"), (found[:1], None)):
        assert _groups(patterns["has_errors"], Refusal(422, "has_errors", _told(findings))) == (more,)
    attempt = Attempt("anna", "192.0.2.1", "192.0.2.1", False, 11.5, ())
    # In a thread of its own: in this one a browser's driver may keep its loop running.
    with ThreadPoolExecutor(1) as thread, pytest.raises(Refusal) as refused:
        thread.submit(lambda: asyncio.run(tried(cast(Desk, None), attempt, lambda: True))).result()
    assert _groups(patterns["too_many_attempts"], refused.value) == ("12",)


def _groups(pattern: str, refusal: Refusal) -> tuple[str | None, ...]:
    found = re.search(pattern, refusal.problem.message, re.DOTALL)
    assert found is not None, (pattern, refusal.problem.message)
    return found.groups()


def test_findings__each_that_an_editor_of_menus_meets_has_a_russian_sentence() -> None:
    text = (PAGES / "editor/finding_words.ts").read_text()
    known = dict(re.findall(r'^  "([a-z-]+)": "(.*)",$', text, re.MULTILINE))
    met = ("What lets callers down", "Menus, actions and prompts", "Variables, expressions and values",
           "Files and YAML")
    assert set(known) == {code for table in met for code in TABLES[table]}
    assert all(CYRILLIC.search(words) for words in known.values())
