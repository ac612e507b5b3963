"""IPv6 peers in the plane: sent to, latched, bridged with IPv4 peers; strangers' addresses are forgotten again."""

from typing import Any

import numpy as np
import pytest

from ivr.media import commands
from ivr.media.events import MediaLatched
from ivr.media.rtp.addresses import NOWHERE, Addresses
from tests.media.virtual_peer import World, rtp

PHONE, MOVED, STRANGER = ("2001:db8::7", 4000), ("2001:db8::7", 4444), ("2001:db8::bad", 4000)


@pytest.fixture
def world() -> World:
    return World()


def destinations(world: World, stream: int) -> set[tuple[str, int]]:
    return {packet.destination for packet in world.sent_from(stream)}


def test_ipv6__sent_to_and_heard(world: World) -> None:
    world.open(0, remote=PHONE)
    world.run(0.1)
    assert destinations(world, 0) == {PHONE}
    world.hear(0, rtp(1, 160), source=PHONE)
    world.hear(0, rtp(2, 320), source=STRANGER)
    world.hear(0, rtp(3, 480), source=("192.0.2.7", 4000))
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (1, 2)


def test_ipv6__latches_and_tells_the_address(world: World) -> None:
    world.open(0, remote=PHONE, latch="learn")
    world.hear(0, *[rtp(number, number * 160) for number in range(1, 6)], source=MOVED)
    assert world.of(MediaLatched) == [MediaLatched(0, "0", MOVED)]
    world.run(0.04)
    assert destinations(world, 0) == {MOVED}


def test_ipv6__a_leg_bridged_with_one_of_ipv4(world: World) -> None:
    world.open(0, remote=PHONE)
    world.open(1)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, rtp(1, 160, b"\x01" * 160), source=PHONE)
    world.hear(1, rtp(1, 160, b"\x02" * 160))
    assert [(packet.destination, packet.payload) for packet in world.sent] == [
        (("192.0.2.1", 4000), b"\x01" * 160), (PHONE, b"\x02" * 160)]


def test_ipv6__from_one_family_to_the_other_and_held(world: World) -> None:
    world.open(0)
    for remote in (PHONE, ("192.0.2.99", 4000)):
        world.sent.clear()
        world.do(world.sdp(0, remote=remote))
        world.run(0.04)
        assert destinations(world, 0) == {remote}
    world.do(world.sdp(0, remote=("::", 4000), direction="recvonly"), world.sdp(0, remote=PHONE))
    world.sent.clear()
    world.run(0.04)
    assert destinations(world, 0) == {PHONE}


def test_addresses__there_and_back() -> None:
    addresses = Addresses(b"secret")
    for host, port in (("2001:db8::7", 4000), ("fd00::1", 65535), ("192.0.2.7", 1), ("::1", 0)):
        assert addresses.unpack(addresses.pack(host, port)) == (host, port)
    assert addresses.pack("2001:db8::7", 1) >> 16 == addresses.pack("2001:db8::7", 2) >> 16
    assert addresses.pack("2001:DB8:0::7", 1) == addresses.pack("2001:db8::7", 1)
    assert addresses.pack("::", 4000) == addresses.pack("0.0.0.0", 4000)
    assert addresses.pack("2001:db8::7", 1) != Addresses(b"other").pack("2001:db8::7", 1)


@pytest.mark.parametrize("host", ["", "phone", "1.2.3", "2001:db8", "fe80::1%eth0", "2001::db8::1"])
def test_addresses__what_is_none(host: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Addresses().pack(host, 4000)


def test_addresses__two_hosts_of_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.media.rtp.addresses.HASH_BITS", 1)
    addresses = Addresses(b"secret")
    packed = [addresses.pack(f"2001:db8::{number}", 4000) for number in range(1, 9)]
    known = [place for place, number in enumerate(packed, 1) if number >> 16 != NOWHERE >> 16]
    assert {addresses.unpack(packed[place - 1]) for place in known} == {(f"2001:db8::{place}", 4000) for place in known}
    assert 1 <= len(known) <= 2


def test_addresses__strangers_are_forgotten_and_peers_are_not(world: World) -> None:
    addresses: Any = world.plane.addresses
    addresses._most = 50
    world.open(0, remote=PHONE, latch="learn")
    world.open(1, remote=("2001:db8::8", 4000))
    for number in range(300):
        source = addresses.pack(f"2001:db8:1::{number:x}", 4000)
        world.batch((0, rtp(number, 0), None))
        world.plane.receive(np.array([0]), np.frombuffer(rtp(1, 1), np.uint8).reshape(1, -1), np.array([172]),
                            np.array([source], np.uint64), world.now)
    assert len(addresses._numbers) <= 52
    world.sent.clear()
    world.run(0.04)
    assert (destinations(world, 0), destinations(world, 1)) == ({PHONE}, {("2001:db8::8", 4000)})
    assert addresses.unpack(int(world.plane.table.sdp[1])) == ("2001:db8::8", 4000)
