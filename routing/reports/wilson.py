"""How sure a share is that few answers gave: Wilson's interval."""

from math import sqrt

Z_95 = 1.959963984540054        # of the normal distribution, two-sided 95 %


def wilson(successes: int, answers: int, z: float = Z_95) -> tuple[float, float]:
    """The bounds within which the share of all lies, by `z` standard errors: never below 0 or above 1, and right for
    few answers too (E. B. Wilson, 1927). (0, 1) where there is none."""
    if answers == 0:
        return 0.0, 1.0
    share, spread = successes / answers, z * z / answers
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / answers + spread / (4 * answers)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
