"""Sessions of people at screens: a signed cookie that says who, until when. Nothing is stored but what was ended early.

The cookie says {n: name, e: expiry, i: id}. A fingerprint of the login's password goes into its signature (`signed`): a
new password ends the sessions of the old one.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from desk.signed import is_signed, sign, unsigned
from ivr.base.roles import Role
from ivr.drivers.secrets_file import WebLogin

ENDED = 10_000          # sessions ended before their time; at the bound the first of them would be valid again


@dataclass(frozen=True)
class Session:
    """Who is logged in until `expires` (s since the epoch). `one_time`: with a password that must be changed first."""

    name: str
    role: Role
    expires: float
    id: str
    one_time: bool = False


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
        session = Session(login.name, login.role, float(int(now + self._lifetime)), self._make_id(),
                          login.one_time_until is not None)
        cookie = sign(self._key, _purpose(login), {"n": session.name, "e": int(session.expires), "i": session.id})
        return cookie, session

    def check(self, cookie: str, now: float) -> Session | None:
        """The session of a cookie; None for one that is forged, over, ended, or whose login is gone."""
        try:
            values = unsigned(cookie) or {}
            login = self._logins[values["n"]]
            session = Session(login.name, login.role, float(values["e"]), str(values["i"]),
                              login.one_time_until is not None)
        except (ValueError, KeyError, TypeError):
            return None
        if not is_signed(self._key, _purpose(login), cookie):
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


def _purpose(login: WebLogin) -> bytes:
    return b"desk session\0" + login.proof.encode()
