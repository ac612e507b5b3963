"""G.711 against the ITU's own sweep of all 16-bit samples and against the text of the recommendation."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ivr.audio import g711

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_OCTET = np.arange(256, dtype=np.uint8)


def sweep(name: str) -> np.ndarray:
    """One of the sweeps of openitu/STL: `src` goes in, `r.u`/`r.a` are its octets, `r.u-u`/`r.a-a` what comes back."""
    folder = os.environ.get("HOTLINE_TESTDATA")
    path = Path(folder or ".") / "g711" / f"sweep{name}"
    if not path.exists():
        message = "the ITU's sweeps are not here: HOTLINE_TESTDATA names the folder that holds g711/"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return np.fromfile(path, "<i2")


@pytest.mark.parametrize(("law", "encode", "decode"), [
    ("u", g711.encode_ulaw, g711.decode_ulaw), ("a", g711.encode_alaw, g711.decode_alaw)])
def test_g711__equals_the_itu_sweep(law, encode, decode) -> None:
    samples, octets = sweep(".src"), sweep(f"-r.{law}")
    assert np.array_equal(encode(samples.astype(np.int16)), octets)
    assert np.array_equal(decode(octets.astype(np.uint8)), sweep(f"-r.{law}-{law}"))
    assert np.array_equal(decode(octets.astype(np.uint8)), sweep(f"-r.re{law}"))


@pytest.mark.parametrize(("sample", "ulaw", "alaw"), [
    (0, 0xFF, 0xD5), (-1, 0x7F, 0x55), (32767, 0x80, 0xAA), (-32768, 0x00, 0x2A),
    (1000, 0xCE, 0xFA), (-1000, 0x4E, 0x7A)])
def test_g711__known_octets(sample: int, ulaw: int, alaw: int) -> None:
    assert g711.encode_ulaw(np.array([sample], np.int16))[0] == ulaw
    assert g711.encode_alaw(np.array([sample], np.int16))[0] == alaw


@pytest.mark.parametrize(("encode", "decode"), [
    (g711.encode_ulaw, g711.decode_ulaw), (g711.encode_alaw, g711.decode_alaw)])
def test_g711__octets_survive_decoding_and_the_error_is_half_a_step(encode, decode) -> None:
    back = encode(decode(EVERY_OCTET))
    assert [int(octet) for octet in EVERY_OCTET[back != EVERY_OCTET]] in ([], [0x7F])      # minus nought becomes plus
    inner = EVERY_SAMPLE[(EVERY_SAMPLE > -32000) & (EVERY_SAMPLE < 32000)]
    error = np.abs(decode(encode(inner)).astype(int) - inner)
    assert np.all(error <= np.abs(inner.astype(int)) / 32 + 8)


def test_g711__shape_is_kept_and_silence_is_the_softest_octet() -> None:
    assert g711.encode_ulaw(np.zeros((3, 160), np.int16)).shape == (3, 160)
    assert (g711.encode_ulaw(np.zeros(2, np.int16)) == g711.ULAW_SILENCE).all()
    assert (g711.encode_alaw(np.zeros(2, np.int16)) == g711.ALAW_SILENCE).all()


def test_g711__laws_convert_by_equal_level_as_in_its_tables_3_and_4() -> None:
    """The nearest level in dBm0 (µ-law overloads at 3.17, A-law at 3.14), save two entries that the ITU set by hand."""
    gain = 10 ** (0.03 / 20)
    ulaw = g711.decode_ulaw(EVERY_OCTET) * gain
    alaw = g711.decode_alaw(EVERY_OCTET).astype(float)
    to_alaw, to_ulaw = alaw[g711.ULAW_TO_ALAW], ulaw[g711.ALAW_TO_ULAW]
    nearest_alaw = np.abs(ulaw[:, None] - alaw[None, :]).min(1)
    nearest_ulaw = np.abs(alaw[:, None] - ulaw[None, :]).min(1)
    assert np.allclose(np.abs(to_ulaw - alaw), nearest_ulaw)
    by_hand = EVERY_OCTET[~np.isclose(np.abs(to_alaw - ulaw), nearest_alaw)]
    assert sorted({int(octet) & 0x7F ^ 0x7F for octet in by_hand}) == [48, 49]
    assert ((g711.ULAW_TO_ALAW ^ EVERY_OCTET) & 0x80 == 0).all(), "the sign bit passes"
    assert ((g711.ALAW_TO_ULAW ^ EVERY_OCTET) & 0x80 == 0).all(), "the sign bit passes"


def test_g711__converting_twice_wanders_no_further() -> None:
    """All but the softest and four merged levels survive µ-A-µ and A-µ-A; what does not survive once, then stays."""
    for there, back in ((g711.ULAW_TO_ALAW, g711.ALAW_TO_ULAW), (g711.ALAW_TO_ULAW, g711.ULAW_TO_ALAW)):
        once = back[there]
        assert (once != EVERY_OCTET).sum() == 16
        assert np.array_equal(back[there[once]], once)


@pytest.mark.parametrize("decode", [g711.decode_ulaw, g711.decode_alaw])
def test_decode__in_pairs_and_one_by_one_are_the_same(decode: Callable[[np.ndarray], np.ndarray]) -> None:
    octets = np.arange(512, dtype=np.uint16).astype(np.uint8)
    one_by_one = np.array([decode(octets[i:i + 1])[0] for i in range(512)])
    assert np.array_equal(decode(octets), one_by_one)
    assert np.array_equal(decode(octets[1:511]), one_by_one[1:511])                 # pairs that begin at odd addresses
    assert np.array_equal(decode(octets.reshape(2, 256).T), one_by_one.reshape(2, 256).T)
    assert decode(octets[:0]).shape == (0,)
