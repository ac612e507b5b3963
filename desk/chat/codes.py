"""Codes with which the phone in a page is put beside the chat in another one, or in the same.

A frame in a foreign page has no microphone, so the call may be in a window of its own. What goes there is no token of
the visitor's, which would open their chat, but a code that is good for one call, within two minutes.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable

LASTS = 120.0            # s
MOST = 5_000             # codes that nobody has used; at the bound the oldest goes
BYTES = 16


class Codes:
    """Made for a visitor, and taken once. A visitor has one at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: OrderedDict[str, tuple[str, float]] = OrderedDict()     # by code: whose, and until when
        self._of: dict[str, str] = {}

    def make(self, visitor: str) -> str:
        """A new one; an earlier one of the same visitor opens nothing any more."""
        self._drop(self._of.get(visitor, ""))
        code = secrets.token_urlsafe(BYTES)
        self._made[code], self._of[visitor] = (visitor, self._clock() + LASTS), code
        while len(self._made) > MOST:
            self._drop(next(iter(self._made)))
        return code

    def take(self, code: str) -> str:
        """Whose it is; "" for one that was taken, is too old, or never was."""
        visitor, until = self._drop(code)
        return visitor if self._clock() <= until else ""

    def _drop(self, code: str) -> tuple[str, float]:
        visitor, until = self._made.pop(code, ("", 0.0))
        if visitor and self._of.get(visitor) == code:
            del self._of[visitor]
        return visitor, until
