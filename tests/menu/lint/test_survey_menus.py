"""Menus that callers come to after a talk: they are reached, and must not put silent callers into a queue again."""

import pytest

from ivr.base.config_check import CheckConfig
from ivr.menu.lint.checked import Checked, Surroundings, check_menu
from ivr.menu.model import Known

MENU = """
languages: [en]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first: {prompts: ask, options: {"1": {queue: cards}}}
  after_call: AFTER
prompts:
  ask: {en: "For cards, press one."}
  thanks: {en: Thanks.}
"""
SURVEY = "{survey: {name: service, question: solved, prompts: ask, answers: yes_no, into: solved}}"


def checked(after: str, surveys: frozenset[str] = frozenset({"after_call"})) -> Checked:
    known = Known(frozenset({"cards"}), frozenset(), surveys=surveys)
    return check_menu(MENU.replace("AFTER", after), "m.yaml",
                      Surroundings(None, known, {}, frozenset(["en"]), CheckConfig(min_first_key_s=1)))


def codes(result: Checked) -> list[str]:
    return [fault.code for fault in result.findings]


def test_survey__is_a_way_into_the_file() -> None:
    after = f"{{do: [{SURVEY}, {{say: thanks}}, hangup]}}"
    assert codes(checked(after)) == []
    assert codes(checked(after, frozenset())) == ["menu-unreachable"]


@pytest.mark.parametrize("after", [
    f"{{do: [{SURVEY}, {{say: thanks}}, {{queue: cards}}]}}",
    '{prompts: [ask, thanks], options: {"1": [{say: thanks}, hangup]}}',         # on_failure of `defaults`
])
def test_survey__silent_callers_come_into_a_queue(after: str) -> None:
    assert codes(checked(after)) == ["survey-queues"]


@pytest.mark.parametrize("after", [
    f"{{do: [{SURVEY}, {{switch: [{{when: not solved, do: {{queue: cards}}}}]}}, {{say: thanks}}, hangup]}}",
    '{prompts: [ask, thanks], options: {"1": {queue: cards}}, on_failure: [{say: thanks}, hangup]}',
])
def test_survey__a_queue_may_follow_an_answer(after: str) -> None:
    assert codes(checked(after)) == []


def test_survey__back_leads_nowhere() -> None:
    found = checked('{prompts: ask, options: {"1": back}, on_failure: [{say: thanks}, hangup]}')
    assert codes(found) == ["back-from-start"]
