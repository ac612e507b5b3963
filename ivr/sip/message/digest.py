"""Digest authentication, both sides (RFC 3261 §22, RFC 7616, RFC 8760)."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.sip.message.grammar import quote
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request, Response

NONCE_LIFETIME = 60.0    # long enough for any phone to answer, short enough that a stolen answer is soon worthless
# Nonces whose counters are remembered, each until it expires. 270 fresh log-ins a second fill it. Then the one first
# used is forgotten, and every nonce that is not younger counts as stale, so that forgetting lets nothing be replayed.
MAX_NONCES = 16_384
WINDOW_BITS = 64         # how far counters may overtake one another on the way, as two requests over UDP do

# Name on the wire: name in hashlib, the strongest first. SHA-512-256 depends on how Python's OpenSSL was built.
_HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}
_KNOWN = tuple(name for name, hashed in _HASHES.items() if hashed in hashlib.algorithms_available)
_FIELDS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


def ha1_md5(user: str, realm: str, password: str) -> str:
    """What is stored instead of a password, for MD5: 32 hex digits."""
    return _hash("MD5", f"{user}:{realm}:{password}")


def ha1_sha256(user: str, realm: str, password: str) -> str:
    """What is stored instead of a password, for SHA-256: 64 hex digits."""
    return _hash("SHA-256", f"{user}:{realm}:{password}")


def _gives_up_at_sha256(user_agent: str) -> bool:
    """baresip before 3.11 (Debian 12 has 1.0): it answers no challenge at all where one of several is not MD5."""
    name, _, version = user_agent.partition(" v")
    parts = version.split(".")[:2]
    return name == "baresip" and all(part.isdecimal() for part in parts) and [int(part) for part in parts] < [3, 11]


class Outcome(Enum):
    """What became of a request's credentials: only GOOD may pass; ABSENT and BAD are challenged, STALE with `stale`."""

    GOOD = auto()
    STALE = auto()     # the password is right, the nonce too old or used before: the phone need not ask anybody
    BAD = auto()
    ABSENT = auto()    # none for our realm


@dataclass(frozen=True)
class Verdict:
    """`username` is who they say they are; it is proved only if the outcome is GOOD or STALE."""

    outcome: Outcome
    username: str = ""


class DigestServer:
    """Challenges and verifies. A nonce carries its own time and signature, so nothing is kept for one until it was used
    with the right password; strangers can't fill any table.
    """

    def __init__(self, realm: str, ids: Ids, algorithms: tuple[str, ...] = ("SHA-256", "MD5")) -> None:
        self.realm = realm
        self._algorithms = algorithms
        self._ids = ids
        self._secret = bytes.fromhex(ids.token(32))
        self._used: dict[str, tuple[int, int]] = {}     # nonce: (highest counter, bits of those seen below it)
        self._forgotten_at = -1.0

    def challenges(self, now: float, stale: bool = False, user_agent: str = "") -> list[str]:
        """The values of the WWW-Authenticate fields, in our order (RFC 8760 §2.4); for old phones MD5 alone.

        All offer the same nonce, since pyVoIP reads the first and answers with MD5.
        """
        issued = f"{int(now * 1000):012x}{self._ids.token(4)}"
        nonce = issued + self._sign(issued)
        tail = f'nonce="{nonce}", qop="auth"{", stale=true" if stale else ""}'
        names = ("MD5",) if "MD5" in self._algorithms and _gives_up_at_sha256(user_agent) else self._algorithms
        return [f"Digest realm={quote(self.realm)}, algorithm={name}, {tail}" for name in names]

    def verify(self, request: Request, ha1_of: Callable[[str, str], str | None], now: float) -> Verdict:
        """Judge the credentials of `request`. `ha1_of(username, "MD5" or "SHA-256")` gives the stored HA1 or None.

        Raises PeerError(400) if they can't be read. The URI inside is not compared with the Request-URI: proxies change
        that one (RFC 3261 §22.4), and pyVoIP's never match.
        """
        for name in ("Authorization", "Proxy-Authorization"):
            for value in request.headers.all(name):
                given = parse_auth(value)
                if given["scheme"] == "digest" and given.get("realm") == self.realm:
                    return self._judge(given, request.method, ha1_of, now)
        return Verdict(Outcome.ABSENT)

    def _judge(self, given: Mapping[str, str], method: str, ha1_of: Callable[[str, str], str | None],
               now: float) -> Verdict:
        username, nonce = given.get("username", ""), given.get("nonce", "")
        algorithm = given.get("algorithm", "MD5").upper()
        counter = _counter(given, algorithm)
        if algorithm not in ("MD5", "SHA-256") or counter is None:
            return Verdict(Outcome.BAD, username)
        ha1 = ha1_of(username, algorithm)
        # An unknown name costs the same time as a known one.
        expected = _response(algorithm, ha1 or "0" * 64, method, given)
        same = hmac.compare_digest(expected.encode(), given.get("response", "").lower().encode())
        if not same or ha1 is None:
            return Verdict(Outcome.BAD, username)
        fresh = self._is_ours(nonce) and self._is_fresh(nonce, now) and self._count(nonce, counter, now)
        return Verdict(Outcome.GOOD if fresh else Outcome.STALE, username)

    def _sign(self, issued: str) -> str:
        return hmac.digest(self._secret, f"{issued}{self.realm}".encode(), "sha256").hex()[:32]

    def _is_ours(self, nonce: str) -> bool:
        return hmac.compare_digest(self._sign(nonce[:20]).encode(), nonce[20:].encode())

    def _is_fresh(self, nonce: str, now: float) -> bool:
        issued_at = _issued_at(nonce)
        return now - issued_at <= NONCE_LIFETIME and (issued_at > self._forgotten_at or nonce in self._used)

    def _count(self, nonce: str, counter: int, now: float) -> bool:
        """Note that `counter` was used; False if it was before.

        0 stands for an answer without qop, which counts nothing: it must be the first to use the nonce, and the last.
        """
        highest, seen = self._used.get(nonce, (0, 0))
        if not counter:
            if highest:
                return False
            counter = 2**32
        if counter > highest:
            seen = (seen << min(counter - highest, WINDOW_BITS) | 1) & (1 << WINDOW_BITS) - 1
            highest = counter
        else:
            bit = 1 << highest - counter if highest - counter < WINDOW_BITS else 0
            if not bit or seen & bit or highest == 2**32:
                return False
            seen |= bit
        if nonce not in self._used:
            self._make_room(now)
        self._used[nonce] = (highest, seen)
        return True

    def _make_room(self, now: float) -> None:
        while self._used:
            oldest = next(iter(self._used))
            if now - _issued_at(oldest) <= NONCE_LIFETIME:
                if len(self._used) < MAX_NONCES:
                    return
                self._forgotten_at = max(self._forgotten_at, _issued_at(oldest))
            del self._used[oldest]


