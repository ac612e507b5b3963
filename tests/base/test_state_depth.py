"""A text of which things would be made that lie in one another deeper than the interpreter bears is refused."""

import json
from collections import deque
from typing import Any

import pytest

from ivr.base.state.errors import NotReadable
from ivr.base.state.format import FORMAT, VERSION
from ivr.base.state.reading import DEEPEST, read_back, read_text
from ivr.base.state.writing import text_of
from ivr.exchange.house import Tell

DEEP = 2_000_000         # of which this interpreter dies


def state(shapes: list[Any], rows: list[Any]) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "shapes": shapes, "objects": rows, "parts": {"it": [len(rows) - 1]}}


def chain(word: list[Any], row: list[Any], deep: int) -> dict[str, Any]:
    """Each in the next one, the last the key of a dict."""
    rows: list[Any] = [[0, *row, "inmost"]]
    rows += ([0, *row, [number]] for number in range(deep - 1))
    return state([word, ["dict"]], [*rows, [1, [len(rows) - 1], 1]])


@pytest.mark.parametrize("deep", [DEEPEST + 1, 10_000, DEEP])
def test_reading__tuples_in_tuples_have_a_bound(deep: int) -> None:
    with pytest.raises(NotReadable, match="deeper than"):
        read_back(chain(["tuple"], [], deep))


def test_reading__fields_count_as_tuples_do() -> None:
    shape = ["fields", f"{Tell.__module__}:{Tell.__qualname__}", list(Tell._fields)]
    with pytest.raises(NotReadable, match="deeper than"):
        read_back(chain(shape, ["call"], 500))


def test_reading__what_is_not_as_deep_is_read() -> None:
    made: Any = "inmost"
    for _ in range(DEEPEST):
        made = (made,)
    assert read_text(text_of({"it": {made: [made, made]}}))["it"] == {made: [made, made]}


@pytest.mark.parametrize("forward", [False, True])
def test_reading__queues_of_queues_are_refused(forward: bool) -> None:
    """Whichever stands first."""
    rows = [[0, None, [number + (1 if forward else -1)]] for number in range(1, 100_000)]
    with pytest.raises(NotReadable, match="queues"):
        read_back(state([["deque"]], [[0, None, *([[1]] if forward else [])], *rows, [0, None]]))


def test_reading__a_queue_of_tuples_and_lists_is_read() -> None:
    made = deque([(1, [2]), ([3],)], maxlen=5)
    read = read_text(text_of({"it": made}))["it"]
    assert (read, read.maxlen) == (made, 5)


def test_reading__json_in_json_is_one_error() -> None:
    with pytest.raises(NotReadable):
        read_text("[" * 1_000_000)
    with pytest.raises(NotReadable):
        read_text(json.dumps(state([["list"]], [[0]])).replace('"list"', "[" * 900 + "]" * 900))
