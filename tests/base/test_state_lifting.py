"""States of earlier versions, in which classes had fewer fields."""

from typing import Any

import pytest

from ivr.base.state.errors import NotReadable
from ivr.base.state.lifting import lifted
from ivr.base.state.reading import read_back
from ivr.base.state.writing import written
from ivr.exchange.texting.plane import Reader
from ivr.exchange.texting.talk import Talk


def without(thing: Any, *names: str) -> dict[str, Any]:
    """The state as a version would have written it that did not know these."""
    state = written({"it": thing})
    for number, shape in enumerate(state["shapes"]):
        if shape[0] == "object":
            kept = [place for place, name in enumerate(shape[2]) if name not in names]
            state["shapes"][number] = [*shape[:2], [shape[2][place] for place in kept]]
            for row in (row for row in state["objects"] if row[0] == number):
                row[1:] = [row[1:][place] for place in kept]
    return state


def test_lifted__what_a_class_has_since_begins_empty_and_is_each_ones_own() -> None:
    both = [Talk("web", "maria", words=["a"]), Talk("sip", "ivan", keys={"k": 1}), Reader("leg")]
    first, second, reader = read_back(lifted(without(both, "words", "keys", "spoke", "music", "hears")))["it"]
    assert (first.channel, first.words, first.keys, first.spoke) == ("web", [], {}, False)
    first.words.append("mine")
    assert second.words == []
    assert (reader.music, reader.hears) == ([], ())


def test_lifted__a_state_of_today_is_as_it_was() -> None:
    talk = Talk("web", "maria", position=7)
    assert lifted(written({"it": talk})) == written({"it": talk})
    assert read_back(lifted(written({"it": talk})))["it"] == talk


def test_lifted__what_nobody_can_know_is_refused() -> None:
    with pytest.raises(NotReadable, match="visitor"):
        lifted(without(Talk("web", "maria"), "visitor"))
