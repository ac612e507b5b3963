"""Slips of people who are no programmers, and what they are told to write instead."""

from collections.abc import Callable

import pytest

from ivr.base.errors import AdminError
from ivr.base.located_yaml import Mapping, load
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean


def told(text: str, read: Callable[[Reader, Mapping], object]) -> str:
    reader, root = Reader(), load(text, "m.yaml")
    assert isinstance(root, Mapping)
    read(reader, root)
    with pytest.raises(AdminError) as caught:
        reader.refuse_faulty()
    (fault,) = caught.value.faults
    return f"{fault.message} ({fault.remedy})"


@pytest.mark.parametrize(("word", "says"), [("да", "write yes"), ("нет", "write no"), ("Off", "write no"),
                                            ("perhaps", "must be yes or no ()")])
def test_switch__in_other_words(word: str, says: str) -> None:
    assert says in told(f"a: {word}", lambda reader, root: reader.switch(root.entries["a"], "a"))


def test_number__with_a_comma() -> None:
    says = told("a_s: 2,5", lambda reader, root: reader.number(root.entries["a_s"], "a_s", 0, 9))
    assert says == "`a_s` must be a number from 0 to 9 (write a point, not a comma: 2.5)"


@pytest.mark.parametrize(("text", "says"), [
    ('{en: "Yes.", ru:"Да."}', "write a space after the colon: `ru: …`"),
    ("{en: Thank you, goodbye.}", "a text with a comma in it goes in quotes"),
    ("{еn: Yes.}", "a letter of it is Russian and only looks like Latin: type `en` anew")])
def test_fields__what_became_a_name(text: str, says: str) -> None:
    assert says in told(text, lambda reader, root: reader.fields(root, "a prompt", ("en", "ru")))


def test_named__with_a_russian_letter() -> None:
    says = told("whiсh: 1", lambda reader, root: reader.named(root, "`menus`"))
    assert "a letter of it is Russian and only looks like Latin: type `which` anew" in says


def test_did_you_mean__the_other_one_has_the_russian_letter() -> None:
    """Both look the same: who reads `did you mean which?` sees no difference."""
    assert did_you_mean("which", ["whiсh"]).startswith("there is `whiсh`, of which a letter is Russian")
