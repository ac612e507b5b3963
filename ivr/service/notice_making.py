"""A text, or recordings, become a notice that lines can say: for `hotline announce` and the page of lines."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ivr.audio.clip_verdicts import Verdict
from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.prompt_engines import Engine
from ivr.drivers.prompt_import import Import
from ivr.drivers.prompt_rendering import Build, ClipFailed
from ivr.drivers.rendered_cache import RenderedCache
from ivr.drivers.spoken_notices import keep_notice, path_of
from ivr.drivers.state_files import StateFiles
from ivr.menu.needed_clips import NeededClip

FOLDER = "notices"
CACHE = "rendered"

Step = Callable[[int, int, str], None]
Warn = Callable[[str, Verdict], None]


def name_of(texts: Mapping[str, str], files: Mapping[str, str]) -> str:
    """The same texts and recordings have the same name: given twice they are made once. Raises AdminError."""
    try:
        contents = {language: hashlib.sha256(Path(file).read_bytes()).hexdigest() for language, file in files.items()}
    except OSError as error:
        raise AdminError([Fault(Place(str(error.filename)), f"can't be read: {error.strerror}")]) from None
    told = json.dumps([texts, contents], sort_keys=True)
    return f"said_{hashlib.sha256(told.encode()).hexdigest()[:10]}"


def clips_of(name: str, texts: Mapping[str, str], files: Mapping[str, str]) -> list[NeededClip]:
    """The sounds of a notice, in each language."""
    return [NeededClip(f"{language}/{FOLDER}/{name}.wav", language, texts.get(language, ""))
            for language in (*texts, *files)]


def render(config: Config, engines: Mapping[str, Engine], needed: Iterable[NeededClip], step: Step,
           otherwise: Callable[[str], str]) -> None:
    """Have texts spoken. `otherwise`: what else can be done where an engine fails, by language. Raises AdminError."""
    make_private_folder(Path(config.state_dir))
    build = Build(needed, Path(config.prompts.folder), engines, RenderedCache(Path(config.state_dir) / CACHE))
    wanted, faults = build.wanted(), list[Fault]()
    with closing(build.steps(wanted)) as made:
        for one in made:
            step(one.done, one.total, one.language)
            if isinstance(one, ClipFailed) and one.fault is not None:
                faults.append(replace(one.fault, remedy=f"{one.fault.remedy}; {otherwise(one.language)}"))
    if faults:
        raise AdminError(faults)


def bring(config: Config, needed: Iterable[NeededClip], files: Mapping[str, str], warn: Warn) -> None:
    """As `hotline prompts import` does: looked at, evened, trimmed, listed as recorded. Raises AdminError."""
    wanted = list(needed)
    with tempfile.TemporaryDirectory(prefix="hotline-announce-") as folder:
        for one in wanted:
            source = Path(files[one.language])
            target = (Path(folder) / one.clip).with_suffix(source.suffix)
            target.parent.mkdir(parents=True)
            shutil.copyfile(source, target)
        _carry_out(Import(Path(folder), Path(config.prompts.folder), wanted), files, warn)


def keep(config: Config, name: str, needed: Iterable[NeededClip]) -> None:
    """Note down that there is such a notice: the service takes it up at its next look."""
    said = {str(order.get("prompt")) for order in StateFiles(Path(config.state_dir)).orders()}
    keep_notice(path_of(config.state_dir), name, {one.language: one.text for one in needed}, said)


def _carry_out(bringing: Import, files: Mapping[str, str], warn: Warn) -> None:
    plan = bringing.plan()
    faults = [Fault(Place(str(files[_language(one.clip)])), one.fault.message, one.fault.remedy)
              for one in plan.recordings if one.fault is not None]
    there = {_language(one.clip) for one in plan.recordings}
    faults += [Fault(Place(file), "this is no recording that prompts are made of", "save it as 16-bit WAV")
               for language, file in files.items() if language not in there]
    if faults:
        raise AdminError(faults)
    for one in bringing.carry_out(plan):
        file = str(files[_language(one.clip)])
        if one.fault is not None:
            raise AdminError([Fault(Place(file), one.fault.message, one.fault.remedy)])
        for verdict in one.verdicts:
            warn(file, verdict)


def _language(clip: str) -> str:
    return clip.partition("/")[0]
