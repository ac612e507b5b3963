"""SRTP with AES-GCM (RFC 7714) against a second implementation: key derivation and encryption written out here, on the
AES of another library, and itself held against the vectors of the RFC."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from ivr.sdp.crypto import KEY_OCTETS
from tests.media.virtual_peer import World, rtp

HEADER, SALT_OCTETS = 12, 12
SUITES = ("AEAD_AES_128_GCM", "AEAD_AES_256_GCM")


def derived(master: bytes, label: int, octets: int) -> bytes:
    """RFC 3711 §4.3.1 and §4.3.3, with a key derivation rate of 0; RFC 7714 §11: the salt of 96 bits is shifted up."""
    key, salt = master[:-SALT_OCTETS], master[-SALT_OCTETS:] + bytes(2)
    block = bytes(octet ^ (label if place == 7 else 0) for place, octet in enumerate(salt)) + bytes(2)
    return Cipher(AES(key), CTR(block)).encryptor().update(bytes(octets))


def nonce(header: bytes, roll_over: int, salt: bytes) -> bytes:
    """RFC 7714 §8.1."""
    plain = bytes(2) + header[8:12] + roll_over.to_bytes(4, "big") + header[2:4]
    return bytes(one ^ other for one, other in zip(plain, salt, strict=True))


def session(master: bytes) -> tuple[bytes, bytes]:
    return derived(master, 0, len(master) - SALT_OCTETS), derived(master, 2, SALT_OCTETS)


def closed(packet: bytes, key: bytes, salt: bytes, roll_over: int = 0) -> bytes:
    header = packet[:HEADER]
    return header + AESGCM(key).encrypt(nonce(header, roll_over, salt), packet[HEADER:], header)


def opened(packet: bytes, key: bytes, salt: bytes, roll_over: int = 0) -> bytes:
    header = packet[:HEADER]
    return header + AESGCM(key).decrypt(nonce(header, roll_over, salt), packet[HEADER:], header)


def test_vector__of_the_rfc() -> None:
    """RFC 7714 §16.1.1: session key 00 to 0f, session salt "Quid pro quo"."""
    packet = bytes.fromhex("8040f17b8041f8d35501a0b2") + b"Gallia est omnis divisa in partes tres"
    assert closed(packet, bytes(range(16)), b"Quid pro quo").hex() == (
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27"
        "beb16a9152cf765ee4390cce")


def secure(suite: str, latch: str = "sdp") -> tuple[World, tuple[bytes, bytes], tuple[bytes, bytes]]:
    """A world with an encrypted stream, and the session keys of what we send and hear."""
    octets = KEY_OCTETS[suite]      # type: ignore[index]
    ours, theirs = bytes(range(octets)), bytes(range(100, 100 + octets))
    world = World()
    world.open(0, latch=latch, srtp_suite=suite, srtp_key_out=b64encode(ours).decode(),
               srtp_key_in=b64encode(theirs).decode())
    return world, session(ours), session(theirs)


@pytest.mark.parametrize("suite", SUITES)
def test_gcm__what_we_send(suite: str) -> None:
    world, ours, theirs = secure(suite)
    world.plane.table.sequence_number[0] = 65530
    world.run(0.4)
    packets = [packet for _, packet in world.octets_from(0)]
    assert len(packets) == 20
    assert [opened(packet, *ours, roll_over=number > 5)[HEADER:] for number, packet in enumerate(packets)] == [
        b"\xd5" * 160] * 20
    with pytest.raises(InvalidTag):
        opened(packets[0], *theirs)


@pytest.mark.parametrize("suite", SUITES)
def test_gcm__what_we_hear(suite: str) -> None:
    world, _, theirs = secure(suite)
    for number in range(65_500, 65_600):
        world.hear(0, closed(rtp(number, 160 * number), *theirs, roll_over=number >> 16))
    table = world.plane.table
    assert (table.received[0], table.refused[0], table.malformed[0]) == (100, 0, 0)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("spoil", [
    lambda packet: packet[:-1] + bytes([packet[-1] ^ 1]), lambda packet: packet[:20] + b"\0" + packet[21:],
    lambda packet: packet[:-16], lambda packet: packet[:12], lambda packet: packet[:3] + b"\7" + packet[4:],
], ids=["tag", "payload", "no tag", "header alone", "another number"])
def test_gcm__what_is_not_authentic_changes_nothing(suite: str, spoil: Callable[[bytes], bytes]) -> None:
    """Before the first packet and after it, which take different ways."""
    world, _, theirs = secure(suite, latch="learn")
    good = [closed(rtp(number, 160 * number), *theirs) for number in range(1, 4)]
    world.hear(0, spoil(good[0]), source=("203.0.113.9", 9))
    world.hear(0, good[0])
    world.hear(0, spoil(good[1]), good[0], source=("203.0.113.9", 9))
    world.hear(0, good[1], spoil(good[2]), good[2])
    table = world.plane.table
    assert (table.received[0], table.refused[0], table.destination[0]) == (3, 4, table.sdp[0])
