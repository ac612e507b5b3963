"""What pages say in Russian of what Python names: nothing is missing there, and nothing stays of what is gone."""

import re

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
NEVER_MET = {"unknown_operation", "unknown_wish", "unknown_mode", "unknown_kind"}


def test_problems__each_that_a_page_can_meet_has_russian_words() -> None:
    text = (PAGES / "base/problem_words.ts").read_text()
    known = dict(re.findall(r'^  ([a-z_]+): "(.*)",$', text, re.MULTILINE))
    sources = [path for folder in ("desk", "ivr/service", "ivr/exchange") for path in (ROOT / folder).rglob("*.py")]
    told = {code for path in sources for code in re.findall(
        r'(?:Refusal\([0-9]+, |ControlRefused\(|refused\()\s*"([a-z_]+)"', path.read_text())}
    assert len(told) > 40
    assert told - NEVER_MET <= set(known)
    assert all(CYRILLIC.search(words) for words in known.values())


def test_findings__each_that_an_editor_of_menus_meets_has_a_russian_sentence() -> None:
    text = (PAGES / "editor/finding_words.ts").read_text()
    known = dict(re.findall(r'^  "([a-z-]+)": "(.*)",$', text, re.MULTILINE))
    met = ("What lets callers down", "Menus, actions and prompts", "Variables, expressions and values",
           "Files and YAML")
    assert set(known) == {code for table in met for code in TABLES[table]}
    assert all(CYRILLIC.search(words) for words in known.values())
