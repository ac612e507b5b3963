"""What the endpoint answers by itself, who may call, where replies go, streams, bounds."""

import pytest

from ivr.sip.commands import AnswerLeg, HangUpLeg, ProbeLeg, RejectLeg
from ivr.sip.composer import ALLOW
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.events import LegEnded, LegOffered, Traced
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.settings import Listener, Trunk
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OUR_SDP, PEER, SDP, TCP, UDP, Rig, authorization, invite, request, with_settings


class TestScreening:
    @pytest.mark.parametrize(("text", "status", "header", "value"), [
        (request("OPTIONS"), 200, "Allow", ALLOW),
        (request("OPTIONS", branch="a").replace("Forwards: 70", "Forwards: 0"), 200, "Accept", "application/sdp"),
        (invite().replace("Forwards: 70", "Forwards: 0"), 483, "Allow", None),
        (request("SUBSCRIBE"), 489, "Allow-Events", "refer"),
        (request("REFER"), 403, "Contact", None),
        (request("NOTIFY"), 481, "Contact", None),
        (request("MESSAGE"), 405, "Allow", ALLOW),
        (request("FOO"), 501, "Allow", ALLOW),
        (request("INVITE", uri="fax:100"), 416, "Allow", None),
        (invite(extra="Require: 100rel, foo\r\n"), 420, "Unsupported", "foo"),
        (invite(kind="text/plain"), 415, "Accept", "application/sdp"),
        (invite(extra="Content-Encoding: gzip\r\n"), 415, "Accept-Encoding", "identity"),
        (invite(kind="multipart/mixed;boundary=x"), 415, "Accept", "application/sdp"),
        (invite(extra="Accept: text/plain\r\n"), 406, "Accept", "application/sdp"),
        (request("BYE"), 481, "Allow", None),
        (request("INFO"), 481, "Allow", None),
        (request("OPTIONS").replace("SIP/2.0\r\n", "SIP/3.0\r\n", 1), 505, "Allow", None),
        (request("OPTIONS").replace("Forwards: 70", "Forwards: many"), 400, "Allow", None),
    ])
    def test_status(self, rig: Rig, text: str, status: int, header: str, value: str | None) -> None:
        rig.receive(text)
        answer = rig.responses()[-1]
        assert (answer.status, answer.headers.get(header)) == (status, value)
        assert rig.of(LegOffered) == []
        if not text.startswith("INVITE"):
            assert rig.is_clean()

    @pytest.mark.parametrize("extra", [
        "Accept: text/plain, application/sdp\r\n", "Accept: */*\r\n", "Accept: application/*;q=0.5\r\n",
        "Content-Encoding: identity\r\n", "Supported: 100rel, timer\r\n",
    ])
    def test_let_in(self, rig: Rig, extra: str) -> None:
        rig.receive(invite(extra=extra))
        assert rig.of(LegOffered)[0].body == SDP.encode()

    def test_offer_in_a_multipart(self, rig: Rig) -> None:
        first = "--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        body = f"{first}--x\r\ncontent-type : application/SDP\r\n\r\n{SDP}\r\n--x--"
        rig.receive(invite(body=body, kind='multipart/mixed; boundary="x"'))
        assert rig.of(LegOffered)[0].body == SDP.encode()

    def test_a_body_that_need_not_be_understood(self, rig: Rig) -> None:
        rig.receive(invite(kind="text/plain", extra="Content-Disposition: render;handling=optional\r\n"))
        assert rig.of(LegOffered)[0].body is None

    def test_tel_uri(self, rig: Rig) -> None:
        rig.receive(invite(uri="tel:+49301234;phone-context=x"))
        assert rig.of(LegOffered)[0].dialled == "+49301234"

    def test_merged_request(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.receive(invite(branch="other"))
        assert rig.statuses() == [100, 482]
        assert len(rig.of(LegOffered)) == 1

    def test_an_answered_challenge_under_the_old_cseq_is_not_merged(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS))
        rig.receive(invite(user="op1"))
        rig.receive(invite(user="op1", branch="new", extra=authorization(rig.responses()[0], "op1", "secret")))
        assert rig.statuses() == [401, 100]

    def test_malformed_ack_is_not_answered(self, rig: Rig) -> None:
        rig.receive(request("ACK").replace("CSeq: 1", "CSeq: x"))
        assert rig.sent == []

    def test_credentials_that_can_not_be_read(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS))
        rig.receive(request("REGISTER", extra="Authorization: Digest realm=\"hotline\", realm=\"x\"\r\n"))
        assert rig.statuses() == [400]

    def test_keep_alives_are_silent(self, rig: Rig) -> None:
        for data in (b"\r\n\r\n", b"\r\n", b"\0", b"\0\0\0\0", b""):
            rig.receive(data)
        assert rig.sent == []


