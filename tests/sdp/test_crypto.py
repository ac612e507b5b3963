"""SRTP by SDES (RFC 4568): what is offered, chosen, answered and refused."""

from base64 import b64encode
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sdp.crypto import KEY_OCTETS, SUITES, Crypto, Keys, Policy
from ivr.sdp.description import parse
from ivr.sdp.offer_answer import LocalMedia, make_answer, make_offer, read_answer

OURS = tuple(b64encode(bytes([number]) * octets).decode() for number, octets in enumerate(KEY_OCTETS.values(), 1))
THEIRS = b64encode(bytes(range(30))).decode()
LONG, SHORT = "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"
PEER = LocalMedia("192.0.2.7", 4000, 9, 1, srtp="offered", offer_srtp=True,
                  keys=tuple(b64encode(bytes([8]) * octets).decode() for octets in KEY_OCTETS.values()))


def local(policy: Policy = "offered", offer_srtp: bool = False) -> LocalMedia:
    return LocalMedia("198.51.100.1", 16384, 7, 1, srtp=policy, offer_srtp=offer_srtp, keys=OURS)


def offer(*crypto: str, protocol: str = "RTP/SAVP", second: str = "") -> bytes:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "c=IN IP4 192.0.2.7", "t=0 0", f"m=audio 4000 {protocol} 0 8",
             *(f"a=crypto:{line}" for line in crypto)]
    return "\r\n".join([*lines, second, ""]).encode()


@pytest.mark.parametrize(("lines", "expected"), [
    ([f"1 {LONG} inline:{THEIRS}"], ("1", LONG)),
    ([f"7 {SHORT} inline:{THEIRS}|2^20"], ("7", SHORT)),
    ([f"1 {LONG} inline:{THEIRS}|1048576"], ("1", LONG)),
    ([f"2 {SHORT} inline:{THEIRS}", f"1 {LONG} inline:{THEIRS}"], ("2", SHORT)),
    ([f"1 AES_256_CM_HMAC_SHA1_80 inline:{THEIRS}", f"2 {LONG} inline:{THEIRS}"], ("2", LONG)),
    ([f"1 {LONG} inline:{THEIRS}|2^20|1:4", f"2 {SHORT} inline:{THEIRS}"], ("2", SHORT)),
    ([f"1 {LONG} inline:{THEIRS}|1:4", f"2 {SHORT} inline:{THEIRS}"], ("2", SHORT)),
    ([f"1 {LONG} inline:{THEIRS} UNENCRYPTED_SRTP", f"2 {LONG} inline:{THEIRS}"], ("2", LONG)),
    ([f"1 {LONG} inline:{THEIRS} WSH=128 -from-afar"], ("1", LONG)),
    ([f"1 {LONG.lower()} INLINE:{THEIRS}"], ("1", LONG)),
], ids=["80", "32 with lifetime", "lifetime in figures", "the offerer's order", "a suite that we have not", "mki",
        "mki without lifetime", "without encryption", "harmless parameters", "small letters"])
def test_offer__answered_with_the_first_line_that_we_can_do(lines: list[str], expected: tuple[str, str]) -> None:
    answer, agreed = make_answer(offer(*lines), local())
    key = OURS[(LONG, SHORT).index(expected[1])]
    audio = parse(answer).media[0]
    assert audio.protocol == "RTP/SAVP"
    assert audio.values("crypto") == [f"{expected[0]} {expected[1]} inline:{key}"]
    assert agreed.crypto is not None
    assert (agreed.crypto.key_out, agreed.crypto.key_in) == (key, THEIRS)


@pytest.mark.parametrize(("suite", "octets"), [("AEAD_AES_128_GCM", 28), ("AEAD_AES_256_GCM", 44)])
def test_offer__with_aes_gcm_alone(suite: str, octets: int) -> None:
    """Keys of RFC 7714's lengths, with the padding of base64 or without; no others."""
    key = b64encode(bytes(range(octets))).decode()
    for spoken in (key, key.rstrip("=")):
        asked = offer(f"1 AEAD_AES_256_GCM_8 inline:{spoken}", f"4 {suite} inline:{spoken}")
        answer, agreed = make_answer(asked, local())
        ours = OURS[[str(one) for one in SUITES].index(suite)]
        assert parse(answer).media[0].values("crypto") == [f"4 {suite} inline:{ours}"]
        assert agreed.crypto == Crypto("4", suite, ours, key)       # type: ignore[arg-type]
    for wrong in (octets - 1, octets + 1, 30):
        with pytest.raises(PeerError):
            make_answer(offer(f"1 {suite} inline:{b64encode(bytes(wrong)).decode()}"), local())


@pytest.mark.parametrize("line", [
    "", "1", f"1 {LONG}", f"x {LONG} inline:{THEIRS}", f"1 {LONG} inline:{THEIRS[:-4]}",
    f"1 {LONG} inline:{THEIRS}AAAA", f"1 {LONG} inline:{'-' * 40}",
    f"1 {LONG} uri:{THEIRS}", f"1 {LONG} inline:{THEIRS};inline:{THEIRS}",
    f"1 {LONG} inline:{THEIRS} KDR=1", f"1 NULL_CIPHER inline:{THEIRS}", f"1 {LONG} inline:{'é' * 40}",
])
def test_offer__without_a_line_that_we_can_do(line: str) -> None:
    with pytest.raises(PeerError) as refusal:
        make_answer(offer(line), local())
    assert refusal.value.status == 488


