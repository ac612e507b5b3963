"""Path (RFC 3327): who may set it, what is kept of it, and the way of an INVITE along it."""

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.events import BindingsChanged, LegAnswered, LegEnded
from ivr.sip.gate.news import PathRefused
from ivr.sip.message.message import Request
from ivr.sip.transport.flow import Flow
from tests.sip.edge_rig import BY_EDGE, CONTACT, EDGE, HOME, OTHER_EDGE, PATH, SETTINGS, EdgePhone, edge_rig
from tests.sip.rig import OUR_SDP, OURS, SDP, UDP, Rig, invite, request, response, with_settings

PLAIN = "<sip:op1@10.0.0.7:5062>"
KNOWS_PATH = "Supported: path\r\n"
DIRECT = Flow("udp", UDP.local, (HOME, 61000))


@pytest.fixture
def rig() -> Rig:
    return edge_rig()


def dial(rig: Rig, leg: str = "out") -> Request:
    [binding, *_] = rig.endpoint.phones("op1", rig.now)
    rig.handle(DialLeg(leg, binding, OUR_SDP, "100"))
    return rig.requests("INVITE")[-1]


class TestRegistering:
    def test_kept_with_the_binding_and_shown(self, rig: Rig) -> None:
        answer = EdgePhone(rig).register(PLAIN, extra=KNOWS_PATH)
        assert (answer.status, answer.headers.all("Path")) == (200, [PATH])
        [binding] = rig.endpoint.bindings("op1", 0)
        assert [str(hop) for hop in binding.path] == [PATH]
        assert (binding.flow, binding.address) == (BY_EDGE, HOME)

    def test_not_shown_to_who_does_not_know_it__and_kept_all_the_same(self, rig: Rig) -> None:
        assert EdgePhone(rig).register(PLAIN, extra="").headers.get("Path") is None
        assert rig.endpoint.bindings("op1", 0)[0].path

    def test_required(self, rig: Rig) -> None:
        answer = EdgePhone(rig).register(PLAIN, extra="Require: path\r\n")
        assert (answer.status, answer.headers.get("Path")) == (200, PATH)

    def test_required_in_an_invite__it_means_nothing(self, rig: Rig) -> None:
        rig.receive(invite(extra="Require: path\r\n"), UDP)
        assert rig.statuses() == [420]

    def test_several_hops_keep_their_order(self, rig: Rig) -> None:
        both = f"{PATH}, <sip:inner@{OTHER_EDGE};lr>"
        EdgePhone(rig).register(PLAIN, both)
        assert [hop.uri.user for hop in rig.endpoint.bindings("op1", 0)[0].path] == ["token==", "inner"]

    def test_a_new_path_is_a_new_place(self, rig: Rig) -> None:
        phone = EdgePhone(rig)
        phone.register(PLAIN)
        phone.register(PLAIN)
        assert len(rig.of(BindingsChanged)) == 1
        phone.register(PLAIN, f"<sip:new@{EDGE};lr>")
        assert len(rig.of(BindingsChanged)) == 2

    def test_the_edge_keeps_its_nat_open_itself(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        before = len(rig.sent)
        rig.run_until(200)
        assert len(rig.sent) == before

    def test_its_connection_may_close(self) -> None:
        rig, stream = edge_rig(), Flow("tcp", (OURS, 5060), (EDGE, 40000), 7)
        EdgePhone(rig, flow=stream).register(PLAIN, f"<sip:token@{EDGE};transport=tcp;lr>")
        rig.take(rig.endpoint.stream_closed(stream, rig.now))
        dial(rig)
        assert rig.sent[-1].flow == Flow("tcp", (OURS, 5060), (EDGE, 5060))


class TestWhoMaySetIt:
    def refused(self, rig: Rig, flow: Flow, path: str, *, direct: bool) -> None:
        answer = EdgePhone(rig, flow=flow).register(PLAIN, path, KNOWS_PATH, direct=direct)
        assert answer.status == 403
        assert rig.endpoint.bindings("op1", 0) == ()
        assert PathRefused(flow.remote[0], "op1") in rig.endpoint.door.gate.news.take()

    def test_a_phone_may_not(self, rig: Rig) -> None:
        self.refused(rig, DIRECT, "<sip:victim.example.com;lr>", direct=True)

    def test_a_phone_may_not_name_our_edge(self, rig: Rig) -> None:
        self.refused(rig, DIRECT, PATH, direct=True)

    def test_a_proxy_of_others_may_not(self, rig: Rig) -> None:
        self.refused(rig, Flow("udp", UDP.local, ("192.0.2.3", 5060)), "<sip:192.0.2.3;lr>", direct=False)

    @pytest.mark.parametrize("path", [
        "<sip:198.51.100.66;lr>",                                   # the first hop is nobody of ours
        f"{PATH}, <sip:198.51.100.66;lr>",                          # what the phone wrote below
        f"{PATH}, <sip:victim.example.com;lr>",
        f"<sip:{OURS};lr>",                                         # a loop
        f"{PATH}, <sip:{OURS}:5060;lr>",
    ])
    def test_an_edge_speaks_for_edges_alone(self, rig: Rig, path: str) -> None:
        self.refused(rig, BY_EDGE, path, direct=False)

    def test_a_loop_where_the_edge_is_on_our_machine(self) -> None:
        rig = edge_rig(with_settings(accounts=SETTINGS.accounts, edges=(EDGE, OURS)))
        self.refused(rig, BY_EDGE, f"<sip:{OURS}:5060;lr>", direct=False)
        assert EdgePhone(rig, call="again").register(PLAIN, f"<sip:{OURS}:5080;lr>").status == 200

    def test_a_wrong_password_is_told_first(self, rig: Rig) -> None:
        answer = EdgePhone(rig, flow=DIRECT).register(PLAIN, PATH, direct=True, password="wrong")
        assert answer.status == 401
        assert len(rig.endpoint.door.gate.news) == 0

    @pytest.mark.parametrize("path", [
        f"<sip:{'t' * 3000}@{EDGE};lr>",
        ", ".join([f"<sip:{EDGE};lr>"] * 9),
        f"<sip:{EDGE};lr?Route=%3Csip:evil%3E>",
        f"<sip:{EDGE};lr?X=%0d%0aVia:%20evil>",
        "<tel:+4930>", "<mailto:a@b>", "sip:", "<sip:a@b", ",", "*", "\x00",
    ])
    def test_hostile(self, rig: Rig, path: str) -> None:
        assert EdgePhone(rig).register(PLAIN, path, "").status == 400
        assert rig.endpoint.bindings("op1", 0) == ()

    def test_an_edge_that_is_none_any_more__bindings_of_the_last_process_go(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        kept = rig.endpoint.bindings("op1", 0)
        same, other = edge_rig(), Rig(with_settings(accounts=SETTINGS.accounts, edges=(OTHER_EDGE,)))
        same.take(same.endpoint.restore(kept, 1.0))
        other.take(other.endpoint.restore(kept, 1.0))
        assert same.endpoint.bindings("op1", 1.0) == kept
        assert other.endpoint.bindings("op1", 1.0) == ()


class TestCalling:
    def test_loose_routing(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        invite = dial(rig)
        assert str(invite.request_uri) == "sip:op1@10.0.0.7:5062"
        assert invite.headers.all("Route") == [PATH]                # the token as it came
        assert rig.sent[-1].flow == BY_EDGE

    def test_a_strict_router(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN, f"<sip:tok@{EDGE}:5070>, <sip:{OTHER_EDGE};lr>")
        invite = dial(rig)
        assert str(invite.request_uri) == f"sip:tok@{EDGE}:5070"
        assert invite.headers.all("Route") == [f"<sip:{OTHER_EDGE};lr>", "<sip:op1@10.0.0.7:5062>"]
        assert rig.sent[-1].flow == BY_EDGE.towards((EDGE, 5070))

    def test_a_name_is_reached_where_it_spoke_from(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN, "<sip:tok@edge.example.com;lr>")
        dial(rig)
        assert rig.sent[-1].flow == BY_EDGE

    def test_acknowledge_and_cancel_take_the_same_way(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        invite = dial(rig)
        rig.receive(response(invite, 180))
        rig.handle(HangUpLeg("out"))
        rig.receive(response(invite, 487))
        for method in ("CANCEL", "ACK"):
            [sent] = rig.requests(method)
            assert sent.headers.all("Route") == [PATH]
        assert rig.is_clean()

    def test_the_dialog_has_the_route_set_of_record_route__and_not_the_path(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        invite = dial(rig)
        routes = f"Record-Route: <sip:r2@{EDGE};lr>, <sip:r1@{EDGE}:5080;lr>\r\n"
        rig.receive(response(invite, 200, body=SDP, extra=routes, contact="<sip:op1@10.0.0.7:5062;ob>"))
        assert rig.of(LegAnswered)
        [ack] = rig.requests("ACK")
        assert ack.headers.all("Route") == [f"<sip:r1@{EDGE}:5080;lr>", f"<sip:r2@{EDGE};lr>"]
        assert rig.sent[-1].flow == BY_EDGE.towards((EDGE, 5080))
        rig.handle(HangUpLeg("out"))
        assert rig.requests("BYE")[-1].headers.all("Route") == ack.headers.all("Route")

    def test_an_edge_that_does_not_record_route_is_left_out_later(self, rig: Rig) -> None:
        EdgePhone(rig).register("<sip:op1@192.0.2.77:5062>")
        rig.receive(response(dial(rig), 200, body=SDP, contact="<sip:op1@192.0.2.77:5062>"))
        assert rig.requests("ACK")[-1].headers.all("Route") == []
        assert rig.sent[-1].flow.remote == ("192.0.2.77", 5062)

    def test_the_edge_is_silent(self, rig: Rig) -> None:
        EdgePhone(rig).register(PLAIN)
        dial(rig)
        rig.run_until(40)
        [ended] = rig.of(LegEnded)
        assert ended.status == 408
        assert rig.requests("INVITE")[0].headers.all("Route") == [PATH]


def test_ob_in_a_contact__the_dialog_stays_on_its_flow() -> None:
    """A phone that is met directly and asks for it (RFC 5626 §4.3), though its address could be reached."""
    for parameter, remote in ((";ob", UDP.remote), ("", ("192.0.2.9", 5099))):
        rig = Rig()
        contact = f"<sip:alice@192.0.2.9:5099{parameter}>"
        rig.receive(invite(contact=contact))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.receive(request("ACK", tag=rig.tag))
        rig.handle(HangUpLeg(rig.leg))
        assert rig.sent[-1].flow.remote == remote
        assert str(rig.requests("BYE")[0].request_uri) == contact[1:-1]


def test_contact_of_a_path_is_kept_as_it_came(rig: Rig) -> None:
    EdgePhone(rig).register(CONTACT)
    assert str(dial(rig).request_uri) == CONTACT[1:-1]
