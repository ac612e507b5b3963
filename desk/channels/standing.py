"""How a channel stands: whether what is sent arrives, since when not, and when the next attempt is due."""

import random
from dataclasses import dataclass, field

FIRST, MOST_OF_ALL, MOST_OF_ONE = 1.0, 30.0, 120.0      # s: the first wait, and the longest of a channel, of a visitor
IN_A_ROW = 3            # visitors who got nothing, and nobody got anything between: then nobody would


def backed_off(attempts: int, most: float, chance: random.Random) -> float:
    """Seconds after so many attempts in vain: twice as long each time up to `most`, and up to half of it less, so that
    not all come back together."""
    return min(most, FIRST * 2.0 ** min(attempts, 30)) * chance.uniform(0.5, 1.0)


@dataclass
class Standing:
    """Of one channel. `now` is monotonic, in seconds; `at` in seconds since the epoch."""

    chance: random.Random = field(default_factory=random.Random)
    reason: str = ""                # why nothing arrives; "" while it does
    fault: bool = False             # somebody of ours must do something
    since: float = 0.0              # s since the epoch, of `reason`
    attempts: int = 0
    until: float = 0.0              # monotonic: no attempt before
    last_error: str = ""            # the last thing that went wrong, whether or not it was mended
    receiving: str = ""             # why nothing comes in; "" while it does
    receiving_fault: bool = False
    receiving_since: float = 0.0
    chats: int = 0
    waiting: int = 0
    stumbled: set[str] = field(default_factory=set)     # visitors who got nothing since anybody got anything

    def may(self, now: float) -> bool:
        return now >= self.until

    def fails(self, reason: str, seconds: float | None, now: float, at: float, *, fault: bool = False) -> bool:
        """Nothing arrives; whether that is news. Those that were on their way together count once."""
        if now < self.until:
            return False
        news = reason != self.reason
        self.since = at if not self.reason else self.since
        self.reason, self.fault, self.last_error = reason, fault, reason
        wait = backed_off(self.attempts, MOST_OF_ALL, self.chance)
        self.attempts += 1
        self.until = now + (seconds if seconds is not None else wait)
        return news

    def stumbles(self, visitor: str, reason: str) -> bool:
        """One visitor got nothing; whether these are so many now that nobody would."""
        self.last_error = reason
        if len(self.stumbled) < IN_A_ROW:
            self.stumbled.add(visitor)
        return len(self.stumbled) >= IN_A_ROW

    def works(self) -> bool:
        """Something arrived; whether that is news."""
        news = bool(self.reason)
        self.reason, self.fault, self.attempts, self.until = "", False, 0, 0.0
        self.stumbled.clear()
        return news

    def receives(self, reason: str, at: float, *, fault: bool = False) -> bool:
        """Why nothing comes in, or "" where it does; whether that is news."""
        news = reason != self.receiving
        if news:
            self.receiving_since = at if not self.receiving else self.receiving_since
            self.receiving, self.receiving_fault = reason, fault
            self.last_error = reason or self.last_error
        return news
