"""Which clips are to be played, in which pieces, and which tapered prompt is due. Pure."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from ivr.menu.expressions.values import Value
from ivr.menu.model import Choice, Menu, Taper, Wording
from ivr.menu.templates import clips_of


class Piece(NamedTuple):
    """What is played in one go: may a key interrupt it, its clips, and what a channel of text writes instead."""

    barge_in: bool
    clips: tuple[str, ...]
    words: tuple[str, ...] = ()


def pieces(menu: Menu, prompts: Iterable[str], languages: tuple[str, ...],
           values: Callable[[], Mapping[str, Value]]) -> list[Piece]:
    """The prompts in each of `languages`, one language after the other, cut where barge-in changes. `values` are asked
    for where a prompt says some."""
    said = [(language, menu.prompts[name]) for language in languages for name in prompts]
    found = [(prompt.barge_in, _clips(prompt.wordings[language], language, values)) for language, prompt in said]
    joined = [Piece(barge_in, tuple(clip for _, clips in group for clip in clips))
              for barge_in, group in groupby(found, itemgetter(0))]
    return [piece for piece in joined if piece.clips]


def in_one(said: Iterable[Piece]) -> list[Piece]:
    """All of it as one piece that no key interrupts; [] if there is nothing."""
    said = list(said)
    return [Piece(False, tuple(clip for piece in said for clip in piece.clips),
                  tuple(words for piece in said for words in piece.words))] if said else []


def _clips(wording: Wording, language: str, values: Callable[[], Mapping[str, Value]]) -> tuple[str, ...]:
    return clips_of(wording.parts, language, values()) if wording.parts else (wording.clip,)


def languages_of(menu: Menu, choice: Choice, language: str) -> tuple[str, ...]:
    """The languages in which this menu is heard: the call's, or all while the caller has yet to choose."""
    return menu.languages if choice.all_languages else (language,)


def due(tapers: Iterable[Taper], number: int) -> tuple[str, ...]:
    """The prompts for the `number`-th time: those with the highest count that is not above it (VoiceXML 2.1 §5.2)."""
    reached = [taper for taper in tapers if taper.count <= number]
    return max(reached, key=attrgetter("count")).prompts if reached else ()
