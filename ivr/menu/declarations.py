"""The variables of a menu file: those under `variables:`, and those that an action brings with it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from ivr.base.errors import AdminError
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.menu.expressions.parser import parse
from ivr.menu.expressions.values import KIND_OF, Kind, Value
from ivr.menu.facts import NAMES
from ivr.menu.model import Variable
from ivr.menu.spots import Spots

KINDS = {kind.value: kind for kind in Kind if kind is not Kind.TEXTS}
FIELDS = ("kind", "default", "scope", "secret")
SCOPES = ("call", "menu")
Brought = Callable[[YamlMapping], Iterator[Variable]]


def read_variables(reader: Reader, spots: Spots, node: Node | None) -> dict[str, Variable]:
    """Those that stand under `variables:`, each `name: kind` or `name: {kind, default, scope, secret}`."""
    entries = reader.named(node, "`variables`")
    found: dict[str, Variable] = {}
    for name, value in entries.items():
        if name in NAMES:
            reader.fault(value.place, f"`{name}` is a name of the house", "choose another", code="variable-taken")
        elif (variable := _variable(reader, spots, name, value)) is not None:
            found[name] = variable
    return found


def _variable(reader: Reader, spots: Spots, name: str, node: Node) -> Variable | None:
    what = f"variable `{name}`"
    fields = {"kind": node} if isinstance(node, Scalar) else reader.fields(node, what, FIELDS, required=("kind",))
    word = reader.one_of(fields.get("kind"), "kind", KINDS)
    secret = reader.switch(fields.get("secret"), "secret") or False
    scope: Literal["call", "menu"] = "menu" if reader.one_of(fields.get("scope"), "scope", SCOPES) == "menu" else "call"
    if word is None:
        return None
    default = _default(reader, spots, what, fields.get("default"), KINDS[word])
    return Variable(name, KINDS[word], default, scope, secret)


def _default(reader: Reader, spots: Spots, what: str, node: Node | None, kind: Kind) -> Value | None:
    if node is None:
        return None
    if not isinstance(node, Scalar):
        reader.fault(node.place, f"the default of {what} must be a value", code="expression-expected")
        return None
    if kind is Kind.TEXT:
        return node.text
    try:
        value = parse(node.text, node.place, {}, (), spots.of(node)).evaluate({}, lambda schedule: False)
    except AdminError as error:
        for fault in error.faults:
            reader.fault(fault.place, fault.message, fault.remedy, code="expression-wrong")
        return None
    if value is None or KIND_OF[type(value)] is not kind:
        reader.fault(node.place, f"the default of {what} is no {kind.value}", code="expression-kind")
        return None
    return value


def brought(root: Node, bringers: Mapping[str, Brought]) -> dict[str, Variable]:
    """The variables that actions bring with them, wherever they stand: `bringers` by the word of the action."""
    found: dict[str, Variable] = {}
    for mapping in _mappings(root):
        for word, bring in bringers.items():
            value = mapping.entries.get(word)
            for variable in bring(value) if isinstance(value, YamlMapping) else ():
                found.setdefault(variable.name, variable)
    return found


def _mappings(node: Node) -> Iterator[YamlMapping]:
    if isinstance(node, YamlMapping):
        yield node
    inner = node.entries.values() if isinstance(node, YamlMapping) else node.items if isinstance(node, Sequence) else ()
    for each in inner:
        yield from _mappings(each)
