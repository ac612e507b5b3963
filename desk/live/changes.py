"""Whether what is shown has changed, or only gone on: seconds that pass are not news, since pages count them on."""

from collections.abc import Mapping
from typing import Any

GROWING = frozenset(("status_time", "state_time", "idle_time", "wait_time", "longest_wait", "since_s",
                     "waited_s", "talked_s"))
FALLING = frozenset(("rest_time", "expires_in_s", "ends_in_s", "left_s"))
NOT_NEWS = frozenset(("at", "round_trip_s"))
NOTICED = 1.0       # s; a clock that is so far off is another one


def differs(before: Any, after: Any, elapsed: float, key: str = "") -> bool:
    """Whether `after` is anything but `before`, `elapsed` seconds later."""
    if key in NOT_NEWS:
        return False
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() != after.keys() or any(
            differs(value, after[name], elapsed, name) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) != len(after) or any(
            differs(*pair, elapsed, key) for pair in zip(before, after, strict=True))
    if before == after:
        return False
    return not _goes_on(before, after, elapsed, key)


def _goes_on(before: Any, after: Any, elapsed: float, key: str) -> bool:
    if key not in GROWING | FALLING or None in (before, after):
        return False
    expected = before + elapsed if key in GROWING else max(0.0, before - elapsed)
    return bool(abs(after - expected) < NOTICED)
