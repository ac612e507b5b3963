"""Files that are no good YAML: what the library finds is told in words that help, at the right place."""

from collections.abc import Callable

import pytest


# What stands in the file, what is put in its place, and every fault that is found then.
@pytest.mark.parametrize(("old", "new", "expected"), [
    pytest.param("languages: [en, ru]\nstart: main\n", "- x\n# ",
        ["3:3: error: this line begins in column 3, and line 1 above it in column 1 (lines that belong together begin "
         "in the same column)"],
        id="a list"),
    pytest.param('"*": repeat', "*: repeat",
        ['14:7: error: an unquoted * has a meaning of its own in YAML (put the key in quotes: "*":)'],
        id="star unquoted"),
    pytest.param('"1": {queue: cards}\n', '"1": {queue: *}\n',
        ['12:20: error: an unquoted * has a meaning of its own in YAML (put the key in quotes: "*":)'],
        id="star in flow"),
    pytest.param('"#": back', "#: back",
        ['22:7: error: YAML takes this line for a comment (put the key in quotes: "#":)'],
        id="hash unquoted"),
    pytest.param("    prompts: options\n", "\tprompts: options\n",
        ["10:1: error: a tab (indent with spaces)"],
        id="tab"),
    pytest.param('"Press a key."', "@Press",
        ["25:9: error: a value can't begin with this sign (put the text in quotes)"],
        id="at"),
    pytest.param('"Press a key."', "Press: a key.",
        ["25:14: error: a colon where none can stand (a text with a colon in it goes in quotes; else check how "
         "far this line is indented)"],
        id="colon in text"),
    pytest.param('"Press a key."', '"Press a key.',
        ["26:10: error: more text where the line should have ended (look for a quote that is not closed, a quote "
         "inside a text, or a key without its colon)"],
        id="unclosed quote"),
    pytest.param("{queue: general}", "{queue: general",
        ['8:6: error: the bracket of line 7, column 15 is not closed before this (close it; put a comma between '
         'values, and "*" and "#" in quotes)'],
        id="unclosed bracket"),
    pytest.param('      "2": {goto: news}', '     "2": {goto: news}',
        ["13:6: error: this line begins in column 6, and line 12 above it in column 7 (lines that belong together "
         "begin in the same column)"],
        id="bad indent"),
    pytest.param('"2": {goto: news}', '"2" {goto: news}',
        ['14:7: error: a key in the line above has no colon (write "1": and then what the key does)'],
        id="missing colon"),
    pytest.param('"2": {goto: news}', '"1": {goto: news}',
        ["13:7: error: `1` stands twice here (first in line 12) (keep one of the two)"],
        id="key twice"),
    pytest.param('"Press a key."', '"Press "a key."',
        ["25:17: error: more text where the line should have ended (look for a quote that is not closed, a quote "
         "inside a text, or a key without its colon)"],
        id="text after quote"),
    pytest.param("prompts:\n  options:", "---\nprompts:\n  options:",
        ["23:1: error: `---` begins a second document (one file holds one document: take the line out)"],
        id="second document"),
    pytest.param("Press a key", "Press\x07 a key",
        ["25:15: error: a character that can't be shown (U+0007) (delete it; the file must be text in UTF-8)"],
        id="control char"),
])
def test_faults_yaml__one_mistake(good: str, faults_of: Callable[[str], list[str]],
                                  old: str, new: str, expected: list[str]) -> None:
    assert old in good
    assert faults_of(good.replace(old, new, 1)) == [f"m.yaml:{fault}" for fault in expected]


def test_faults_yaml__an_empty_file(faults_of: Callable[[str], list[str]]) -> None:
    assert faults_of("") == ["m.yaml:1:1: error: the file is empty"]


def test_faults_yaml__a_file_that_is_no_mapping(faults_of: Callable[[str], list[str]]) -> None:
    assert faults_of("- a\n- b\n") == [
        "m.yaml:1:1: error: a menu file begins with a key and a colon (see the sample in menus/)"]


def test_faults_yaml__a_file_that_is_too_large(faults_of: Callable[[str], list[str]]) -> None:
    assert faults_of("a" * 1_000_001) == ["m.yaml: error: the file is larger than 1000000 bytes (split it)"]


def test_faults_yaml__a_comment_may_begin_with_a_hash_and_a_colon(
        good: str, faults_of: Callable[[str], list[str]]) -> None:
    assert faults_of(good.replace("menus:", "#: the menus\nmenu:")) != []
    assert not any("comment" in fault for fault in faults_of(good.replace("menus:", "#: the menus\nmenu:")))
