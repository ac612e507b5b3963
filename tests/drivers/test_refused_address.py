"""Each reason why an address can't be opened has its own remedy."""

import errno
import socket

import pytest

from ivr.drivers.refused_address import IN_USE, remedy


def refused(host: str, port: int) -> OSError:
    with socket.socket() as first, pytest.raises(OSError, match="Errno") as raised:
        first.bind((host, port))
    return raised.value


def test_remedy__an_address_of_another_machine() -> None:
    assert remedy(refused("192.0.2.1", 0)).startswith("this machine has no such address")


def test_remedy__a_port_that_somebody_has() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.76.2", 0))
        holder.listen()
        assert remedy(refused(*holder.getsockname())) == IN_USE


def test_remedy__a_port_of_the_system() -> None:
    refusal = PermissionError(errno.EACCES, "Permission denied")
    assert remedy(refusal).startswith("ports below 1024 belong to the system")
