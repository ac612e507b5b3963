"""What a YAML file comes to: values that remember their place, and scalars that all stay strings."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.base.errors import Place

MAX_DEPTH = 40            # menus nest six deep; a deeper document is a mistake or an attack
MAX_NODES = 100_000       # aliases may multiply a small text into a huge tree ("billion laughs")


@dataclass(frozen=True)
class Scalar:
    """A string with its place; `quoted` tells "1" from 1 and "" from nothing."""

    text: str
    place: Place
    quoted: bool = False


@dataclass(frozen=True)
class Sequence:
    """A list with its place."""

    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True)
class Mapping:
    """A mapping with its place; keys are unique scalars, and `key_places` has the place of each."""

    entries: dict[str, "Node"]
    key_places: dict[str, Place]
    place: Place

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)


Node = Scalar | Sequence | Mapping
