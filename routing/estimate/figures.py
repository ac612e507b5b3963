"""What is said to a caller of a wait: few figures, rounded up, since a longer wait than was said is a broken word."""

from bisect import bisect_left

Figure = int
"""Minutes, one of FIGURES; 0: less than one; MORE: more than the longest."""
FIGURES: tuple[Figure, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
MORE: Figure = 21
MINUTE = 60.0


def figure(seconds: float) -> Figure:
    """The first figure that is not below."""
    if seconds < MINUTE:
        return 0
    place = bisect_left(FIGURES, seconds / MINUTE)
    return FIGURES[place] if place < len(FIGURES) else MORE


def words(said: Figure) -> str:
    """As the record and screens have it."""
    if said == 0:
        return "less than one minute"
    if said == MORE:
        return f"more than {FIGURES[-1]} minutes"
    return f"about {said} minute{'s' if said > 1 else ''}"
