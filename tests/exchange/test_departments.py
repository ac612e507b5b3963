"""`transfers` that lead into the house: to a queue, or to one operator, from menus, overflows and operators' phones."""

from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from tests.support.virtual_house import HOTLINE, Story, make_story

MENU = """\
languages: [en, ru]
start: main
menus:
  main:
    prompts: ask
    options:
      "1": {transfer: mortgages}
      "2": {transfer: director}
      "3": {queue: empty}
    on_failure: {queue: loans}
prompts:
  ask: {en: "For mortgages, press one.", ru: "Ипотека — один."}
"""
HOUSE: dict[str, Any] = {
    "queues": {"loans": {"operators": ["anna"]},
               "empty": {"operators": [], "empty_grace_s": 0, "overflow": {"transfer": "mortgages"}}},
    "operators": {"anna": {}, "boris": {}}, "extensions": {"201": "boris"},
    "transfers": {"branch": "sip:branch@127.0.9.30", "mortgages": {"queue": "loans"}, "director": {"operator": "201"}}}


def called(key: str) -> Story:
    story = make_story(menu=MENU, audio=False, config=HOUSE)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(3)
    story.caller.press(key)
    return story


@pytest.mark.parametrize(("key", "operator", "queue", "subject"), [
    ("1", "anna", "loans", "mortgages"), ("2", "boris", "director", "director"), ("3", "anna", "loans", "empty")])
def test_department__the_request_goes_to_its_operators(key: str, operator: str, queue: str, subject: str) -> None:
    story = called(key)
    assert story.world.run(20, lambda: story.phones[operator].talking)
    story.world.run(1)
    (request,) = story.requests()
    assert (request.subject, story.row().queue, story.row().operator) == (subject, queue, operator)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


def test_department__an_operator_sends_a_caller_there() -> None:
    story = called("2")
    assert story.world.run(20, lambda: story.phones["boris"].talking)
    story.world.run(1)
    story.phones["boris"].transfer(f"sip:mortgages@{HOTLINE}")
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


@pytest.mark.parametrize(("changed", "path", "code", "says"), [
    ({"transfers": {"x": {"queue": "lones"}}}, ("transfers", "x", "queue"), "queue-unknown", "there is no queue lones"),
    ({"transfers": {"x": {"operator": "borris"}}}, ("transfers", "x", "operator"), "operator-unknown",
     "there is no operator borris"),
    ({"transfers": {"loans": {"operator": "boris"}}}, ("transfers", "loans"), "transfer-is-queue",
     "loans is the name of a queue too"),
    ({"transfers": {"x": {"queue": "loans"}},
      "queues": {"loans": {"operators": "anna", "overflow": {"transfer": "x"}}}},
     ("queues", "loans", "overflow", "transfer"), "overflow-circle", "overflow goes in a circle: loans → loans"),
])
def test_department__faults_have_their_place(changed: dict[str, Any], path: tuple[str, ...], code: str,
                                             says: str) -> None:
    lines = [{"numbers": ["100"], "menu": "m.yaml"}]
    found = [(one.path, one.code, one.message) for one in check(Config.model_validate(
        {"lines": lines, **HOUSE, "queues": {"loans": {"operators": "anna"}}, **changed})) if one.severity == "error"]
    assert found == [(path, code, says)]
