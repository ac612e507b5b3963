"""A form of speaking: how the detail behind its name is read, how a value is said, and every word that can come out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr.audio.spoken.values import Words

Detail = TypeVar("Detail")
LONGEST_NOUN = 60                   # characters of one form: each becomes up to four letters of a file's name
NAMES = ("count", "digits", "money", "duration", "date", "time")


@dataclass(frozen=True)
class Form(Generic[Detail]):
    """`read` and `say` raise ValueError with the reason; `words` leaves out the admins' own nouns."""

    read: Callable[[str], Detail]
    say: Callable[[object, Detail], Words]
    words: Words


def keywords(*choices: Collection[str]) -> Callable[[str], Words]:
    """A reader of details such as "minutes accusative": one word or none of each of the choices, in any order.

    What it reads has one string for each of the choices, "" where the detail names none.
    """
    allowed = [word for group in choices for word in group]

    def read(detail: str) -> Words:
        given = detail.split()
        for word in given:
            if word not in allowed:
                raise ValueError(f"“{word}” means nothing here: {', '.join(allowed) or 'nothing'} is allowed")
        return tuple(_only([word for word in given if word in group]) for group in choices)

    return read


def _only(given: list[str]) -> str:
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} don't go together")
    return given[0] if given else ""


def noun_forms(detail: str) -> list[str]:
    """What stands between the strokes of `day|days`, with single spaces; [] if the detail is empty."""
    forms = [" ".join(form.split()) for form in detail.split("|")]
    if max(len(form) for form in forms) > LONGEST_NOUN:
        raise ValueError(f"a form of a noun has {LONGEST_NOUN} characters at most")
    return forms if any(forms) or len(forms) > 1 else []


def unique(*words: Collection[str]) -> Words:
    """All of them in order, each once; empty ones left out."""
    return tuple(dict.fromkeys(word for each in words for word in each if word))
