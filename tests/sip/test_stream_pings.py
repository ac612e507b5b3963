"""Connections that we opened are kept alive, and given up when a pong is missing (RFC 5626 §4.4.1)."""

from ivr.sip.commands import DialLeg
from ivr.sip.effects import CloseStream
from ivr.sip.events import LegEnded
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow
from tests.sip.rig import OUR_SDP, OURS, PEER, Rig

OPENED = Flow("tcp", (OURS, 40001), (PEER, 5060), 3)


def pings(rig: Rig) -> list[float]:
    return [one.at for one in rig.sent if one.message == b"\r\n\r\n" and one.flow == OPENED]


def hear(rig: Rig, data: bytes) -> None:
    rig.take(rig.endpoint.receive_stream(data, OPENED, rig.now))


def test_every_keep_alive(rig: Rig) -> None:
    rig.take(rig.endpoint.stream_opened(OPENED, 0))
    for at in (25, 50, 75):
        rig.run_until(at)
        hear(rig, b"\r\n")
    assert pings(rig) == [25, 50, 75]
    assert rig.others == []
    rig.take(rig.endpoint.stream_closed(OPENED, rig.now))
    assert rig.endpoint.counts()["timers"] == 0


def test_who_has_answered_once_must_answer_again(rig: Rig) -> None:
    rig.take(rig.endpoint.stream_opened(OPENED, 0))
    rig.run_until(26)
    hear(rig, b"\r\n")
    rig.run_until(59)
    assert rig.others == []
    rig.run_until(60)
    assert rig.others == [CloseStream(OPENED)]


def test_what_waits_on_a_dead_connection_fails_at_once(rig: Rig) -> None:
    rig.handle(DialLeg("L", parse_uri(f"sip:b@{PEER};transport=tcp"), OUR_SDP, "100"))
    rig.take(rig.endpoint.stream_opened(OPENED, 0))
    rig.take(rig.endpoint.stream_closed(OPENED, 1))
    assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("network", 503)]


def test_who_does_not_know_pings_is_left_in_peace(rig: Rig) -> None:
    rig.take(rig.endpoint.stream_opened(OPENED, 0))
    rig.run_until(300)
    assert len(pings(rig)) == 12
    assert rig.others == []


def test_any_byte_is_a_sign_of_life_but_no_pong(rig: Rig) -> None:
    rig.take(rig.endpoint.stream_opened(OPENED, 0))
    rig.run_until(26)
    hear(rig, b"\r\n")
    rig.run_until(51)
    hear(rig, b"OPTIONS sip:100@x")          # half a message
    rig.run_until(74)
    assert rig.others == []


def test_connections_of_others_are_not_pinged(rig: Rig) -> None:
    hear(rig, b"\r\n\r\n")
    rig.run_until(300)
    assert [one.message for one in rig.sent] == [b"\r\n"]
