"""What people do with one prompt: bring a recording, have its text spoken, keep, remove, go back to an earlier take."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import soundfile

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers import prompt_import
from ivr.drivers.clip_decoding import MAX_SECONDS
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.prompt_files import write_whole
from ivr.drivers.prompt_import import Import, Recording
from ivr.drivers.prompt_manifest import Origin, hash_of, maker, read_manifest, write_manifest, writing
from ivr.drivers.prompt_rendering import Build, ClipFailed
from ivr.drivers.rendered_cache import RenderedCache
from ivr.menu.needed_clips import NeededClip
from ivr.service.desk_work import takes
from ivr.service.desk_work.engines import engines_of
from ivr.service.loading import load_needed

Told = Callable[[int, int, str], None]

FORMS = {"WAV": ".wav", "WAVEX": ".wav", "MP3": ".mp3", "OGG": ".ogg", "FLAC": ".flac"}
RATES = range(4000, 192_001)
MOST_CHANNELS = 8
MOST_FRAMES = 600 * 48_000      # ten minutes at 48 kHz: what a file unpacks to is bounded by this, whatever it says


def bring(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """A recording that somebody sent, `file`, becomes the prompt `clip`: evened, trimmed, listed as recorded. Raises
    AdminError; then the prompt is as it was."""
    folder, one = Path(config.prompts.folder), _wanted(config, str(arguments["clip"]))
    ending = form_of(Path(arguments["file"]), one.clip)
    origin = read_manifest(folder).get(one.clip)
    with tempfile.TemporaryDirectory(prefix="hotline-brought-") as brought:
        shutil.copyfile(arguments["file"], Path(brought) / f"take{ending}")
        bringing = Import(Path(brought), folder, [one])
        looked_at = bringing.looked_at(f"take{ending}", one.clip)
        done = _carried_out(bringing, looked_at, one.clip)
    takes.note(bringing.kept, one.clip, origin)
    return {"clip": one.clip, "warnings": [{"message": verdict.message, "remedy": verdict.remedy}
                                           for verdict in done.verdicts]}


def render(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Have the texts of `clips` spoken anew. What a person recorded is replaced only with `over`. Raises AdminError;
    prompts that were done before stay done."""
    folder, state = Path(config.prompts.folder), Path(config.state_dir)
    make_private_folder(state)
    needed = {one.clip: one for one in load_needed(config)}
    wanted = [needed[clip] if clip in needed else _unknown(clip) for clip in arguments["clips"]]
    if not arguments.get("over"):
        _no_recordings(folder, wanted)
    _no_silent(wanted)
    with tempfile.TemporaryDirectory(prefix="hotline-rendered-") as scratch:
        build = Build(wanted, Path(scratch), engines_of(config), RenderedCache(state / "rendered"))
        try:
            _built(build, folder, told)
        except AdminError as error:
            raise AdminError([replace(fault, place=Place(_clip_of(fault.place.file, scratch)))
                              for fault in error.faults]) from None
    return {"clips": [one.clip for one in wanted]}


def _built(build: Build, folder: Path, told: Told) -> None:
    """Each file goes to its place as soon as it is whole."""
    with closing(build.steps(build.wanted())) as steps:
        for step in steps:
            if isinstance(step, ClipFailed):
                raise AdminError([step.fault or Fault(Place(step.clip), "its engine failed too often",
                                                      "mend the engine first", code="engine-failed")])
            _put(folder, step.clip, (build.folder / step.clip).read_bytes(), build.origin(step.clip))
            told(step.done, step.total, step.clip)


def _clip_of(file: str, scratch: str) -> str:
    """What people know a file in the folder of this build by."""
    return file.removeprefix(f"{scratch}/")


def _no_silent(wanted: Sequence[NeededClip]) -> None:
    if silent := [one for one in wanted if not one.text.strip()]:
        raise AdminError([Fault(Place(one.clip), "it has no text that could be spoken", "write its text in the menu, "
                                "or record it", code="render-no-text") for one in silent])


