"""Keeps the rendered prompts in step with the texts in the menus, and never touches what a person recorded.

Each text is rendered into the cache, copied from there to its place in one step, and listed in the manifest. A build
that is killed in between leaves a file that is not listed: the next one knows it by its copy in the cache.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.audio.beep import beep
from ivr.audio.hold_music import hold_music
from ivr.audio.telephone import RATE, Samples, active_level_dbov, to_floats
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.cores import usable_cores
from ivr.drivers.prompt_engines import Engine, describe, speak
from ivr.drivers.prompt_files import write_wav, write_whole
from ivr.drivers.prompt_manifest import (
    Origin,
    hash_of,
    maker,
    read_manifest,
    retold,
    write_manifest,
    writing,
)
from ivr.drivers.rendered_cache import RenderedCache
from ivr.menu.needed_clips import NeededClip, clash_of, twice_told
from ivr.menu.taking import BEEP

HOLD_MUSIC = "music/hold.wav"
MOST_FAILURES = 3            # of one language in a build: then its engine is broken, and not one of the texts
LISTED_EVERY = 1.0           # seconds: the manifest of thousands is not written anew after each of them


@dataclass(frozen=True)
class ClipRendered:
    """One more file is written: the `done`-th of `total`."""

    clip: str
    language: str
    seconds: float
    level_dbov: float
    peak_db: float
    from_cache: bool
    done: int
    total: int


@dataclass(frozen=True)
class ClipFailed:
    """One that could not be rendered; None if it was not tried, since its engine failed too often."""

    clip: str
    language: str
    fault: Fault | None
    done: int
    total: int


Step = ClipRendered | ClipFailed


@dataclass(frozen=True)
class _Spoken:
    """What was put into the files of one text."""

    sha256: str
    seconds: float
    level_dbov: float
    peak_db: float
    from_cache: bool


@dataclass
class Build:
    """One run over a folder. `engines` has one for each language; `again` takes texts that another engine spoke."""

    needed: Iterable[NeededClip]
    folder: Path
    engines: Mapping[str, Engine]
    cache: RenderedCache
    again: bool = False
    jobs: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        self._spoken = [one for one in sorted(set(self.needed)) if one.text.strip()]
        self._manifest = read_manifest(self.folder)
        self._failures: Counter[str] = Counter()

    def wanted(self) -> tuple[NeededClip, ...]:
        """What `steps` would make: missing files, and ours that say something else than they should.

        Files that a killed build left are listed first. Raises AdminError if a clip can't be made.
        """
        faults = [Fault(Place(str(self.folder / clip)), *clash_of(*pair), code="render-clash")
                  for clip, pair in twice_told(self._spoken).items()]
        self._adopt()
        wanted = tuple(one for one in self._spoken if self._is_outdated(one))
        faults += [fault for one in wanted if (fault := self._unrenderable(one))]
        if faults:
            raise AdminError(faults)
        return wanted

    def steps(self, wanted: Sequence[NeededClip]) -> Generator[Step, None, None]:
        """Render these; yields after each file, which is then complete. What is done is kept however this ends."""
        pool = ThreadPoolExecutor(self.jobs, "speech")
        try:
            futures = {pool.submit(self._make, clips): clips for clips in self._by_text(wanted)}
            listed_at, done = time.monotonic(), 0
            for future in as_completed(futures):
                for clip in futures[future]:
                    done += 1
                    yield self._told(clip, future, done, len(wanted))
                if time.monotonic() > listed_at + LISTED_EVERY:
                    write_manifest(self.folder, self._manifest)
                    listed_at = time.monotonic()
        finally:
            pool.shutdown(cancel_futures=True)
            if wanted:
                write_manifest(self.folder, self._manifest)
                self.cache.forget()

    def origin(self, clip: str) -> Origin | None:
        """How a file came about, as far as it is listed by now."""
        return self._manifest.get(clip)

    def _by_text(self, wanted: Sequence[NeededClip]) -> list[list[NeededClip]]:
        """Clips with the same text are spoken once."""
        groups: dict[tuple[str, str], list[NeededClip]] = {}
        for one in wanted:
            groups.setdefault((one.language, one.text), []).append(one)
        return list(groups.values())

    def _make(self, clips: Sequence[NeededClip]) -> _Spoken | None:
        """Put one text where it belongs; None where that is not tried. Runs in a thread of the pool."""
        language, text = clips[0].language, clips[0].text
        if self._failures[language] >= MOST_FAILURES:
            return None
        kept = self.cache.path(text, language, self.engines[language])
        found = self.cache.find(kept)
        samples = speak(text, language, self.engines[language]) if found is None else found
        if found is None:
            self.cache.keep(kept, samples)
        with writing(kept):
            content = kept.read_bytes()
        for one in clips:
            with writing(self.folder / one.clip):
                write_whole(self.folder / one.clip, content)
        return _Spoken(hashlib.sha256(content).hexdigest(), len(samples) / RATE, active_level_dbov(to_floats(samples)),
                       _peak_db(samples), found is not None)

    def _told(self, one: NeededClip, future: Future[_Spoken | None], done: int, total: int) -> Step:
        try:
            made = future.result()
        except AdminError as error:
            self._failures[one.language] += 1
            return ClipFailed(one.clip, one.language, self._explained(one, error.faults[0]), done, total)
        if made is None:
            return ClipFailed(one.clip, one.language, None, done, total)
        self._list(one, made.sha256)
        return ClipRendered(one.clip, one.language, made.seconds, made.level_dbov, made.peak_db, made.from_cache, done,
                            total)

    def _explained(self, one: NeededClip, fault: Fault) -> Fault:
        """A fault of an engine, at the prompt that it did not speak."""
        path = str(self.folder / one.clip)
        if fault.place.file == path:
            return fault
        return Fault(Place(path), f"it could not be rendered: {fault.place}: {fault.message}", fault.remedy,
                     code=fault.code)

    def _list(self, one: NeededClip, sha256: str) -> None:
        self._manifest[one.clip] = Origin(one.language, one.text, describe(self.engines[one.language]), sha256)

    def _adopt(self) -> None:
        adopted = [one for one in self._spoken if self._is_stray(one)]
        for one in adopted:
            self._list(one, hash_of(self.folder / one.clip))
        if adopted:
            write_manifest(self.folder, self._manifest)

    def _is_stray(self, one: NeededClip) -> bool:
        """Whether a file is not listed, and is what the engine made of this very text."""
        origin, engine = self._manifest.get(one.clip), self.engines.get(one.language)
        if engine is None or (origin is not None and origin.text == one.text):
            return False
        return self.cache.is_copy(self.cache.path(one.text, one.language, engine), self.folder / one.clip)

    def _is_outdated(self, one: NeededClip) -> bool:
        path = self.folder / one.clip
        if not path.exists():
            return True
        origin = self._manifest.get(one.clip)
        if origin is None or not (retold(origin, one.language, one.text)
                                  or self._is_spoken_otherwise(origin, one.language)):
            return False
        return maker(origin, hash_of(path)) == "engine"

    def _is_spoken_otherwise(self, origin: Origin, language: str) -> bool:
        return self.again and language in self.engines and describe(self.engines[language]) != origin.engine

    def _unrenderable(self, one: NeededClip) -> Fault | None:
        place = Place(str(self.folder / one.clip))
        if not one.clip.endswith(".wav"):
            return Fault(place, "a text can only be rendered into a .wav file",
                         "record this one, or name it .wav in the menu", code="render-form")
        if one.language not in self.engines:
            return Fault(place, f"no engine speaks {one.language!r}",
                         f"languages with an engine: {', '.join(sorted(self.engines)) or 'none'}; name one in "
                         "config.yaml under prompts.engines, or record it", code="render-no-engine")
        return None


def retold_clips(needed: Iterable[NeededClip], folder: Path) -> tuple[str, ...]:
    """Clips of which callers still hear another text than they should, sorted: rendered ones, and recordings that are
    listed. Raises AdminError if the manifest can't be read."""
    manifest = read_manifest(folder)
    return tuple(sorted({one.clip for one in needed if _says_another(manifest.get(one.clip), one, folder)}))


def write_hold_music(folder: Path) -> bool:
    """Write our hold music where there is none; False if a file is there already. Raises AdminError."""
    return _write_own(folder / HOLD_MUSIC, hold_music)


def write_beep(folder: Path) -> bool:
    """The same with the beep after which callers speak."""
    return _write_own(folder / BEEP, beep)


def _write_own(path: Path, sound: Callable[[], Samples]) -> bool:
    if path.exists():
        return False
    with writing(path):
        write_wav(path, sound())
    return True


def _says_another(origin: Origin | None, one: NeededClip, folder: Path) -> bool:
    if not one.text or origin is None or not retold(origin, one.language, one.text):
        return False
    try:
        return maker(origin, hash_of(folder / one.clip)) != "unknown"
    except OSError:
        return False                                # missing, or said with what can't be read


def _peak_db(samples: Samples) -> float:
    """Of 16-bit samples, full scale 0; a clip of silence has -90."""
    return 20 * float(np.log10(max(int(np.abs(samples.astype(np.int32)).max(initial=0)), 1) / 32768))
