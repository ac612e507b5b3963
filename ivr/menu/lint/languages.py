"""Languages that the file has, and in which something is missing that no caller hears of."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.base.titles import ALL
from ivr.menu.lint.subject import Subject, listed
from ivr.menu.lint.ways import spots
from ivr.menu.model import Speak


def unchosen_languages(subject: Subject) -> Iterator[Fault]:
    """Languages in which no call begins and that no key chooses."""
    chosen = {spot.action.language for choice in subject.reached for spot in spots(choice)
              if isinstance(spot.action, Speak)}
    for language in subject.menu.languages:
        if language not in chosen | subject.first_languages:
            yield warn("language-unchosen", subject.places.language(language),
                       f"nobody can choose language `{language}`",
                       f"write an option with `language: {language}`, or take the language out")


def titles_missing(subject: Subject) -> Iterator[Fault]:
    """Titles that a screen in one of the languages would have to do without."""
    for name, choice in subject.menu.choices.items():
        lacks = [language for language in subject.menu.languages if language not in choice.titles]
        if choice.titles and ALL not in choice.titles and lacks:
            yield warn("title-incomplete", subject.places.entry("menus", name, "title"),
                       f"the title of menu `{name}` is missing in {listed(lacks)}",
                       "write it for each language of the file, or one text for all")
