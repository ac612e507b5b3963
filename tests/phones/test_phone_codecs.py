"""Wideband phones: G.722 with PJSIP, Opus with baresip; alike, unlike, and beside G.711."""

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
import yaml

from tests.phones.baresip import Baresip
from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import FRAME_SAMPLES, RATE, Clips, Recording, tone_in
from tests.phones.phone import Phone
from tests.phones.record import offers
from tests.phones.stage import Scene, Stage, all_over, codec_of, outcome, playing, talk
from tests.support.peers import need_opus, need_pjsua2
from tests.support.service import QUEUES, ROOT, running_service

HOST = "127.0.91.1"
OPERATORS = {"cards": "anna", "loans": "boris", "deposits": "clara"}
LARGEST_GAP = 0.3            # seconds in a tone, while several phones share the processor
RELAYED_DB, MIXED_DB = 30, 25       # purity: G.722 alone, and decoded and encoded again in another codec
MOST_JITTER_MS = 10.0           # 3 alone on the machine; other tests run beside this one
LOW_HERTZ, HIGH_HERTZ = 1000, 10_000     # of the menu's prompt


# --- scenes ---------------------------------------------------------------------------------------------------------
def g722_pair(stage: Stage) -> None:
    """Both on G.722: what one says reaches the other as it is; and what PJSIP counted of our stream."""
    anna = stage.operator("anna", codec="G722", answer=200, delay=0.5)
    caller = stage.caller("4000001", codec="G722")
    stage.begin()
    stage.call(caller, "")
    caller.do("wait:2")
    _is_even(caller)                     # the menu, from our clock
    caller.do("dtmf:1")
    talk(caller, anna)
    assert (codec_of(caller), codec_of(anna)) == ("G722", "G722")
    _heard(caller, OPERATOR_HERTZ, RELAYED_DB)
    _heard(anna, CALLER_HERTZ, RELAYED_DB)
    _answered(stage, "4000001", "anna")


def g722_and_g711(stage: Stage) -> None:
    """A caller on G.722, an operator's phone that has µ-law alone: each hears the other through the mix."""
    boris = stage.operator("boris", codec="PCMU", answer=200, delay=0.5)
    caller = stage.caller("4000002", codec="G722")
    stage.begin()
    stage.call(caller, "2")
    talk(caller, boris)
    assert (codec_of(caller), codec_of(boris)) == ("G722", "PCMU")
    _heard(caller, OPERATOR_HERTZ, MIXED_DB)
    _heard(boris, CALLER_HERTZ, MIXED_DB)
    _answered(stage, "4000002", "boris")


