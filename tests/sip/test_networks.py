"""Address ranges, and the parts that are too small for a file of their own."""

import pytest

from ivr.sip.access.failures import Failures
from ivr.sip.composer import safe_user
from ivr.sip.message.bodies import read_key, sdp_of
from ivr.sip.message.message import Request
from ivr.sip.message.parser import parse
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport import networks
from ivr.sip.transport.flow import is_address
from ivr.sip.transport.networks import PRIVATE, Networks
from tests.sip.rig import SDP, invite


def test_networks() -> None:
    ours = Networks(("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"))
    for address in ("10.9.8.7", "192.0.2.7", "2001:db8::5"):
        assert address in ours
    for address in ("11.0.0.1", "192.0.2.8", "2001:db9::", "example.com", ""):
        assert address not in ours


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "MAX_REMEMBERED", 10)
    ours = Networks(("10.0.0.0/8",))
    assert all((f"10.0.0.{number}" in ours) for number in range(100))
    assert len(ours._verdicts) <= 10


@pytest.mark.parametrize(("host", "private"), [
    ("10.1.1.1", True), ("172.16.0.1", True), ("192.168.0.1", True), ("100.64.0.1", True), ("8.8.8.8", False),
    ("pc.local", False)])
def test_private(host: str, private: bool) -> None:
    assert (host in PRIVATE) is private


@pytest.mark.parametrize(("host", "yes"), [
    ("192.0.2.1", True), ("2001:db8::1", True), ("example.com", False), ("1.2.3", False), ("1.2.3.4.5", False),
    ("1.2.3.x", False), ("1.2.3.4444", False), ("1..2.3", False), ("١.٢.٣.٤", False), ("", False)])
def test_is_address(host: str, yes: bool) -> None:
    assert is_address(host) is yes


@pytest.mark.parametrize(("text", "user"), [
    ("+49 30", "+49%2030"), ("100", "100"), ("", "anonymous"), ("a@b", "a%40b"), ("a;b=c", "a%3Bb%3Dc"),
    ("ü", "%C3%BC"), ("a\r\nb", "a%0D%0Ab"), ("100#", "100%23")])
def test_safe_user(text: str, user: str) -> None:
    assert safe_user(text) == user


@pytest.mark.parametrize(("kind", "body", "key"), [
    ("application/dtmf-relay", b"Signal=1\r\nDuration=70000\r\n", ("1", 60.0)),
    ("application/dtmf-relay", b"Duration=100\r\n", None),
    ("application/dtmf-relay", b"Signal=\r\n", None),
    ("application/dtmf-relay", b"Signal= 10 \r\nDuration=1234567\r\n", ("*", None)),
    ("application/dtmf", b"17", None),
    ("application/dtmf", b"11", ("#", None)),
    ("application/dtmf", b"", None),
    ("application/dtmf", bytes(range(256)), None),
])
def test_read_key(kind: str, body: bytes, key: tuple[str, float | None] | None) -> None:
    assert read_key(kind, body) == key


@pytest.mark.parametrize(("kind", "body", "found"), [
    ("application/sdp", SDP, SDP),
    ("Application/SDP ; charset=utf-8", SDP, SDP),
    ("multipart/alternative;boundary=b", f"junk\r\n--b\r\nC: application/sdp\r\n\r\n{SDP}\r\n--b--", SDP),
    ("multipart/mixed;boundary=b", f"--b--\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}", None),
    ("multipart/mixed", SDP, None),
    ("multipart/mixed;boundary=\"", SDP, None),
    ("multipart/mixed;;;=", SDP, None),
    ("text/plain", SDP, None),
])
def test_sdp_of(kind: str, body: str, found: str | None) -> None:
    message = parse(invite(kind=kind, body=body).encode())
    assert isinstance(message, Request)
    assert sdp_of(message) == (found.encode() if found else None)


def test_failures__the_minute_begins_with_the_first() -> None:
    failures = Failures(EndpointSettings(failures_per_minute=3))
    for now in (0, 30, 61, 62):
        failures.add("a", now)
        assert not failures.is_blocked("a", now)
    failures.add("a", 63)
    assert failures.is_blocked("a", 63)
    assert failures.is_blocked("a", 122.9)
    assert not failures.is_blocked("a", 123)
    assert len(failures) == 0