class TestWhereRepliesGo:
    def test_rport(self, rig: Rig) -> None:
        source = Flow("udp", UDP.local, ("203.0.113.5", 61234))
        rig.receive(request("OPTIONS"), source)
        assert rig.sent[0].flow == source
        via = rig.responses()[0].top_via
        assert (via.received, via.rport) == ("203.0.113.5", 61234)

    def test_rport_from_where_it_says(self, rig: Rig) -> None:
        rig.receive(request("OPTIONS"))
        via = rig.responses()[0].top_via
        assert (via.received, via.rport) == (PEER, 5070)

    @pytest.mark.parametrize(("sent_by", "port"), [
        ("192.0.2.9:5070", 5070), ("192.0.2.9", 5060), ("pc.example.com:99", 99)])
    def test_without_rport_to_the_port_of_the_via(self, rig: Rig, sent_by: str, port: int) -> None:
        text = request("OPTIONS").replace(";rport", "").replace("UDP 192.0.2.9:5070", f"UDP {sent_by}")
        rig.receive(text, Flow("udp", UDP.local, (PEER, 40404)))
        assert rig.sent[0].flow.remote == (PEER, port)

    def test_maddr_is_not_obeyed(self, rig: Rig) -> None:
        rig.receive(request("OPTIONS").replace(";rport", ";maddr=224.0.0.1"))
        assert rig.sent[0].flow.remote == (PEER, 5070)

    def test_other_vias_stay(self, rig: Rig) -> None:
        others = ", SIP/2.0/TCP h2;branch=z2\r\nVia: SIP/2.0/UDP h3;branch=z3\r\n"
        rig.receive(request("OPTIONS").replace(";rport\r\n", f";rport{others}"))
        assert [via.host for via in rig.responses()[0].vias] == [PEER, "h2", "h3"]

    def test_over_tcp_on_the_connection(self) -> None:
        rig = Rig(flow=TCP)
        rig.receive(request("OPTIONS", transport="TCP"))
        assert rig.sent[0].flow == TCP

    def test_over_tcp_after_the_connection_has_gone(self) -> None:
        rig = Rig(flow=TCP)
        rig.receive(invite(transport="TCP"))
        rig.take(rig.endpoint.stream_closed(TCP, 0))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.sent[-1].flow == Flow("tcp", TCP.local, (PEER, 5070))

    def test_malformed_requests_too(self, rig: Rig) -> None:
        source = Flow("udp", UDP.local, ("203.0.113.5", 61234))
        rig.receive(request("OPTIONS").replace("Forwards: 70", "Forwards: many"), source)
        assert rig.sent[0].flow == source


class TestAddresses:
    settings = with_settings(local_address="10.1.0.1", public_address="203.0.113.1", local_networks=("10.0.0.0/8",),
                             listen=(Listener("udp", "0.0.0.0", 5062), Listener("tcp", "0.0.0.0", 5063)))

    @pytest.mark.parametrize(("remote", "shown"), [
        ("10.2.3.4", "10.1.0.1"), ("198.51.100.9", "203.0.113.1"), ("127.0.0.1", "10.1.0.1"),
        ("192.168.1.1", "203.0.113.1"),
    ])
    def test_behind_one_to_one_nat(self, remote: str, shown: str) -> None:
        rig = Rig(self.settings, Flow("udp", ("0.0.0.0", 5062), (remote, 5060)))
        assert rig.endpoint.advertised_address(remote) == shown
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.responses()[-1].headers.get("Contact") == f"<sip:{shown}:5062>"

    def test_port_of_tcp_is_the_one_we_listen_on(self) -> None:
        rig = Rig(self.settings, Flow("tcp", ("10.1.0.1", 44444), ("10.2.3.4", 5060), 1))
        rig.receive(invite(transport="TCP"))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.responses()[-1].headers.get("Contact") == "<sip:10.1.0.1:5063;transport=tcp>"

    def test_an_address_for_every_way(self) -> None:
        rig = Rig(with_settings(facing=lambda remote: f"{remote}.here"))
        assert rig.endpoint.advertised_address("192.0.2.1") == "192.0.2.1.here"

    def test_ipv6(self) -> None:
        rig = Rig(with_settings(local_address="2001:db8::1"), Flow("udp", ("::", 5060), ("2001:db8::9", 5060)))
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.responses()[-1].headers.get("Contact") == "<sip:[2001:db8::1]:5060>"


