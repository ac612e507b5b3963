"""Dialogues that say who calls and when, what is open, and what other systems answer."""

from collections.abc import Callable, Mapping

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.testing.coverage import coverage
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.runner import Went, run_all
from ivr.menu.testing.story import story
from ivr.menu.testing.surroundings import NOWHERE, Surroundings

MENU = """
languages: [en]
start: first
defaults: {on_failure: {queue: general}}
variables: {card: text}
menus:
  first:
    prompts: ask
    options:
      "1":
        - switch:
            - when: open(branch)
              do: {queue: cards}
            - otherwise: [{say: closed}, {hangup: closed}]
      "2":
        - switch:
            - when: caller.number == "+74951234567"
              do: {queue: loans}
            - when: now >= 18:00
              do: {queue: deposits}
            - otherwise: {queue: general}
      "3":
        - http:
            url: https://core.bank.example/balance
            into: balance
            answers: {amount: {kind: number, at: account.amount}, blocked: flag}
            on_failure: [{say: no_answer}, {queue: general}]
        - switch:
            - when: balance.blocked
              do: {queue: lost_card}
            - when: balance.amount < 100
              do: {queue: loans}
            - otherwise: {queue: deposits}
prompts:
  ask: {en: "What do you want?"}
  closed: {en: "We are closed."}
  no_answer: {en: "We can't tell now."}
"""


@pytest.fixture
def house(known: Known) -> tuple[Menu, Known]:
    known = Known(known.queues, known.transfers, frozenset(["branch"]))
    return load_menu(MENU, "m.yaml", None, known), known


Run = Callable[..., Went]


@pytest.fixture
def run(house: tuple[Menu, Known]) -> Run:
    menu, known = house
    nine_to_six = Surroundings(opens=lambda schedule, moment: 9 <= moment.hour < 18)

    def one(key: str, expect: str, **fields: str) -> Went:
        lines = "".join(f"  {name}: {value}\n" for name, value in fields.items())
        text = f"- dialogue: it\n{lines}  steps: [press: \"{key}\"]\n  expect: {expect}\n"
        (went,) = run_all(load_dialogues(text, "m.test.yaml", menu, known), menu, estimated(menu), nine_to_six)
        return went

    return one


@pytest.mark.parametrize(("key", "fields", "expect"), [
    ("1", {}, "{queue: cards}"),
    ("1", {"at": "2026-11-27 23:10"}, "{heard: [closed], hangup: yes, outcome: closed}"),
    ("1", {"at": "2026-11-27 23:10", "hours": "{branch: open}"}, "{queue: cards}"),
    ("1", {"hours": "{branch: closed}"}, "{heard: [closed], hangup: yes}"),
    ("2", {"caller": '"+74951234567"'}, "{queue: loans}"),
    ("2", {"caller": '"+74951234568"', "at": "2026-11-27 18:00"}, "{queue: deposits}"),
    ("2", {"at": "2026-11-27 17:59"}, "{queue: general}"),
    ("3", {"lookups": "{balance: {amount: 99.50, blocked: no}}"}, "{queue: loans}"),
    ("3", {"lookups": "{balance: {amount: 100, blocked: no}}"}, "{queue: deposits}"),
    ("3", {"lookups": "{balance: {blocked: yes}}"}, "{queue: lost_card}"),
    ("3", {"lookups": "{balance: fails}"}, "{heard: [no_answer], queue: general}"),
])
def test_surroundings(run: Run, key: str, fields: Mapping[str, str], expect: str) -> None:
    went = run(key, expect, **fields)
    assert went.passed, "\n".join([*map(str, went.failures), *story(went)])


def test_surroundings__an_answer_is_missing(run: Run) -> None:
    went = run("3", "{queue: general}")
    assert [str(failure) for failure in went.failures] == [
        "m.test.yaml:1:13: error: the menu looked up `balance`, and the dialogue does not say what is answered (add "
        "`lookups: {balance: ...}` with its values, or `balance: fails`)"]


@pytest.mark.parametrize(("fields", "says"), [
    ("hours: {brunch: open}", "`brunch` means nothing in `hours` (did you mean `branch`? allowed: branch)"),
    ("hours: {branch: shut}", "there is no state `shut` (allowed: closed, open)"),
    ("lookups: {balanse: fails}", "`balanse` means nothing in `lookups` (did you mean `balance`? allowed: balance)"),
    ("lookups: {balance: {amuont: 3}}", "`amuont` means nothing in the answer of `balance` (did you mean `amount`? "
                                        "allowed: amount, blocked)"),
    ("lookups: {balance: failed}", "the answer of `balance` must be lines of `key: value`, indented below "
                                   "it"),
    ("at: [noon]", "`at` is no moment (write day and time like 2026-11-27 23:10)"),
    ("at: 0001-01-01 00:00", "0001-01-01 lies too far away (a year from 2000 to 2099)"),
    ("at: 9999-12-31 00:00", "9999-12-31 lies too far away (a year from 2000 to 2099)"),
])
def test_surroundings__faults(house: tuple[Menu, Known], fields: str, says: str) -> None:
    menu, known = house
    with pytest.raises(AdminError) as caught:
        load_dialogues(f"- dialogue: it\n  {fields}\n  steps: []\n  expect: {{menu: first}}\n", "m.test.yaml", menu,
                       known)
    (fault,) = caught.value.faults
    assert str(fault).startswith("m.test.yaml:2:")
    assert str(fault).endswith(f"error: {says}")


def test_surroundings__coverage_of_cases_and_failures(house: tuple[Menu, Known], run: Run) -> None:
    menu, _ = house
    gone = [run("1", "{queue: cards}"), run("3", "{queue: general}", lookups="{balance: fails}")]
    branches = coverage(menu, MENU, [went.dialogue for went in gone])
    lines = MENU.splitlines()
    told = {branch.way: (branch.visited, lines[branch.place.line - 1].strip()) for branch in branches}
    assert told["1/1/1"] == (True, "- when: open(branch)")
    assert told["1/1/otherwise"] == (False, "- otherwise: [{say: closed}, {hangup: closed}]")
    assert told["3/1/on_failure"] == (True, "on_failure: [{say: no_answer}, {queue: general}]")
    assert told["3/2/2"] == (False, "- when: balance.amount < 100")
    assert told["2"] == (False, '"2":')


def test_surroundings__a_value_within_another_can_not_be_answered() -> None:
    """`at: a` and `at: a.b` ask for two things in one place: nobody can answer both, and nothing breaks."""
    text = ("languages: [en]\nstart: m\nmenus:\n  m:\n    do:\n      - http:\n          url: https://h.example/\n"
            "          into: x\n          answers: {one: {kind: text, at: a}, two: {kind: text, at: a.b}}\n"
            "          on_failure: {queue: q}\n      - queue: q\nprompts: {p: {en: Hello.}}\n")
    known = Known(frozenset(["q"]), frozenset(), frozenset())
    menu = load_menu(text, "m.yaml", None, known)
    tests = load_dialogues("- {dialogue: it, lookups: {x: {one: a, two: b}}, steps: [], expect: {queue: q}}\n",
                           "m.test.yaml", menu, known)
    (went,) = run_all(tests, menu, {}, NOWHERE)
    assert went.passed
