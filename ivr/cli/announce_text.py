"""A text, or recordings, become a notice that lines can say: `hotline announce 100 --text en="…" --file ru=x.wav`."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from ivr.cli.progress import counted, progress

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.drivers.prompt_import import Import
    from ivr.menu.needed_clips import NeededClip

TAKEN_UP = 30.0         # s for the service to read it and give its sounds to the planes; it looks every 2 s
ASK_EVERY = 0.5         # s
FOLDER = "notices"


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
    from ivr.drivers.config_file import load_config
    from ivr.drivers.spoken_notices import keep_notice, path_of
    from ivr.drivers.state_files import StateFiles
    from ivr.exchange.ordering import EVERY
    from ivr.menu.needed_clips import NeededClip
    from ivr.service.loading import languages_of

    config = load_config(config_path)
    if line != EVERY and config.line_for(line) is None:
        numbers = [number for one in config.lines for number in one.numbers]
        raise AdminError([Fault(Place(line), "no line has this number", did_you_mean(line, numbers))])
    _every_language({**texts, **files}, languages_of(config))
    _engines_there(config, config_path, texts)
    name = _name(texts, files)
    needed = [NeededClip(f"{language}/{FOLDER}/{name}.wav", language, texts.get(language, ""))
              for language in (*texts, *files)]
    if files:
        _import(config, [one for one in needed if one.language in files], files)
    if texts:
        _render(config, config_path, [one for one in needed if one.language in texts])
    state = Path(config.state_dir)
    said = {str(order.get("prompt")) for order in StateFiles(state).orders()}
    keep_notice(path_of(str(state)), name, {one.language: one.text for one in needed}, said)
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


def _name(texts: Mapping[str, str], files: Mapping[str, str]) -> str:
    """The same texts and recordings have the same name: given twice they are made once."""
    try:
        contents = {language: hashlib.sha256(Path(file).read_bytes()).hexdigest() for language, file in files.items()}
    except OSError as error:
        raise AdminError([Fault(Place(str(error.filename)), f"can't be read: {error.strerror}")]) from None
    told = json.dumps([texts, contents], sort_keys=True)
    return f"said_{hashlib.sha256(told.encode()).hexdigest()[:10]}"


def _render(config: "Config", config_path: Path, needed: "list[NeededClip]") -> None:
    from ivr.cli.prompts_build import configured
    from ivr.drivers.private_files import make_private_folder
    from ivr.drivers.prompt_rendering import Build, ClipFailed
    from ivr.drivers.rendered_cache import RenderedCache

    make_private_folder(Path(config.state_dir))
    build = Build(needed, Path(config.prompts.folder), configured(config_path, config.prompts.engines),
                  RenderedCache(Path(config.state_dir) / "rendered"))
    wanted, faults = build.wanted(), list[Fault]()
    with progress("speaking") as advance, closing(build.steps(wanted)) as made:
        for step in made:
            advance(step.done, step.total, step.language)
            if isinstance(step, ClipFailed) and step.fault is not None:
                faults.append(Fault(step.fault.place, step.fault.message, f"{step.fault.remedy}; or record it and say "
                                    f"--file {step.language}={step.language}.wav"))
    if faults:
        raise AdminError(faults)
    typer.echo(f"{counted(len(needed), 'text')} spoken", err=True)


def _import(config: "Config", needed: "list[NeededClip]", files: Mapping[str, str]) -> None:
    """As `hotline prompts import` does: looked at, evened, trimmed, listed as recorded."""
    from ivr.drivers.prompt_import import Import

    with tempfile.TemporaryDirectory(prefix="hotline-announce-") as folder:
        for one in needed:
            source = Path(files[one.language])
            target = (Path(folder) / one.clip).with_suffix(source.suffix)
            target.parent.mkdir(parents=True)
            shutil.copyfile(source, target)
        bringing = Import(Path(folder), Path(config.prompts.folder), needed)
        _carry_out(bringing, files)


def _carry_out(bringing: "Import", files: Mapping[str, str]) -> None:
    plan = bringing.plan()
    faults = [Fault(Place(str(files[one.clip.partition("/")[0]])), one.fault.message, one.fault.remedy)
              for one in plan.recordings if one.fault is not None]
    there = {one.clip.partition("/")[0] for one in plan.recordings}
    faults += [Fault(Place(file), "this is no recording that prompts are made of", "save it as 16-bit WAV")
               for language, file in files.items() if language not in there]
    if faults:
        raise AdminError(faults)
    for one in bringing.carry_out(plan):
        language = one.clip.partition("/")[0]
        if one.fault is not None:
            raise AdminError([Fault(Place(str(files[language])), one.fault.message, one.fault.remedy)])
        for verdict in one.verdicts:
            typer.echo(f"{files[language]}: warning: {verdict.message} ({verdict.remedy})", err=True)
