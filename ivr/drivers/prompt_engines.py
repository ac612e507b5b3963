"""Texts turned into the clips that callers hear, by speech engines that are named and never built in.

`hibari` is a small English voice (the extra `tts`). `command` is any program that turns text on its
standard input into a sound file, for example

    command: RHVoice-test -p irina -R 24000 -o {out}
    command: piper --model /voices/ru.onnx --output_file {out}
"""

import functools
import re
import shlex
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ivr.audio.spoken import PAUSE
from ivr.audio.spoken import PAUSE_MS as WORD_PAUSE_MS
from ivr.audio.telephone import Samples
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.clip_decoding import ClipFault, decode
from ivr.drivers.clip_editing import join

COMMAND_TIME = 120.0         # seconds; the slowest engines speak a sentence of a minute in about that
PAUSE_MS = 150               # between sentences, beside the silence that each clip keeps at its ends
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[«\"“]?[A-ZА-ЯЁ0-9])")


@dataclass(frozen=True)
class HibariEngine:
    """The extra `tts`: English. `voice` is one of its own names, of which `heart` comes with the package.

    `speed` is 0.5 to 2.0; at 1.0 it speaks faster than people like on a telephone.
    """

    voice: str = "heart"
    speed: float = 0.8


@dataclass(frozen=True)
class CommandEngine:
    """A program and its arguments; `{out}` is the file it must write, `{language}` the language of the text.

    The text comes on standard input as UTF-8 with a line end. Any sound file that the catalogue can read will do.
    """

    command: tuple[str, ...]


Engine = HibariEngine | CommandEngine


def parse_engine(text: str) -> Engine:
    """`hibari [VOICE [SPEED]]`, or `command: PROGRAM ARGUMENT … {out}` quoted as in a shell. Raises AdminError."""
    name, _, rest = text.strip().partition(" ")
    if name == "hibari":
        return _parse_hibari(text, rest.split())
    if name == "command:":
        return _parse_command(text, rest)
    raise _refusal(text, "there is no such engine", "allowed: 'hibari [VOICE [SPEED]]', 'command: PROGRAM … {out}'",
                   "engine-unknown")


def _parse_hibari(text: str, words: list[str]) -> HibariEngine:
    voice, speed, *more = [*words, *("", "")[len(words):]]
    try:
        engine = HibariEngine(voice or HibariEngine.voice, float(speed or HibariEngine.speed))
    except ValueError:
        engine = HibariEngine(speed=0)
    if more or not 0.5 <= engine.speed <= 2:
        raise _refusal(text, "hibari takes a voice and a speed", "such as 'hibari heart 0.8'; the speed is 0.5 to 2",
                       "engine-setting")
    return engine


def _parse_command(text: str, rest: str) -> CommandEngine:
    try:
        command = tuple(shlex.split(rest))
    except ValueError as error:
        raise _refusal(text, f"its quotes don't match: {error}", "quote arguments as in a shell",
                       "engine-setting") from None
    if not any("{out}" in part for part in command):
        raise _refusal(text, "the command does not say where its sound goes", "write {out} in place of the file's name",
                       "engine-setting")
    return CommandEngine(command)


def speak(text: str, language: str, engine: Engine) -> Samples:
    """The text as a clip: 8 kHz, even loudness, silence at the ends cut, edges faded.

    Sentences are spoken one by one and joined with the same pause, as engines differ in how long they rest. Raises
    AdminError if the engine is missing or fails, with what it said.
    """
    if text == PAUSE:               # the word between groups of digits: no engine has a voice for it
        return np.zeros(8 * WORD_PAUSE_MS, np.int16)        # 8 kHz
    return join((_sentence(part, language, engine) for part in _SENTENCE_END.split(text.strip())), PAUSE_MS)


def _sentence(text: str, language: str, engine: Engine) -> Samples:
    with tempfile.TemporaryDirectory(prefix="hotline-prompts-") as folder:
        path = Path(folder) / "spoken.wav"
        if isinstance(engine, HibariEngine):
            _speak_hibari(text, engine, path)
        else:
            _run_command(text, language, engine, path)
        try:
            return decode("spoken.wav", path)
        except ClipFault as wrong:
            raise _refusal(describe(engine), f"what it made of {_short(text)} can't be used: {wrong.fault.message}",
                           "try its command by hand", "engine-failed") from None


def describe(engine: Engine) -> str:
    """The engine as `parse_engine` reads it."""
    if isinstance(engine, HibariEngine):
        return f"hibari {engine.voice} {engine.speed}"
    return f"command: {shlex.join(engine.command)}"


def _speak_hibari(text: str, engine: HibariEngine, path: Path) -> None:
    voice = _hibari(engine.voice, threading.get_ident())
    try:
        # The seed makes the same text the same sound, so that a clip rendered again doesn't differ in the repository.
        spoken = np.asarray(voice(text, speed=engine.speed, seed=0), np.float32)
    except Exception as error:      # whatever its libraries raise: it is about this text
        raise _refusal(describe(engine), f"it could not speak {_short(text)}: {error}", "word it otherwise",
                       "engine-failed") from None
    soundfile.write(path, spoken, 24000, subtype="FLOAT")


@functools.lru_cache(maxsize=64)
def _hibari(voice: str, thread: int) -> Any:
    """A voice of 8 MB for each thread: nobody promises that two may speak with one."""
    try:
        from hibari import Hibari
    except ImportError:
        raise _refusal("hibari", "the engine is not installed", ".venv/bin/pip install hibari-tts",
                       "engine-missing") from None
    try:
        return Hibari(voice)
    except (OSError, ValueError, KeyError) as error:
        raise _refusal(f"hibari {voice}", f"the voice can't be loaded: {error}", "'heart' is always there",
                       "engine-missing") from None


def _run_command(text: str, language: str, engine: CommandEngine, path: Path) -> None:
    arguments = [part.replace("{out}", str(path)).replace("{language}", language) for part in engine.command]
    place = describe(engine)
    try:
        done = subprocess.run(arguments, input=f"{text}\n".encode(), capture_output=True, timeout=COMMAND_TIME,
                              check=False)
    except FileNotFoundError:
        raise _refusal(place, f"there is no program {arguments[0]!r}", "install it, or correct its path",
                       "engine-missing") from None
    except OSError as error:
        raise _refusal(place, f"the program can't be started: {error.strerror}", "see its rights",
                       "engine-missing") from None
    except subprocess.TimeoutExpired:
        raise _refusal(place, f"{_short(text)} took it longer than {COMMAND_TIME:.0f} s", "try it by hand",
                       "engine-failed") from None
    if done.returncode or not path.exists():
        said = done.stderr.decode(errors="replace").strip()[-500:] or "nothing"
        reason = f"failed with code {done.returncode}" if done.returncode else "wrote no file"
        raise _refusal(place, f"it {reason} and said: {said}", "try it by hand with the same text", "engine-failed")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def _refusal(engine: str, message: str, remedy: str, code: str) -> AdminError:
    return AdminError([Fault(Place(f"engine {engine!r}"), message, remedy, code=code)])
