"""From one address of a dialled name to the next (RFC 3263 §4.3): silence, refusal by 503, no connection."""

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg
from ivr.sip.effects import LookUp
from ivr.sip.events import LegAnswered, LegEnded, LegRinging
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Listener
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question, SrvRecord
from tests.sip.rig import OUR_SDP, OURS, SDP, Rig, response, with_settings

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"
HOST = Question("A", "example.com")


def dial(rig: Rig, uri: str = "sip:bob@example.com:5070", addresses: tuple[str, ...] = (A, B)) -> Request:
    rig.handle(DialLeg("L", parse_uri(uri), OUR_SDP, "+49301234"))
    rig.take(rig.endpoint.looked_up(HOST, addresses, rig.now))
    return rig.requests("INVITE")[-1]


def sent_to(rig: Rig, method: str) -> list[str]:
    """The addresses that requests of a method went to, each time in a row once."""
    hosts = [one.flow.remote[0] for one in rig.sent if getattr(one.message, "method", "") == method]
    return [host for place, host in enumerate(hosts) if place == 0 or hosts[place - 1] != host]


def test_silence__the_next_one_after_four_seconds(rig: Rig) -> None:
    first = dial(rig, addresses=(A, B, C))
    rig.run_until(10)
    assert sent_to(rig, "INVITE") == [A, B, C]
    assert [time for time in rig.times("INVITE") if time < 4] == [0, 0.5, 1.5, 3.5]
    third = rig.requests("INVITE")[-1]
    assert third.top_via.branch != first.top_via.branch
    assert (third.sip_call_id, third.cseq, third.from_.tag) == (first.sip_call_id, first.cseq, first.from_.tag)
    rig.receive(response(third, 200, body=SDP))
    assert len(rig.of(LegAnswered)) == 1
    assert sent_to(rig, "ACK") == ["192.0.2.9"]
    rig.handle(HangUpLeg("L"))
    rig.receive(response(rig.requests("BYE")[-1], 200))
    assert rig.is_clean()


def test_the_last_one_has_all_its_time(rig: Rig) -> None:
    dial(rig)
    rig.run_until(35.9)
    assert rig.of(LegEnded) == []
    rig.run_until(36)
    assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("network", 408)]
    assert rig.is_clean()


def test_who_has_rung_is_not_left(rig: Rig) -> None:
    invite = dial(rig)
    rig.run_until(1)
    rig.receive(response(invite, 180))
    rig.run_until(60)
    assert sent_to(rig, "INVITE") == [A]
    assert len(rig.of(LegRinging)) == 1
    rig.receive(response(invite, 486))
    assert rig.of(LegEnded)[0].status == 486
    assert rig.is_clean()


def test_503__the_next_one_at_once(rig: Rig) -> None:
    invite = dial(rig)
    rig.receive(response(invite, 503))
    assert sent_to(rig, "INVITE") == [A, B]
    assert sent_to(rig, "ACK") == [A]
    rig.receive(response(rig.requests("INVITE")[-1], 503, reason="Full"))
    assert rig.of(LegEnded) == [LegEnded("L", "peer", 503, "Full")]
    assert rig.is_clean()


@pytest.mark.parametrize("status", [403, 486, 500, 603])
def test_what_speaks_of_the_callee_ends_it(rig: Rig, status: int) -> None:
    rig.receive(response(dial(rig), status))
    assert rig.of(LegEnded)[0].status == status
    assert sent_to(rig, "INVITE") == [A]
    assert rig.is_clean()


