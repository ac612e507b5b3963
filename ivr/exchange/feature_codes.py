"""Codes that operators type during a talk, put together from keys. Pure.

    *1       back to the caller, without whom they asked       *4 NUMBER #    ask somebody first
    *2       all three talk                                    *5 NUMBER #    send the caller there
    *3       hand over: the caller and whom they asked
    *60 … *70: what they are after the talk (status_codes)

A code begins with a star; a pause of more than 4 s between two keys ends it, and so does any key that fits none.
"""

import re
from dataclasses import dataclass

from ivr.exchange.status_codes import CODE

PAUSE = 4.0              # s
LONGEST = 24             # keys of a code: a telephone number with star, code and hash
BEGINNING = re.compile(r"\*([45][0-9*]*|[67])?")
WHOLE = re.compile(rf"\*[123]|\*[45][0-9*]+#|{CODE.pattern}")


@dataclass
class Typed:
    """What was typed on one leg so far, and when its last key came."""

    keys: str = ""
    at: float = 0.0

    def press(self, digit: str, now: float) -> str:
        """One more key; the code once it is whole, else ""."""
        before = self.keys if now - self.at <= PAUSE else ""
        self.keys, self.at = before + digit, now
        if WHOLE.fullmatch(self.keys):
            code, self.keys = self.keys, ""
            return code
        if not BEGINNING.fullmatch(self.keys) or len(self.keys) >= LONGEST:
            self.keys = "*" if digit == "*" else ""
        return ""
