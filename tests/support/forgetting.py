"""Bugs that are planted in the writing of states, for tests that must find them."""

from copy import copy
from typing import Any

import pytest

from ivr.base.state import writing
from ivr.base.state.format import Row


def forget(monkeypatch: pytest.MonkeyPatch, kind: type, name: str, value: Any) -> None:
    """An attribute of a class is not written: what is read back has `value` there."""
    monkeypatch.setattr(writing, "_TAKES", forgetting(kind, name, value))


def forgetting(kind: type, name: str, value: Any) -> dict[type, writing.Take]:
    """How objects are taken apart, then."""
    take = writing._take_of(kind)

    def forgotten(taking: writing.Writing, thing: Any) -> Row:
        another = copy(thing)
        object.__setattr__(another, name, copy(value))
        return take(taking, another)

    return {**writing._TAKES, kind: forgotten}


def split(monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
    """What is shared is written twice, where it is of this class."""
    value = writing.Writing.value

    def splitting(taking: writing.Writing, thing: Any) -> Any:
        return value(taking, copy(thing) if type(thing) is kind and id(thing) in taking._known else thing)

    monkeypatch.setattr(writing.Writing, "value", splitting)
