"""Which clips are to be played, in which pieces, and which tapered prompt is due. Pure."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter, itemgetter

from ivr.menu.expressions.values import Value
from ivr.menu.model import Choice, Menu, Taper, Wording
from ivr.menu.templates import clips_of

Piece = tuple[bool, tuple[str, ...]]      # may a key interrupt it, and its clips


def pieces(menu: Menu, prompts: Iterable[str], languages: tuple[str, ...],
           values: Callable[[], Mapping[str, Value]]) -> list[Piece]:
    """The prompts in each of `languages`, one language after the other, cut where barge-in changes. `values` are asked
    for where a prompt says some."""
    said = [(language, menu.prompts[name]) for language in languages for name in prompts]
    found = [(prompt.barge_in, _clips(prompt.wordings[language], language, values)) for language, prompt in said]
    joined = [(barge_in, tuple(clip for _, clips in group for clip in clips))
              for barge_in, group in groupby(found, itemgetter(0))]
    return [(barge_in, clips) for barge_in, clips in joined if clips]


def _clips(wording: Wording, language: str, values: Callable[[], Mapping[str, Value]]) -> tuple[str, ...]:
    return clips_of(wording.parts, language, values()) if wording.parts else (wording.clip,)


def languages_of(menu: Menu, choice: Choice, language: str) -> tuple[str, ...]:
    """The languages in which this menu is heard: the call's, or all while the caller has yet to choose."""
    return menu.languages if choice.all_languages else (language,)


def due(tapers: Iterable[Taper], number: int) -> tuple[str, ...]:
    """The prompts for the `number`-th time: those with the highest count that is not above it (VoiceXML 2.1 §5.2)."""
    reached = [taper for taper in tapers if taper.count <= number]
    return max(reached, key=attrgetter("count")).prompts if reached else ()
