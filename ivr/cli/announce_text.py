"""A text, or recordings, become a notice that lines can say: `hotline announce 100 --text en="…" --file ru=x.wav`."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from ivr.cli.progress import counted, progress

if TYPE_CHECKING:
    from ivr.audio.clip_verdicts import Verdict
    from ivr.base.config import Config

TAKEN_UP = 30.0         # s for the service to read it and give its sounds to the planes; it looks every 2 s
ASK_EVERY = 0.5         # s


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """`en=...` by language."""
    found: dict[str, str] = {}
    for text in given:
        language, sign, value = text.partition("=")
        if not sign or not value.strip() or not language.isalpha() or language in found:
            raise typer.BadParameter(f"{text!r}: say it once for each language, as en=…", param_hint=option)
        found[language] = " ".join(value.split()) if option == "--text" else value
    return found


def make_notice(config_path: Path, line: str, texts: Mapping[str, str], files: Mapping[str, str]) -> str:
    """Have it rendered, or imported, in every language of the menus; returns its name. Raises AdminError; then nothing
    has changed for callers."""
    from ivr.cli.prompts_build import configured
    from ivr.drivers.config_file import load_config
    from ivr.exchange.ordering import EVERY
    from ivr.service import notice_making
    from ivr.service.loading import languages_of

    config = load_config(config_path)
    if line != EVERY and config.line_for(line) is None:
        numbers = [number for one in config.lines for number in one.numbers]
        raise AdminError([Fault(Place(line), "no line has this number", did_you_mean(line, numbers))])
    _every_language({**texts, **files}, languages_of(config))
    _engines_there(config, config_path, texts)
    name = notice_making.name_of(texts, files)
    needed = notice_making.clips_of(name, texts, files)
    if files:
        notice_making.bring(config, [one for one in needed if one.language in files], files, _warn)
    if texts:
        spoken = [one for one in needed if one.language in texts]
        with progress("speaking") as advance:
            notice_making.render(config, configured(config_path, config.prompts.engines), spoken, advance,
                                 lambda language: f"or record it and say --file {language}={language}.wav")
        typer.echo(f"{counted(len(spoken), 'text')} spoken", err=True)
    notice_making.keep(config, name, needed)
    return name


def taken_up(ask: Callable[[], Any], name: str) -> Any:
    """Ask until the service knows the notice. Raises AdminError with whatever else is wrong, or when it takes too
    long."""
    until = time.monotonic() + TAKEN_UP
    with progress("the service takes it up") as advance:
        while True:
            try:
                return ask()
            except AdminError as error:
                if f"has no prompt '{name}'" not in error.faults[0].message:
                    raise
                if time.monotonic() > until:
                    raise AdminError([Fault(Place("hotline announce"), "the service has not taken up the new sounds",
                                            "its log says why (menus_refused); then `hotline announce` with this name: "
                                            f"{name}")]) from None
            advance(0, 1, "")
            time.sleep(ASK_EVERY)


def _every_language(given: Collection[str], languages: Collection[str]) -> None:
    unknown = [language for language in given if language not in languages]
    if unknown:
        raise AdminError([Fault(Place(unknown[0]), "no menu speaks this language", f"there is {', '.join(languages)}")])
    missing = [language for language in languages if language not in given]
    if missing:
        raise AdminError([Fault(Place("hotline announce"), f"callers hear {', '.join(missing)} too",
                                "add " + " ".join(f"--text {language}=…" for language in missing)
                                + ", or a recording: " + " ".join(f"--file {one}={one}.wav" for one in missing))])


def _engines_there(config: "Config", config_path: Path, texts: Collection[str]) -> None:
    faults = [Fault(Place(str(config_path)), f"nothing speaks {language}: `prompts.engines` names no engine for it",
                    f"name one, or record it and say --file {language}={language}.wav")
              for language in texts if language not in config.prompts.engines]
    if faults:
        raise AdminError(faults)


def _warn(file: str, verdict: "Verdict") -> None:
    typer.echo(f"{file}: warning: {verdict.message} ({verdict.remedy})", err=True)
