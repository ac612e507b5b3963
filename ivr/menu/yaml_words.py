"""Reads YAML for admins: what the library says of a faulty file is put into words that tell what to do."""

import re
from typing import NoReturn

from ivr.base import located_yaml
from ivr.base.errors import AdminError, Fault, Place

QUOTE_KEY = 'put the key in quotes: "*":'

# What PyYAML says (the beginning of it) → what is wrong, what to do. The first that fits is taken.
WORDS = (
    ("found character '\\t'", "a tab", "indent with spaces"),
    ("found character", "a value can't begin with this sign", "put the text in quotes"),
    ("mapping values are not allowed", "a colon where none can stand",
     "a text with a colon in it goes in quotes; else check how far this line is indented"),
    ("expected <block end>, but found '<scalar>'", "more text where the line should have ended",
     "look for a quote that is not closed, a quote inside a text, or a key without its colon"),
    ("expected <block end>", "this line begins in another column than those it belongs to",
     "lines of one list or one mapping begin in the same column"),
    ("expected ',' or", "a bracket { or [ is not closed before this",
     'close it; put a comma between values, and "*" and "#" in quotes'),
    ("found unexpected end of stream", "a quote was opened and never closed", "close the text with the same quote"),
    ("could not find expected ':'", "a key in the line above has no colon", 'write "1": and then what the key does'),
    ("found unknown escape character", "a backslash has a meaning of its own in double quotes", "use single quotes"),
    ("but found another document", "`---` begins a second document", "one file holds one document: take the line out"),
)
# `#:` begins a comment for YAML, so an unquoted key # vanishes without a word.
LOST_KEY = re.compile(r"^\s*#\s*:\s*(back|repeat|hangup|[{\[].*|(say|goto|queue|transfer|language):.*)?\s*$")
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def load(text: str, file: str) -> located_yaml.Mapping:
    """The mapping that the file holds. Raises AdminError with the place and, in plain words, what to do."""
    if found := UNREADABLE.search(text):
        refuse(_place_of(text, found.start(), file), f"a character that can't be shown (U+{ord(found.group()):04X})",
               "delete it; the file must be text in UTF-8")
    try:
        root = located_yaml.load(text, file)
    except AdminError as error:
        raise AdminError([_reworded(fault, text) for fault in error.faults]) from error
    if lost := [Fault(Place(file, number, line.index("#") + 1), "YAML takes this line for a comment",
                      'put the key in quotes: "#":')
                for number, line in enumerate(text.splitlines(), 1) if LOST_KEY.match(line)]:
        raise AdminError(lost)
    if not isinstance(root, located_yaml.Mapping):
        refuse(root.place, "a menu file begins with a key and a colon", "see the sample in menus/")
    return root


def refuse(place: Place, message: str, remedy: str) -> NoReturn:
    """Give up on the file at once: what follows this fault could not be read anyway."""
    raise AdminError([Fault(place, message, remedy)])


def _reworded(fault: Fault, text: str) -> Fault:
    if star := _unquoted_star(fault, text):
        return star
    for begins, message, remedy in WORDS:
        if fault.message.startswith(begins):
            return Fault(fault.place, message, remedy)
    return fault


def _unquoted_star(fault: Fault, text: str) -> Fault | None:
    """YAML reads `*` as the beginning of an alias; the place is that of the sign, not of what follows it."""
    if not fault.message.startswith(("expected alphabetic", "found undefined alias")):
        return None
    place = fault.place
    line = text.splitlines()[place.line - 1]
    column = max(line.rfind(sign, 0, place.column) for sign in "*&") + 1
    sign = line[column - 1] if column else "*"
    remedy = QUOTE_KEY if sign == "*" else "put the text in quotes"
    return Fault(Place(place.file, place.line, column or place.column),
                 f"an unquoted {sign} has a meaning of its own in YAML", remedy)


def _place_of(text: str, index: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
