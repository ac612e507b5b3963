"""Broken menus: each fault with file, line and column, what is wrong and what to do."""

from collections.abc import Callable

import pytest

from ivr.base.reader import MAX_FAULTS

ACTIONS = ("allowed: say, language, set, fill, switch, collect, http, verify, order, survey, goto, queue, callback, "
           "voicemail, record, transfer, repeat, back, hangup")


# What stands in the file, what is put in its place, and every fault that is found then.
@pytest.mark.parametrize(("old", "new", "expected"), [
    pytest.param("start: main", "begin: main",
        ["1:1: error: a menu file lacks `start` (add a line `start:`)",
         "2:1: error: `begin` means nothing in a menu file (allowed: defaults, folder, languages, menus, prompts, "
         "start, variables)"],
        id="unknown root"),
    pytest.param("start: main\n", "",
        ["1:1: error: a menu file lacks `start` (add a line `start:`)"],
        id="missing start"),
    pytest.param("start: main", "start: mian",
        ["2:8: error: there is no menu `mian` (did you mean `main`? allowed: main, news)"],
        id="start unknown"),
    pytest.param("start: main", "start: [main]",
        ["2:8: error: the name of a menu must be a text"],
        id="start a list"),
    pytest.param("languages: [en, ru]", "languages: en",
        ["1:12: error: `languages` must be a list (write it like [en, ru]; the first is spoken at first)"],
        id="languages word"),
    pytest.param("languages: [en, ru]", "languages: []",
        ["1:12: error: `languages` must be a list (write it like [en, ru]; the first is spoken at first)"],
        id="languages empty"),
    pytest.param("[en, ru]", "[en, ru, en]",
        ["1:21: error: language `en` stands twice (take one out)"],
        id="language twice"),
    pytest.param("[en, ru]", "[en, Russian]",
        ["1:17: error: a language is written with two or three small letters (such as en or ru)"],
        id="language name"),
    pytest.param("first_key_s: 5", "first_key: 5",
        ["4:3: error: `first_key` means nothing in `defaults` (did you mean `first_key_s`? allowed: attempts, "
         "first_key_s, interdigit_s, noinput, nomatch, on_failure, term_char)"],
        id="defaults key"),
    pytest.param("first_key_s: 5", "first_key_s: 5 s",
        ["4:16: error: `first_key_s` must be a number from 0.5 to 60 (digits alone, such as 2.5: the unit "
         "(seconds) stands in the key)"],
        id="number with unit"),
    pytest.param("first_key_s: 5", "interdigit_s: 2,5",
        ["4:17: error: `interdigit_s` must be a number from 0.5 to 30 (write a point, not a comma: 2.5)"],
        id="number comma"),
    pytest.param("first_key_s: 5", "first_key_s: 500",
        ["4:16: error: `first_key_s` is 500 (allowed: a number from 0.5 to 60)"],
        id="number high"),
    pytest.param("first_key_s: 5", "first_key_s: -1",
        ["4:16: error: `first_key_s` must be a number from 0.5 to 60 (digits alone, such as 2.5: the unit "
         "(seconds) stands in the key)"],
        id="number neg"),
    pytest.param("first_key_s: 5", "attempts: 2.5",
        ["4:13: error: `attempts` must be a whole number (allowed: 1 to 9)"],
        id="attempts fraction"),
    pytest.param("first_key_s: 5", "attempts: three",
        ["4:13: error: `attempts` must be a number from 1 to 9"],
        id="attempts word"),
    pytest.param("first_key_s: 5", 'term_char: "##"',
        ['4:14: error: `term_char` must be one key (write it like "#", or "" for none, in quotes)'],
        id="term_char"),
    pytest.param("first_key_s: 5", "term_char: #",
        ['4:13: error: `term_char` must be one key (write it like "#", or "" for none, in quotes)'],
        id="term_char nothing"),
    pytest.param("    - {count: 1, say: sorry}", "    {count: 1, say: sorry}",
        ["6:5: error: `noinput` must be a list (write each line like `- {count: 1, say: prompt}`)"],
        id="noinput mapping"),
    pytest.param("    - {count: 1, say: sorry}\n", "    - {count: 1, say: sorry}\n    - {count: 1, say: options}\n",
        ["7:15: error: count 1 stands twice in `noinput` (keep one of the two)"],
        id="count twice"),
    pytest.param("{count: 1, say: sorry}", "{count: 3, say: sorry}",
        ["6:15: error: count 3 of `noinput` is never said (`on_failure` is done at attempt 3 instead)"],
        id="count never"),
    pytest.param("{count: 1, say: sorry}", "{say: sorry}",
        ["6:7: error: a line of `noinput` lacks `count` (add a line `count:`)"],
        id="count missing"),
    pytest.param("{count: 1, say: sorry}", "{count: 1, say: sory}",
        ["6:23: error: there is no prompt `sory` (did you mean `sorry`? allowed: options, sorry)"],
        id="taper prompt"),
    pytest.param("{count: 1, say: sorry}", "{count: 1, prompt: sorry}",
        ["6:7: error: a line of `noinput` lacks `say` (add a line `say:`)",
         "6:18: error: `prompt` means nothing in a line of `noinput` (allowed: count, say)"],
        id="taper field"),
    pytest.param("  on_failure: {queue: general}\n", "",
        ["9:5: error: menu `main` does not say what happens to callers who can't choose (add `on_failure: {queue: "
         "name}` here or in `defaults`)",
         "15:5: error: menu `news` does not say what happens to callers who can't choose (add `on_failure: "
         "{queue: name}` here or in `defaults`)"],
        id="no on_failure"),
    pytest.param("on_failure: {queue: general}", "on_failure: repeat",
        ["7:15: error: `on_failure` can't end with `repeat`: callers who can't choose would never get out (end it "
         "with `queue: name`, which leads to an operator)"],
        id="on_failure repeat"),
    pytest.param("on_failure: {queue: general}", "on_failure: {say: sorry}",
        ["7:16: error: `on_failure` can't end with `say`: callers who can't choose would never get out (end it "
         "with `queue: name`, which leads to an operator)"],
        id="on_failure say"),
    pytest.param("on_failure: {queue: general}", "on_failure: hangup",
        ["7:15: error: callers who can't choose would be cut off without a word (put a `say:` before it, or "
         "better `queue: name`, which leads to an operator)"],
        id="on_failure hangup"),
    pytest.param("on_failure: {queue: general}", "on_failure: {goto: news}",
        ["7:3: error: a caller who presses nothing would go round for ever: news → news (let one of these menus "
         "end with `queue: name`)"],
        id="on_failure circle"),
    pytest.param("menus:\n", "menus: {}\nmenu:\n",
        ["2:8: error: there is no menu `main` (none is defined)",
         "8:8: error: `menus` is empty",
         "9:1: error: `menu` means nothing in a menu file (did you mean `menus`? allowed: defaults, folder, "
         "languages, menus, prompts, start, variables)"],
        id="menus empty"),
    pytest.param("  news:\n", "  News!:\n",
        ["13:19: error: there is no menu `news` (did you mean `News!`? allowed: News!, main)",
         "15:3: error: `News!` can't be a name in `menus` (a name has small Latin letters, digits and _, and "
         "begins with a letter)"],
        id="menu name"),
    pytest.param("    prompts: options\n", "    promts: options\n",
        ["10:5: error: `promts` means nothing in menu `main` (did you mean `prompts`?)",
         "10:5: error: menu `main` lacks `prompts` (add a line `prompts:`)"],
        id="menu field"),
    pytest.param('    options:\n      "1": {queue: cards}\n      "2": {goto: news}\n      "*": repeat\n', "",
        ["10:5: error: menu `main` lacks `options` (add a line `options:`)"],
        id="menu no options"),
    pytest.param('      "1": {queue: cards}\n      "2": {goto: news}\n      "*": repeat\n', "      - {queue: cards}\n",
        ["12:7: error: `options` of menu `main` must be lines of `key: value`, indented below it"],
        id="options list"),
    pytest.param('  news:\n    greeting: sorry\n    prompts: [options, sorry]\n    options:\n      "0":\n        - '
                 'say: sorry\n        - hangup\n      "#": back\n',
                 "  news: later\n",
        ["15:9: error: menu `news` must be lines of `key: value`, indented below it"],
        id="menu not mapping"),
    pytest.param('"1": {queue: cards}', "one: {queue: cards}",
        ["12:7: error: `one` can't be pressed (keys are digits, * and #, such as \"1\" or \"12\")"],
        id="key not pressable"),
    pytest.param("    prompts: options\n", "    prompts: optoins\n",
        ["10:14: error: there is no prompt `optoins` (did you mean `options`? allowed: options, sorry)"],
        id="prompt unknown"),
    pytest.param("    prompts: options\n", "    prompts: []\n",
        ["10:14: error: an empty list of prompts (name a prompt)"],
        id="prompt list empty"),
    pytest.param("{goto: news}", "{got: news}",
        [f"13:13: error: `got` is no action (did you mean `goto`? {ACTIONS})"],
        id="action unknown"),
    pytest.param('"*": repeat', '"*": repaet',
        [f"14:12: error: `repaet` is no action (did you mean `repeat`? {ACTIONS})"],
        id="action word"),
    pytest.param("{queue: cards}", "queue",
        ["12:12: error: `queue` needs something after it (write `queue: name`)"],
        id="action incomplete"),
    pytest.param('"1": {queue: cards}', '"1":',
        [f"12:11: error: nothing is said here about what to do ({ACTIONS})"],
        id="action nothing"),
    pytest.param("{goto: news}", "news",
        ["13:12: error: `news` is a menu, not an action (write `goto: news`)"],
        id="a menu as action"),
    pytest.param("{goto: news}", "sorry",
        ["13:12: error: `sorry` is a prompt, not an action (write `say: sorry`)"],
        id="a prompt as action"),
    pytest.param("{goto: news}", "{goto: new}",
        ["13:19: error: there is no menu `new` (did you mean `news`? allowed: main, news)"],
        id="goto unknown"),
    pytest.param("{goto: news}", "{goto: nеws}",
        ["13:19: error: there is no menu `nеws` (a letter of it is Russian and only looks like Latin: type `news` "
         "anew; allowed: main, news)"],
        id="goto russian letter"),
    pytest.param("{queue: cards}", "{queue: card}",
        ["12:20: error: there is no queue `card` in the configuration (did you mean `cards`? allowed: cards, "
         "general)"],
        id="queue unknown"),
    pytest.param("{queue: cards}", "{transfer: brunch}",
        ["12:23: error: there is no transfer `brunch` in the configuration (did you mean `branch`? allowed: "
         "branch)"],
        id="transfer unknown"),
    pytest.param("{goto: news}", "{language: fr}",
        ["13:23: error: there is no language `fr` (allowed: en, ru)"],
        id="language unknown"),
    pytest.param("{queue: cards}", "{say: sorry, queue: cards}",
        ["12:25: error: two actions in one: `say` and `queue` (make it a list: each action in its own line that "
         "begins with -)"],
        id="two actions"),
    pytest.param("{queue: cards}", "{queue: cards, topic: x}",
        ["12:27: error: `topic` means nothing to `queue` (allowed: priority, skills, subject)"],
        id="parameter"),
    pytest.param("{queue: cards}", "{queue: cards, subjekt: x}",
        ["12:27: error: `subjekt` means nothing to `queue` (did you mean `subject`? allowed: priority, "
         "skills, subject)"],
        id="parameter near"),
    pytest.param("{goto: news}", "{goto: news, subject: x}",
        ["13:25: error: `subject` means nothing to `goto` (write `goto: menu` alone)"],
        id="parameter of goto"),
    pytest.param("        - say: sorry\n        - hangup", "        - hangup\n        - say: sorry",
        ["21:11: error: `say` is never reached: `hangup` stands before it (nothing can follow `hangup`: put it "
         "last)"],
        id="never reached"),
    pytest.param("        - say: sorry\n", "        - [say: sorry]\n",
        ["20:11: error: a list inside a list of actions (write all actions in one list)"],
        id="list in list"),
    pytest.param('"1": {queue: cards}', '"1": []',
        [f"12:12: error: an empty list of actions ({ACTIONS})"],
        id="empty list"),
    pytest.param('"*": repeat', '"*": back',
        ["14:12: error: `back` leads nowhere: callers begin in this menu (take it out, or write `goto:` and a "
         "menu)"],
        id="back at start"),
    pytest.param("    prompts: options\n", "    prompts: options\n    all_languages: maybe\n",
        ["11:20: error: `all_languages` must be yes or no"],
        id="switch"),
])
def test_faults__one_mistake(good: str, faults_of: Callable[[str], list[str]],
                             old: str, new: str, expected: list[str]) -> None:
    assert old in good
    assert faults_of(good.replace(old, new, 1)) == [f"m.yaml:{fault}" for fault in expected]


def test_faults__all_are_told_at_once_in_the_order_of_the_file(
        good: str, faults_of: Callable[[str], list[str]]) -> None:
    text = good.replace("first_key_s: 5", "first_key_s: soon").replace("goto: news", "goto: nowhere")
    text = text.replace("queue: cards", "queue: crads").replace('ru: "Нажмите кнопку."', "barge_in: perhaps")
    assert [fault.split(" ")[0] for fault in faults_of(text)] == [
        "m.yaml:4:16:", "m.yaml:12:20:", "m.yaml:13:19:", "m.yaml:24:3:", "m.yaml:26:15:"]


def test_faults__a_fault_in_the_defaults_is_told_once(good: str, faults_of: Callable[[str], list[str]]) -> None:
    assert len(faults_of(good.replace("on_failure: {queue: general}", "on_failure: {queue: nobody}"))) == 1


def test_faults__a_file_full_of_them_is_given_up(good: str, faults_of: Callable[[str], list[str]]) -> None:
    options = "".join(f'      "{number}": nonsense\n' for number in range(1000, 2000))
    assert len(faults_of(good.replace('      "1": {queue: cards}\n', options))) == MAX_FAULTS
