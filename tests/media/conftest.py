"""Both wires under the same tests."""

import socket
from collections.abc import Iterator

import pytest

from ivr.drivers.wires import refusal, try_uring


def _why_not() -> str:
    try:
        try_uring()
    except OSError as error:
        return refusal(error)
    return ""


WHY_NO_URING = _why_not()


@pytest.fixture(params=["plain", pytest.param("uring", marks=pytest.mark.skipif(bool(WHY_NO_URING),
                                                                               reason=WHY_NO_URING or "it works"))])
def kind(request: pytest.FixtureRequest) -> str:
    """The wire's name."""
    return str(request.param)


@pytest.fixture
def phone() -> Iterator[socket.socket]:
    """A socket on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(2)
        phone.bind(("127.0.0.1", 0))
        yield phone
