"""What a channel of text writes in the place of what callers hear.

A prompt's own `text:` stands as it is. Of a text that is spoken, sentences that tell callers which keys to press are
left out where these are offered beside it, as buttons or a numbered list: "Cards. For limits, press three." leaves
"Cards.". A sentence with a value in it stays, and all do where the number words of the language are not known.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from ivr.menu.expressions.values import Value
from ivr.menu.lint.number_words import named_keys, understood
from ivr.menu.model import Announcements, Menu, Wording
from ivr.menu.prompting import Piece
from ivr.menu.templates import VALUE, clips_of
from ivr.menu.text import values as in_writing

BETWEEN = re.compile(r"(?<=[.!?;…])\s+")        # two sentences
EDGES = " \t\n.,:;!?—–-"


def pieces(menu: Menu, prompts: Iterable[str], languages: tuple[str, ...], values: Mapping[str, Value],
           offered: Collection[str]) -> list[Piece]:
    """The prompts in each of `languages` as one piece: their words, and the clips by which one knows them. `offered`:
    the keys that need not be told."""
    clips: list[str] = []
    words: list[str] = []
    for language in languages:
        for name in prompts:
            wording = menu.prompts[name].wordings[language]
            text = text_of(wording, language, values, offered)
            if text is None:
                continue
            clips += _clips(wording, language, values)
            words += [text] if text else []
    return [Piece(False, tuple(clips), tuple(words))] if clips or words else []


def text_of(wording: Wording, language: str, values: Mapping[str, Value], offered: Collection[str] = ()) -> str | None:
    """What is written of a wording; "" where nothing is left to write, None where a value of it is missing."""
    said = wording.to_write
    text = said.text if wording.written else without_keys(said.text, language, offered)
    filled: dict[str, str] = {}
    if not said.values:
        return text
    for spoken, place in zip(said.values, VALUE.finditer(said.text), strict=True):
        value = values.get(spoken.name)
        if value is None or isinstance(value, bool | tuple):
            return None
        try:
            filled[place[0]] = in_writing.written(language, spoken.form, value, spoken.detail)
        except ValueError:
            return None
    return VALUE.sub(lambda place: filled[place[0]], text)


def without_keys(text: str, language: str, offered: Collection[str]) -> str:
    """The text without the sentences that tell to press one of these keys, and without those behind them that go on in
    the same way: "To hear it, two."."""
    if not offered or not understood(language):
        return text
    kept: list[str] = []
    told = False
    for sentence in BETWEEN.split(text):
        if VALUE.search(sentence):
            kept.append(sentence)
        elif tells_keys(sentence, language, offered, told):
            told = True
        else:
            kept.append(sentence)
    return " ".join(kept) if told else text


def tells_keys(sentence: str, language: str, offered: Collection[str], goes_on: bool) -> bool:
    """Whether the sentence tells to press one of these; `goes_on`: behind one that does, the number alone will do."""
    end = len(sentence.rstrip(EDGES))
    return any(named.keys in offered and (named.asked or (goes_on and named.end >= end))
               for named in named_keys(sentence, language))


def texts_of(source: Menu | Announcements) -> dict[str, str]:
    """What stands in writing for each clip that is a whole prompt without values."""
    return {wording.clip: wording.to_write.text for prompt in source.prompts.values()
            for wording in prompt.wordings.values() if not wording.parts and wording.clip}


def _clips(wording: Wording, language: str, values: Mapping[str, Value]) -> tuple[str, ...]:
    return clips_of(wording.parts, language, values) if wording.parts else (wording.clip,)
