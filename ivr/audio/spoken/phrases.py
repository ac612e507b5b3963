"""A value in words, each of which is one clip: the way in for menus, chats and whoever renders or records clips."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from ivr.audio.spoken import clips, english, english_numbers, russian, russian_numbers
from ivr.audio.spoken.forms import NAMES, Form, unique
from ivr.audio.spoken.values import PAUSE, Value, Words

_LANGUAGES: Mapping[str, dict[str, Form[Any]]] = {"en": english.FORMS, "ru": russian.FORMS}
LANGUAGES = tuple(_LANGUAGES)


def spoken(language: str, form: str, value: Value, detail: str = "") -> Words:
    """The words to be said one after the other, each a member of vocabulary(language, [detail]).

    Raises ValueError with the reason, which never quotes the value: it may be a secret.
    """
    chosen = _form(language, form)
    return chosen.say(value, chosen.read(detail))


def text(language: str, form: str, value: Value, detail: str = "") -> str:
    """The same as text, for chats and terminals: "one two three, four five six"."""
    return " ".join(spoken(language, form, value, detail)).replace(f" {PAUSE}", PAUSE)


def check(language: str, form: str, detail: str = "") -> None:
    """Raises ValueError with the reason if no value could be said so: before a call, when a menu is read."""
    _form(language, form).read(detail)


def vocabulary(language: str, nouns: Iterable[str] = (), forms: Collection[str] = NAMES) -> Words:
    """Every word that the forms can bring out, in a fixed order; `nouns` are details of `count` such as `day|days`."""
    words = [_form(language, form).words for form in forms]
    read = _form(language, "count").read
    return unique(*words, *(_own_words(read(noun)) for noun in nouns))


def clip_of(language: str, word: str) -> str:
    """Where the clip of a word stands below the folder of prompts: "ru/words/dvadtsat.wav".

    No two words have the same. Words of our own have plain names; a noun of an admin's whose plain name is taken, or
    would be another word's too (недель, недел), has eight digits behind it.
    """
    plain = word in _fixed(language) or (
        clips.says_its_word(word, language == "ru") and clips.plain_name(word) not in _names(language))
    return f"{language}/words/{clips.plain_name(word) if plain else clips.numbered_name(word)}.wav"


def _form(language: str, form: str) -> Form[Any]:
    if language not in _LANGUAGES:
        raise ValueError(f"values can be said in {' and '.join(LANGUAGES)}, not in “{language}”")
    if form not in _LANGUAGES[language]:
        raise ValueError(f"“{form}” is no form of saying a value: {', '.join(NAMES)} are")
    return _LANGUAGES[language][form]


def _own_words(noun: english_numbers.Noun | russian_numbers.Noun | None) -> Words:
    if isinstance(noun, english_numbers.Noun):
        return unique((noun.one, noun.many))
    return noun.words() if noun else ()


@cache
def _fixed(language: str) -> frozenset[str]:
    return frozenset(vocabulary(language))


@cache
def _names(language: str) -> frozenset[str]:
    return frozenset(clips.plain_name(word) for word in _fixed(language))