@given(st.lists(st.text(max_size=90), max_size=4))
def test_offer__whatever_stands_in_the_lines(lines: list[str]) -> None:
    with suppress(PeerError):
        _, agreed = make_answer(offer(*lines), local())
        assert agreed.crypto is not None


@pytest.mark.parametrize(("policy", "protocol", "accepted"), [
    ("never", "RTP/AVP", True), ("never", "RTP/SAVP", False), ("offered", "RTP/AVP", True),
    ("offered", "RTP/SAVPF", True), ("required", "RTP/SAVP", True), ("required", "RTP/AVP", False),
    ("required", "RTP/AVPF", False), ("offered", "UDP/TLS/RTP/SAVPF", False),
])
def test_policy(policy: Policy, protocol: str, accepted: bool) -> None:
    given = offer(f"1 {LONG} inline:{THEIRS}", protocol=protocol)
    if accepted:
        answer, agreed = make_answer(given, local(policy))
        assert parse(answer).media[0].protocol == protocol
        assert (agreed.crypto is not None) == ("SAVP" in protocol)
    else:
        with pytest.raises(PeerError, match="Not Acceptable"):
            make_answer(given, local(policy))


def test_offer__plain_and_encrypted_for_the_same_audio() -> None:
    """Two m= lines, as phones write them that leave the choice to the other side."""
    both = offer(protocol="RTP/AVP", second=f"m=audio 4002 RTP/SAVP 0\r\na=crypto:1 {LONG} inline:{THEIRS}")
    answer, agreed = make_answer(both, local())
    assert ([media.port for media in parse(answer).media], agreed.remote[1]) == ([0, 16384], 4002)
    answer, agreed = make_answer(both, local("never"))
    assert ([media.port for media in parse(answer).media], agreed.remote[1]) == ([16384, 0], 4000)


@pytest.mark.parametrize("suite", SUITES)
def test_our_offer__both_sides_agree(suite: str) -> None:
    """Our own two ends: one offers, the other answers."""
    theirs = parse(make_offer(local(offer_srtp=True)))
    assert theirs.media[0].values("crypto") == [
        f"{number} {each} inline:{key}" for number, (each, key) in enumerate(zip(SUITES, OURS, strict=True), 1)]
    kept = [line for line in theirs.media[0].values("crypto") if f" {suite} " in line]
    answer, their_side = make_answer(offer(*kept), PEER)
    our_side = read_answer(answer, local(offer_srtp=True))
    assert our_side.crypto is not None
    assert their_side.crypto is not None
    assert (our_side.crypto.key_out, our_side.crypto.key_in) == (their_side.crypto.key_in, their_side.crypto.key_out)
    assert our_side.crypto.suite == suite


@pytest.mark.parametrize("answer", [
    offer(protocol="RTP/AVP"), offer(), offer(f"3 {LONG} inline:{THEIRS}"), offer(f"1 {SHORT} inline:{THEIRS}"),
    offer(f"2 {LONG} inline:{THEIRS}"),
], ids=["plain", "no line", "unknown tag", "other suite", "other tag"])
def test_our_offer__answered_with_what_was_not_offered(answer: bytes) -> None:
    with pytest.raises(PeerError, match="Not Acceptable"):
        read_answer(answer, local(offer_srtp=True))


def test_our_plain_offer__answered_with_encryption() -> None:
    with pytest.raises(PeerError, match="Not Acceptable"):
        read_answer(offer(f"1 {LONG} inline:{THEIRS}"), local())


def test_plain_offer__with_keys_is_plain() -> None:
    """Keys belong to RTP/SAVP alone (RFC 4568 §5.1)."""
    answer, agreed = make_answer(offer(f"1 {LONG} inline:{THEIRS}", protocol="RTP/AVP"), local())
    assert (parse(answer).media[0].values("crypto"), agreed.crypto) == ([], None)


def test_keys__are_in_no_repr() -> None:
    _, agreed = make_answer(offer(f"1 {LONG} inline:{THEIRS}"), local())
    for shown in (repr(agreed), repr(local()), repr(Crypto("1", "AES_CM_128_HMAC_SHA1_80", OURS[0], THEIRS))):
        assert THEIRS not in shown
        assert OURS[0] not in shown


def test_keys__drawn_when_they_are_first_spoken_and_then_kept() -> None:
    left = list(OURS)
    ours = replace(local(), keys=Keys(lambda octets: left.pop(0)))
    make_answer(offer(f"1 {LONG} inline:{THEIRS}", protocol="RTP/AVP"), ours)
    assert len(left) == len(SUITES)
    for _ in range(2):
        answer, agreed = make_answer(offer(f"1 {LONG} inline:{THEIRS}"), ours)
        assert agreed.crypto is not None
        assert agreed.crypto.key_out == OURS[0]
        assert f"inline:{OURS[0]}\r\n".encode() in answer
    assert not left
