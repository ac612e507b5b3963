"""Codes that an operator tells a caller, who then writes to them beside the call: a chat of the same request.

No text message leaves this server, so the caller reads the address of the chat themselves and types the code there.
"""

from dataclasses import dataclass, field

from ivr.base.ids import Ids

LETTERS = "ACDEFGHJKLMNPQRTUVWXY3479"       # none that sounds or looks like another one
LENGTH = 6                                  # of 244 million: who tries has 30 chats an hour (`chats_per_hour`)
LASTS = 900.0                               # s
MOST = 2_000                                # at the bound the oldest goes


@dataclass
class Invites:
    """By code: the call, and until when it is good. A call has one at a time. `coming`: visitors whose chat begins in
    this turn, with the call that it is to be beside."""

    made: dict[str, tuple[str, float]] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)

    def make(self, call: str, ids: Ids, now: float) -> str:
        self.made = {code: given for code, given in self.made.items() if given[0] != call and given[1] > now}
        while len(self.made) >= MOST:
            del self.made[next(iter(self.made))]
        number, code = ids.uint32(), ""
        for _ in range(LENGTH):
            number, at = divmod(number, len(LETTERS))
            code += LETTERS[at]
        self.made[code] = call, now + LASTS
        return code

    def take(self, code: str, now: float) -> str:
        """The call of a code, which is used up by that; "" for none."""
        call, until = self.made.pop(code, ("", 0.0))
        return call if now <= until else ""
