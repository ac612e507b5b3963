"""Browsers in which somebody has logged in before: a signed cookie says for whom, and nothing else.

It opens nothing. Who brings one has attempts at that login of their own, which no stranger can use up (`login_limit`).
"""

from collections.abc import Callable

from desk.signed import is_signed, sign, unsigned

KEPT_S = 180 * 24 * 3600        # since the last login
_PURPOSE = b"desk device"


class Devices:
    """Signs and checks. `make_id` draws unpredictable ids; `now` is in seconds since the epoch."""

    def __init__(self, key: bytes, make_id: Callable[[], str]) -> None:
        self._key, self._make_id = key, make_id

    def cookie(self, name: str, device: str, now: float) -> str:
        """For a browser in which `name` has just logged in; `device`: what it was before, "" for a new one."""
        values = {"n": name, "e": int(now + KEPT_S), "i": device or self._make_id()}
        return sign(self._key, _PURPOSE, values)

    def check(self, cookie: str, name: str, now: float) -> str:
        """The id of a browser in which that very person has logged in; "" for any other."""
        values = unsigned(cookie) or {}
        if values.get("n") != name or not is_signed(self._key, _PURPOSE, cookie):
            return ""
        return str(values["i"]) if now < values["e"] else ""
