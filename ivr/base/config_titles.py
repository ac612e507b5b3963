"""Titles in config.yaml: `title: Cards`, or `title: {en: Cards, ru: Карты}`."""

from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ivr.base.titles import ALL, LANGUAGE, LONGEST


def _read(given: Any) -> Any:
    titles = {ALL: given} if isinstance(given, str) else given
    if isinstance(titles, Mapping) and all(isinstance(text, str) for text in titles.values()):
        return _usable(titles)
    return titles               # pydantic says what is wrong with it


def _usable(titles: Mapping[str, str]) -> dict[str, str]:
    for language, text in titles.items():
        if language != ALL and not LANGUAGE.fullmatch(language):
            _refuse(f'"{language}" is not a language', "a title is a text, or one for each language: {en: …, ru: …}")
        if not text.strip() or len(text) > LONGEST:
            _refuse("this is no title", f"1 to {LONGEST} characters")
    return {language: " ".join(text.split()) for language, text in titles.items()}


def _refuse(message: str, remedy: str) -> NoReturn:
    raise PydanticCustomError("word", "{message}", {"message": message, "remedy": remedy})


AsTitles = BeforeValidator(_read)
"""Of a mapping by language; without entries there is no title."""
