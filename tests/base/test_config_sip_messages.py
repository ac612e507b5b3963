"""The channels of people who write: which lines answer them, and what the check says."""

from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from tests.support.virtual_house import base_config


def made(**sip: Any) -> Config:
    lines = [{"numbers": [*numbers], "menu": "menus/bank.yaml"} for numbers in (("100", "101"), ("200",), ("300",))]
    return Config.model_validate(base_config() | {"lines": lines, "channels": {"sip": sip}})


def test_sip__answers_at_all_numbers_of_the_lines_that_are_named() -> None:
    sip = made(line="101", also=["200"]).channels.sip
    assert [sip.answers(numbers) for numbers in (("100", "101"), ("200",), ("300",))] == [True, True, False]
    assert not made(also=["200"]).channels.sip.answers(("200",))


@pytest.mark.parametrize(("sip", "found"), [
    ({"line": "100"}, []),
    ({"line": "100", "also": ["200", "300"]}, []),
    ({"line": "109"}, [(("line",), "line-unknown", "error")]),
    ({"line": "100", "also": ["200", "900"]}, [(("also", 1), "line-unknown", "error")]),
    ({"also": ["200"]}, [(("also",), "channel-closed", "warning")]),
])
def test_sip__findings(sip: dict[str, Any], found: list[tuple[tuple[Any, ...], str, str]]) -> None:
    told = [(one.path[2:], one.code, one.severity) for one in check(made(**sip)) if one.path[:2] == ("channels", "sip")]
    assert told == found
