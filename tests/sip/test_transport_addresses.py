"""TLS and IPv6 as messages show them: Via, Contact, ports, `received`, and over which socket a request goes."""

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.settings import EndpointSettings, Listener
from ivr.sip.transport.flow import Flow, same_host
from ivr.sip.transport.transports import port_of, transport_of
from tests.sip.rig import OUR_SDP, OURS, PEER, SDP, Rig, invite, request, response, with_settings

SIX, PEER6 = "2001:db8::1", "2001:db8::9"
EVERY = with_settings(
    facing=lambda remote: SIX if ":" in remote else OURS,
    listen=tuple(Listener(transport, host, port) for host in ("0.0.0.0", "::")
                 for transport, port in (("udp", 5060), ("tcp", 5060), ("tls", 5061 if host == "::" else 5062))))
TLS = Flow("tls", (OURS, 5062), (PEER, 40000), 1)
TLS6 = Flow("tls", (SIX, 5061), (PEER6, 40000), 1)


@pytest.fixture
def every() -> Rig:
    return Rig(EVERY)


def receive(rig: Rig, text: str, flow: Flow) -> None:
    """A rig takes streams of TCP alone by itself."""
    if flow.reliable:
        rig.take(rig.endpoint.receive_stream(text.encode(), flow, rig.now))
    else:
        rig.receive(text, flow)


def over_six(text: str, peer: str = PEER6) -> str:
    head, _, body = text.partition("\r\n\r\n")
    return head.replace("192.0.2.9", f"[{peer}]").replace("198.51.100.1", f"[{SIX}]") + f"\r\n\r\n{body}"


@pytest.mark.parametrize(("uri", "transport", "port"), [
    ("sip:a@x", "udp", 5060), ("sip:a@x;transport=tcp", "tcp", 5060), ("sip:a@x;transport=TLS", "tls", 5061),
    ("sips:a@x", "tls", 5061), ("sips:a@x:5070;transport=tcp", "tls", 5070), ("sip:a@x:5099", "udp", 5099),
])
def test_what_a_uri_asks_for(uri: str, transport: str, port: int) -> None:
    assert (transport_of(parse_uri(uri)), port_of(parse_uri(uri))) == (transport, port)


@pytest.mark.parametrize(("one", "other", "same"), [
    ("2001:db8::9", "2001:DB8:0:0:0:0:0:9", True), ("2001:db8::9", "2001:db8::90", False), ("a", "A", True),
    ("192.0.2.1", "::ffff:192.0.2.1", False), ("::1", "x:y", False),
])
def test_same_host(one: str, other: str, same: bool) -> None:
    assert same_host(one, other) is same


class TestCallsThatCome:
    @pytest.mark.parametrize(("uri", "contact"), [
        ("sips:100@198.51.100.1", f"<sips:{OURS}:5062>"), ("sip:100@198.51.100.1", f"<sip:{OURS}:5062;transport=tls>")])
    def test_over_tls(self, every: Rig, uri: str, contact: str) -> None:
        receive(every, invite(transport="TLS", uri=uri), TLS)
        every.handle(AnswerLeg(every.leg, OUR_SDP))
        answer = every.responses()[-1]
        assert answer.headers.get("Contact") == contact
        assert {one.flow for one in every.sent} == {TLS}
        receive(every, request("ACK", tag=every.tag, transport="TLS"), TLS)
        every.handle(HangUpLeg(every.leg))
        bye = every.requests("BYE")[0]
        assert every.sent[-1].flow == TLS                                # the connection that stands
        assert (bye.top_via.transport, bye.top_via.port) == ("TLS", 5062)

    def test_a_secure_dialog_by_its_contact_or_record_route(self, every: Rig) -> None:
        receive(every, invite(transport="TLS", contact="<sips:alice@192.0.2.9>"), TLS)
        every.handle(AnswerLeg(every.leg, OUR_SDP))
        assert every.responses()[-1].headers.get("Contact") == f"<sips:{OURS}:5062>"

    def test_a_connection_that_has_gone__the_default_port_is_that_of_tls(self, every: Rig) -> None:
        receive(every, invite(transport="TLS").replace("192.0.2.9:5070", "192.0.2.9"), TLS)
        every.take(every.endpoint.stream_closed(TLS, 0))
        every.handle(AnswerLeg(every.leg, OUR_SDP))
        assert every.sent[-1].flow == Flow("tls", TLS.local, (PEER, 5061))

    @pytest.mark.parametrize(("flow", "contact"), [
        (Flow("udp", ("::", 5060), (PEER6, 5070)), f"<sip:[{SIX}]:5060>"),
        (Flow("tcp", (SIX, 5060), (PEER6, 40000), 1), f"<sip:[{SIX}]:5060;transport=tcp>"),
        (TLS6, f"<sip:[{SIX}]:5061;transport=tls>"),
    ])
    def test_over_ipv6(self, every: Rig, flow: Flow, contact: str) -> None:
        receive(every, over_six(invite(transport=flow.transport.upper())), flow)
        every.handle(AnswerLeg(every.leg, OUR_SDP))
        answer = every.responses()[-1]
        assert answer.headers.get("Contact") == contact
        assert answer.top_via.received == PEER6
        receive(every, over_six(request("ACK", tag=every.tag, transport=flow.transport.upper())), flow)
        every.handle(HangUpLeg(every.leg))
        bye = every.requests("BYE")[0]
        assert f"{flow.transport.upper()} [{SIX}]:" in str(bye.top_via)
        assert str(bye.request_uri) == f"sip:alice@[{PEER6}]:5070"
        assert every.sent[-1].flow.remote == ((PEER6, 40000) if flow.reliable else (PEER6, 5070))

    def test_an_address_written_in_another_way_is_no_nat(self, every: Rig) -> None:
        flow = Flow("udp", ("::", 5060), (PEER6, 5070))
        long = "2001:0DB8:0:0::9"
        receive(every, over_six(invite(), long).replace(";rport", ""), flow)
        every.handle(AnswerLeg(every.leg, OUR_SDP))
        assert every.responses()[-1].top_via.received is None
        receive(every, over_six(request("ACK", tag=every.tag), long), flow)
        every.handle(HangUpLeg(every.leg))
        assert len(every.requests("BYE")) == 1
        assert every.sent[-1].flow.remote == (long.lower(), 5070)


