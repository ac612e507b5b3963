"""Languages that the file has and nobody can come to hear."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.subject import Subject
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
