"""a=crypto: keys of SRTP inside the description (SDES, RFC 4568), for the two suites that every phone has, and the two
with AES-GCM (RFC 7714) that some ask for.

    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:<base64 of key and salt>[|lifetime][|MKI:length] [session parameters]
"""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ivr.sdp.description import Media

Suite = Literal["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"]
Policy = Literal["never", "offered", "required"]

# Suite -> octets of master key and salt, as we offer them: what every phone knows comes first, since there are phones
# that look at the first line alone. Who wants AES-GCM has it by offering it, or by choosing it.
KEY_OCTETS: dict[Suite, int] = {"AES_CM_128_HMAC_SHA1_80": 16 + 14, "AES_CM_128_HMAC_SHA1_32": 16 + 14,
                                "AEAD_AES_128_GCM": 16 + 12, "AEAD_AES_256_GCM": 32 + 12}
SUITES: tuple[Suite, ...] = tuple(KEY_OCTETS)
SECURE = ("RTP/SAVP", "RTP/SAVPF")
PLAIN = ("RTP/AVP", "RTP/AVPF")
HARMLESS = ("WSH=",)                    # session parameters that change nothing of what we send or hear


@dataclass(frozen=True)
class Crypto:
    """What protects a stream. Keys are key and salt in base64; `tag` is the number of the a=crypto line."""

    tag: str
    suite: Suite
    key_out: str = field(repr=False)    # protects what we send
    key_in: str = field(repr=False)     # protects what the peer sends


class Keys:
    """Our keys of one session, one for each suite: drawn when they are first spoken, since most audio is plain."""

    def __init__(self, draw: Callable[[int], str]) -> None:
        """`draw` gives so many random octets in base64."""
        self._draw = draw
        self._drawn: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        self._drawn = self._drawn or tuple(self._draw(octets) for octets in KEY_OCTETS.values())
        return iter(self._drawn)


def usable(protocol: str, policy: Policy) -> bool:
    """Whether an m= line of this protocol may be answered under `policy`."""
    return (protocol in SECURE and policy != "never") or (protocol in PLAIN and policy != "required")


def take_crypto(media: Media, keys: Iterable[str]) -> Crypto | None:
    """The peer's first line that we can do, as the offerer's order asks; `keys` are ours, one for each suite."""
    return next(_usable_lines(media.values("crypto"), keys), None)


def match_crypto(media: Media, keys: Iterable[str]) -> Crypto | None:
    """What the answer to crypto_lines(keys) chose: one line with the tag and suite of one of ours (RFC 4568 §5.1.3)."""
    for line in _usable_lines(media.values("crypto"), keys):
        if line.tag == str(SUITES.index(line.suite) + 1):
            return line
    return None


def crypto_lines(keys: Iterable[str]) -> list[str]:
    """Our offer: every suite, each with a key of its own."""
    return [crypto_line(str(number), suite, key)
            for number, (suite, key) in enumerate(zip(SUITES, keys, strict=True), 1)]


def crypto_line(tag: str, suite: Suite, key: str) -> str:
    """One line; no lifetime, since a call ends long before 2^48 packets."""
    return f"a=crypto:{tag} {suite} inline:{key}\r\n"


def _usable_lines(values: Iterable[str], keys: Iterable[str]) -> Iterator[Crypto]:
    for value in values:
        words = value.split()
        if len(words) < 3 or not _is_tag(words[0]) or not all(map(_is_harmless, words[3:])):
            continue
        for suite, ours in zip(SUITES, keys, strict=False):
            theirs = _key(words[2], KEY_OCTETS[suite]) if words[1].upper() == suite else None
            if theirs is not None:
                yield Crypto(words[0], suite, ours, theirs)


def _is_tag(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _is_harmless(parameter: str) -> bool:
    """RFC 4568 §6.3.7: a line with a parameter that one does not know is no choice, unless it begins with "-"."""
    return parameter.startswith(("-", *HARMLESS))


def _key(parameters: str, octets: int) -> str | None:
    """Key and salt; None for what is no key of so many octets, several keys, or a key with an MKI. The padding of its
    base64 may be left out."""
    method, _, text = parameters.partition(":")
    key, *more = text.split("|")
    if method.lower() != "inline" or ";" in text or len(key) > 2 * octets or any(":" in word for word in more):
        return None
    try:
        key = key.rstrip("=") + "=" * (-len(key.rstrip("=")) % 4)
        return key if len(b64decode(key, validate=True)) == octets else None
    except (Error, ValueError):
        return None
