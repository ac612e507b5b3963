"""What CI asks `make` for is there: a phony name without a rule is "nothing to be done", and CI would be content."""

import re
from pathlib import Path

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text()


def test_makefile__every_phony_target_has_a_rule() -> None:
    (names,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert set(names.split()) - set(re.findall(r"^([a-z-]+): ", MAKEFILE, re.MULTILINE)) == set()
