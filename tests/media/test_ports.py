"""The pool of ports."""

from ivr.media.ports import PortPool


def test_pool__leases_until_it_is_empty() -> None:
    pool = PortPool((16384, 16386))
    assert [pool.lease(0.0), pool.lease(0.0), pool.lease(0.0)] == [(0, 16384), (1, 16386), None]
    assert pool.in_use == 2


def test_pool__a_port_rests() -> None:
    pool = PortPool((16384,))
    pool.lease(10.0)
    pool.release(0, 20.0)
    pool.release(0, 20.0)
    pool.release(7, 20.0)
    assert pool.in_use == 0
    assert pool.lease(21.9) is None
    assert pool.lease(22.0) == (0, 16384)
    assert pool.lease(99.0) is None


def test_pool__the_one_that_has_rested_longest_comes_first() -> None:
    pool = PortPool((1, 3, 5))
    for _ in range(3):
        pool.lease(0.0)
    for stream in (1, 0, 2):
        pool.release(stream, stream * 0.1)
    assert [pool.lease(10.0), pool.lease(10.0), pool.lease(10.0)] == [(1, 3), (0, 1), (2, 5)]
