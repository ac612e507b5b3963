"""Audio over IPv6: descriptions, the family of the answer, and addresses that nothing may be sent to."""

import pytest

from ivr.base.errors import PeerError
from ivr.sdp.address import check_remote
from ivr.sdp.description import parse
from ivr.sdp.offer_answer import LocalMedia, make_answer, make_offer, read_answer

BOTH = LocalMedia("198.51.100.1", 16384, 7, 1, other_address="2001:db8::1")
IPV6 = LocalMedia("2001:db8::1", 16384, 7, 1)
IPV4 = LocalMedia("198.51.100.1", 16384, 7, 1)


def offer(family: str, host: str, *lines: str) -> bytes:
    return "\r\n".join(["v=0", f"o=- 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0",
                        "m=audio 4000 RTP/AVP 0", *lines, ""]).encode()


@pytest.mark.parametrize(("local", "family", "host", "ours"), [
    (BOTH, "IP4", "192.0.2.7", "198.51.100.1"), (BOTH, "IP6", "2001:db8::7", "2001:db8::1"),
    (IPV6, "IP6", "2001:db8::7", "2001:db8::1"), (IPV4, "IP4", "192.0.2.7", "198.51.100.1"),
])
def test_answer__in_the_family_of_the_offer(local: LocalMedia, family: str, host: str, ours: str) -> None:
    body, agreed = make_answer(offer(family, host), local)
    answer = parse(body)
    assert (answer.address, agreed.remote) == (ours, (host, 4000))
    assert answer.origin.split()[-2:] == [family, ours]
    assert f"c=IN {family} {ours}\r\n".encode() in body


@pytest.mark.parametrize(("local", "family", "host"), [
    (IPV4, "IP6", "2001:db8::7"), (IPV6, "IP4", "192.0.2.7"), (BOTH, "IP6", "phone.example.com"),
    (BOTH, "IP6", "fe80::1%eth0"), (BOTH, "IP6", "::ffff:192.0.2.7"), (BOTH, "IP6", "2001:db8::7::"),
])
def test_offer__of_an_address_that_we_cannot_reach(local: LocalMedia, family: str, host: str) -> None:
    with pytest.raises(PeerError) as refusal:
        make_answer(offer(family, host), local)
    assert refusal.value.status == 488


def test_offer_and_answer__both_over_ipv6() -> None:
    answer, theirs = make_answer(make_offer(IPV6), LocalMedia("2001:db8::7", 4000, 9, 1))
    assert theirs.remote == ("2001:db8::1", 16384)
    assert read_answer(answer, IPV6).remote == ("2001:db8::7", 4000)


def test_address__written_in_another_way_is_the_same() -> None:
    _, agreed = make_answer(offer("IP6", "2001:DB8:0:0::0007"), IPV6)
    assert agreed.remote[0] == agreed.rtcp[0] == "2001:db8::7"


@pytest.mark.parametrize(("local", "family", "host"), [
    (IPV6, "IP6", "::"), (IPV6, "IP4", "0.0.0.0"), (IPV4, "IP4", "0.0.0.0"), (IPV4, "IP6", "::"), (IPV6, "IP6", "0::0"),
])
def test_hold__in_the_old_dialect(local: LocalMedia, family: str, host: str) -> None:
    _, agreed = make_answer(offer(family, host), local)
    assert agreed.direction == "recvonly"
    _, agreed = make_answer(offer(family, host, "a=recvonly"), local)
    assert agreed.direction == "inactive"


@pytest.mark.parametrize("host", ["::", "ff02::1", "ff0e::101", "fe80::1", "fec0::1", "::ffff:192.0.2.7",
                                  "::ffff:127.0.0.1", "::192.0.2.7", "::ffff:224.0.0.1", "100::1",
                                  "fe80::1%eth0", "4000::1"])
def test_check_remote__refused(host: str) -> None:
    with pytest.raises(PeerError) as refusal:
        check_remote((host, 4000), True, ())
    assert refusal.value.status == 488


@pytest.mark.parametrize(("host", "allow_loopback"), [
    ("2001:db8::7", False), ("2a01:4f8::1", False), ("fd12:3456:789a::1", False), ("::1", True)])
def test_check_remote__allowed(host: str, allow_loopback: bool) -> None:
    check_remote((host, 4000), allow_loopback, range(16384, 16400), ("2001:db8::1",))


def test_check_remote__loopback_and_our_own() -> None:
    for remote, loopback in ((("::1", 4000), False), (("::1", 16386), True), (("2001:db8:0::1", 16386), False)):
        with pytest.raises(PeerError):
            check_remote(remote, loopback, range(16384, 16400), ("198.51.100.1", "2001:0db8::1"))
