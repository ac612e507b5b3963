"""An announcement that somebody types: spoken in every language of the menus, and known to the service."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.spoken_notices import path_of, read_notices
from ivr.service import notice_making
from ivr.service.desk_work.engines import engines_of
from ivr.service.desk_work.prompt_takes import form_of
from ivr.service.loading import languages_of

Told = Callable[[int, int, str], None]


def make(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Of `texts` and, where somebody spoke it, of `sounds` (files), by language. What came of it can be heard at once,
    and be ordered as soon as the service has taken it up, a few seconds later. Raises AdminError; then nothing has
    changed for callers."""
    sounds = {str(language): str(file) for language, file in arguments.get("sounds", {}).items()}
    texts = {str(language): " ".join(str(text).split()) for language, text in arguments["texts"].items()
             if language not in sounds}
    texts = {language: text for language, text in texts.items() if text}
    _checked(config, texts, sounds, languages_of(config))
    with tempfile.TemporaryDirectory(prefix="hotline-spoken-") as folder:
        files = {language: _named(file, language, folder) for language, file in sounds.items()}
        name = notice_making.name_of(texts, files)
        needed = notice_making.clips_of(name, texts, files)
        if files:
            notice_making.bring(config, [one for one in needed if one.language in files], files, lambda *verdict: None)
        notice_making.render(config, engines_of(config), [one for one in needed if one.language in texts], told,
                             lambda language: "or record it, or choose a ready prompt")
    if not _is_known(config, name, {one.language: one.text for one in needed}):
        notice_making.keep(config, name, needed)
    return {"prompt": name, "clips": {one.language: one.clip for one in needed}}


def _named(file: str, language: str, folder: str) -> str:
    """A copy of what somebody sent, under a name that says what it is."""
    named = Path(folder) / f"{language}{form_of(Path(file), language)}"
    shutil.copyfile(file, named)
    return str(named)


def _is_known(config: Config, name: str, texts: Mapping[str, str]) -> bool:
    """Written down already: then the service has nothing to take up."""
    return dict(read_notices(path_of(str(Path(config.state_dir)))).get(name, {})) == dict(texts)


def _checked(config: Config, texts: Mapping[str, str], sounds: Mapping[str, str], languages: tuple[str, ...]) -> None:
    faults = [Fault(Place(language), "no menu speaks this language", f"there is {', '.join(languages)}",
                    code="notice-language") for language in (*texts, *sounds) if language not in languages]
    faults += [Fault(Place(language), "callers hear this language too, and its text is missing",
                     "write it in every language of the menus", code="notice-language")
               for language in languages if language not in texts and language not in sounds]
    faults += [Fault(Place(language), "no engine speaks this language",
                     "record it, or choose a ready prompt; `prompts.engines` in config.yaml names engines",
                     code="render-no-engine")
               for language in texts if language in languages and language not in config.prompts.engines]
    if faults:
        raise AdminError(faults)