class TestWhoWakesUpTooLate:
    def test_rings__and_is_cancelled_once(self, rig: Rig) -> None:
        first = dial(rig)
        rig.run_until(5)
        rig.receive(response(first, 100, tag=""))
        rig.receive(response(first, 180))
        (cancel,) = rig.requests("CANCEL")
        assert cancel.top_via.branch == first.top_via.branch
        assert sent_to(rig, "CANCEL") == [A]
        rig.receive(response(cancel, 200))
        rig.receive(response(first, 487))
        assert rig.of(LegRinging) == rig.of(LegEnded) == []
        rig.receive(response(rig.requests("INVITE")[-1], 200, tag="b2", body=SDP))
        assert len(rig.of(LegAnswered)) == 1
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[-1], 200))
        assert rig.is_clean()

    @pytest.mark.parametrize("answered", [False, True])
    def test_answers__and_gets_ack_and_bye(self, rig: Rig, answered: bool) -> None:
        first = dial(rig)
        rig.run_until(5)
        second = rig.requests("INVITE")[-1]
        if answered:
            rig.receive(response(second, 200, tag="b2", body=SDP))
        rig.receive(response(first, 200, tag="late", body=SDP))
        (bye,) = rig.requests("BYE")
        assert bye.to.tag == "late"
        assert [ack.to.tag for ack in rig.requests("ACK")][-1] == "late"
        assert rig.of(LegEnded) == []
        assert len(rig.of(LegAnswered)) == answered
        rig.receive(response(bye, 200))
        rig.handle(HangUpLeg("L"))
        if answered:
            rig.receive(response(rig.requests("BYE")[-1], 200))
        else:
            rig.receive(response(second, 404))
        assert rig.is_clean()

    def test_refuses__nobody_listens(self, rig: Rig) -> None:
        first = dial(rig)
        rig.run_until(5)
        rig.receive(response(first, 603))
        assert rig.of(LegEnded) == []
        rig.receive(response(rig.requests("INVITE")[-1], 404))
        assert rig.of(LegEnded)[0].status == 404
        assert rig.is_clean()

    def test_hang_up_before_anybody_has_said_a_word(self, rig: Rig) -> None:
        first = dial(rig)
        rig.run_until(5)
        second = rig.requests("INVITE")[-1]
        rig.handle(HangUpLeg("L"))
        rig.receive(response(first, 180))
        rig.receive(response(second, 180, tag="b2"))
        assert sent_to(rig, "CANCEL") == [A, B]
        assert rig.is_clean()


def test_tls__srv_then_the_next_server_when_the_first_is_not_who_it_should_be() -> None:
    rig = Rig(with_settings(listen=(Listener("udp", OURS, 5060), Listener("tls", OURS, 5061))))
    rig.handle(DialLeg("L", parse_uri("sips:bob@example.com"), OUR_SDP, "+49301234"))
    assert rig.others == [LookUp(Question("NAPTR", "example.com"))]
    look_up = rig.endpoint.looked_up
    rig.take(look_up(Question("NAPTR", "example.com"), (), 0))
    records = (SrvRecord(1, 0, 5061, "a.example.com."), SrvRecord(2, 0, 5071, "b.example.com."))
    rig.take(look_up(Question("SRV", "_sips._tcp.example.com"), records, 0))
    rig.take(look_up(Question("A", "a.example.com"), (A,), 0))
    rig.take(look_up(Question("A", "b.example.com"), (B,), 0))
    failed = rig.sent[0].flow
    assert failed == Flow("tls", (OURS, 5061), (A, 5061), 0, "example.com")       # the certificate must name the domain
    rig.take(rig.endpoint.send_failed(failed, 0))
    invite, flow = rig.requests("INVITE")[-1], rig.sent[-1].flow
    assert flow == Flow("tls", (OURS, 5061), (B, 5071), 0, "example.com")
    assert invite.headers.get("Contact") == f"<sips:{OURS}:5061>"
    assert str(invite.top_via).startswith(f"SIP/2.0/TLS {OURS}:5061;")
    assert str(invite.request_uri) == "sips:bob@example.com"


def test_a_search_is_asked_once_for_two_legs(rig: Rig) -> None:
    for leg in ("L", "M"):
        rig.handle(DialLeg(leg, parse_uri("sip:bob@example.com:5070"), OUR_SDP, "+49301234"))
    assert rig.others == [LookUp(HOST)]
    assert rig.endpoint.counts()["searches"] == 2
    rig.take(rig.endpoint.looked_up(HOST, (A,), 0))
    assert len(rig.requests("INVITE")) == 2
    assert rig.endpoint.counts()["searches"] == 0
