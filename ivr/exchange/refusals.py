"""What is kept of refusals: enough that none goes unseen, and no more than a log and a record can bear of a flood."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from ivr.sip.events import PasswordRefused

PASSWORD_WINDOW = 60.0      # s: in it one line for each account and address, and at most `PASSWORD_LINES`
PASSWORD_LINES = 20
CALL_WINDOW = 10.0          # s: in it the figures below for each trunk, for all phones and for all strangers
CALL_LINES = 30
CALL_ROWS = 500             # a record of every refused call up to 50 a second; beyond that the counters know the rest


class Quota:
    """At most `most` of something in any `window` s, one of each key; what was too much is counted. It keeps no more
    than what it granted within the last window."""

    def __init__(self, most: int, window: float) -> None:
        self.window = window
        self.left_out = 0
        self._most = most
        self._granted: dict[Hashable, float] = {}       # the oldest first
        self._keyless = 0

    def __len__(self) -> int:
        return len(self._granted)

    def take(self, key: Hashable, now: float) -> bool:
        """Whether there is room; a key that has been granted already is refused and not counted as left out. None is
        never the same."""
        if key is None:
            self._keyless += 1
            key = self._keyless
        while self._granted and now - next(iter(self._granted.values())) >= self.window:
            del self._granted[next(iter(self._granted))]
        if key in self._granted:
            return False
        if len(self._granted) >= self._most:
            self.left_out += 1
            return False
        self._granted[key] = now
        return True

    def take_left_out(self) -> int:
        """How many were too much since the last time."""
        count, self.left_out = self.left_out, 0
        return count


@dataclass
class Refusals:
    """`lines` by what is logged, `rows` by who calls: a trunk's name, "phone" or "stranger", so that a scan hides no
    refusal of a carrier. `passwords` has the last of each account, and when."""

    lines: dict[tuple[str, str], Quota] = field(default_factory=dict)
    rows: dict[str, Quota] = field(default_factory=dict)
    passwords: dict[str, tuple[float, PasswordRefused]] = field(default_factory=dict)

    def of_lines(self, event: str, who: str) -> Quota:
        return self.lines.setdefault((event, who), Quota(CALL_LINES, CALL_WINDOW) if event == "call_refused"
                                     else Quota(PASSWORD_LINES, PASSWORD_WINDOW))

    def of_rows(self, who: str) -> Quota:
        return self.rows.setdefault(who, Quota(CALL_ROWS, CALL_WINDOW))
