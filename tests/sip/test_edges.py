"""Requests that come through an edge are judged by whom the edge saw; nobody but an edge is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sip.events import LegOffered
from ivr.sip.gate.gate import Gate, Standing
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.message.headers import parse_vias
from ivr.sip.message.message import Request
from ivr.sip.message.parser import parse
from ivr.sip.settings import Trunk
from ivr.sip.transport.edges import UNREADABLE, Edges
from ivr.sip.transport.flow import Flow
from tests.sip.edge_rig import BY_EDGE, EDGE, HOME, OTHER_EDGE, SETTINGS, EdgePhone, edge_rig, through
from tests.sip.rig import OURS, UDP, Rig, invite, request, with_settings

CARRIER = "198.51.100.200"
TRUSTED = Edges((EDGE, OTHER_EDGE))
TRUNK = Trunk("carrier", (CARRIER,))


def seen(*vias: str, flow: Flow = BY_EDGE) -> tuple[str, int] | None:
    source = TRUSTED.source(parse_vias([f"SIP/2.0/UDP {via}" for via in vias]), flow)
    return source.remote if source is not None else None


@pytest.mark.parametrize(("vias", "remote"), [
    ((EDGE,), BY_EDGE.remote),                                                      # the edge's own OPTIONS
    ((EDGE, f"10.0.0.7:5062;rport=61000;received={HOME}"), (HOME, 61000)),
    ((EDGE, f"{HOME}:5062"), (HOME, 5062)),                                         # where nothing was to be added
    ((EDGE, "[2001:DB8::0:9];received=2001:db8::9;rport=5"), ("2001:db8::9", 5)),
    ((EDGE, f"{OTHER_EDGE}", f"10.0.0.7;received={HOME}"), (HOME, 5060)),           # an edge behind an edge
    ((EDGE, f"10.0.0.7;received={HOME}", f"10.0.0.7;received={CARRIER}"), (HOME, 5060)),        # made up below
    ((EDGE, f"10.0.0.7;received={HOME}", f"{OTHER_EDGE}", CARRIER), (HOME, 5060)),
    ((EDGE, f"10.0.0.7;received={HOME};received={CARRIER}"), None),
    ((EDGE, f"10.0.0.7;received={CARRIER};received={HOME}"), None),
    ((EDGE, "phone.example.com"), None),
    ((EDGE, "10.0.0.7;received=phone.example.com"), None),
])
def test_source(vias: tuple[str, ...], remote: tuple[str, int] | None) -> None:
    assert seen(*vias) == remote


def test_nobody_else_is_believed() -> None:
    stranger = Flow("udp", UDP.local, ("203.0.113.66", 5060))
    assert seen(EDGE, f"10.0.0.7;received={CARRIER}", flow=stranger) == stranger.remote


class TestBeforeTheParser:
    """The gate must see the same source as admission does."""

    def address(self, text: str, flow: Flow = BY_EDGE) -> str:
        return TRUSTED.address_of(text.encode(), flow)

    def test_the_callers(self) -> None:
        assert self.address(through(invite())) == HOME
        assert self.address(through(invite()), Flow("udp", UDP.local, (CARRIER, 5060))) == CARRIER
        assert self.address(invite()) == EDGE
        assert self.address(invite().replace("Via: ", "Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKx,")) == "192.0.2.9"
        assert self.address("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.51.100.1\r\n\r\n") == EDGE

    @pytest.mark.parametrize("change", [
        lambda text: text.replace("Via: SIP/2.0/UDP 192.0.2.9", "v:\r\n SIP/2.0/UDP\r\n\t192.0.2.9"),
        lambda text: text.replace("\r\nVia: SIP/2.0/UDP 192.0.2.9", ",\r\n SIP / 2.0 / UDP 192.0.2.9"),
        lambda text: text.replace("Via: SIP/2.0/UDP 192.0.2.9", "VIA : SIP/2.0/UDP 192.0.2.9"),
        lambda text: text.replace("SIP/2.0\r\nVia", "SIP/2.0\r\n \nVia", 1),
        lambda text: text.replace("\r\n", "\n"),
    ])
    def test_however_it_is_written(self, change: object) -> None:
        assert callable(change)
        assert self.address(change(through(invite()))) == HOME

    @pytest.mark.parametrize("text", [
        through(invite()).replace("Via:", "X:"),
        through(invite()).replace("\r\nVia: SIP/2.0/UDP 192.0.2.9", "\r\n" + "X: 1\r\n" * 80
                                  + "Via: SIP/2.0/UDP 192.0.2.9"),
        "INVITE", "\r\n", "Via", "INVITE x SIP/2.0\r\nVia: \r\n", "INVITE x SIP/2.0\r\n Via: a\r\nVia:,,\r\n\r\n",
    ])
    def test_hidden_or_broken__it_is_nobodys(self, text: str) -> None:
        assert self.address(text) == UNREADABLE

    @given(st.integers(0, 400), st.text(alphabet='v:; ,\t<>"=[]/.019aVia\r\nreceivdSIP', max_size=30))
    def test_never_another_one_than_the_parser_sees(self, at: int, inserted: str) -> None:
        text = through(invite())
        data = (text[:at] + inserted + text[at:]).encode()
        try:
            message = parse(data)
        except PeerError:
            return
        if isinstance(message, Request):
            source = TRUSTED.source(message.vias, BY_EDGE)
            expected = source.remote[0] if source is not None else UNREADABLE
            assert TRUSTED.address_of(data, BY_EDGE) in (expected, UNREADABLE)

    def test_a_flood_through_the_edge_is_put_aside_alone(self) -> None:
        gate = Gate(GateSettings(requests_per_second=2), lambda _: False, TRUSTED.__contains__, TRUSTED)
        flood, other = through(invite()).encode(), through(invite(), source="203.0.113.10").encode()
        for _ in range(1000):
            gate.judge(flood, BY_EDGE, 0.0)
        assert gate.judge(flood, BY_EDGE, 30.0) is None
        assert gate.judge(other, BY_EDGE, 30.0) is Standing.STRANGER
        assert gate.judge(request("OPTIONS").encode(), BY_EDGE, 30.0) is Standing.KNOWN
        assert [news.address for news in gate.news.take()] == [HOME]        # type: ignore[union-attr]

    def test_allow_and_deny_mean_callers(self) -> None:
        denied = Gate(GateSettings(deny=(HOME,)), lambda _: False, lambda _: False, TRUSTED)
        allowed = Gate(GateSettings(allow=(HOME,)), lambda _: False, lambda _: False, TRUSTED)
        assert denied.judge(through(invite()).encode(), BY_EDGE, 0) is None
        assert allowed.judge(through(invite()).encode(), BY_EDGE, 0) is Standing.STRANGER
        assert allowed.judge(through(invite(), source=CARRIER).encode(), BY_EDGE, 0) is None
        assert allowed.judge(request("OPTIONS").encode(), BY_EDGE, 0) is not None


class TestAdmission:
    def offered(self, rig: Rig, text: str, flow: Flow = BY_EDGE) -> LegOffered:
        rig.receive(text, flow)
        return rig.of(LegOffered)[-1]

    def trunk_rig(self) -> Rig:
        return edge_rig(with_settings(accounts=SETTINGS.accounts, edges=(EDGE,), trunks=(TRUNK,)))

    def test_a_carrier_behind_the_edge(self) -> None:
        offered = self.offered(self.trunk_rig(), through(invite(), source=CARRIER))
        assert (offered.trunk, offered.by_edge, offered.flow.remote[0]) == ("carrier", True, CARRIER)

    def test_a_stranger_behind_the_edge_is_one(self) -> None:
        """Also one who writes a carrier's Via below his own, and one who writes it in its place."""
        rig = self.trunk_rig()
        forged = f"Via: SIP/2.0/UDP {CARRIER};branch=z9hG4bKf\r\nMax-Forwards"
        offered = self.offered(rig, through(invite(), source=HOME).replace("Max-Forwards", forged))
        assert (offered.trunk, offered.flow.remote[0]) == (None, HOME)
        rig.receive(through(invite(call="c2")).replace(f"received={HOME}", f"received={HOME};received={CARRIER}"))
        assert rig.statuses()[-1] == 400
        assert len(rig.of(LegOffered)) == 1

    def test_a_stranger_who_acts_the_edge(self) -> None:
        offered = self.offered(self.trunk_rig(), through(invite(), source=CARRIER), UDP)
        assert (offered.trunk, offered.by_edge) == (None, False)

    def test_answers_go_to_the_edge(self) -> None:
        rig = edge_rig()
        self.offered(rig, through(invite()))
        assert {sent.flow for sent in rig.sent} == {BY_EDGE}
        assert rig.responses()[-1].vias[0].host == EDGE

    def test_wrong_passwords_count_for_the_phone_and_not_for_the_edge(self) -> None:
        rig = edge_rig()
        for number in range(20):
            EdgePhone(rig, call=f"bad{number}").register(password="wrong")
        answered = len(rig.responses())
        EdgePhone(rig, call="same").register(password="wrong")
        assert len(rig.responses()) == answered
        assert EdgePhone(rig, call="good", source="203.0.113.10").register().status == 200

    def test_a_phone_behind_it_is_at_home_there__and_the_edge_is_not(self) -> None:
        rig = edge_rig()
        EdgePhone(rig).register()
        assert rig.endpoint.door.is_known(HOME)
        rig.receive(through(invite(user="op1", call="own")))
        assert rig.statuses()[-1] == 401
        EdgePhone(rig, call="bye").register("*", extra="Expires: 0\r\n")
        assert not rig.endpoint.door.is_known(HOME)

    def test_tls_is_what_our_own_hop_has(self) -> None:
        """What a Via says of its transport is the caller's word."""
        rig = edge_rig(with_settings(accounts=SETTINGS.accounts, edges=(EDGE,), phones_tls=True))
        text = through(request("REGISTER", user="op1", uri="sip:hotline")).replace("UDP 192.0.2.9", "TLS 192.0.2.9")
        rig.receive(text)
        assert rig.statuses() == [403]

    def test_full__the_edge_is_sent_to_another_node(self) -> None:
        rig = edge_rig(with_settings(edges=(EDGE,), trunks=(TRUNK,), max_calls=0))
        rig.receive(through(invite()))
        rig.receive(through(invite(call="c2"), source=CARRIER))
        rig.receive(invite(call="c3"), UDP)
        assert rig.statuses("INVITE") == [503, 503, 486]
        assert [one.headers.get("Retry-After") for one in rig.responses()] == ["30", "30", None]

    def test_the_edges_own_ping(self) -> None:
        rig = edge_rig()
        for number in range(200):
            rig.receive(request("OPTIONS", call=f"p{number}"), BY_EDGE)
        assert rig.statuses() == [200] * 200
        assert not rig.endpoint.door.gate.is_aside(EDGE, 0)


def test_a_shed_invite_of_the_edge_gets_503__whatever_its_trunk_asks() -> None:
    rig = edge_rig(with_settings(edges=(EDGE,), trunks=(Trunk("carrier", (EDGE,)),)))
    assert rig.endpoint.door._full_status(EDGE) == 503
    assert rig.endpoint.door._full_status(OURS) == 503
