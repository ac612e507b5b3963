"""Speech engines: any program by its command, the extra `tts`, and what is said when one is missing or fails."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio import telephone
from ivr.audio.spoken import PAUSE, PAUSE_MS
from ivr.base.errors import AdminError
from ivr.drivers import prompt_engines
from ivr.drivers.clip_decoding import decode
from ivr.drivers.prompt_engines import CommandEngine, HibariEngine, describe, parse_engine, speak
from ivr.drivers.prompt_files import write_wav

# A voice of its own: a tone of 60 ms per letter at 16 kHz, between silences; its pitch tells the language.
SPEAKER = '''
import math, struct, sys, wave
out, language, *log = sys.argv[1:]
text = sys.stdin.buffer.read().decode("utf-8").strip()
pitch = {"en": 500, "ru": 900}[language]
size = 960 * len(text)
tone = [int(3000 * math.sin(2 * math.pi * pitch * i / 16000)) for i in range(size)]
with wave.open(out, "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(struct.pack(f"<{size + 32000}h", *[0] * 16000, *tone, *[0] * 16000))
for name in log:
    with open(name, "a", encoding="utf-8") as file:
        file.write(text + "\\n")
'''


@pytest.fixture
def speaker(tmp_path: Path) -> CommandEngine:
    program = tmp_path / "a speaker.py"
    program.write_text(SPEAKER)
    return CommandEngine((sys.executable, str(program), "{out}", "{language}", str(tmp_path / "log")))


def pitch(samples: np.ndarray) -> float:
    return float(np.fft.rfftfreq(len(samples), 1 / 8000)[np.abs(np.fft.rfft(samples)).argmax()])


def python(script: str) -> CommandEngine:
    return CommandEngine((sys.executable, "-c", script, "{out}"))


def test_speak__a_command_speaks_and_its_clip_is_ready_for_the_telephone(
        speaker: CommandEngine, tmp_path: Path) -> None:
    samples = speak("Здравствуйте", "ru", speaker)
    assert (samples.ndim, samples.dtype) == (1, np.int16)
    assert len(samples) / 8000 == pytest.approx(12 * 0.06 + 0.28, abs=0.03)
    assert pitch(samples) == pytest.approx(900, abs=5)
    assert telephone.active_level_dbov(samples / 32768) == pytest.approx(telephone.SPEECH_LEVEL_DBOV, abs=1)
    assert (tmp_path / "log").read_text("utf-8") == "Здравствуйте\n"
    write_wav(tmp_path / "ru/welcome.wav", samples)
    assert soundfile.info(tmp_path / "ru/welcome.wav").subtype == "PCM_16"
    again = decode("ru/welcome.wav", tmp_path / "ru/welcome.wav")
    assert len(again) == len(samples)
    assert np.abs(again.astype(int) - samples).max() < 100, "the catalogue finds nothing more to do"


def test_speak__sentences_are_joined_with_the_same_pause(speaker: CommandEngine, tmp_path: Path) -> None:
    samples = speak("For cards, press 1. For loans, press 2! «Да.» Version 1.5 is e.g. here.", "en", speaker)
    assert (tmp_path / "log").read_text("utf-8").splitlines() == [
        "For cards, press 1.", "For loans, press 2!", "«Да.» Version 1.5 is e.g. here."]
    quiet = np.abs(samples.astype(int)) < 50
    pauses = [len(run) for run in "".join("01"[int(flag)] for flag in quiet).split("0") if len(run) > 800]
    expected = 8 * (prompt_engines.PAUSE_MS + 200 + 80)
    assert [pause for pause in pauses if pause > 2000] == [pytest.approx(expected, abs=200)] * 2


@pytest.mark.parametrize(("script", "message"), [
    ("raise SystemExit('no voice for this')", "failed with code 1 and said: no voice for this"),
    ("pass", "wrote no file and said: nothing"),
    ("import sys; open(sys.argv[1], 'w').write('not a sound')", "can't be decoded"),
])
def test_speak__an_engine_that_fails_is_told_with_what_it_said(script: str, message: str) -> None:
    with pytest.raises(AdminError) as caught:
        speak("Hello.", "en", python(script))
    assert message in str(caught.value)
    assert "engine" in str(caught.value)


def test_speak__a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match="there is no program 'no-such-voice'"):
        speak("Hello.", "en", CommandEngine(("no-such-voice", "{out}")))
    (tmp_path / "locked").write_text("#!/bin/sh\n")
    with pytest.raises(AdminError, match="can't be started: Permission denied"):
        speak("Hello.", "en", CommandEngine((str(tmp_path / "locked"), "{out}")))


def test_speak__an_engine_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_engines, "COMMAND_TIME", 0.2)
    with pytest.raises(AdminError, match="longer than"):
        speak("Hello.", "en", python("import time; time.sleep(60)"))


def test_speak__hibari_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)
    prompt_engines._hibari.cache_clear()
    with pytest.raises(AdminError, match=r"not installed \(.venv/bin/pip install hibari-tts\)"):
        speak("Hello.", "en", HibariEngine())


@pytest.mark.skipif(importlib.util.find_spec("hibari") is None, reason="the extra tts is not installed")
def test_speak__hibari_says_the_same_each_time() -> None:
    prompt_engines._hibari.cache_clear()
    first = speak("For lost cards, press one.", "en", HibariEngine())
    assert 1 < len(first) / 8000 < 4
    assert np.array_equal(first, speak("For lost cards, press one.", "en", HibariEngine()))


@pytest.mark.parametrize(("text", "engine"), [
    ("hibari", HibariEngine()),
    ("hibari emma", HibariEngine("emma")),
    ("hibari heart 1.25", HibariEngine("heart", 1.25)),
    ("command: say -o {out} -l '{language} x'", CommandEngine(("say", "-o", "{out}", "-l", "{language} x"))),
])
def test_parse_engine__reads_what_describe_writes(text: str, engine: prompt_engines.Engine) -> None:
    assert parse_engine(text) == engine
    assert parse_engine(describe(engine)) == engine


@pytest.mark.parametrize(("text", "message"), [
    ("festival", "no such engine"), ("", "no such engine"), ("command: say hello", "write {out}"),
    ("command:", "write {out}"), ("hibari heart quick", "the speed is 0.5 to 2"),
    ("hibari heart 9", "the speed is 0.5 to 2"), ("hibari a 1 b", "takes a voice and a speed"),
    ("command: say 'x {out}", "quotes don't match")])
def test_parse_engine__refuses_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(AdminError) as caught:
        parse_engine(text)
    assert message in str(caught.value)


def test_engines__the_pause_between_groups_of_digits_is_silence(speaker: CommandEngine, tmp_path: Path) -> None:
    samples = speak(PAUSE, "en", speaker)
    assert (len(samples), samples.any()) == (PAUSE_MS * telephone.RATE // 1000, False)
    assert not (tmp_path / "log").exists(), "no engine was asked"
