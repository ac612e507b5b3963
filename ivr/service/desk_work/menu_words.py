"""What callers of one version of a menu heard, in words: for the timeline of a call."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ivr.base.config import Config
from ivr.menu.loader import load_menu
from ivr.menu.model import Choice, Menu, Prompt
from ivr.menu.sources import Sources


def of_version(config: Config, arguments: Mapping[str, Any], told: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Of the menu with this `text` in `file` and those it hands over to, `others` by path: what each menu says, and
    each prompt, by language. Names of the configuration go unchecked: they may be others by now. Raises AdminError."""
    menu = load_menu(str(arguments["text"]), str(arguments["file"]), None, None, Sources(dict(arguments["others"])))
    return {"languages": list(menu.languages),
            "menus": {name: _says(menu, choice) for name, choice in menu.choices.items()},
            "prompts": {name: _texts(menu, [prompt]) for name, prompt in menu.prompts.items()}}


def _says(menu: Menu, choice: Choice) -> dict[str, str]:
    return _texts(menu, [menu.prompts[name] for name in choice.prompts if name in menu.prompts])


def _texts(menu: Menu, prompts: Iterable[Prompt]) -> dict[str, str]:
    said = list(prompts)
    return {language: " ".join(prompt.wordings[language].text or f"({prompt.wordings[language].clip})"
                               for prompt in said if language in prompt.wordings)
            for language in menu.languages}