def _issued_at(nonce: str) -> float:
    """Of a nonce whose signature is ours."""
    return int(nonce[:12], 16) / 1000


def _counter(given: Mapping[str, str], algorithm: str) -> int | None:
    """The nonce counter, 0 for an answer without qop, None if it can't be accepted.

    Only MD5 knows answers without qop (RFC 2069, RFC 7616 §3.4); pyVoIP and old adapters give no others.
    """
    if "qop" not in given:
        return 0 if algorithm == "MD5" else None
    digits = given.get("nc", "")
    if given["qop"].lower() != "auth" or not given.get("cnonce") or len(digits) != 8:
        return None
    if not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return None
    return int(digits, 16) or None


def answer_challenge(challenges: Iterable[str], method: str, uri: str, user: str, secret: str | Mapping[str, str],
                     ids: Ids, nonce_count: int = 1) -> str | None:
    """Credentials for the strongest of `challenges` that we know; None if there is none.

    `secret` is the password, or HA1s by algorithm name ("MD5", "SHA-256"), and then only those algorithms count. Faulty
    challenges and unknown ones are passed over. `nonce_count` counts the requests answered with this nonce.
    """
    usable = [challenge for value in challenges if (challenge := _usable(value, secret)) is not None]
    if not usable:
        return None
    challenge = min(usable, key=lambda each: _KNOWN.index(_algorithm(each)))
    algorithm = _algorithm(challenge)
    given = {"username": user, "realm": challenge["realm"], "nonce": challenge["nonce"], "uri": uri}
    if "qop" in challenge:
        given |= {"qop": "auth", "nc": f"{nonce_count:08x}", "cnonce": ids.token()}
    ha1 = _hash(algorithm, f"{user}:{challenge['realm']}:{secret}") if isinstance(secret, str) else secret[algorithm]
    given["response"] = _response(algorithm, ha1, method, given)
    if "algorithm" in challenge:
        given["algorithm"] = algorithm
    if "opaque" in challenge:
        given["opaque"] = challenge["opaque"]
    bare = ("qop", "nc", "algorithm")
    return "Digest " + ", ".join(f"{name}={value if name in bare else quote(value)}" for name, value in given.items())


def authorize(request: Request, response: Response, user: str, secret: str | Mapping[str, str], ids: Ids,
              nonce_count: int = 1) -> tuple[str, str] | None:
    """The field (name, value) to add to `request` after a 401 or 407; None if the challenge can't be met."""
    asked, answered = _FIELDS[response.status]
    value = answer_challenge(response.headers.all(asked), request.method, str(request.request_uri), user, secret, ids,
                             nonce_count)
    return None if value is None else (answered, value)


def _usable(value: str, secret: str | Mapping[str, str]) -> dict[str, str] | None:
    try:
        challenge = parse_auth(value)
    except PeerError:
        return None
    algorithm = _algorithm(challenge)
    offered = [qop.strip().lower() for qop in challenge.get("qop", "auth").split(",")]
    known = algorithm in _KNOWN and (isinstance(secret, str) or algorithm in secret)
    complete = "realm" in challenge and "nonce" in challenge
    return challenge if challenge["scheme"] == "digest" and known and complete and "auth" in offered else None


def _algorithm(challenge: Mapping[str, str]) -> str:
    return challenge.get("algorithm", "MD5").upper()


def _response(algorithm: str, ha1: str, method: str, given: Mapping[str, str]) -> str:
    """The digest itself (RFC 7616 §3.4.1)."""
    ha2 = _hash(algorithm, f"{method}:{given.get('uri', '')}")
    if "qop" not in given:
        return _hash(algorithm, f"{ha1}:{given.get('nonce', '')}:{ha2}")
    counted = f"{given.get('nonce', '')}:{given.get('nc', '')}:{given.get('cnonce', '')}:{given['qop']}"
    return _hash(algorithm, f"{ha1}:{counted}:{ha2}")


def _hash(algorithm: str, text: str) -> str:
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()
