"""Menus that say the same: mostly a text that was copied to be changed, and was not."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.subject import Subject


def menus_alike(subject: Subject) -> Iterator[Fault]:
    """A menu whose text is that of one above it, in any language."""
    first: dict[tuple[str, str], str] = {}
    for choice in subject.reached:
        texts = {language: subject.text(choice.prompts, language).casefold() for language in subject.menu.languages}
        alike = {language: first[language, text] for language, text in texts.items() if (language, text) in first}
        first |= {(language, text): choice.name for language, text in texts.items() if text}
        if alike:
            language, other = next(iter(alike.items()))
            yield warn("menus-alike", subject.places.entry("menus", choice.name, "prompts"),
                       f"menu `{choice.name}` says the same as menu `{other}` in `{language}`",
                       "write a text of its own: callers can't tell where they are")
