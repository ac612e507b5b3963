"""Which clips are to be played, in which pieces, and which tapered prompt is due. Pure."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from ivr.menu.model import Choice, Menu, Taper

Piece = tuple[bool, tuple[str, ...]]      # may a key interrupt it, and its clips


def pieces(menu: Menu, prompts: Iterable[str], languages: tuple[str, ...]) -> list[Piece]:
    """The prompts in each of `languages`, one language after the other, cut where barge-in changes."""
    spoken = [(language, menu.prompts[name]) for language in languages for name in prompts]
    return [(barge_in, tuple(prompt.wordings[language].clip for language, prompt in group))
            for barge_in, group in groupby(spoken, lambda pair: pair[1].barge_in)]


def languages_of(menu: Menu, choice: Choice, language: str) -> tuple[str, ...]:
    """The languages in which this menu is heard: the call's, or all while the caller has yet to choose."""
    return menu.languages if choice.all_languages else (language,)


def due(tapers: Iterable[Taper], number: int) -> tuple[str, ...]:
    """The prompts for the `number`-th time: those with the highest count that is not above it (VoiceXML 2.1 §5.2)."""
    reached = [taper for taper in tapers if taper.count <= number]
    return max(reached, key=attrgetter("count")).prompts if reached else ()
