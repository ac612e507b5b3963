"""Files of dialogue tests: what is read, what is refused and how, what fails and what is then told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.testing.coverage import coverage
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.runner import Went, run_all
from ivr.menu.testing.story import story

MENUS = Path(__file__).parent.parent.parent / "menus"
PREFIX = """
  first:
    prompts: ask
    options:
      "1": {queue: cards}
      "12": {queue: loans}
      "2": {say: news}
      "3": [{say: notice}, hangup]
"""


def faults_of(text: str, menu: Menu, known: Known) -> list[str]:
    with pytest.raises(AdminError) as caught:
        load_dialogues(text, "m.test.yaml", menu, known, frozenset(["100"]))
    return [str(fault) for fault in caught.value.faults]


def run(steps: str, expect: str, menu: Menu, known: Known) -> Went:
    text = f"- dialogue: it\n  steps: {steps}\n  expect: {expect}\n"
    (went,) = run_all(load_dialogues(text, "m.test.yaml", menu, known), menu, dict.fromkeys(menu.clips(), 2.0))
    return went


def test_bank__its_dialogues_pass_and_go_every_way(bank_text: str, known: Known) -> None:
    bank = load_menu(bank_text, "menus/bank.yaml", None, known)
    tests = load_dialogues((MENUS / "bank.test.yaml").read_text(), "bank.test.yaml", bank, known, frozenset(["100"]))
    went = run_all(tests, bank, estimated(bank))
    assert [story(one) for one in went if not one.passed] == []
    branches = coverage(bank, bank_text, [one.dialogue for one in went])
    assert len(branches) == sum(len(choice.options) + 3 for choice in bank.choices.values())
    assert [str(branch) for branch in branches if not branch.visited] == []


@pytest.mark.parametrize(("text", "says"), [
    pytest.param("dialogue: x", "1:1: error: a file of dialogues is a list (begin each with `- dialogue: what it "
                 "shows`)", id="no list"),
    pytest.param("- dialogue: x\n  steps: [listen]", "1:3: error: a dialogue lacks `expect` (add a line `expect:`)",
                 id="expects nothing"),
    pytest.param("- {dialogue: x, steps: [lisen], expect: {menu: first}}",
                 "1:25: error: `lisen` is nothing that a caller does (did you mean `listen`? allowed: press: \"1 2\"; "
                 "listen; silence; wait_s: 3; speaks_s: 12; wrong_key; types: for cards; "
                 "comes_back; hangup; talk_over: after_call)",
                 id="step"),
    pytest.param("- {dialogue: x, steps: [\"12\"], expect: {menu: first}}",
                 "1:25: error: `12` is nothing that a caller does (write `press: \"12\"`)", id="bare keys"),
    pytest.param("- {dialogue: x, steps: [press: x], expect: {menu: first}}",
                 "1:32: error: `x` can't be pressed (keys are digits, * and #, such as \"1\" or \"1 2 0\")", id="key"),
    pytest.param("- dialogue: x\n  steps:\n    - press: #\n  expect: {menu: first}",
                 "3:13: error: `press` names no key (keys go in quotes: press: \"#\")", id="hash"),
    pytest.param("- {dialogue: x, steps: [press], expect: {menu: first}}",
                 "1:25: error: `press` needs something after it (write `press: \"1 2\"`)", id="no key"),
    pytest.param("- {dialogue: x, steps: [listen: 3], expect: {menu: first}}",
                 "1:25: error: `listen` has nothing after it (write `listen` alone)", id="value too much"),
    pytest.param("- {dialogue: x, steps: [wait_s: 3 s], expect: {menu: first}}",
                 "1:33: error: `wait_s` must be a number from 0 to 3600 (digits alone, such as 2.5: the unit (seconds) "
                 "stands in the key)", id="wait"),
    pytest.param("- {dialogue: x, steps: [], expect: {queue: crads}}",
                 "1:44: error: there is no queue `crads` in the configuration (did you mean `cards`? allowed: cards, "
                 "corporate, deposits, general, loans, lost_card, transfers)", id="queue"),
    pytest.param("- {dialogue: x, steps: [], expect: {heared: [ask]}}",
                 "1:37: error: `heared` means nothing in `expect` (did you mean `heard`?)", id="expectation"),
    pytest.param("- {dialogue: x, steps: [], expect: {heard: [asc]}}",
                 "1:45: error: there is no prompt `asc` (did you mean `ask`? allowed: ", id="prompt"),
    pytest.param("- {dialogue: x, line: \"200\", steps: [], expect: {menu: first}}",
                 "1:23: error: there is no line `200` with this menu in the configuration (", id="line"),
    pytest.param("- {dialogue: x, caller: me, steps: [], expect: {menu: first}}",
                 "1:25: error: `me` is no telephone number (write it like \"+74951234567\", in quotes)", id="caller"),
    pytest.param("- {dialogue: x, at: Friday, steps: [], expect: {menu: first}}",
                 "1:21: error: `Friday` is no moment (write day and time like 2026-11-27 23:10)", id="moment"),
    pytest.param("- {dialogue: x, steps: [], expect: {menu: first}}\n" * 2,
                 "2:14: error: dialogue `x` stands twice (first in line 1) (give one of them another name)",
                 id="twice"),
])
def test_files__faults(text: str, says: str, menu_of: Callable[[str], Menu], known: Known) -> None:
    (fault,) = faults_of(text, menu_of(PREFIX), known)
    assert fault.startswith(f"m.test.yaml:{says}")


@pytest.mark.parametrize(("steps", "expect"), [
    ("[]", "{heard: [ask], menu: first, keys: [], hangup: no}"),
    ('[press: "1"]', "{queue: cards, subject: cards}"),
    ('[press: "1", wait_s: 2.4]', "{queue: cards}"),
    ('[press: "1", wait_s: 2.2, press: "2"]', "{queue: loans, keys: [\"12\"]}"),
    ('[press: "1", silence]', "{queue: cards}"),
    ('[press: "2", hangup]', "{menu: first, not_heard: [more], outcome: abandoned}"),
    ('[press: "2", wait_s: 2, hangup]', "{heard: [news], outcome: self_served}"),
    ('[press: "3"]', "{heard: [notice], hangup: yes, outcome: self_served}"),
    ('[silence, wrong_key, wrong_key, silence]', "{heard: [wrong_2, silent_2], menu: first}"),
    ('[press: "1", wait_s: 2.4, talk_over: first, silence]', "{menu: first, heard: [silent_1], hangup: no}"),
    ('[press: "1#", comes_back, listen, press: "12"]', "{queue: loans, keys: [\"1\", \"12\"]}"),
])
def test_dialogues__pass(steps: str, expect: str, menu_of: Callable[[str], Menu], known: Known) -> None:
    went = run(steps, expect, menu_of(PREFIX), known)
    assert went.passed, "\n".join([*map(str, went.failures), *story(went)])


@pytest.mark.parametrize(("steps", "expect", "says"), [
    ("[]", "{queue: cards}", "3:12: error: expected `queue: cards`, but the caller is in menu first"),
    ('[press: "12"]', "{queue: cards}", "3:12: error: expected `queue: cards`, but `loans`: the caller waits in queue "
     "loans"),
    ("[silence]", "{heard: [silent_1, ask, news]}", "3:12: error: expected `heard: silent_1, ask, news`, but `news` "
     "was not heard after `ask`; what was heard: ask, silent_1, ask"),
    ('[wait_s: 1, press: "2"]', "{not_heard: [ask]}", "3:12: error: expected `not_heard: ask`, but `ask` was heard; "
     "what was heard: ask (cut off), news, ask"),
    ('[press: "2"]', "{keys: []}", "3:12: error: expected `keys: none`, but the keys of the options that were chosen: "
     "2"),
    ('[press: "2"]', "{hangup: yes}", "3:12: error: expected `hangup: yes`, but the caller is in menu first"),
    ('[press: "2"]', "{language: ru}", "3:12: error: expected `language: ru`, but `en`: the caller is in menu first"),
    ('[press: "12", press: "1"]', "{queue: loans}", "2:31: error: `press` comes too late: the caller waits in queue "
     "loans (take this step and those behind it out, or change those before it)"),
    ("[talk_over: first]", "{menu: first}", "2:22: error: the caller is in no queue here, where an operator could have "
     "talked with them (`talk_over` stands behind the step that leads there)"),
    ('[press: "1", silence, talk_over: frst]', "{menu: first}", "2:43: error: there is no menu `frst` (did you mean "
     "`first`?)"),
    ("[comes_back]", "{menu: first}", "2:11: error: the caller is in no queue and in no transfer here (`comes_back` "
     "stands behind the step that leads there)"),
])
def test_dialogues__fail_at_their_place(steps: str, expect: str, says: str, menu_of: Callable[[str], Menu],
                                        known: Known) -> None:
    went = run(steps, expect, menu_of(PREFIX), known)
    assert [str(failure) for failure in went.failures] == [f"m.test.yaml:{says}"]


def test_dialogues__no_wrong_key_is_left(menu_of: Callable[[str], Menu], known: Known) -> None:
    options = "".join(f'      "{key}": {{queue: cards}}\n' for key in "0123456789*#")
    went = run("[wrong_key]", "{menu: first}", menu_of(f"  first:\n    prompts: ask\n    options:\n{options}"), known)
    assert [failure.message for failure in went.failures] == ["every key is an option of menu `first`"]


def test_story__of_a_dialogue(menu_of: Callable[[str], Menu], known: Known) -> None:
    went = run('[wait_s: 1, press: "2", wait_s: 1, press: "1#"]', "{queue: cards}", menu_of(PREFIX), known)
    assert story(went) == [
        "     0.0  comes to menu first",
        "     0.0  hears ask (en): What do you want? [cut off]",
        "     1.0  presses 2",
        "     1.0  chose 2: say news",
        "     1.0  hears news (en): This is the news. [cut off]",
        "     2.2  presses 1#",
        "     2.2  comes to menu first",
        "     2.4  chose 1: queue cards",
        "     2.4  waits in queue cards, about: cards",
    ]


def test_coverage__what_nobody_went(menu_of: Callable[[str], Menu], known: Known) -> None:
    text = ("languages: [en]\nstart: a\ndefaults: {on_failure: {queue: cards}}\nmenus:\n  a:\n    prompts: p\n"
            "    noinput: [{count: 1, say: p}]\n    options:\n      \"1\": {goto: b}\n      \"2\": {queue: cards}\n"
            "  b: {prompts: p, attempts: 1, options: {\"1\": {queue: cards}}}\nprompts: {p: {en: Press.}}\n")
    menu = load_menu(text, "m.yaml", None, known)
    went = run('[silence, press: "1", silence]', "{queue: cards}", menu, known)
    assert [str(branch) for branch in coverage(menu, text, [went.dialogue])] == [
        "m.yaml:5:3: not visited: menu a, nomatch", "m.yaml:5:3: not visited: menu a, on_failure",
        "m.yaml:7:5: visited: menu a, noinput", 'm.yaml:9:7: visited: menu a, option "1"',
        'm.yaml:10:7: not visited: menu a, option "2"', "m.yaml:11:3: visited: menu b, on_failure",
        'm.yaml:11:42: not visited: menu b, option "1"']
