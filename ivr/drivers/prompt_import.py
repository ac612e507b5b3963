"""Recordings from elsewhere become prompts: matched by name, evened, trimmed, listed as recorded. Nothing is lost.

What a recording replaces is kept in a folder beside that of the prompts, one folder for each import.
"""

import hashlib
import io
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ivr.audio.clip_verdicts import Verdict, form_verdicts, verdicts
from ivr.audio.telephone import RATE
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from ivr.drivers.clip_decoding import MUSIC_FOLDER, SUFFIXES, ClipFault, blocks, decode_at, opened
from ivr.drivers.cores import usable_cores
from ivr.drivers.prompt_files import sound_files, write_whole
from ivr.drivers.prompt_manifest import Origin, hash_of, read_manifest, write_manifest, writing
from ivr.drivers.prompt_measuring import Measured, measure
from ivr.menu.needed_clips import NeededClip
from ivr.menu.recording_names import Matches, RecordingNames, Unmatched

READ = (*SUFFIXES, ".opus")
RATES = (RATE, 16000, 24000, 48000)      # that every form can be written at; wideband codecs play up to 48000
FORMS = {"wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"),
         "mp3": ("MP3", "MPEG_LAYER_III")}
MENDED = ("prompt-silence-before", "prompt-silence-after")      # by trimming


@dataclass(frozen=True)
class Recording:
    """One file and the clip it is for. `replaces`: another file lies there; `fault`: why it can't be imported."""

    file: str
    clip: str
    measured: Measured
    replaces: bool
    verdicts: tuple[Verdict, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True)
class Plan:
    """What an import would do."""

    recordings: tuple[Recording, ...]
    unmatched: tuple[Unmatched, ...]


@dataclass
class Import:
    """One folder of recordings for one folder of prompts. `as_is`: their samples stay as they are."""

    source: Path
    folder: Path
    needed: Iterable[NeededClip]
    language: str = ""
    as_is: bool = False
    kept: Path = field(init=False)

    def __post_init__(self) -> None:
        self._needed = {one.clip: one for one in self.needed}
        self.kept = _fresh(Path(f"{self.folder}.replaced") / time.strftime("%Y-%m-%dT%H-%M-%S"))

    def plan(self) -> Plan:
        """Look at the recordings; nothing is written. Raises AdminError for a folder that is none to import from."""
        files = self._files()
        matches: Matches = RecordingNames(self._needed.values(), self.language).match(files)
        with ThreadPoolExecutor(usable_cores()) as pool:
            found = pool.map(lambda pair: self.looked_at(*pair), sorted(matches.clips.items()))
            return Plan(tuple(found), tuple(matches.unmatched))

    def carry_out(self, plan: Plan) -> Iterator[Recording]:
        """Write each recording of the plan that can be; yields it then, or with what went wrong."""
        manifest = read_manifest(self.folder)
        good = [one for one in plan.recordings if one.fault is None]
        pool = ThreadPoolExecutor(usable_cores())
        try:
            for one, made in zip(good, pool.map(self._import, good), strict=True):
                if isinstance(made, Fault):
                    yield replace(one, fault=made)
                    continue
                manifest[one.clip] = made
                yield one
        finally:
            pool.shutdown(cancel_futures=True)
            write_manifest(self.folder, manifest)

    def _files(self) -> Mapping[str, Path]:
        languages = sorted({one.language for one in self._needed.values() if one.language})
        if self.language and self.language not in languages:
            raise AdminError([Fault(Place("--language"), f"no menu speaks {self.language!r}",
                                    did_you_mean(self.language, languages), code="import-language")])
        if not self.source.is_dir():
            raise AdminError([Fault(Place(str(self.source)), "there is no such folder", "name the folder in which the "
                                    "recordings are", code="import-folder")])
        source, folder = self.source.resolve(), self.folder.resolve()
        if source.is_relative_to(folder) or folder.is_relative_to(source):
            raise AdminError([Fault(Place(str(self.source)), "these are the prompts themselves",
                                    "to have it listed that they say their texts: `hotline prompts keep`",
                                    code="import-folder")])
        return sound_files(self.source, READ)

    def looked_at(self, file: str, clip: str) -> Recording:
        """One file of the folder as the recording of `clip`, whatever its name is."""
        measured = measure(self.source / file)
        replaces = (self.folder / clip).exists()
        if measured.figures is None:
            return Recording(file, clip, measured, replaces,
                             fault=Fault(Place(str(self.source / file)), measured.trouble, measured.remedy,
                                         code="import-failed"))
        said = [*form_verdicts("", measured.form, measured.encoding, measured.figures.rate),
                *verdicts(measured.figures, bool(self._needed[clip].text), clip.startswith(MUSIC_FOLDER))]
        return Recording(file, clip, measured, replaces,
                         tuple(one for one in said if self.as_is or one.code not in MENDED))

    def _import(self, one: Recording) -> Origin | Fault:
        """Put a recording where it belongs. In a thread of the pool."""
        try:
            content = self._converted(self.source / one.file, one)
        except ClipFault as wrong:
            return wrong.fault
        except (OSError, soundfile.SoundFileError) as error:
            return Fault(Place(str(self.source / one.file)), f"it can't be imported: {error}", "save it as 16-bit WAV",
                         code="import-failed")
        return self._put(one.clip, content)

    def _converted(self, path: Path, one: Recording) -> bytes:
        ending = one.clip.rpartition(".")[2]
        if not self.as_is:
            found = one.measured.figures.rate if one.measured.figures is not None else RATE
            rate = next((rate for rate in RATES if rate >= found), RATES[-1])
            return _encoded(decode_at(one.clip, path, [RATE, rate])[-1], rate, ending)
        if path.suffix.lower() == f".{ending}":
            return path.read_bytes()
        with opened(path) as sound:
            return _encoded(np.concatenate(list(blocks(sound))), int(sound.samplerate), ending)

    def _put(self, clip: str, content: bytes) -> Origin:
        """The file in its place; what lay there is kept. Raises AdminError."""
        path, sha256 = self.folder / clip, hashlib.sha256(content).hexdigest()
        with writing(self.kept / clip):
            if path.exists() and hash_of(path) != sha256:
                write_whole(self.kept / clip, path.read_bytes())
        with writing(path):
            write_whole(path, content)
        one = self._needed[clip]
        return Origin(one.language, one.text, None, sha256)


def keep(clips: Iterable[str], folder: Path, needed: Iterable[NeededClip]) -> None:
    """List files as recordings that say what they should now: no build overwrites them, and a change of their text is
    noticed. Raises AdminError for what is no prompt or has no file."""
    wanted, manifest = {one.clip: one for one in needed}, read_manifest(folder)
    faults = []
    for clip in clips:
        if clip not in wanted:
            faults.append(Fault(Place(clip), "no menu has this prompt", did_you_mean(clip, wanted),
                                code="prompt-unknown"))
        elif not (folder / clip).is_file():
            faults.append(Fault(Place(str(folder / clip)), "there is no such file", "record it first",
                                code="prompt-file-missing"))
        else:
            one = wanted[clip]
            manifest[clip] = Origin(one.language, one.text, None, hash_of(folder / clip))
    if faults:
        raise AdminError(faults)
    write_manifest(folder, manifest)


def _encoded(samples: Any, rate: int, ending: str) -> bytes:
    content = io.BytesIO()
    form, encoding = FORMS[ending]
    soundfile.write(content, samples, rate, subtype=encoding, format=form)
    return content.getvalue()


def _fresh(path: Path) -> Path:
    """A folder that is not there yet: two imports in a second keep theirs apart."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found
