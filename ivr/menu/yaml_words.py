"""Reads the YAML of menus: beside what YAML itself forbids, what it takes in silence and no admin means."""

import re
from typing import NoReturn

from ivr.base import located_yaml
from ivr.base.errors import AdminError, Fault, Place

# `#:` begins a comment for YAML, so an unquoted key # vanishes without a word.
LOST_KEY = re.compile(r"^\s*#\s*:\s*(back|repeat|hangup|[{\[].*|(say|goto|queue|transfer|language):.*)?\s*$")


def load(text: str, file: str) -> located_yaml.Mapping:
    """The mapping that the file holds. Raises AdminError with the place and, in plain words, what to do."""
    root = located_yaml.load(text, file)
    if lost := [Fault(Place(file, number, line.index("#") + 1), "YAML takes this line for a comment",
                      'put the key in quotes: "#":', code="yaml-lost-key")
                for number, line in enumerate(text.splitlines(), 1) if LOST_KEY.match(line)]:
        raise AdminError(lost)
    if not isinstance(root, located_yaml.Mapping):
        refuse(root.place, "a menu file begins with a key and a colon", "see the sample in menus/",
               code="yaml-no-entries")
    return root


def refuse(place: Place, message: str, remedy: str, code: str) -> NoReturn:
    """Give up on the file at once: what follows this fault could not be read anyway."""
    raise AdminError([Fault(place, message, remedy, code=code)])
