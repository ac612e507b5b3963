"""Places of characters in texts of a file, and that huge texts cost no more than their length."""

import re

import pytest

from ivr.base.errors import AdminError
from ivr.base.located_yaml import Mapping, Scalar, load
from ivr.menu.loader import load_menu
from ivr.menu.model import Known
from ivr.menu.spots import Spots
from ivr.menu.templates import INSIDE


class Counted(Spots):
    """Counts the characters that are walked over."""

    steps = 0

    def _next(self, line: int, column: int, char: str) -> tuple[int, int]:
        self.steps += 1
        return super()._next(line, column, char)


def scalar_of(text: str) -> Scalar:
    root = load(text, "m.yaml")
    assert isinstance(root, Mapping)
    found = root.entries["a"]
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize("text", ['a: "one {x} two {y}"\n', "a: 'one {x}\n  two  {y}'\n",
                                  "a: |\n  one {x}\n  two {y}\n", "a: one {x}\n  two {y}\n", 'a: "\\u043e {x} {y}"\n'])
def test_spots__in_any_order(text: str) -> None:
    scalar, lines = scalar_of(text), text.split("\n")
    offsets = [scalar.text.index(sign) for sign in "xy"]
    spots = Spots(text)
    places = {offset: Spots(text).of(scalar)(offset) for offset in offsets}
    for offset in (*offsets, *reversed(offsets), *offsets):
        assert spots.of(scalar)(offset) == places[offset]
    if "\\u" not in text:
        assert [lines[place.line - 1][place.column - 1] for place in places.values()] == ["x", "y"]


def test_spots__many_places_of_one_text_are_one_walk() -> None:
    text = "a: '" + "{x} " * 5000 + "'\n"
    scalar, spots = scalar_of(text), Counted(text)
    place_of = spots.of(scalar)
    columns = [place_of(match.start()).column for match in re.finditer("{", scalar.text)]
    assert columns == [5 + 4 * index for index in range(5000)]
    assert spots.steps < len(text)


@pytest.mark.parametrize("inside", ["a" * 200_000, "a:" + " " * 200_000, "a:b" + " " * 200_000 + "\nx",
                                    "a" + " " * 200_000 + "x", "a:b" + "x " * 100_000 + "\n"])
def test_templates__a_value_of_any_length_is_read_once(inside: str) -> None:
    """Each white space could belong to three parts of the pattern, and all ways were tried: here 10^15 of them."""
    match = INSIDE.fullmatch(inside)
    assert (match is not None) == inside.isalpha()


def test_templates__a_huge_text_with_faults_is_refused() -> None:
    text = ("languages: [en]\nstart: main\ndefaults: {on_failure: {queue: q}}\nmenus: {main: {prompts: p, options: "
            '{"1": repeat}}}\nprompts:\n  p: {en: "' + "say {nothing} " * 20_000 + '{ a : b' + " " * 200_000 + 'c}"}\n')
    with pytest.raises(AdminError) as caught:
        load_menu(text, "m.yaml", None, Known(frozenset(["q"]), frozenset()))
    first, *more = caught.value.faults
    assert (first.place.line, first.place.column, first.code) == (6, 16, "variable-unknown")
    assert more[-1].code == "variable-unknown"
