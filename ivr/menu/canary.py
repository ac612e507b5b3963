"""Whether a new version of a menu loses more callers than the old one: a trial on a share of the calls, as pure data.

```
calls that tried the new one   30      60      120      200      300
                               ├───────┼───────┼────────┼────────┤
                               worse beyond chance at a look: returned        else: taken by all
```
A caller is lost who hangs up in the menu (`abandoned`), of those who came into it. At each of LOOKS the two shares
are compared by Fisher's exact test, one-sided, since a version that loses fewer callers needs no alarm. All looks
together give a false alarm in at most ALARM of the trials (Bonferroni: each has an equal part of it).
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, lgamma

LOOKS = (30, 60, 120, 200, 300)     # calls with the new version; after the last one without alarm it has proved itself
ALARM = 0.01                        # the chance that a version that is no worse is returned
LEAST_OLD = 30                      # calls with the old version that a look needs; else it waits for them


class Verdict(StrEnum):
    """What a trial has come to."""

    TAKE = "take"
    RETURN = "return"


@dataclass
class Tally:
    """Callers who came into the menu and left it in some way; `lost` of them hung up there."""

    calls: int = 0
    lost: int = 0

    def add(self, lost: bool) -> None:
        self.calls += 1
        self.lost += lost


@dataclass
class Canary:
    """One trial. `percent` of new calls get the new version."""

    percent: float
    salt: str                       # the new version: another one is tried by other calls
    old: Tally = field(default_factory=Tally)
    new: Tally = field(default_factory=Tally)
    looked: int = 0                 # looks that are done

    def chooses(self, call: str) -> bool:
        """Whether this call tries the new version; the same call always gets the same answer."""
        drawn = hashlib.sha256(f"{self.salt} {call}".encode()).digest()[:8]
        return int.from_bytes(drawn) < self.percent / 100 * 2 ** 64

    def left(self, tries_new: bool, lost: bool) -> Verdict | None:
        """A caller has left the menu; what follows from it, if anything."""
        (self.new if tries_new else self.old).add(lost)
        if self.looked == len(LOOKS) or self.new.calls < LOOKS[self.looked] or self.old.calls < LEAST_OLD:
            return None
        self.looked += 1
        if chance(self.old, self.new) < ALARM / len(LOOKS):
            self.looked = len(LOOKS)
            return Verdict.RETURN
        return Verdict.TAKE if self.looked == len(LOOKS) else None


def chance(old: Tally, new: Tally) -> float:
    """The chance that so many or more of the lost callers fall to the new version if both are alike: the upper tail of
    the hypergeometric distribution (Fisher's exact test, one-sided)."""
    lost, calls = old.lost + new.lost, old.calls + new.calls
    whole = _log_choose(calls, lost)
    return min(1.0, sum(exp(_log_choose(new.calls, count) + _log_choose(old.calls, lost - count) - whole)
                        for count in range(new.lost, min(lost, new.calls) + 1) if lost - count <= old.calls))


def _log_choose(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
