"""YAML with places: strings stay strings, faults say where."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.base import located_yaml
from ivr.base.composed_yaml import NotPlain
from ivr.base.errors import AdminError
from ivr.base.located_yaml import MAX_BYTES, Mapping, Scalar, load


def test_located_yaml__scalars_stay_as_written() -> None:
    root = load('time: 18:30\ncode: 010\nyes: no\nkey: "1"\n', "f.yaml")
    assert isinstance(root, Mapping)
    assert {key: node.text for key, node in root.entries.items() if isinstance(node, Scalar)} == \
        {"time": "18:30", "code": "010", "yes": "no", "key": "1"}
    assert str(root.entries["code"].place) == "f.yaml:2:7"
    assert str(root.key_places["key"]) == "f.yaml:4:1"


@pytest.mark.parametrize(("text", "fault"), [
    ("", "f.yaml:1:1: error: the file is empty"),
    ("a: 1\nb: 2\na: 3", "f.yaml:3:1: error: `a` stands twice"),
    ("a: [1, 2", "f.yaml:1:9: error: the bracket of line 1, column 4 is not closed before this"),
    ("options:\n  *: repeat", "f.yaml:2:3: error: an unquoted * has a meaning of its own in YAML"),
    ("a: &x [*x]", "nested deeper than 40"),
    ("? [1]\n: 2", "f.yaml:1:3: error: a key must be a plain word"),
    ("a: 1\nb: \x01", "f.yaml:2:4: error: a character that can't be shown (U+0001) (delete it"),
    ("\t- a", "f.yaml:1:1: error: a tab (indent with spaces)"),
    ("x" * (MAX_BYTES + 1), "larger than"),
    ("a: &a [1,1,1,1,1,1,1,1,1]\n" + "\n".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(8)), "more than 100000"),
])
def test_located_yaml__faults(text: str, fault: str) -> None:
    with pytest.raises(AdminError) as raised:
        load(text, "f.yaml")
    assert fault in str(raised.value)


@given(st.text(max_size=300))
def test_located_yaml__nothing_else_is_raised(text: str) -> None:
    try:
        load(text, "f.yaml")
    except AdminError:
        return


SAMPLES = [path.read_text() for path in sorted(Path(__file__).parents[2].glob("**/*.yaml"))
           if not {".venv", "node_modules"} & {*path.parts} and path.stat().st_size < 30_000]
PIECES = st.sampled_from(["\n", " ", "  ", "- ", ": ", "#", "'", '"', "[", "]", "{", "}", ",", "|", ">", "?", "&a",
                          "*a", "!x", "%", "---\n", "...\n", "\t", "\r\n", "\u2028", "\x85", "\ufeff", "д",
                          "😀", "\\", "x"])


def both(text: str) -> tuple[Any, Any]:
    """What each reader makes of it; None where it refuses."""
    read: list[Any] = []
    for reader in (located_yaml.compose, located_yaml._load_explained):
        try:
            read.append(reader(text, "f.yaml"))
        except (AdminError, NotPlain):
            read.append(None)
    return read[0], read[1]


def test_compose__our_own_files_need_no_second_reader() -> None:
    assert len(SAMPLES) > 5
    for text in SAMPLES:
        quick, slow = both(text)
        assert quick is not None
        assert quick == slow


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 30_000), PIECES), min_size=1, max_size=3),
       st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_compose__both_readers_agree(text: str, changes: list[tuple[int, str]], cut: int) -> None:
    """On each text that both take. libyaml is the more lenient: it reads `|# remark` as an empty text."""
    start = changes[0][0] % len(text)
    text = text[start:start + 600]
    for at, piece in changes:
        index = at % (len(text) + 1)
        text = text[:index] + piece + text[index + cut:]
    quick, slow = both(text)
    if quick is not None and slow is not None:
        assert quick == slow


def test_compose__deeper_than_the_stack_of_c() -> None:
    with pytest.raises(NotPlain):
        located_yaml.compose("[" * 900_000, "f.yaml")


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\r"])
@pytest.mark.parametrize("line", ["  blocked: {t[: yes_no, required: yes}", "  a: [pe: yes_no, title: {en: B}}"])
def test_located_yaml__lines_that_only_yaml_ends_here_are_no_crash(line: str, end: str) -> None:
    with pytest.raises(AdminError):
        load(f"fields:{end}{line}\nx\n", "f.yaml")
