"""Both wires on loopback: what arrives becomes columns, what is sent has the right port and class."""

import socket
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from ivr.drivers.rtp_sockets import BURST, Wire
from ivr.drivers.wires import open_wire
from ivr.media.columns import pack_address, unpack_address
from ivr.media.rtp.outgoing import WIDTH, Outgoing

FIRST = 20_500


@pytest.fixture
def wire(kind: str) -> Iterator[Wire]:
    wire = open_wire(kind, ["127.0.0.1"], range(FIRST + 1, FIRST + 10), batch=8)
    yield wire
    wire.close()


def send(phone: socket.socket, port: int, *payloads: bytes) -> None:
    for payload in payloads:
        phone.sendto(payload, ("127.0.0.1", port))


def outgoing(rows: list[int], payloads: list[bytes], address: tuple[str, int]) -> Outgoing:
    memory = np.zeros((8, WIDTH), np.uint8)
    for place, payload in enumerate(payloads):
        memory[place, :len(payload)] = np.frombuffer(payload, np.uint8)
    return Outgoing(np.array(rows), memory[:len(rows)], np.array([len(payload) for payload in payloads]),
                    np.array([pack_address(*address)] * len(rows), np.uint64))


def test_wire__even_ports_that_have_their_odd_one(wire: Wire) -> None:
    assert wire.ports == (FIRST + 2, FIRST + 4, FIRST + 6, FIRST + 8)
    assert wire.busy == []


