"""Keys of a queue for who would rather not wait, and what the check says of them."""

from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from tests.support.virtual_house import base_config

CALLABLE = {"outbound": {"allow": ["+7"]}}


def made(queue: dict[str, Any], **config: Any) -> Config:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], **queue}}
    return Config.model_validate(base_config() | {"queues": queues} | config)


def test_waiting__without_any_of_it_nobody_is_called_back() -> None:
    queue = made({}).queues["cards"]
    assert (queue.while_waiting, queue.comfort, queue.abandoned, queue.callback) == ({}, None, None, None)
    rules = made({"callback": {}}).queues["cards"].callback
    assert rules is not None
    assert (rules.first, rules.attempts, rules.retry_after_s, rules.ring_s, rules.hours) == (
        "operator", 3, 600, 40, None)


def test_waiting__menus_have_the_names_that_menus_may_have() -> None:
    longest = "m" * 64
    assert made({"while_waiting": {"1": longest}}).queues["cards"].while_waiting == {"1": longest}


@pytest.mark.parametrize(("queue", "config", "found"), [
    ({"callback": {}}, CALLABLE, []),
    ({"callback": {}}, {}, [(("callback",), "callback-no-number")]),
    ({"callback": {"hours": "office"}}, CALLABLE, [(("callback", "hours"), "callback-hours-lacking")]),
    ({"callback": {}, "abandoned": "callback"}, CALLABLE, []),
    ({"abandoned": "callback"}, CALLABLE, [(("abandoned",), "callback-not-set")]),
])
def test_waiting__findings(queue: dict[str, Any], config: dict[str, Any],
                           found: list[tuple[tuple[str, ...], str]]) -> None:
    assert [(each.path[2:], each.code) for each in check(made(queue, **config))
            if each.path[:2] == ("queues", "cards")] == found


@pytest.mark.parametrize(("key", "value"), [
    ("while_waiting", {"12": "main"}), ("while_waiting", {"1": "Main menu"}), ("comfort", {"every_s": 45}),
    ("comfort", {"say": "x", "every_s": 1}), ("callback", {"first": "anna"}), ("callback", {"attempts": 0}),
    ("callback", {"retry_after_s": 1}), ("callback", {"ring_s": 0}), ("abandoned", "voicemail"),
])
def test_waiting__wrong_value(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key):
        made({key: value})
