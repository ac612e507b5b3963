"""One source of keys per leg: RTP events, else INFO, else tones in the audio. The first better one that shows itself
wins, and the others are ignored from then on; a trunk may name one for all its calls.

A peer that sends keys in two ways tells each press twice. When the better source shows itself, what it says of presses
that the worse one has told is no news.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Source = Literal["event", "info", "in_band"]
KeyPolicy = Literal["auto", "event", "info", "in_band"]

RANKS: dict[str, int] = {"": 0, "in_band": 1, "info": 2, "event": 3}
SAME_PRESS = 2.0            # s: an INFO is sent when the key is up, and may wait for an answer to the one before
MOST_TOLD = 16              # presses that are remembered


@dataclass
class KeySource:
    """Where a leg's keys come from. `source` is "" until the first one."""

    policy: KeyPolicy = "auto"
    source: str = ""
    _told: deque[tuple[str, int, float]] = field(default_factory=lambda: deque(maxlen=MOST_TOLD), repr=False)

    def hears_tones(self, *, takes_events: bool) -> bool:
        """Whether the audio is to be listened to."""
        return self.policy == "in_band" or (self.policy == "auto" and not takes_events)

    def speaks(self, source: Source) -> bool:
        """Whether what this source says counts."""
        if self.policy != "auto":
            return source == self.policy
        return RANKS[source] >= RANKS[self.source]

    def press(self, source: Source, digit: str, now: float) -> bool:
        """A key by a source that speaks: whether it is a new press."""
        rank, self.source = RANKS[source], source
        while self._told and self._told[0][2] < now - SAME_PRESS:
            self._told.popleft()
        again = next((place for place, (key, by, _) in enumerate(self._told) if key == digit and by < rank), None)
        if again is not None:
            for _ in range(again + 1):
                self._told.popleft()
            return False
        self._told.append((digit, rank, now))
        return True
