"""YAML with places: strings stay strings, faults say where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
