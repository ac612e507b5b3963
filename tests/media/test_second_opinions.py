"""Others on keys in the audio: libspandsp and multimon-ng hear what we send, we hear what libspandsp and sox send."""

import ctypes
import ctypes.util
import itertools
import re
import subprocess
from typing import Any, Literal

import numpy as np
import pytest
import soxr

from ivr.audio.dtmf import HIGH, LOW, PAD
from ivr.audio.g711 import decode_alaw, decode_ulaw
from ivr.media import commands
from tests.media.virtual_peer import World
from tests.support.peers import missing, need_program
from tests.support.tones import Ear, Samples, through

MULTIMON_RATE = 22_050
QUIET = np.zeros(1600, np.int16)


@pytest.fixture(scope="module")
def spandsp() -> Any:
    try:
        library = ctypes.CDLL("libspandsp.so.2")
    except OSError:
        missing("libspandsp2")
    for name in ("dtmf_rx_init", "dtmf_tx_init"):
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("dtmf_rx", "dtmf_rx_get", "dtmf_tx", "dtmf_tx_put"):
        getattr(library, name).argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    library.dtmf_tx_set_timing.argtypes = library.dtmf_tx_set_level.argtypes = [ctypes.c_void_p] + [ctypes.c_int] * 2
    return library


def sent(codec: Literal["PCMU", "PCMA"], length_ms: int) -> Samples:
    """All keys as our plane sends them to a peer that takes no events."""
    world = World(rows=1)
    world.open(0, codec, event_payload_type=None)
    world.do(*(commands.SendDigit(0, "0", digit, length_ms) for digit in PAD))
    world.run(len(PAD) * (length_ms + 120) / 1000 + 0.2)
    payloads = np.frombuffer(b"".join(packet.payload for packet in world.sent_from(0)), np.uint8)
    return (decode_ulaw if codec == "PCMU" else decode_alaw)(payloads)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize("length_ms", [60, 160])
def test_second_opinion__libspandsp_hears_our_keys(spandsp: Any, codec: Literal["PCMU", "PCMA"],
                                                   length_ms: int) -> None:
    state, heard = ctypes.c_void_p(spandsp.dtmf_rx_init(None, None, None)), b""
    samples = sent(codec, length_ms)
    for at in range(0, len(samples), 160):
        piece = np.ascontiguousarray(samples[at:at + 160])
        spandsp.dtmf_rx(state, piece.ctypes.data, len(piece))
        found = ctypes.create_string_buffer(128)
        count = spandsp.dtmf_rx_get(state, found, 100)
        heard += found.raw[:count]
    assert heard.decode() == PAD


def test_second_opinion__multimon_hears_our_keys() -> None:
    program = need_program("multimon-ng")
    samples = sent("PCMU", 160)
    faster = soxr.resample(samples.astype(np.float64), 8000, MULTIMON_RATE).clip(-32768, 32767).astype("<i2")
    ran = subprocess.run([program, "-q", "-t", "raw", "-a", "DTMF", "-"], input=faster.tobytes(), capture_output=True,
                         timeout=30, check=True)
    assert "".join(re.findall(r"DTMF: (.)", ran.stdout.decode())) == PAD


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
@pytest.mark.parametrize(("level_dbm0", "twist_db", "length_ms", "pause_ms"),
                         [(-10, 0, 40, 40), (-20, -6, 50, 50), (-8, 2, 100, 60)])
def test_second_opinion__we_hear_the_keys_of_libspandsp(spandsp: Any, law: str, level_dbm0: int, twist_db: int,
                                                        length_ms: int, pause_ms: int) -> None:
    digits = "".join("".join(pair) for pair in itertools.product("19D#", repeat=2)) + PAD
    state = ctypes.c_void_p(spandsp.dtmf_tx_init(None, None, None))
    spandsp.dtmf_tx_set_level(state, level_dbm0, twist_db)
    spandsp.dtmf_tx_set_timing(state, length_ms, pause_ms)
    assert spandsp.dtmf_tx_put(state, digits.encode(), len(digits)) == 0
    made = np.zeros(8 * len(digits) * (length_ms + pause_ms), np.int16)
    assert spandsp.dtmf_tx(state, made.ctypes.data, len(made)) == len(made)
    ear = Ear(1)
    ear.hear_all(through(np.concatenate([QUIET, made, QUIET]), law)[None])
    assert ear.pressed == [digits]


def test_second_opinion__we_hear_the_keys_of_sox() -> None:
    """Made at 48 kHz, and brought to 8 kHz by it."""
    program, made = need_program("sox"), [QUIET]
    for low, high in itertools.product(LOW, HIGH):
        effects = f"synth 0.05 sine {low} sine {high} remix - gain -9 pad 0 0.05".split()
        command = [program, "-r", "48000", "-c", "2", "-n", "-r", "8000", "-b", "16", "-t", "raw", "-", *effects]
        made.append(np.frombuffer(subprocess.run(command, capture_output=True, timeout=30, check=True).stdout, "<i2"))
    ear = Ear(1)
    ear.hear_all(through(np.concatenate([*made, QUIET]), "ulaw")[None])
    assert ear.pressed == [PAD]
