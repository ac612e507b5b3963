"""The pool of ports."""

from ivr.media.ports import PortPool


def test_pool__leases_until_it_is_empty() -> None:
    pool = PortPool((16384, 16386))
    assert [pool.lease(leg, 0.0) for leg in "abc"] == [(0, 16384), (1, 16386), None]
    assert pool.in_use == 2


def test_pool__a_port_rests() -> None:
    pool = PortPool((16384,))
    pool.lease("a", 10.0)
    for row in (0, 0, 7):
        pool.release(row, "a", 20.0)
    assert pool.in_use == 0
    assert pool.lease("b", 21.9) is None
    assert pool.lease("b", 22.0) == (0, 16384)
    assert pool.lease("c", 99.0) is None


def test_pool__the_one_that_has_rested_longest_comes_first() -> None:
    pool = PortPool((1, 3, 5))
    for leg in "012":
        pool.lease(leg, 0.0)
    for row in (1, 0, 2):
        pool.release(row, str(row), row * 0.1)
    assert [pool.lease(leg, 10.0) for leg in "345"] == [(1, 3), (0, 1), (2, 5)]


def test_pool__who_held_a_row_in_a_plane_that_is_gone_takes_it_from_nobody() -> None:
    pool = PortPool((16384,))
    pool.lease("new", 0.0)
    pool.release(0, "old", 1.0)
    assert (pool.in_use, pool.lease("other", 9.0)) == (1, None)
