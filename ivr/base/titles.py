"""What something is called on a screen: one text for all languages, or one for each. Names in files stay as they are.

    title: Cards
    title: {en: Cards, ru: Карты}
"""

import re
from collections.abc import Mapping

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node
from ivr.base.reader import Reader

ALL = ""                # the language of a title that is the same in every one
LONGEST = 80            # characters: a button, a row of a table
LANGUAGE = re.compile(r"[a-z]{2,3}")
Titles = Mapping[str, str]
"""By language; under ALL where it is the same in all. Without entries there is no title."""


def title_in(titles: Titles, language: str) -> str:
    """In this language, else the one for all; "" without both."""
    return titles.get(language) or titles.get(ALL, "")


def read_titles(reader: Reader, node: Node | None, of: str) -> Titles:
    """What stands behind `title:` of whatever has a name in a file; {} without it."""
    if node is None:
        return {}
    if not isinstance(node, YamlMapping):
        return {ALL: _read(reader, node, of)}
    reader.mapping(node, f"the title of {of}")
    for key in node.entries:
        if not LANGUAGE.fullmatch(key):
            reader.fault(node.key_places[key], f"`{key}` is no language, in the title of {of}",
                         "two or three small letters, as {en: Cards, ru: Карты}", code="language-invalid")
    return {language: _read(reader, each, of) for language, each in node.entries.items()}


def _read(reader: Reader, node: Node, of: str) -> str:
    text = reader.text(node, f"the title of {of}") or ""
    if len(text) > LONGEST:
        reader.fault(node.place, f"the title of {of} has {len(text)} characters", f"up to {LONGEST} fit on a screen",
                     code="title-too-long")
    return text