class TestWhoMayCall:
    settings = with_settings(accounts=ACCOUNTS, trunks=(Trunk("carrier", ("203.0.113.0/24",)),))

    def test_nobody_speaks_for_an_account_without_its_password(self) -> None:
        rig = Rig(self.settings)
        rig.receive(invite(user="op1"))
        assert rig.statuses() == [401]
        assert rig.of(LegOffered) == []

    @pytest.mark.parametrize(("user", "password", "statuses"), [
        ("op1", "secret", [401, 100]), ("op1", "wrong", [401, 401]), ("op2", "secret", [401, 100]),
    ])
    def test_with_password(self, user: str, password: str, statuses: list[int]) -> None:
        rig = Rig(self.settings)
        rig.receive(invite(user=user))
        rig.receive(invite(user=user, sequence=2, extra=authorization(rig.responses()[0], user, password)))
        assert rig.statuses() == statuses
        assert [offered.account for offered in rig.of(LegOffered)] == ([user] if 100 in statuses else [])

    def test_one_account_in_the_name_of_another(self) -> None:
        rig = Rig(self.settings)
        rig.receive(invite(user="op2"))
        rig.receive(invite(user="op2", sequence=2, extra=authorization(rig.responses()[0], "op1", "secret")))
        assert rig.statuses() == [401, 403]

    def test_trunk(self) -> None:
        rig = Rig(self.settings, Flow("udp", UDP.local, ("203.0.113.7", 5060)))
        rig.receive(invite(user="op1", extra='P-Asserted-Identity: "Bob" <sip:+4930;x=y@carrier.example>\r\n'))
        offered = rig.of(LegOffered)[0]
        assert (offered.trunk, offered.account, offered.caller_number, offered.caller_name) == (
            "carrier", None, "+4930", "Bob")

    def test_asserted_identity_of_a_stranger_counts_nothing(self) -> None:
        rig = Rig(self.settings)
        rig.receive(invite(extra="P-Asserted-Identity: <sip:president@state.example>\r\n"))
        assert rig.of(LegOffered)[0].caller_number == "alice"

    def test_strangers_kept_out(self) -> None:
        rig = Rig(with_settings(anonymous_calls=False))
        rig.receive(invite())
        assert rig.statuses() == [403]


