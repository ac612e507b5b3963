"""A state that an earlier version of the hotline wrote, before classes had grown: what they have besides begins as in a
new object, where that is plain."""

from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from ivr.base.state.classes import class_named
from ivr.base.state.errors import NotReadable
from ivr.base.state.format import State

EMPTY = (dict, list, set)       # what may be made anew, without anything in it


def lifted(state: State) -> State:
    """The same with an attribute for each field of a dataclass that its row lacks; `state` is changed. A default that
    stands in the class needs none. Raises NotReadable where nothing says what such a field begins with."""
    shapes, objects = state["shapes"], state["objects"]
    lacking = {number: lacks for number, shape in enumerate(shapes) if shape[0] == "object"
               if (lacks := _lacking(class_named(shape[1]), shape[2]))}
    for number, lacks in lacking.items():
        shapes[number] = [*shapes[number][:2], [*shapes[number][2], *(each.name for each in lacks)]]
    for row in [row for row in objects if row[0] in lacking]:
        for each in lacking[row[0]]:
            row.append([len(objects)])
            objects.append([len(shapes)])
            shapes.append([_begins(each)])
    return state


def _lacking(kind: type, names: list[str]) -> list[Field[Any]]:
    if not is_dataclass(kind):
        return []
    slots = hasattr(kind, "__slots__")
    return [each for each in fields(kind) if each.name not in names and (slots or each.default is MISSING)]


def _begins(each: Field[Any]) -> str:
    """The shape of what a new object has there."""
    made = each.default_factory() if each.default_factory is not MISSING else None
    if type(made) not in EMPTY or made:
        raise NotReadable(f"an earlier version wrote it, which knew nothing of {each.name!r}")
    return type(made).__name__
