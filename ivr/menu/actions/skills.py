"""Skills that a queue must find in an operator: `skills: [mortgage]`, or with levels `skills: {mortgage: 2}`."""

from collections.abc import Mapping as MappingOf
from typing import TYPE_CHECKING

from ivr.base.config_words import MOST_LEVEL
from ivr.base.located_yaml import Mapping, Node
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean
from ivr.menu.actions import shapes

if TYPE_CHECKING:
    from ivr.menu.model import Known

Skills = tuple[tuple[str, int], ...]        # sorted by name, each with the least level that will do

SHAPE = {"anyOf": [*shapes.one_or_more(shapes.TEXT)["anyOf"], shapes.map_of(shapes.whole(1, MOST_LEVEL))]}


def read_skills(reader: Reader, node: Node | None, known: "Known | None") -> Skills:
    """What the file asks for; what is faulty is left out. A skill without a level is one of level 1."""
    names = known.skills if known else None
    if not isinstance(node, Mapping):
        return tuple(sorted((name, 1) for name in set(_listed(reader, node, names))))
    found: dict[str, int] = {}
    for name, value in (reader.mapping(node, "`skills`") or node).entries.items():
        if names is not None and name not in names:
            reader.fault(node.key_places[name], f"there is no skill `{name}` in the configuration",
                         did_you_mean(name, names), code="skill-unknown")
        elif level := reader.whole(value, name, 1, MOST_LEVEL):
            found[name] = level
    return tuple(sorted(found.items()))


def _listed(reader: Reader, node: Node | None, names: frozenset[str] | None) -> tuple[str, ...]:
    if names is not None:
        return reader.some_of(node, "skill", names, " in the configuration")
    items = getattr(node, "items", (node,))
    return tuple(word for item in items if (word := reader.text(item, "a skill")) is not None)


def told(skills: Skills) -> str:
    """In words: "mortgage from level 2"; level 1 goes without saying."""
    return ", ".join(f"{name} from level {level}" if level > 1 else name for name, level in skills)


def has_all(operator: MappingOf[str, int], skills: Skills) -> bool:
    """Whether an operator who has these skills is good enough in each that is asked for."""
    return all(operator.get(name, 0) >= level for name, level in skills)
