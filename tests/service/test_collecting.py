"""When control looks for garbage."""

from ivr.service.collecting import GROWN, QUIET_CALLS, QUIET_LOOKS, Moments

MANY = QUIET_CALLS + 1


def test_moment__after_a_quiet_minute() -> None:
    moments = Moments(1_000)
    assert [moments.is_good(QUIET_CALLS, 1_000) for _ in range(2 * QUIET_LOOKS)].count(True) == 2
    assert not moments.is_good(0, 1_000)


def test_moment__not_right_after_calls() -> None:
    """What they leave lives on for a while, and would be looked at for nothing."""
    moments = Moments(1_000)
    looks = [moments.is_good(calls, 1_000) for calls in [0] * (QUIET_LOOKS - 1) + [MANY] + [0] * QUIET_LOOKS]
    assert looks.index(True) == len(looks) - 1


def test_moment__memory_has_grown_without_a_quiet_minute() -> None:
    moments = Moments(1_000)
    assert not moments.is_good(MANY, 1_000 + GROWN - 1)
    assert moments.is_good(MANY, 1_000 + GROWN)
    assert not moments.is_good(MANY, 1_000 + GROWN), "it has not grown since"
    assert moments.is_good(MANY, 1_000 + 2 * GROWN)
