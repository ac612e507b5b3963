"""What each line could be made to say: for the page of lines."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.drivers.menu_files import stamps
from ivr.menu.model import Prompt
from ivr.menu.notices import sayable
from ivr.service.loading import load_said
from ivr.service.menu_watch import watched


def listed(config: Config, arguments: Mapping[str, Any], told: Callable[[int, int, str], None]) -> dict[str, Any]:
    """By the first number of each line its prompts in which no value is said, with their texts and sounds by language.
    `files` and `seen` as in the list of prompts. Raises AdminError."""
    files = watched(config)
    seen = stamps(files, str(config.prompts.folder))
    change = load_said(config).change
    lines = {line.numbers[0]: sayable(change.menus[str(line.menu)], change.announcements) for line in config.lines}
    languages = tuple(dict.fromkeys(language for menu in change.menus.values() for language in menu.languages))
    return {"files": files, "seen": {path: list(stamp) if stamp else None for path, stamp in seen.items()},
            "languages": list(languages), "engines": {one: one in config.prompts.engines for one in languages},
            "lines": {number: {name: _shown(prompt, Path(config.prompts.folder)) for name, prompt in said.items()}
                      for number, said in lines.items()}}


def _shown(prompt: Prompt, folder: Path) -> dict[str, Any]:
    return {"texts": {language: wording.text for language, wording in prompt.wordings.items()},
            "clips": {language: wording.clip for language, wording in prompt.wordings.items()
                      if (folder / wording.clip).is_file()}}