def opus_and_g722(stage: Stage) -> None:
    """baresip offers Opus and nothing else; its keys count at 8 kHz beside a clock of 48 kHz."""
    clara = stage.operator("clara", codec="G722", answer=200, delay=0.5)
    baresip = Baresip(stage.folder, stage.service.sip, stage.next_host(), "4000003", _wide(stage.folder / "wide.wav"),
                      codec="opus")
    stage.closing.callback(baresip.close)
    stage.begin()
    baresip.dial("100")
    clara.do("wait:1.5")             # only to let time go by
    baresip.do("sndcode", "3")
    clara.wait("state", state="CONFIRMED")
    clara.do("wait:3")
    _is_even(clara)
    clara.hang_up()
    baresip.wait("CALL_CLOSED")
    _heard(clara, CALLER_HERTZ, MIXED_DB)
    baresip.close()
    samples, rate = soundfile.read(*stage.folder.glob("dump-*-dec.wav"), dtype="float64", always_2d=True)
    mono = samples.mean(axis=1)
    heard = tone_in(_narrow(mono, rate), OPERATOR_HERTZ)
    assert heard.length > 2.5, heard
    assert heard.purity_db > MIXED_DB, heard
    assert _level_db(mono[rate // 2:rate * 3 // 2], rate, HIGH_HERTZ) == pytest.approx(
        _level_db(mono[rate // 2:rate * 3 // 2], rate, LOW_HERTZ), abs=2), "the prompt is more than 8 kHz can be"
    _answered(stage, "4000003", "clara")


SCENES: tuple[Scene, ...] = (g722_pair, g722_and_g711, opus_and_g722)


# --- the house ------------------------------------------------------------------------------------------------------
MENU = """\
languages: [en]
start: main
menus:
  main:
    prompts: wide
    on_failure: {queue: cards}
    options:
      "1": {queue: cards}
      "2": {queue: loans}
      "3": {queue: deposits}
prompts:
  wide:
    en: {file: en/wide.wav}
"""


def _house(folder: Path) -> dict[str, Any]:
    """A menu of one prompt, recorded at 48 kHz, and of the sample what queues say in English: little has to be
    prepared."""
    prompts, ours = folder / "prompts", ROOT / "audio_prompts"
    shutil.copytree(ours / "en/queue", prompts / "en/queue")
    shutil.copytree(ours / "music", prompts / "music")
    t = np.arange(48_000 * 8) / 48_000
    wide = 0.1 * np.sin(2 * np.pi * LOW_HERTZ * t) + 0.1 * np.sin(2 * np.pi * HIGH_HERTZ * t)
    soundfile.write(prompts / "en/wide.wav", wide, 48_000)
    (folder / "menu.yaml").write_text(MENU)
    said = yaml.safe_load((ROOT / "menus/announcements.yaml").read_text())
    said["announcements"] = {name: {"en": texts["en"]} for name, texts in said["announcements"].items()}
    (folder / "announcements.yaml").write_text(yaml.safe_dump(said))
    return {"lines": [{"numbers": ["100"], "menu": str(folder / "menu.yaml")}],
            "prompts": {"folder": str(prompts), "announcements": str(folder / "announcements.yaml")}}


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    need_opus()
    folder = tmp_path_factory.mktemp("codecs")
    with running_service(
            folder, host=HOST, media={"codecs": ["PCMA", "PCMU", "G722", "opus"]}, **_house(folder),
            operators={name: {"phone_password_file": str(folder / "password")} for name in OPERATORS.values()},
            queues={queue: {"operators": [OPERATORS.get(queue, "anna")], "ring_time_s": 10} for queue in QUEUES}
            ) as service, \
            playing(request, service, folder, tones, Clips({}), SCENES) as played:
        yield played
        all_over(service, played)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_phone(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


# --- what they have in common ---------------------------------------------------------------------------------------
def _is_even(phone: Phone) -> None:
    """Nothing of our stream was lost, doubled or out of order, and it came evenly."""
    phone.do("figures")
    figures = phone.happened("figures")[-1]
    assert figures["packets"] > 50, figures
    assert figures["lost"] == figures["duplicates"] == figures["reordered"] == 0, figures
    assert figures["jitter_ms"] < MOST_JITTER_MS, figures


def _heard(phone: Phone, hertz: int, least_db: float) -> None:
    tone = tone_in(phone.recording(), hertz)
    assert tone.length > 2.5, tone
    assert tone.gap <= LARGEST_GAP, tone
    assert tone.purity_db > least_db, tone


def _wide(path: Path) -> Path:
    """The caller's tone as baresip wants it for Opus: 48 kHz, two channels."""
    wave = 0.25 * np.sin(2 * np.pi * CALLER_HERTZ * np.arange(48_000 * 60) / 48_000)
    soundfile.write(path, np.repeat(wave[:, None], 2, axis=1), 48_000, subtype="PCM_16")
    return path


def _level_db(samples: np.ndarray, rate: int, hertz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    place = round(hertz * len(samples) / rate)
    return 20 * float(np.log10(spectrum[place - 3:place + 4].max() + 1e-9))


def _narrow(samples: np.ndarray, rate: int) -> Recording:
    """What baresip wrote at 48 kHz, as all else is measured."""
    resampled = soxr.resample(samples, rate, RATE)
    narrow = np.clip(np.rint(resampled * 32768), -32768, 32767).astype(np.int16)
    return Recording(narrow, tuple(np.arange(len(narrow) // FRAME_SAMPLES + 1) * FRAME_SAMPLES / RATE))


def _answered(stage: Stage, caller: str, operator: str) -> None:
    call = stage.call_of(caller)
    assert (call["call"]["outcome"], call["call"]["operator"]) == ("answered", operator), call["ladder"]
    assert offers(call) == [operator]
