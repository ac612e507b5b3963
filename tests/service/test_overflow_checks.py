"""What `hotline check` says of overflows that lead on for too long, back, or nowhere."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.menu.loader import load_menu
from ivr.service.cross_checks import unknown_entries
from ivr.service.overflow_checks import overflow_warnings
from tests.exchange.test_overflow_menu import MENU
from tests.support.virtual_house import base_config

CHAIN = ("loans", "cards", "deposits", "transfers", "corporate", "lost_card", "general")


def found(folder: Path, overflows: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    """Severity, code, and the line of the file in which it is."""
    given: dict[str, Any] = base_config()
    given["queues"] = {name: {"operators": ["anna"], "overflow": overflows.get(name, {"message": "nobody_available"})}
                       for name in CHAIN}
    text, path = yaml.safe_dump(given), folder / "config.yaml"
    path.write_text(text)
    config, menus = Config.model_validate(given), {"menus/bank.yaml": load_menu(MENU, "bank.yaml", None, None)}
    faults = [*unknown_entries(str(path), config, menus), *overflow_warnings(str(path), config, menus)]
    lines = text.splitlines()
    return [(fault.severity, fault.code, lines[fault.place.line - 1].strip()) for fault in faults] + [
        (finding.severity, finding.code, str(finding.path[1])) for finding in check(config)
        if finding.code.startswith("overflow")]


def chain(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"queue": after} for name, after in pairwise(names)}


@pytest.mark.parametrize(("overflows", "expected"), [
    (chain(*CHAIN[1:]), []),
    (chain(*CHAIN), [("warning", "overflow-long", "queue: cards")]),
    (chain("loans", "cards", "loans"), [("error", "overflow-circle", "loans")]),
    ({"loans": {"menu": "turned_away"}}, []),
    ({"loans": {"menu": "turned_awa"}}, [("error", "waiting-menu-unknown", "menu: turned_awa")]),
    ({"loans": {"menu": "back_again"}}, [("warning", "overflow-back", "menu: back_again")]),
    ({"cards": {"menu": "nobody_comes_here"}}, []),
])
def test_overflow__findings(tmp_path: Path, overflows: dict[str, dict[str, str]],
                            expected: list[tuple[str, str, str]]) -> None:
    assert found(tmp_path, overflows) == expected


@pytest.mark.parametrize("overflow", [{}, {"menu": "a", "queue": "cards"}, {"menu": "Two words"}])
def test_overflow__names_one_target(overflow: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="overflow"):
        Config.model_validate(base_config() | {"queues": {"loans": {"overflow": overflow}}})
