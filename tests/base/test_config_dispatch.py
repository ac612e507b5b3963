"""Who gets which call, in config.yaml: what is understood, what is refused, and what the dispatcher is told."""

from pathlib import Path
from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.base.errors import AdminError
from ivr.drivers.config_file import load_config
from ivr.service.build import queue_settings
from routing.dispatcher import Relaxation, Tier
from routing.strategy import STRATEGIES

OPERATORS = {"anna": {"skills": {"gold": 2}, "languages": ["ru"]}, "boris": {"skills": "gold", "capacity": "3"},
             "vera": {}}


def made(queue: dict[str, Any], **given: Any) -> Config:
    return Config.model_validate({
        "lines": [{"numbers": ["100"], "menu": "m.yaml"}], "operators": OPERATORS,
        "queues": {"rest": {"operators": list(OPERATORS)}, "cards": {"operators": ["anna", "boris"], **queue}},
        **given})


def findings(queue: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(found.path[2:], found.code) for found in check(made(queue)) if found.path[:2] == ("queues", "cards")]


def test_dispatch__reaches_the_dispatcher() -> None:
    settings = queue_settings(made({
        "strategy": "ring_all", "ring_at_most": "3", "weight": "2", "skills": ["gold"], "match_language": "yes",
        "sticky_s": "20", "wrap_up": {"until_saved": "yes", "max_s": "90"},
        "tiers": [{"operators": "vera", "after_s": "30"}],
        "relax": [{"after_s": "60", "levels": "1"}, {"after_s": "90", "drop_language": "yes"}],
        "operator_weights": {"anna": "3"}}, auto_break_after_missed="3"))
    queue = settings.queues[1]
    assert (queue.strategy, queue.ring_at_most, queue.weight, queue.skills, queue.match_language, queue.sticky) == (
        "ring_all", 3, 2.0, (("gold", 1),), True, 20.0)
    assert (queue.wrap_up, queue.wrap_up_until_saved) == (90.0, True)
    assert queue.tiers == (Tier(("vera",), 30.0),)
    assert queue.relax == (Relaxation(60.0, 1), Relaxation(90.0, 0, True))
    assert queue.operator_weights == (("anna", 3.0),)
    assert settings.auto_break_after_missed == 3
    assert [(each.name, dict(each.skills), each.languages, each.capacity) for each in settings.operators] == [
        ("anna", {"gold": 2}, ("ru",), 1), ("boris", {"gold": 1}, (), 3), ("vera", {}, (), 1)]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_dispatch__every_strategy_can_be_configured(strategy: str) -> None:
    assert queue_settings(made({"strategy": strategy})).queues[1].strategy == strategy


def test_dispatch__without_any_of_it_a_queue_is_as_before() -> None:
    queue = queue_settings(made({"wrap_up_s": 7})).queues[1]
    assert (queue.strategy, queue.tiers, queue.weight, queue.skills, queue.relax, queue.wrap_up) == (
        "longest_idle", (), 1.0, (), (), 7.0)


@pytest.mark.parametrize(("queue", "found"), [
    ({"skills": {"gold": 2}}, []),
    ({"skills": {"gold": 3}}, [(("skills",), "queue-nobody-able")]),
    ({"skills": {"gold": 3}, "relax": [{"after_s": 60, "levels": 1}]}, []),
    ({"skills": {"gold": 3}, "relax": [{"after_s": 60, "levels": 1}], "max_wait_s": 60},
     [(("skills",), "queue-nobody-able")]),
    ({"skills": ["glod"]}, [(("skills", "glod"), "skill-of-nobody"), (("skills",), "queue-nobody-able")]),
    ({"tiers": [{"operators": ["vera"], "after_s": 30}]}, []),
    ({"tiers": [{"operators": ["vear"]}]}, [(("tiers", 0, "operators", 0), "operator-unknown")]),
    ({"tiers": [{"operators": ["anna"]}]}, [(("tiers", 0, "operators", 0), "queue-operator-twice")]),
    ({"tiers": [{"operators": ["vera"], "after_s": 700}]}, [(("tiers", 0, "after_s"), "tier-too-late")]),
    ({"operators": ["anna"], "tiers": [{"operators": ["vera"], "after_s": 30}, {"operators": ["boris"], "after_s": 9}]},
     [(("tiers", 1, "after_s"), "tiers-out-of-order")]),
    ({"strategy": "weighted_random", "operator_weights": {"anna": 2}}, []),
    ({"strategy": "weighted_random", "operator_weights": {"vera": 2}},
     [(("operator_weights", "vera"), "weight-of-stranger")]),
    ({"operator_weights": {"anna": 2}}, [(("operator_weights",), "weights-unused")]),
    ({"wrap_up": {}, "wrap_up_s": 20}, [(("wrap_up_s",), "wrap-up-twice")]),
])
def test_dispatch__findings(queue: dict[str, Any], found: list[tuple[tuple[str | int, ...], str]]) -> None:
    assert findings(queue) == found


@pytest.mark.parametrize(("key", "value"), [
    ("strategy", "longest-idle"), ("weight", 0), ("skills", {"gold": 0}), ("skills", {"gold": 11}), ("sticky_s", -1),
    ("tiers", [{"operators": []}]), ("relax", [{"after_s": 5}]), ("relax", [{"levels": 1}]), ("ring_at_most", 0),
    ("wrap_up", {"max_s": 0}), ("operator_weights", {"anna": -1}),
])
def test_dispatch__wrong_value(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key):
        made({key: value})


@pytest.mark.parametrize(("given", "says"), [
    ("0", "`capacity` can't be 0 (from 1 to 10)"), ("11", "`capacity` can't be 11 (from 1 to 10)"),
    ("two", "`capacity`")])
def test_capacity__check_says_what_is_allowed(tmp_path: Path, given: str, says: str) -> None:
    (tmp_path / "config.yaml").write_text(
        f"lines: [{{numbers: ['100'], menu: m.yaml}}]\noperators:\n  anna:\n    capacity: {given}\n")
    with pytest.raises(AdminError) as caught:
        load_config(tmp_path / "config.yaml")
    (fault,) = caught.value.faults
    assert str(fault).startswith(f"{tmp_path}/config.yaml:4:15: error: {says}")
