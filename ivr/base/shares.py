"""How sure one may be of a share that was counted."""

from math import sqrt

Z = 1.96        # 95 % of a normal distribution


def share_between(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's score interval, which holds for few counts and near 0 and 1 as well).
    Of nothing, anything."""
    if of <= 0:
        return 0.0, 1.0
    share, weight = hits / of, Z * Z / of
    middle = (share + weight / 2) / (1 + weight)
    reach = Z / (1 + weight) * sqrt(share * (1 - share) / of + weight / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)
