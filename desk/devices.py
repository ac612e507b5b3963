"""Browsers in which somebody has logged in before: a signed cookie says for whom, and nothing else.

It opens nothing. Who brings one has attempts at that login of their own, which no stranger can use up (`login_limit`).
A fingerprint of the password goes into its signature, as into that of a session: a new password ends all of them. Its
id follows from the name and from where they logged in, so that nobody gets more attempts by logging in again and again.
"""

import hashlib
import hmac
from collections.abc import Mapping

from desk.signed import is_signed, sign, unsigned
from desk.subscriber import subscriber_of
from ivr.drivers.secrets_file import WebLogin

KEPT_S = 180 * 24 * 3600        # since the last login
ID_DIGITS = 24                  # hexadecimal ones of its id


class Devices:
    """Signs and checks. `now` is in seconds since the epoch; `logins` by name, as they are now."""

    def __init__(self, key: bytes, logins: Mapping[str, WebLogin]) -> None:
        self._key, self._logins = key, logins

    def cookie(self, login: WebLogin, host: str, device: str, now: float) -> str:
        """For a browser in which somebody has just logged in, from `host`; `device`: what it was before, "" for a new
        one."""
        values = {"n": login.name, "e": int(now + KEPT_S), "i": device or self._id(login.name, host)}
        return sign(self._key, _purpose(login), values)

    def check(self, cookie: str, name: str, now: float) -> str:
        """The id of a browser in which that very person has logged in with the password that they have; "" for any
        other."""
        values, login = unsigned(cookie) or {}, self._logins.get(name)
        if login is None or values.get("n") != name or not is_signed(self._key, _purpose(login), cookie):
            return ""
        return str(values["i"]) if now < values["e"] else ""

    def _id(self, name: str, host: str) -> str:
        told = f"desk device id\0{name}\0{subscriber_of(host)}".encode()
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()[:ID_DIGITS]


def _purpose(login: WebLogin) -> bytes:
    return b"desk device\0" + login.proof.encode()
