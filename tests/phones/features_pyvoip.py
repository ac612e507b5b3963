"""Scenes with pyVoIP 1.6.8 as an operator; as a caller it plays in test_phone_kinds.py. It knows no hold, no transfer,
no TLS and no IPv6."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import FRAME_SAMPLES, RATE, Recording, tone_in
from tests.phones.lines import KEYS
from tests.phones.phone import Phone
from tests.phones.stage import Scene, Stage
from tests.phones.talking import LEAST_TALK, TALK, answered
from tests.support.peers import need_module
from tests.support.service import PASSWORD, wait_for

TONE, HEARD = "tone.bytes", "heard.bytes"
PROGRAM = Path(__file__).parent / "pyvoip_operator.py"


def pyvoip_answers_and_is_left(stage: Stage) -> None:
    """The caller hangs up."""
    said = _operator(stage, "diana", 0.0)
    caller = stage.caller("6400001")
    stage.begin()
    stage.call(caller, KEYS, number="241")
    wait_for(lambda: "answered" in said.read_text(), 15, "pyVoIP did not answer")
    caller.do(f"wait:{TALK + 0.5}")
    caller.hang_up()
    wait_for(lambda: "ended" in said.read_text(), 10, "pyVoIP did not notice the end")
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


PYVOIP_SCENES: tuple[Scene, ...] = (pyvoip_answers_and_is_left, pyvoip_answers_and_hangs_up)
PYVOIP_LINES = {"241": ("diana",), "242": ("emil",)}


def _operator(stage: Stage, user: str, seconds: float) -> Path:
    """Its process, ended with the scene; the file in which it says what happens."""
    need_module("pyVoIP")
    said = stage.folder / "pyvoip.log"
    tone = stage.folder / TONE
    with wave.open(str(stage.tones["operator"])) as file:
        samples = np.frombuffer(file.readframes(10 * RATE), "<i2")
    tone.write_bytes(((samples >> 8) + 128).astype(np.uint8).tobytes())
    with said.open("wb") as log:
        process = subprocess.Popen([sys.executable, str(PROGRAM), stage.host, user, PASSWORD, stage.next_host(),
                                    str(tone), str(stage.folder / HEARD), str(seconds)], stdout=log, stderr=subprocess.STDOUT)
    stage.closing.callback(process.wait, 10)
    stage.closing.callback(process.kill)
    stage.wait_reachable(user)
    return said


def _heard_each_other(stage: Stage, caller: Phone) -> None:
    """Its own loop keeps time poorly: what it heard has holes, so only how much of it is the tone is asked."""
    assert tone_in(caller.recording(), OPERATOR_HERTZ).length > LEAST_TALK
    octets = np.frombuffer((stage.folder / HEARD).read_bytes(), np.uint8)
    samples = ((octets.astype(np.int16) - 128) << 8).astype(np.int16)
    frames = len(samples) // FRAME_SAMPLES
    heard = Recording(samples, tuple(np.arange(frames + 1) * FRAME_SAMPLES / RATE))
    assert tone_in(heard, CALLER_HERTZ).length > LEAST_TALK
