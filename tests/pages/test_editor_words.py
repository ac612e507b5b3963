"""Words that the editor offers while one types are words of menu files."""

import re

from ivr.menu.json_schema import text
from tests.support.service import ROOT

SOURCE = ROOT / "desk/pages/src/editor/code_words.ts"
NAMES = {"en", "ru"}            # languages, which the schema knows as a pattern alone


def test_words__each_is_one_of_the_schema() -> None:
    words = set(re.findall(r'"([a-z_]+)"', SOURCE.read_text())) - NAMES
    schema = text()
    assert len(words) > 30
    assert [word for word in sorted(words) if f'"{word}"' not in schema] == []