class TestFull:
    def test_busy_at_the_bound__and_free_again(self) -> None:
        rig = Rig(with_settings(max_calls=2))
        for call in ("c1", "c2", "c3"):
            rig.receive(invite(call=call))
        assert rig.statuses() == [100, 100, 486]
        assert rig.responses()[-1].headers.get("Retry-After") is None
        rig.handle(RejectLeg(rig.leg, 404))
        rig.receive(invite(call="c4"))
        assert rig.statuses()[-1] == 100

    @pytest.mark.parametrize(("full_status", "retry_after"), [(486, None), (480, None), (503, "30")])
    def test_as_the_trunk_was_told(self, full_status: int, retry_after: str | None) -> None:
        rig = Rig(with_settings(max_calls=0, trunks=(Trunk("carrier", ("192.0.2.0/24",), full_status),)))
        rig.receive(invite())
        assert rig.statuses() == [full_status]
        assert rig.responses()[-1].headers.get("Retry-After") == retry_after

    def test_refused_from_outside(self, rig: Rig) -> None:
        rig.endpoint.refuse(480)
        rig.receive(invite())
        rig.receive(request("OPTIONS"))
        rig.endpoint.refuse(None)
        rig.receive(invite(call="c2"))
        assert rig.statuses() == [480, 200, 100]

    def test_draining(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        tag = rig.tag
        rig.receive(request("ACK", tag=tag, branch="ack"))
        rig.endpoint.drain(0)
        rig.receive(invite(call="c2"))
        rig.receive(request("OPTIONS", call="c3"))
        assert rig.statuses()[-2:] == [503, 503]
        assert all(one.headers.get("Retry-After") == "30" for one in rig.responses()[-2:])
        rig.receive(request("BYE", sequence=2, tag=tag))
        assert rig.statuses()[-1] == 200
        assert len(rig.of(LegEnded)) == 1

    def test_draining__the_user_may_want_to_refuse_calls_itself(self, rig: Rig) -> None:
        rig.endpoint.drain(0, offer_calls=True)
        rig.receive(request("OPTIONS"))
        rig.receive(invite(call="c2"))
        assert rig.statuses() == [503, 100]
        rig.handle(RejectLeg(rig.leg, 503, retry_after=30))
        assert rig.responses()[-1].headers.get("Retry-After") == "30"

    def test_at_the_bound_of_transactions_new_requests_are_dropped(self) -> None:
        rig = Rig(with_settings(max_transactions=3))
        for call in range(5):
            rig.receive(request("OPTIONS", call=f"c{call}"))
        assert rig.statuses() == [200, 200, 200]
        rig.receive(request("OPTIONS", call="c0"))      # known: its stored response
        assert len(rig.statuses()) == 4


class TestStreams:
    def test_one_byte_at_a_time(self) -> None:
        rig = Rig(flow=TCP)
        text = (invite(transport="TCP") + request("OPTIONS", call="c2", transport="TCP")).encode()
        for index in range(len(text)):
            rig.receive(text[index:index + 1])
        assert rig.statuses() == [100, 200]
        assert len(rig.of(LegOffered)) == 1

    def test_several_at_once(self) -> None:
        rig = Rig(flow=TCP)
        rig.receive("".join(request("OPTIONS", call=f"c{call}", transport="TCP") for call in range(5)))
        assert rig.statuses() == [200] * 5

    def test_a_ping_is_answered(self) -> None:
        rig = Rig(flow=TCP)
        assert rig.receive(b"\r\n\r\n") == [SendBytes(TCP, b"\r\n")]

    def test_lost_framing__answered_and_closed(self) -> None:
        rig = Rig(flow=TCP)
        rig.receive(request("OPTIONS", transport="TCP").replace("Content-Length: 0", "Content-Length: -1"))
        assert rig.statuses() == [400]
        assert rig.others == [CloseStream(TCP)]
        assert rig.receive(request("OPTIONS", call="c2", transport="TCP")) == []
        rig.take(rig.endpoint.stream_closed(TCP, 0))
        assert rig.endpoint.counts()["streams"] == 0

    def test_garbage__closed(self) -> None:
        rig = Rig(flow=TCP)
        for _ in range(40):
            rig.receive(b"x" * 2000)
        assert rig.others == [CloseStream(TCP)]

    def test_too_many_connections(self) -> None:
        rig = Rig(with_settings(max_streams=1), TCP)
        rig.receive(b"\r\n\r\n")
        other = Flow("tcp", TCP.local, TCP.remote, 2)
        rig.receive(b"\r\n\r\n", other)
        assert rig.others == [CloseStream(other)]

    def test_two_connections_do_not_mix(self) -> None:
        rig = Rig(flow=TCP)
        other = Flow("tcp", TCP.local, ("192.0.2.10", 40000), 2)
        one, two = (request("OPTIONS", call=call, transport="TCP") for call in ("c1", "c2"))
        rig.receive(one[:50])
        rig.receive(two[:70], other)
        rig.receive(one[50:])
        rig.receive(two[70:], other)
        assert [sent.flow for sent in rig.sent] == [TCP, other]


def test_trace_tells_first_lines_and_no_secrets(rig: Rig) -> None:
    extra = 'Authorization: Digest username="x", response="y"\r\n'
    out = rig.receive(invite(uri="sip:100:geheim@198.51.100.1", extra=extra))
    leg = rig.leg
    out += rig.handle(AnswerLeg(leg, OUR_SDP))
    assert [one for one in out if isinstance(one, Traced)] == [
        Traced(leg, "in", "INVITE 100@198.51.100.1 (1 INVITE)"), Traced(leg, "out", "100 Trying (1 INVITE)"),
        Traced(leg, "out", "200 OK (1 INVITE)")]


def test_every_retransmission_is_traced(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    traced = [one for one in rig.run_until(4) if isinstance(one, Traced)]
    assert traced == [Traced(rig.leg, "out", "200 OK (1 INVITE)")] * 3


def test_responses_without_a_request_are_dropped(rig: Rig) -> None:
    text = ("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
            "To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
    assert rig.receive(text) == []


def test_icmp_at_a_refusal_ends_its_transaction(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RejectLeg(rig.leg, 404))
    rig.take(rig.endpoint.send_failed(UDP, 0))
    assert rig.endpoint.counts()["server_transactions"] == 0
    assert rig.is_clean()


def test_what_we_send_can_be_read_by_anybody(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    for one in rig.sent:
        assert one.message.headers.get("Server") == "hotline"
        assert parse(to_bytes(one.message)).headers == one.message.headers


def test_trace_tells_no_number_of_the_caller(rig: Rig) -> None:
    """The Contact of many a phone is its number, and so the Request-URI of what we send it."""
    rig.receive(invite(contact="<sip:+493012345678@192.0.2.9:5070>"))
    out = rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    out += rig.receive(request("ACK", tag=rig.tag))
    out += rig.handle(ProbeLeg(rig.leg))
    out += rig.handle(HangUpLeg(rig.leg))
    traced = [one.text for one in out if isinstance(one, Traced) and one.direction == "out"]
    assert traced[1:] == ["OPTIONS 192.0.2.9 (1 OPTIONS)", "BYE 192.0.2.9 (2 BYE)"]
