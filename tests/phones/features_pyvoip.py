"""Scenes with pyVoIP 1.6.8 in both roles. It knows no hold, no transfer, no TLS and no IPv6."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import RATE, Samples
from tests.phones.lines import KEYS
from tests.phones.phone import Phone
from tests.phones.stage import Scene, Stage
from tests.phones.talking import LEAST_TALK, TALK, answered
from tests.support.peers import need_module
from tests.support.service import PASSWORD, ROOT, wait_for

TONE, HEARD = "tone.bytes", "heard.bytes"
LONG_TALK = 40.0
WINDOW = 800                 # samples
PROGRAM = Path(__file__).parent / "pyvoip_operator.py"


def pyvoip_answers_and_is_left(stage: Stage) -> None:
    """The caller hangs up."""
    said = _operator(stage, "diana", 0.0)
    caller = stage.caller("6400001")
    stage.begin()
    stage.call(caller, KEYS, number="241")
    wait_for(lambda: "answered" in said.read_text(), 30, "pyVoIP did not answer")
    caller.do(f"wait:{TALK + 0.5}")
    caller.hang_up()
    wait_for(lambda: "ended" in said.read_text(), 30, "pyVoIP did not notice the end")
    _heard_each_other(stage, caller)
    answered(stage, "6400001", "diana")


def pyvoip_answers_and_hangs_up(stage: Stage) -> None:
    said = _operator(stage, "emil", TALK + 0.5)
    caller = stage.caller("6400002")
    stage.begin()
    stage.call(caller, KEYS, number="242")
    caller.wait("state", state="DISCONNECTED")
    assert "hung up" in said.read_text()
    _heard_each_other(stage, caller)
    answered(stage, "6400002", "emil", "operator")


def pyvoip_calls_for_forty_seconds(stage: Stage) -> None:
    """Wrong To tag in its ACK, one branch for two INVITEs, silent to OPTIONS: the call lives on all the same."""
    need_module("pyVoIP")
    fjodor = stage.operator("fjodor", answer=200, delay=0.5)
    record = stage.folder / "heard.wav"
    stage.begin()
    dialled = subprocess.run(
        [sys.executable, "-m", "ivr.cli.main", "dial", f"sip:243@{stage.host}", "--keys", ",".join(KEYS), "--pause",
         "1.5", "--duration", str(LONG_TALK), "--record", str(record), "--config", str(stage.service.config_file)],
        cwd=ROOT, capture_output=True, text=True, timeout=LONG_TALK + 40)
    assert dialled.returncode == 0, dialled.stdout + dialled.stderr
    assert f"ended by us after {LONG_TALK:.0f}." in dialled.stdout
    fjodor.wait("state", state="DISCONNECTED")
    call = answered(stage, "softphone", "fjodor")
    assert call["call"]["talk_time"] > LONG_TALK - 10
    with wave.open(str(record)) as file:
        octets = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    assert _seconds_of(OPERATOR_HERTZ, octets.astype(np.int16) - 128) > LONG_TALK - 15


PYVOIP_SCENES: tuple[Scene, ...] = (
    pyvoip_answers_and_is_left, pyvoip_answers_and_hangs_up, pyvoip_calls_for_forty_seconds)
PYVOIP_LINES = {"241": ("diana",), "242": ("emil",), "243": ("fjodor",)}


def _operator(stage: Stage, user: str, seconds: float) -> Path:
    """Its process, ended with the scene; the file in which it says what happens."""
    need_module("pyVoIP")
    said = stage.folder / "pyvoip.log"
    tone = stage.folder / TONE
    with wave.open(str(stage.tones["operator"])) as file:
        samples = np.frombuffer(file.readframes(10 * RATE), "<i2")
    tone.write_bytes(((samples >> 8) + 128).astype(np.uint8).tobytes())
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), stage.host, user, PASSWORD, stage.next_host(), str(tone),
             str(stage.folder / HEARD), str(seconds)], stdout=log, stderr=subprocess.STDOUT)
    stage.closing.callback(process.wait, 10)
    stage.closing.callback(process.kill)
    stage.wait_reachable(user)
    return said


def _heard_each_other(stage: Stage, caller: Phone) -> None:
    """It knows eight bits and keeps time poorly, so only the strongest frequency is asked for."""
    assert _seconds_of(OPERATOR_HERTZ, caller.recording().samples) > LEAST_TALK
    octets = np.frombuffer((stage.folder / HEARD).read_bytes(), np.uint8)
    assert _seconds_of(CALLER_HERTZ, octets.astype(np.int16) - 128) > LEAST_TALK


def _seconds_of(hertz: int, samples: Samples) -> float:
    """Tenths of a second in which no other frequency is as strong."""
    windows = samples[:len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(np.float64)
    powers = np.abs(np.fft.rfft(windows - windows.mean(axis=1, keepdims=True)))
    strongest = powers.argmax(axis=1) * RATE / WINDOW
    return float(np.count_nonzero((strongest == hertz) & (powers.max(axis=1) > WINDOW)) * WINDOW / RATE)
