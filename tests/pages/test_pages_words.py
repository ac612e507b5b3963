"""What pages say in Russian of what Python names: nothing is missing there, and nothing stays of what is gone."""

import re

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