def test_wire__ports_that_others_have_are_left_out(kind: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", FIRST + 23))
        wire = open_wire(kind, ["127.0.0.1"], range(FIRST + 20, FIRST + 26), batch=8)
    assert (wire.ports, wire.busy) == ((FIRST + 20, FIRST + 24), [FIRST + 22])
    wire.close()


def test_wire__nothing_can_be_bound(kind: str) -> None:
    with pytest.raises(OSError, match=r"."):
        open_wire(kind, ["192.0.2.1"], range(FIRST, FIRST + 4), batch=8)


def test_wire__what_arrives(wire: Wire, phone: socket.socket) -> None:
    wire.follow(np.array([True, False, True, False]))
    assert wire.receive() is None
    send(phone, FIRST + 2, b"one", b"two")
    send(phone, FIRST + 4, b"nobody listens")
    send(phone, FIRST + 6, b"three")
    send(phone, FIRST + 7, b"rtcp")
    incoming = wire.receive()
    assert incoming is not None
    found = [(int(row), incoming.packets[i, :incoming.lengths[i]].tobytes()) for i, row in enumerate(incoming.rows)]
    assert [payload for row, payload in found if row == 0] == [b"one", b"two"]
    assert (2, b"three") in found
    assert {unpack_address(int(source)) for source in incoming.sources} == {phone.getsockname()}
    assert (incoming.rtcp_rows.tolist(), [unpack_address(int(source)) for source in incoming.rtcp_sources]) == (
        [2], [phone.getsockname()])


def test_wire__one_row_from_two_sources_in_one_batch(wire: Wire, phone: socket.socket) -> None:
    wire.follow(np.array([True, False, False, False]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        send(phone, FIRST + 2, b"one")
        send(other, FIRST + 2, b"two")
        incoming = wire.receive()
        assert incoming is not None
        sources = [unpack_address(int(source)) for source in incoming.sources]
        assert sources == [phone.getsockname(), other.getsockname()]


def test_wire__a_flood_gets_a_burst_a_turn_and_the_batch_is_bounded(wire: Wire, phone: socket.socket) -> None:
    wire.follow(np.ones(4, np.bool_))
    send(phone, FIRST + 2, *[b"x"] * 20)
    incoming = wire.receive()
    assert incoming is not None
    assert len(incoming.rows) == BURST
    for port in wire.ports:
        send(phone, port, *[b"x"] * 20)
    incoming = wire.receive()
    assert incoming is not None
    assert len(incoming.rows) == 8


def test_wire__empty_packets_take_no_more_turns_than_others(wire: Wire, phone: socket.socket) -> None:
    """Anybody may send them, and what the caller says must not wait behind them."""
    wire.follow(np.ones(len(wire.ports), np.bool_))
    send(phone, wire.ports[0], *[b"", b"said"] * BURST)
    turns = [incoming.lengths.tolist() for _ in range(6) if (incoming := wire.receive()) is not None]
    assert [length for turn in turns for length in turn] == [0, 4] * BURST
    assert len(turns) == 2


def test_wire__what_came_before_a_row_opened_is_thrown_away(wire: Wire, phone: socket.socket) -> None:
    send(phone, FIRST + 2, b"stale", b"stale")
    wire.follow(np.array([True, False, False, False]))
    send(phone, FIRST + 2, b"new")
    incoming = wire.receive()
    assert incoming is not None
    assert incoming.packets[0, :incoming.lengths[0]].tobytes() == b"new"
    wire.follow(np.zeros(4, np.bool_))
    send(phone, FIRST + 2, b"late")
    assert wire.receive() is None


@pytest.mark.parametrize("looks", [0, 1, 2], ids=["before we looked", "after a look", "after two"])
def test_wire__what_came_while_a_row_was_closed_is_thrown_away(wire: Wire, phone: socket.socket,
                                                               looks: int) -> None:
    for first, last in ((b"1", b"2"), (b"3", b"4")):
        wire.follow(np.array([True, False, False, False]))
        send(phone, FIRST + 2, first)
        incoming = wire.receive()
        assert incoming is not None
        assert [packet[:1].tobytes() for packet in incoming.packets[:len(incoming.rows)]] == [first]
        wire.follow(np.zeros(4, np.bool_))
        send(phone, FIRST + 2, last)
        send(phone, FIRST + 3, last)
        for _ in range(looks):
            assert wire.receive() is None
            send(phone, FIRST + 2, last)


def test_wire__sends_from_its_port_with_the_class_of_audio(wire: Wire, phone: socket.socket) -> None:
    phone.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    for payload in (b"a" * 172, b"b" * 16):
        wire.send(outgoing([1], [payload], phone.getsockname()))
        got, ancillary, _, source = phone.recvmsg(2000, 100)
        assert (got, source) == (payload, ("127.0.0.1", FIRST + 4))
        assert [struct.unpack("B", value)[0] for _, _, value in ancillary] == [0xB8]


def test_wire__packets_of_several_rows_and_lengths(wire: Wire, phone: socket.socket) -> None:
    wire.send(outgoing([0, 2, 3], [b"a" * 172, b"b" * 92, b"c" * 16], phone.getsockname()))
    assert [phone.recvfrom(2000) for _ in range(3)] == [
        (b"a" * 172, ("127.0.0.1", FIRST + 2)), (b"b" * 92, ("127.0.0.1", FIRST + 6)),
        (b"c" * 16, ("127.0.0.1", FIRST + 8))]


def test_wire__rtcp_leaves_from_the_odd_port_of_a_row_that_may_be_closed(wire: Wire, phone: socket.socket) -> None:
    phone.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    wire.send_rtcp(outgoing([2, 3], [b"report", b"bye"], phone.getsockname()))
    for port, payload in ((FIRST + 7, b"report"), (FIRST + 9, b"bye")):
        got, ancillary, _, source = phone.recvmsg(2000, 100)
        assert (got, source) == (payload, ("127.0.0.1", port))
        assert [struct.unpack("B", value)[0] for _, _, value in ancillary] == [0xB8]
    assert wire.failed == 0


def test_wire__rtcp_to_a_family_that_there_is_no_socket_of(wire: Wire) -> None:
    packet = outgoing([0], [b"report"], ("127.0.0.1", 9))
    wire.send_rtcp(packet._replace(destinations=np.array([wire.addresses.pack("2001:db8::1", 9)], np.uint64)))
    assert wire.failed == 1


def test_wire__both_families_on_the_same_ports(kind: str) -> None:
    wire = open_wire(kind, ["127.0.0.1", "::1"], range(FIRST + 40, FIRST + 44), batch=8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as old, \
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as new:
        old.bind(("127.0.0.1", 0))
        new.bind(("::1", 0))
        wire.follow(np.array([True, True]))
        old.sendto(b"old", ("127.0.0.1", FIRST + 40))
        new.sendto(b"new", ("::1", FIRST + 42))
        new.sendto(b"report", ("::1", FIRST + 43))
        incoming = wire.receive()
        assert incoming is not None
        found = {(int(row), wire.addresses.unpack(int(source)))
                 for row, source in zip(incoming.rows, incoming.sources, strict=True)}
        assert found == {(0, old.getsockname()), (1, new.getsockname()[:2])}
        assert incoming.rtcp_packets == [b"report"]
        assert wire.addresses.unpack(int(incoming.rtcp_sources[0])) == new.getsockname()[:2]
        for phone in (new, old, new):       # a row may go from one family to the other and back
            phone.settimeout(2)
            host, port = phone.getsockname()[:2]
            packet = outgoing([1], [b"x" * 172], ("192.0.2.1", 1))
            packed = np.array([wire.addresses.pack(host, port)], np.uint64)
            wire.send(packet._replace(destinations=packed))
            payload, source = phone.recvfrom(2000)
            assert (payload, source[:2]) == (b"x" * 172, (host, FIRST + 42))
    wire.close()


def test_wire__ipv6_class_of_audio(kind: str) -> None:
    wire = open_wire(kind, ["::1"], range(FIRST + 60, FIRST + 62), batch=8)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as phone:
        phone.settimeout(2)
        phone.bind(("::1", 0))
        phone.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        packed = np.array([wire.addresses.pack(*phone.getsockname()[:2])], np.uint64)
        wire.send(outgoing([0], [b"x" * 172], ("192.0.2.1", 1))._replace(destinations=packed))
        _, ancillary, _, source = phone.recvmsg(2000, 100)
        assert source[:2] == ("::1", FIRST + 60)
        assert [struct.unpack("i", value)[0] for _, _, value in ancillary] == [0xB8]
    wire.close()


def test_wire__an_ipv6_destination_without_such_a_socket_is_counted(wire: Wire) -> None:
    packed = np.array([wire.addresses.pack("::1", 4000)], np.uint64)
    wire.send(outgoing([0], [b"x"], ("192.0.2.1", 1))._replace(destinations=packed))
    assert wire.failed == 1


def test_wire__a_pair_that_one_family_lacks_is_left_out(kind: str) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind(("::1", FIRST + 81))
        wire = open_wire(kind, ["127.0.0.1", "::1"], range(FIRST + 80, FIRST + 84), batch=8)
    assert (wire.ports, wire.busy) == ((FIRST + 82,), [FIRST + 80])
    wire.close()


def test_wire__what_the_kernel_refuses_is_counted(wire: Wire) -> None:
    wire.send(outgoing([0, 1], [b"a", b"b"], ("0.0.0.0", 0)))
    assert wire.failed == 2
