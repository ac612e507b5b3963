"""What can be said outside a menu: the prompts of its file and the announcements in which no value is said."""

from collections.abc import Iterable, Mapping

from ivr.menu.expressions.values import Value
from ivr.menu.model import Announcements, Menu, Prompt
from ivr.menu.templates import clips_of


def sayable(menu: Menu, announcements: Announcements) -> Mapping[str, Prompt]:
    """By name; an announcement comes before a prompt of the menu."""
    prompts = {**menu.prompts, **announcements.prompts}
    return {name: prompt for name, prompt in prompts.items() if _says_no_value(prompt)}


def clips_said(menu: Menu, announcements: Announcements, names: Iterable[str], language: str) -> tuple[str, ...]:
    """Of these prompts in this language, or in the first that each has. Names that there are no longer, since the files
    were changed, are passed over."""
    prompts = [_named(menu, announcements, name) for name in names]
    wordings = [prompt.wordings for prompt in prompts if prompt is not None and _says_no_value(prompt)]
    return tuple((said.get(language) or next(iter(said.values()))).clip for said in wordings)


def clips_saying(menu: Menu, announcements: Announcements, name: str, language: str,
                 values: Mapping[str, Value]) -> tuple[str, ...]:
    """As clips_said, of one prompt in which values may be said; () if one of them is missing."""
    prompt = _named(menu, announcements, name)
    if prompt is None:
        return ()
    language = language if language in prompt.wordings else next(iter(prompt.wordings))
    wording = prompt.wordings[language]
    return clips_of(wording.parts, language, values) if wording.parts else (wording.clip,)


def _named(menu: Menu, announcements: Announcements, name: str) -> Prompt | None:
    return announcements.prompts.get(name) or menu.prompts.get(name)


def _says_no_value(prompt: Prompt) -> bool:
    return not any(wording.parts for wording in prompt.wordings.values())
