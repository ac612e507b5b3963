"""What a key makes of the keys typed so far. Pure; the interpreter keeps the time."""

from collections.abc import Collection
from enum import Enum


class Entry(Enum):
    """How far the caller's typing has come."""

    CHOSEN = "an option, and nothing longer could come"
    OPEN = "an option may still come, or a longer one"
    WRONG = "no option"
    ANEW = "the caller begins to type anew"


def add_key(options: Collection[str], term_char: str, typed: str, digit: str) -> tuple[Entry, str]:
    """Read `digit` after `typed`; returns how it stands and the keys as they are now.

    A key with which an option goes on is always data. Else the terminator closes what was typed before it, and is no
    part of it; as a first key it closes nothing and is no option. When only the terminator could still come, nobody
    waits for it (VoiceXML's termtimeout of 0).
    """
    keys = typed + digit
    reach = [option for option in options if option.startswith(keys)]
    if reach == [keys]:
        return Entry.CHOSEN, keys
    if reach:
        return Entry.OPEN, keys
    if typed and digit == term_char:
        return close(options, typed), typed
    return Entry.WRONG, keys


def close(options: Collection[str], typed: str) -> Entry:
    """Read what was typed as all that the caller will type: the terminator came, or the interdigit time ran out."""
    return Entry.CHOSEN if typed in options else Entry.WRONG
