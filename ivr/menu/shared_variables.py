"""Variables of several menu files: one name is one variable wherever a call comes, so the files must agree on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar
from ivr.base.located_yaml import Sequence as YamlSequence
from ivr.base.reader import Reader
from ivr.menu.model import Variable


def agreed(reader: Reader, files: Sequence[tuple[YamlMapping, Mapping[str, Variable]]]) -> dict[str, Variable]:
    """All variables; a default that one file gives counts in all. Where two files differ, both places have a fault."""
    found: dict[str, tuple[YamlMapping, Variable]] = {}
    for root, variables in files:
        for name, variable in variables.items():
            first, other = found.setdefault(name, (root, variable))
            if differs := _difference(other, variable):
                for here, there in ((root, first), (first, root)):
                    reader.fault(_place(here, name), f"variable `{name}` has another {differs} in "
                                 f"{_place(there, name)}: within a call it is one variable",
                                 "make the two alike, or give one of them another name", code="variable-differs")
            elif other.default is None:
                found[name] = first, replace(other, default=variable.default)
    return {name: variable for name, (_, variable) in found.items()}


def _difference(one: Variable, other: Variable) -> str:
    """In what they differ, "" for nothing."""
    if one.kind is not other.kind:
        return "kind"
    if one.scope != other.scope:
        return "`scope`"
    if one.secret is not other.secret:
        return "`secret`"
    return "`default`" if None not in (one.default, other.default) and one.default != other.default else ""


def _place(root: YamlMapping, name: str) -> Place:
    """Where a file declares it, else where an action brings it (`into: name`)."""
    declared = root.entries.get("variables")
    if isinstance(declared, YamlMapping) and name in declared.key_places:
        return declared.key_places[name]
    into = name.partition(".")[0]
    return next((node.place for node in _brought(root) if node.text == into), root.place)


def _brought(node: Node) -> Iterator[Scalar]:
    if isinstance(node, YamlMapping):
        value = node.entries.get("into")
        if isinstance(value, Scalar):
            yield value
        for each in node.entries.values():
            yield from _brought(each)
    elif isinstance(node, YamlSequence):
        for each in node.items:
            yield from _brought(each)
