"""Checks located YAML nodes and collects what is wrong with them; a faulty node reads as None and reading goes on."""

import re
from collections.abc import Collection

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.located_yaml import Mapping, Node, Scalar, Sequence
from ivr.base.suggestions import did_you_mean, lookalike

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")      # a prompt's name becomes a file's name
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
MAX_FAULTS = 200        # who reads more of them in one go? The file is given up there
MEANT = {"да": "yes", "on": "yes", "y": "yes", "1": "yes", "нет": "no", "off": "no", "n": "no", "0": "no"}
SWITCH = {"yes": True, "true": True, "no": False, "false": False}


class Aliases(dict[str, str]):
    """Names as a file writes them, each with what it is called in the whole that the file is a part of."""


class Reader:
    """Reads nodes of one file and collects the faults."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    def fault(self, place: Place, message: str, remedy: str = "", code: str = "") -> None:
        """Note a fault of the kind `code`; the same one is noted once (defaults are read for several menus)."""
        self._faults[Fault(place, message, remedy, code=code)] = None
        if len(self._faults) >= MAX_FAULTS:
            self.refuse_faulty()

    @property
    def faulty(self) -> bool:
        """Whether there are faults already, of which another one may be the consequence."""
        return bool(self._faults)

    def refuse_faulty(self) -> None:
        """Raise AdminError with all faults, in the order of the file, if there are any."""
        if self._faults:
            raise AdminError(sorted(self._faults, key=lambda fault: fault.place))

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """A mapping that holds something."""
        if isinstance(node, Mapping) and node.entries:
            return node
        if isinstance(node, Mapping):
            self.fault(node.place, f"{what} is empty", code="mapping-empty")
        elif node is not None:
            self.fault(node.place, f"{what} must be lines of `key: value`, indented below it",
                       code="mapping-expected")
        return None

    def fields(self, node: Node | None, what: str, allowed: Collection[str],
               required: Collection[str] = ()) -> dict[str, Node]:
        """The entries of a mapping, without those that are not `allowed`."""
        if (mapping := self.mapping(node, what)) is None:
            return {}
        for key in mapping:
            if key not in allowed:
                self.fault(mapping.key_places[key], f"`{key}` means nothing in {what}",
                           _slip(key, mapping.entries[key]) or did_you_mean(key, allowed), code="entry-unknown")
        for key in required:
            if key not in mapping.entries:
                self.fault(mapping.place, f"{what} lacks `{key}`", f"add a line `{key}:`", code="entry-missing")
        return {key: value for key, value in mapping.entries.items() if key in allowed}

    def named(self, node: Node | None, what: str) -> dict[str, Node]:
        """The entries of a mapping whose keys are names that the admin gives."""
        if (mapping := self.mapping(node, what)) is None:
            return {}
        for key in mapping:
            if not NAME.fullmatch(key):
                self.fault(mapping.key_places[key], f"`{key}` can't be a name in {what}",
                           lookalike(key, NAME) or "a name has small Latin letters, digits and _, and begins with a "
                           "letter",
                           code="name-invalid")
        return dict(mapping.entries)

    def text(self, node: Node | None, what: str) -> str | None:
        """A text that is not empty; runs of white space become one space."""
        if isinstance(node, Scalar) and node.text.strip():
            return " ".join(node.text.split())
        if node is not None:
            empty = isinstance(node, Scalar)
            self.fault(node.place, f"{what} {'is empty' if empty else 'must be a text'}",
                       code="text-empty" if empty else "text-expected")
        return None

    def one_of(self, node: Node | None, what: str, allowed: Collection[str], where: str = "") -> str | None:
        """A name out of `allowed`, which are defined `where`; of Aliases what it is called in the whole."""
        if (word := self.text(node, f"the name of a {what}")) is None or node is None:
            return None
        if word not in allowed:
            self.fault(node.place, f"there is no {what} `{word}`{where}", did_you_mean(word, allowed),
                       code=f"{what.partition(' ')[0]}-unknown")
            return None
        return allowed[word] if isinstance(allowed, Aliases) else word

    def some_of(self, node: Node | None, what: str, allowed: Collection[str], where: str = "") -> tuple[str, ...]:
        """One name or a list of names out of `allowed`, which are defined `where`."""
        nodes = node.items if isinstance(node, Sequence) else () if node is None else (node,)
        if node is not None and not nodes:
            self.fault(node.place, f"an empty list of {what}s", f"name a {what}", code="list-empty")
        return tuple(word for item in nodes if (word := self.one_of(item, what, allowed, where)) is not None)

    def number(self, node: Node | None, key: str, low: float, high: float) -> float | None:
        """A number from `low` to `high`, both allowed; its unit stands in its key."""
        if node is None:
            return None
        between = f"a number from {low:g} to {high:g}"
        if not isinstance(node, Scalar) or not NUMBER.fullmatch(node.text):
            unit = "digits alone, such as 2.5: the unit (seconds) stands in the key" if key.endswith("_s") else ""
            comma = isinstance(node, Scalar) and NUMBER.fullmatch(node.text.replace(",", "."))
            self.fault(node.place, f"`{key}` must be {between}",
                       "write a point, not a comma: 2.5" if comma else unit, code="number-expected")
            return None
        if not low <= float(node.text) <= high:
            self.fault(node.place, f"`{key}` is {node.text}", f"allowed: {between}", code="number-range")
            return None
        return float(node.text)

    def whole(self, node: Node | None, key: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`, both allowed."""
        if (value := self.number(node, key, low, high)) is None or node is None:
            return None
        if value != int(value):
            self.fault(node.place, f"`{key}` must be a whole number", f"allowed: {low} to {high}", code="number-whole")
            return None
        return int(value)

    def switch(self, node: Node | None, key: str) -> bool | None:
        """`yes` or `no`."""
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.text.lower() not in SWITCH:
            word = MEANT.get(getattr(node, "text", "").lower())
            self.fault(node.place, f"`{key}` must be yes or no", f"write {word}" if word else "",
                       code="yes-no-expected")
            return None
        return SWITCH[node.text.lower()]


def _slip(key: str, value: Node) -> str:
    """What makes a name of something else: a comma in a text without quotes, a colon without its space."""
    name, colon, _ = key.partition(":")
    if colon and NAME.fullmatch(name):
        return f"write a space after the colon: `{name}: …`"
    if isinstance(value, Scalar) and not value.text and not value.quoted and not NAME.fullmatch(key):
        return "a text with a comma in it goes in quotes"
    return ""