class TestCallsWeMake:
    def dial(self, rig: Rig, target: str | Binding) -> None:
        rig.handle(DialLeg("L", parse_uri(target) if isinstance(target, str) else target, OUR_SDP, "100"))

    @pytest.mark.parametrize(("uri", "flow", "contact"), [
        (f"sip:b@[{PEER6}]", Flow("udp", ("::", 5060), (PEER6, 5060)), f"<sip:[{SIX}]:5060>"),
        (f"sip:b@[{PEER6}]:5080;transport=tcp", Flow("tcp", ("::", 5060), (PEER6, 5080)),
         f"<sip:[{SIX}]:5060;transport=tcp>"),
        (f"sips:b@[{PEER6}]", Flow("tls", ("::", 5061), (PEER6, 5061), 0, PEER6), f"<sips:[{SIX}]:5061>"),
        (f"sip:b@{PEER};transport=tls", Flow("tls", ("0.0.0.0", 5062), (PEER, 5061), 0, PEER),
         f"<sip:{OURS}:5062;transport=tls>"),
    ])
    def test_the_socket_of_the_right_family(self, every: Rig, uri: str, flow: Flow, contact: str) -> None:
        self.dial(every, uri)
        (sent,) = every.requests("INVITE")
        assert every.sent[0].flow == flow
        assert str(sent.request_uri) == uri
        assert sent.headers.get("Contact") == contact
        assert sent.top_via.transport == flow.transport.upper()

    def test_a_phone_over_its_tls_connection(self, every: Rig) -> None:
        every.take(every.endpoint.receive_stream(b"\r\n\r\n", TLS, 0))
        self.dial(every, Binding("op1", parse_uri("sip:op1@10.0.0.7:5060;transport=tls"), TLS, 1.0, 100.0))
        sent = every.requests("INVITE")[0]
        receive(every, response(sent, 200, body=SDP, contact="<sip:op1@10.0.0.7:5060;transport=tls>"), TLS)
        every.handle(HangUpLeg("L"))
        assert {one.flow for one in every.sent} == {TLS}

    def test_the_dialog_asks_for_the_same_certificate_again(self, every: Rig) -> None:
        """The connection of the dialog has gone; a new one to the same host must be to who was dialled."""
        self.dial(every, f"sips:b@{PEER}:5061")
        sent = every.requests("INVITE")[0]
        flow = Flow("tls", (OURS, 33333), (PEER, 5061), 7, "pbx.example.com")
        receive(every, response(sent, 200, body=SDP, contact=f"<sips:b@{PEER}:5061>"), flow)
        every.take(every.endpoint.stream_closed(flow, 1))
        every.handle(HangUpLeg("L"))
        assert every.sent[-1].flow == Flow("tls", (OURS, 33333), (PEER, 5061), 0, "pbx.example.com")
        assert flow.towards(("192.0.2.10", 5061)).domain == ""


def test_public_address_is_for_its_family_alone() -> None:
    settings = EndpointSettings(public_address="203.0.113.1", local_address=SIX, listen=EVERY.listen)
    rig = Rig(settings)
    assert rig.endpoint.advertised_address("198.51.100.9") == "203.0.113.1"
    assert rig.endpoint.advertised_address(PEER6) == SIX
