"""Keeps the rendered prompts in step with the texts in the menus, and never touches what a person recorded.

`rendered.json` in the folder of prompts says of each file that was made from a text: the language, the text, the engine
and the file's hash. A file that is not listed there, or is no longer what was written, is a person's and stays.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.audio.hold_music import hold_music
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.prompt_engines import Engine, describe, render
from ivr.drivers.prompt_files import write_wav, write_whole

RECORD = "rendered.json"
HOLD_MUSIC = "music/hold.wav"


@dataclass(frozen=True)
class Origin:
    """How a file came about."""

    language: str
    text: str
    engine: str
    sha256: str


@dataclass(frozen=True)
class ClipRendered:
    """One more file is written: the `done`-th of `total`."""

    clip: str
    language: str
    seconds: float
    done: int
    total: int


def render_missing(texts: Mapping[str, tuple[str, str]], folder: Path,
                   engines: Mapping[str, Engine]) -> Iterator[ClipRendered]:
    """Render each clip that is missing or whose text has changed; yields after each file, which is then complete.

    `texts` maps a clip to its language and its text; `engines` has one for each language. Raises AdminError before
    anything is rendered if a language has no engine or a clip can't be made, and later if an engine fails.
    """
    record = read_record(folder)
    wanted = outdated(texts, folder)
    _check(wanted, texts, folder, engines)
    for done, clip in enumerate(wanted, 1):
        language, text = texts[clip]
        seconds = render(text, language, folder / clip, engines[language])
        record[clip] = Origin(language, text, describe(engines[language]), _hash(folder / clip))
        _write_record(folder, record)
        yield ClipRendered(clip, language, seconds, done, len(wanted))


def outdated(texts: Mapping[str, tuple[str, str]], folder: Path) -> tuple[str, ...]:
    """The clips that `render_missing` would make, sorted: missing files, and ours whose language or text changed."""
    record = read_record(folder)
    return tuple(clip for clip in sorted(texts) if _is_outdated(folder / clip, texts[clip], record.get(clip)))


def retold(texts: Mapping[str, tuple[str, str]], folder: Path) -> tuple[str, ...]:
    """Of the outdated clips those that have a file: callers still hear their former text."""
    return tuple(clip for clip in outdated(texts, folder) if (folder / clip).exists())


def read_record(folder: Path) -> dict[str, Origin]:
    """What was rendered into the folder so far. Raises AdminError if the record can't be read."""
    path = folder / RECORD
    try:
        return {clip: Origin(**origin) for clip, origin in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise AdminError([Fault(Place(str(path)), f"the record of rendered prompts can't be read: {error}",
                                "put it back, or delete it: all prompts then count as a person's",
                                code="render-record-unreadable")]) from None


def write_hold_music(folder: Path) -> bool:
    """Write our hold music where there is none; False if a file is there already. Raises AdminError."""
    path = folder / HOLD_MUSIC
    if path.exists():
        return False
    try:
        write_wav(path, hold_music())
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def _is_outdated(path: Path, wanted: tuple[str, str], origin: Origin | None) -> bool:
    if not path.exists():
        return True
    if origin is None or (origin.language, origin.text) == wanted:
        return False
    return _hash(path) == origin.sha256


def _check(clips: tuple[str, ...], texts: Mapping[str, tuple[str, str]], folder: Path,
           engines: Mapping[str, Engine]) -> None:
    faults = []
    for clip in clips:
        language, text = texts[clip]
        if not clip.endswith(".wav"):
            faults.append(Fault(Place(str(folder / clip)), "a text can only be rendered into a .wav file",
                                "record this one, or name it .wav in the menu"))
        elif not text.strip():
            faults.append(Fault(Place(str(folder / clip)), "there is neither a file nor a text for it",
                                "record it, or give its text in the menu"))
        elif language not in engines:
            faults.append(Fault(Place(str(folder / clip)), f"no engine speaks {language!r}",
                                f"languages with an engine: {', '.join(sorted(engines)) or 'none'}"))
    if faults:
        raise AdminError(faults)


def _write_record(folder: Path, record: Mapping[str, Origin]) -> None:
    listed = {clip: asdict(record[clip]) for clip in sorted(record)}
    try:
        write_whole(folder / RECORD, (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as error:
        raise _unwritable(folder / RECORD, error) from None


def _unwritable(path: Path, error: OSError) -> AdminError:
    return AdminError([Fault(Place(str(path)), f"it can't be written: {error.strerror}",
                             "let this user write there, and see that the disk has room")])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
