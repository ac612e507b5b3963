"""Sessions of people at screens: a signed cookie that says who, until when. Nothing is stored but what was ended early.

    cookie = base64url(json {n: name, e: expiry, i: id}) "." base64url(HMAC-SHA256(session key, payload + proof))

`proof` is a fingerprint of the login's password, so that a new password ends the sessions of the old one.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ivr.base.roles import Role
from ivr.drivers.secrets_file import WebLogin

MAX_COOKIE = 512        # ours have about 150 characters
ENDED = 10_000          # sessions ended before their time; at the bound the first of them would be valid again


@dataclass(frozen=True)
class Session:
    """Who is logged in until `expires` (s since the epoch)."""

    name: str
    role: Role
    expires: float
    id: str


class Sessions:
    """Signs and checks cookies. `make_id` draws unpredictable ids; `now` is in seconds since the epoch; `ended`: what
    `Sessions.ended` of an earlier process was."""

    def __init__(self, key: bytes, logins: Mapping[str, WebLogin], lifetime: float, make_id: Callable[[], str],
                 ended: Mapping[str, float] = MappingProxyType({})) -> None:
        self._key = key
        self._logins = logins
        self._lifetime = lifetime
        self._make_id = make_id
        self._ended: OrderedDict[str, float] = OrderedDict(ended)

    def begin(self, login: WebLogin, now: float) -> tuple[str, Session]:
        """A new session and its cookie."""
        session = Session(login.name, login.role, float(int(now + self._lifetime)), self._make_id())
        payload = json.dumps({"n": session.name, "e": int(session.expires), "i": session.id}).encode()
        return f"{_encoded(payload)}.{_encoded(self._mac(payload, login))}", session

    def check(self, cookie: str, now: float) -> Session | None:
        """The session of a cookie; None for one that is forged, over, ended, or whose login is gone."""
        if len(cookie) > MAX_COOKIE:
            return None
        try:
            payload, mac = (_decoded(part) for part in cookie.split("."))
            values = json.loads(payload)
            login = self._logins[values["n"]]
            session = Session(login.name, login.role, float(values["e"]), str(values["i"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if not hmac.compare_digest(mac, self._mac(payload, login)):
            return None
        return session if now < session.expires and session.id not in self._ended else None

    @property
    def ended(self) -> dict[str, float]:
        """Ids of sessions that were ended before their time, with that time."""
        return self._ended.copy()       # in one step, also from another thread

    def end(self, session: Session, now: float) -> None:
        """Make the cookie of `session` invalid."""
        self._ended[session.id] = session.expires
        while self._ended and (len(self._ended) > ENDED or next(iter(self._ended.values())) < now):
            self._ended.popitem(last=False)

    def _mac(self, payload: bytes, login: WebLogin) -> bytes:
        return hmac.digest(self._key, b"desk session\0" + login.proof.encode() + b"\0" + payload, hashlib.sha256)


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
