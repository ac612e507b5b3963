"""Route sets, targets, sequence numbers (RFC 3261 §12), and requests in the dialog that are no offers."""

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg, ProbeLeg, SendInfoDigit
from ivr.sip.events import DigitByInfo, LegEnded, ProbeAnswered
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow
from tests.sip.rig import OUR_SDP, OURS, SDP, UDP, Rig, invite, request, response


def confirmed(rig: Rig, text: str | None = None, flow: Flow | None = None) -> str:
    """Bring a call in; returns our tag."""
    rig.receive(text or invite(), flow)
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    tag = rig.tag
    rig.receive(request("ACK", tag=tag, branch="ack"), flow)
    return tag


def bye_of(rig: Rig, text: str | None = None, flow: Flow | None = None) -> tuple[Request, Flow]:
    """Our BYE in a call that came as `text`, and the flow it took."""
    confirmed(rig, text, flow)
    rig.handle(HangUpLeg(rig.leg))
    return rig.requests("BYE")[-1], rig.sent[-1].flow


ROUTES = "Record-Route: <sip:192.0.2.20;lr>, <sip:192.0.2.21;lr>\r\nRecord-Route: <sip:192.0.2.22;lr>\r\n"


class TestRouteSet:
    def test_as_server_in_the_order_it_stands(self, rig: Rig) -> None:
        bye, flow = bye_of(rig, invite(extra=ROUTES))
        assert [str(route.uri) for route in bye.routes] == [
            "sip:192.0.2.20;lr", "sip:192.0.2.21;lr", "sip:192.0.2.22;lr"]
        assert str(bye.request_uri) == "sip:alice@192.0.2.9:5070"
        assert flow.remote == ("192.0.2.20", 5060)
        assert [str(one.uri) for one in rig.responses("INVITE")[-1].record_routes] == [
            "sip:192.0.2.20;lr", "sip:192.0.2.21;lr", "sip:192.0.2.22;lr"]
        assert rig.responses("INVITE")[0].record_routes == []       # a 100 makes no dialog

    def test_as_client_in_reverse(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        rig.receive(response(rig.requests("INVITE")[0], 200, body=SDP, extra=ROUTES))
        ack = rig.requests("ACK")[0]
        assert [str(route.uri) for route in ack.routes] == [
            "sip:192.0.2.22;lr", "sip:192.0.2.21;lr", "sip:192.0.2.20;lr"]
        assert rig.sent[-1].flow.remote == ("192.0.2.22", 5060)

    def test_strict_router(self, rig: Rig) -> None:
        bye, flow = bye_of(rig, invite(extra="Record-Route: <sip:192.0.2.20>, <sip:192.0.2.21;lr>\r\n"))
        assert str(bye.request_uri) == "sip:192.0.2.20"
        assert [str(route.uri) for route in bye.routes] == ["sip:192.0.2.21;lr", "sip:alice@192.0.2.9:5070"]
        assert flow.remote == ("192.0.2.20", 5060)

    def test_it_outlives_a_target_refresh(self, rig: Rig) -> None:
        tag = confirmed(rig, invite(extra=ROUTES))
        rig.receive(request("UPDATE", sequence=2, tag=tag, contact="<sip:alice@192.0.2.10>",
                            extra="Record-Route: <sip:192.0.2.99;lr>\r\n"))
        rig.handle(HangUpLeg(rig.leg))
        bye = rig.requests("BYE")[0]
        assert (str(bye.request_uri), len(bye.routes)) == ("sip:alice@192.0.2.10", 3)

    def test_route_over_tcp(self, rig: Rig) -> None:
        _, flow = bye_of(rig, invite(extra="Record-Route: <sip:192.0.2.20:5080;transport=tcp;lr>\r\n"))
        assert flow == Flow("tcp", (OURS, 5060), ("192.0.2.20", 5080))

    def test_route_by_name_goes_where_it_came_from(self, rig: Rig) -> None:
        _, flow = bye_of(rig, invite(extra="Record-Route: <sip:proxy.example.com;lr>\r\n"))
        assert flow == UDP

    def test_a_broken_record_route_is_refused(self, rig: Rig) -> None:
        rig.receive(invite(extra="Record-Route: <sip:\r\n"))
        assert rig.statuses() == [400]
        assert rig.is_clean()


class TestWhereRequestsGo:
    def test_to_the_port_of_the_contact(self, rig: Rig) -> None:
        _, flow = bye_of(rig, invite(contact="<sip:alice@192.0.2.9:5099>"))
        assert flow.remote == ("192.0.2.9", 5099)

    def test_to_another_host_if_the_via_is_honest(self, rig: Rig) -> None:
        _, flow = bye_of(rig, invite(contact="<sip:alice@192.0.2.77>"))
        assert flow.remote == ("192.0.2.77", 5060)

    @pytest.mark.parametrize("source", ["203.0.113.5", "127.0.0.1"])
    def test_back_to_the_source_of_a_phone_behind_nat(self, rig: Rig, source: str) -> None:
        flow = Flow("udp", UDP.local, (source, 61234))
        text = invite(contact="<sip:alice@192.168.1.7:5060>").replace("UDP 192.0.2.9:5070", "UDP 192.168.1.7:5060")
        bye, used = bye_of(rig, text, flow)
        assert used == flow
        assert str(bye.request_uri) == "sip:alice@192.168.1.7:5060"

    def test_back_to_the_source_if_the_contact_alone_is_private(self, rig: Rig) -> None:
        _, used = bye_of(rig, invite(contact="<sip:alice@10.1.2.3:5060>"))
        assert used == UDP

    def test_a_phone_that_moves_behind_nat_is_followed(self, rig: Rig) -> None:
        text = invite(contact="<sip:alice@192.168.1.7:5060>").replace("UDP 192.0.2.9:5070", "UDP 192.168.1.7:5060")
        tag = confirmed(rig, text)
        moved = Flow("udp", UDP.local, ("192.0.2.9", 61999))
        again = request("UPDATE", sequence=2, tag=tag, contact="<sip:alice@192.168.1.7:5060>")
        rig.receive(again.replace("UDP 192.0.2.9:5070", "UDP 192.168.1.7:5060"), moved)
        rig.handle(HangUpLeg(rig.leg))
        assert rig.sent[-1].flow == moved

    def test_over_the_tcp_connection_while_it_stands_and_a_new_one_then(self) -> None:
        flow = Flow("tcp", (OURS, 5060), ("192.0.2.9", 40000), 1)
        text = invite(transport="TCP", contact="<sip:alice@192.0.2.9:5070;transport=tcp>")
        rig = Rig(flow=flow)
        _, used = bye_of(rig, text)
        assert used == flow
        rig = Rig(flow=flow)
        confirmed(rig, text)
        rig.take(rig.endpoint.stream_closed(flow, 0))
        rig.handle(HangUpLeg(rig.leg))
        assert rig.sent[-1].flow == Flow("tcp", (OURS, 5060), ("192.0.2.9", 5070))

    def test_without_a_contact_to_the_from(self, rig: Rig) -> None:
        bye, flow = bye_of(rig, invite(contact=""))
        assert str(bye.request_uri) == "sip:alice@192.0.2.9"
        assert flow.remote == ("192.0.2.9", 5060)

    def test_uri_headers_of_a_contact_are_not_obeyed(self, rig: Rig) -> None:
        bye, _ = bye_of(rig, invite(contact="<sip:alice@192.0.2.9:5070?Route=%3Csip:evil%3E>"))
        assert str(bye.request_uri) == "sip:alice@192.0.2.9:5070"


class TestSequence:
    def test_lower_and_equal_get_500(self, rig: Rig) -> None:
        tag = confirmed(rig, invite(sequence=10))
        for sequence in (9, 10):
            rig.receive(request("INFO", sequence=sequence, tag=tag))
        assert rig.statuses("INFO") == [500, 500]

    def test_gaps_are_fine(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.receive(request("INFO", sequence=500, tag=tag))
        assert rig.statuses("INFO") == [200]

    def test_ours_go_up_by_one_and_ack_takes_that_of_its_invite(self, rig: Rig) -> None:
        confirmed(rig)
        rig.handle(SendInfoDigit(rig.leg, "5"))
        rig.handle(SendInfoDigit(rig.leg, "#", 200))
        rig.handle(HangUpLeg(rig.leg))
        assert [one.cseq.number for one in rig.requests()] == [1, 2, 3]
        assert rig.requests("INFO")[1].body == b"Signal=#\r\nDuration=200\r\n"


class TestOtherRequests:
    @pytest.mark.parametrize(("kind", "body", "digit", "duration"), [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5", .16),
        ("application/dtmf-relay", "signal = *\nduration = 250", "*", .25),
        ("application/dtmf-relay", "Signal=11\r\n", "#", None),
        ("application/dtmf-relay", "Signal=d\r\nDuration=x\r\n", "D", None),
        ("application/dtmf", "7", "7", None),
        ("Application/DTMF;x=y", " # \r\n", "#", None),
    ])
    def test_key_by_info(self, rig: Rig, kind: str, body: str, digit: str, duration: float | None) -> None:
        tag = confirmed(rig)
        rig.receive(request("INFO", sequence=2, tag=tag, body=body, kind=kind))
        assert rig.statuses("INFO") == [200]
        assert rig.of(DigitByInfo) == [DigitByInfo(rig.leg, digit, duration)]

    def test_the_same_info_again_is_no_second_key(self, rig: Rig) -> None:
        tag = confirmed(rig)
        for _ in range(2):
            rig.receive(request("INFO", sequence=2, tag=tag, body="7", kind="application/dtmf"))
        assert rig.statuses("INFO") == [200, 200]
        assert len(rig.of(DigitByInfo)) == 1

    @pytest.mark.parametrize(("kind", "body", "status"), [
        ("application/dtmf-relay", "Signal=77\r\n", 400),
        ("application/dtmf-relay", "\xff\x00", 400),
        ("application/dtmf", "", 200),
        ("application/media_control+xml", "<x/>", 415),
    ])
    def test_info_without_a_key(self, rig: Rig, kind: str, body: str, status: int) -> None:
        tag = confirmed(rig)
        rig.receive(request("INFO", sequence=2, tag=tag, body=body, kind=kind))
        assert rig.statuses("INFO") == [status]
        assert rig.of(DigitByInfo) == []

    def test_info_of_a_package(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.receive(request("INFO", sequence=2, tag=tag, extra="Info-Package: nobody\r\n"))
        assert rig.statuses("INFO") == [469]

    def test_options(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.receive(request("OPTIONS", sequence=2, tag=tag))
        assert rig.statuses("OPTIONS") == [200]

    def test_prack_for_nothing(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.receive(request("PRACK", sequence=2, tag=tag, extra="RAck: 1 1 INVITE\r\n"))
        assert rig.statuses("PRACK") == [481]
        assert rig.of(LegEnded) == []

    @pytest.mark.parametrize("status", [408, 481])
    def test_a_key_that_finds_no_dialog_ends_the_leg(self, rig: Rig, status: int) -> None:
        confirmed(rig)
        rig.handle(SendInfoDigit(rig.leg, "5"))
        rig.receive(response(rig.requests("INFO")[0], status))
        assert [end.by for end in rig.of(LegEnded)] == ["network"]
        assert len(rig.requests("BYE")) == 1

    @pytest.mark.parametrize(("method", "status"), [("MESSAGE", 405), ("PUBLISH", 405), ("FOO", 501)])
    def test_what_we_do_not_know_leaves_the_call_alone(self, rig: Rig, method: str, status: int) -> None:
        tag = confirmed(rig)
        rig.receive(request(method, sequence=2, tag=tag))
        assert rig.statuses(method) == [status]
        assert rig.of(LegEnded) == []

    def test_register_is_never_in_a_dialog(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.receive(request("REGISTER", sequence=2, tag=tag))
        assert rig.statuses("REGISTER") == [401]

    @pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "INVITE", "OPTIONS"])
    def test_without_a_dialog(self, rig: Rig, method: str) -> None:
        rig.receive(request(method, sequence=2, tag="nobody"))
        assert rig.statuses(method) == [481]
        assert rig.is_clean()

    def test_after_our_bye(self, rig: Rig) -> None:
        tag = confirmed(rig)
        rig.handle(HangUpLeg(rig.leg))
        rig.receive(request("INFO", sequence=2, tag=tag))
        assert rig.statuses("INFO") == [481]


class TestProbe:
    @pytest.mark.parametrize(("status", "alive"), [(200, True), (405, True), (501, True), (408, False), (481, False)])
    def test_answered(self, rig: Rig, status: int, alive: bool) -> None:
        confirmed(rig)
        rig.handle(ProbeLeg(rig.leg))
        probe = rig.requests("OPTIONS")[0]
        assert probe.to.tag == "ac1"
        rig.receive(response(probe, status))
        assert rig.of(ProbeAnswered) == [ProbeAnswered(rig.leg, alive)]

    def test_silence(self, rig: Rig) -> None:
        confirmed(rig)
        rig.handle(ProbeLeg(rig.leg))
        rig.run_until(33)
        assert rig.of(ProbeAnswered) == [ProbeAnswered(rig.leg, False)]

    def test_while_the_peer_is_not_answered_yet(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        rig.handle(ProbeLeg("L"))
        assert rig.of(ProbeAnswered) == [ProbeAnswered("L", True)]

    def test_end_of_the_leg_meanwhile(self, rig: Rig) -> None:
        confirmed(rig)
        rig.handle(ProbeLeg(rig.leg))
        rig.handle(HangUpLeg(rig.leg))
        rig.run_until(40)
        assert rig.of(ProbeAnswered) == []
        assert rig.is_clean()


def test_two_calls_with_one_call_id(rig: Rig) -> None:
    """pyVoIP repeats its Call-ID after a restart; the From tag tells the calls apart."""
    confirmed(rig)
    first = rig.leg
    rig.receive(invite(branch="other").replace("tag=ac1", "tag=new"))
    assert rig.leg != first
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    assert rig.statuses("INVITE")[-1] == 200