def keep(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Write down that a file says its text. Raises AdminError."""
    prompt_import.keep([str(arguments["clip"])], Path(config.prompts.folder), load_needed(config))
    return {"clip": arguments["clip"]}


def remove(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Take a sound away that nothing plays; it is kept as a take. Raises AdminError."""
    folder, clip = Path(config.prompts.folder), str(arguments["clip"])
    if any(one.clip == clip for one in load_needed(config)):
        raise AdminError([Fault(Place(clip), "a menu, an announcement or a queue plays it",
                                "take it out of the menu first", code="prompt-in-use")])
    manifest = read_manifest(folder)
    takes.set_aside(folder, clip, manifest.pop(clip, None))
    with writing(folder / clip):
        (folder / clip).unlink(missing_ok=True)
    write_manifest(folder, manifest)
    return {"clip": clip}


def restore(config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """An earlier take in the place of the present one, which is kept. Raises AdminError."""
    folder, clip, stamp = Path(config.prompts.folder), str(arguments["clip"]), str(arguments["take"])
    try:
        content, origin = takes.take(folder, clip, stamp)
    except OSError:
        raise AdminError([Fault(Place(clip), f"there is no take of {stamp}", "look at the list again",
                                code="prompt-file-missing")]) from None
    _put(folder, clip, content, origin)
    return {"clip": clip}


def _put(folder: Path, clip: str, content: bytes, origin: Origin | None) -> None:
    """In the place of what lies there, which is kept."""
    manifest = read_manifest(folder)
    takes.set_aside(folder, clip, manifest.pop(clip, None))
    with writing(folder / clip):
        write_whole(folder / clip, content)
    write_manifest(folder, manifest if origin is None else {**manifest, clip: origin})


def _carried_out(bringing: Import, looked_at: Recording, clip: str) -> Recording:
    done = looked_at
    if looked_at.fault is None:
        done = next(bringing.carry_out(prompt_import.Plan((looked_at,), ())))
    if done.fault is not None:
        raise AdminError([replace(done.fault, place=Place(clip))])
    return done


def form_of(file: Path, clip: str) -> str:
    """The ending of what is in a file, whatever it was called. Raises AdminError for what is no sound, or too much."""
    try:
        with soundfile.SoundFile(file) as sound:
            form, rate, channels, frames = sound.format, sound.samplerate, sound.channels, sound.frames
    except (soundfile.SoundFileError, RuntimeError, TypeError, OSError):
        _refuse(clip, "this is no sound file that can be read", "save it as WAV, MP3, Ogg or FLAC", "clip-undecodable")
    if form not in FORMS:
        _refuse(clip, f"sounds of the form {form} are not taken", "save it as WAV, MP3, Ogg or FLAC",
                "clip-undecodable")
    if rate not in RATES or not 1 <= channels <= MOST_CHANNELS:
        _refuse(clip, f"{channels} channels with {rate} samples a second are not taken",
                "save it as WAV with one channel and 48000 samples a second", "clip-undecodable")
    if frames > min(MOST_FRAMES, MAX_SECONDS * rate):
        _refuse(clip, f"it is longer than {min(MOST_FRAMES / rate, MAX_SECONDS) / 60:.0f} minutes",
                "cut it, or save it with 48000 samples a second", "clip-too-long")
    return FORMS[form]


def _no_recordings(folder: Path, wanted: Sequence[NeededClip]) -> None:
    manifest = read_manifest(folder)
    there = [one.clip for one in wanted if (folder / one.clip).is_file()]
    theirs = [clip for clip in there if maker(manifest.get(clip), hash_of(folder / clip)) != "engine"]
    if theirs:
        raise AdminError([Fault(Place(clip), "a person recorded it", "say that it may be replaced: the recording is "
                                "kept as an earlier take", code="prompt-recorded") for clip in theirs])


def _wanted(config: Config, clip: str) -> NeededClip:
    return next((one for one in load_needed(config) if one.clip == clip), None) or _unknown(clip)


def _unknown(clip: str) -> NoReturn:
    _refuse(clip, "no menu has this prompt", "name it in a menu first", "prompt-unknown")


def _refuse(clip: str, message: str, remedy: str, code: str) -> NoReturn:
    raise AdminError([Fault(Place(clip), message, remedy, code=code)])
