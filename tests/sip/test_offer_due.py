"""The offer of a call that we dial is made once its way is known: asked for anew for each way, and after a refusal."""

import random
from collections import Counter
from typing import Any

import pytest

from ivr.sip.commands import WHEN_ROUTED, AnswerLeg, DialLeg, HangUpLeg, OfferLeg, RejectLeg, ReofferLeg
from ivr.sip.effects import LookUp
from ivr.sip.events import LegAnswered, LegEnded, LegOffered
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.settings import Credential, Listener, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import NaptrRecord, Question, SrvRecord
from ivr.sip.trunk.trunk_events import LegRouted
from tests.sip.network import Network, Weather
from tests.sip.rig import OURS, PEER, SDP, Rig, invite, response, with_settings
from tests.sip.test_bad_network import everything_is_forgotten
from tests.sip.test_failover import HOST, A, B, sent_to
from tests.sip.test_trunk_calls import CHALLENGE, calls, trunk
from tests.sip.test_trunk_calls import started as with_trunks

TLS = Flow("tls", (OURS, 5061), (PEER, 40000), 1)
BY_TLS = with_settings(listen=(Listener("udp", OURS, 5060), Listener("tcp", OURS, 5060), Listener("tls", OURS, 5061)))


def dial(rig: Rig, target: str | Binding = "sip:bob@example.com:5070", addresses: tuple[str, ...] = (A, B)) -> None:
    rig.handle(DialLeg("L", parse_uri(target) if isinstance(target, str) else target, WHEN_ROUTED, "+49301234"))
    if LookUp(HOST) in rig.others:
        rig.take(rig.endpoint.looked_up(HOST, addresses, rig.now))


def offer(rig: Rig, text: str = "offer", **fields: Any) -> Request:
    rig.handle(OfferLeg("L", text.encode(), **fields))
    return rig.requests("INVITE")[-1]


def asked(rig: Rig) -> list[tuple[str | None, str, bool, bool]]:
    """Every way that an offer was asked for: trunk, address, security, and whether the one before was refused."""
    return [(one.trunk, one.flow.remote[0], one.secure, one.refused) for one in rig.of(LegRouted) if one.offer_due]


class TestOneWay:
    def test_nothing_is_sent_before_the_offer(self, rig: Rig) -> None:
        dial(rig)
        assert rig.sent == []
        assert rig.of(LegRouted) == [LegRouted("L", None, Flow("udp", (OURS, 5060), (A, 5070)), offer_due=True)]
        sent = offer(rig)
        assert (sent.body, sent.content_type, str(sent.cseq)) == (b"offer", "application/sdp", "1 INVITE")
        rig.receive(response(sent, 200, body=SDP))
        assert rig.of(LegAnswered) == [LegAnswered("L", SDP.encode())]
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[-1], 200))
        assert rig.is_clean()

    def test_what_was_offered_is_known_to_later_offers(self, rig: Rig) -> None:
        dial(rig)
        rig.receive(response(offer(rig), 200, body=SDP))
        rig.handle(ReofferLeg("L", b"offer 2"))
        assert [sent.body for sent in rig.requests("INVITE")] == [b"offer", b"offer 2"]

    def test_hang_up_before_the_offer(self, rig: Rig) -> None:
        dial(rig)
        rig.handle(HangUpLeg("L"))
        assert rig.of(LegEnded) == [LegEnded("L", "us", 487, "cancelled")]
        rig.handle(OfferLeg("L", b"late"))
        assert rig.sent == []
        assert rig.is_clean()

    def test_no_offer_comes(self, rig: Rig) -> None:
        dial(rig)
        rig.run_until(60)
        assert rig.of(LegEnded) == [LegEnded("L", "us", 500, "no offer was made")]
        assert rig.sent == []
        assert rig.is_clean()

    def test_no_offer_comes_while_it_may_ring(self) -> None:
        rig = Rig(with_settings(ring_limit=2.0))
        dial(rig)
        rig.run_until(60)
        assert [ended.status for ended in rig.of(LegEnded)] == [408]
        assert rig.is_clean()

    def test_an_offer_in_time_is_all_that_is_waited_for(self, rig: Rig) -> None:
        dial(rig, addresses=(A,))
        rig.run_until(4)
        rig.receive(response(offer(rig), 180))
        rig.run_until(100)
        assert rig.of(LegEnded) == []

    def test_an_offer_that_nobody_asked_for(self, rig: Rig) -> None:
        """Not for a leg that was offered, nor for one that is out, nor for one that talks."""
        rig.receive(invite())
        rig.handle(OfferLeg(rig.leg, b"what"))
        rig.handle(RejectLeg(rig.leg, 486))
        dial(rig, addresses=(A,))
        sent = offer(rig)
        offer(rig, "what")
        rig.receive(response(sent, 180))
        offer(rig, "what")
        rig.receive(response(sent, 200, body=SDP))
        offer(rig, "what")
        assert [one.body for one in rig.requests("INVITE")] == [b"offer"]
        assert rig.of(LegEnded)[-1].leg == rig.leg

    def test_tcp_for_its_size_is_the_same_way(self, rig: Rig) -> None:
        dial(rig, f"sip:bob@{A}:5070")
        offer(rig, 1500 * "o")
        assert [one.flow.transport for one in rig.sent] == ["tcp"]
        rig.take(rig.endpoint.send_failed(rig.sent[0].flow, 0))
        assert [one.flow.transport for one in rig.sent] == ["tcp", "udp"]
        assert len(asked(rig)) == 1


class TestOtherWays:
    def test_silence__the_next_one_has_an_offer_of_its_own(self, rig: Rig) -> None:
        dial(rig)
        offer(rig, "to A")
        rig.run_until(4.1)
        assert asked(rig) == [(None, A, False, False), (None, B, False, False)]
        assert sent_to(rig, "INVITE") == [A]
        assert offer(rig, "to B").body == b"to B"
        rig.run_until(5)
        assert sent_to(rig, "INVITE") == [A, B]
        assert {sent.message.body for sent in rig.sent if sent.flow.remote[0] == A} == {b"to A"}

    def test_503__the_next_one_has_an_offer_of_its_own(self, rig: Rig) -> None:
        dial(rig)
        rig.receive(response(offer(rig), 503))
        assert asked(rig)[1:] == [(None, B, False, False)]
        rig.run_until(4.5)                  # the patience with the first one would be over
        rig.receive(response(offer(rig, "to B"), 503, reason="Full"))
        assert rig.of(LegEnded) == [LegEnded("L", "peer", 503, "Full")]
        assert rig.is_clean()

    @pytest.mark.parametrize("hung_up", [False, True])
    def test_the_first_wakes_up_meanwhile__rings(self, rig: Rig, hung_up: bool) -> None:
        dial(rig)
        first = offer(rig)
        rig.run_until(4.1)
        if hung_up:
            rig.handle(HangUpLeg("L"))
        rig.receive(response(first, 180))
        assert sent_to(rig, "CANCEL") == [A]
        rig.receive(response(rig.requests("CANCEL")[0], 200))
        rig.receive(response(first, 487))
        if not hung_up:
            rig.receive(response(offer(rig), 486))
        assert [ended.status for ended in rig.of(LegEnded)] == [487 if hung_up else 486]
        assert rig.is_clean()

    @pytest.mark.parametrize("hung_up", [False, True])
    def test_the_first_wakes_up_meanwhile__answers(self, rig: Rig, hung_up: bool) -> None:
        dial(rig)
        first = offer(rig)
        rig.run_until(4.1)
        if hung_up:
            rig.handle(HangUpLeg("L"))
        rig.receive(response(first, 200, body=SDP))
        (bye,) = rig.requests("BYE")
        assert len(rig.requests("ACK")) == 1
        assert rig.of(LegAnswered) == []
        rig.receive(response(bye, 200))
        if not hung_up:
            rig.receive(response(offer(rig), 404))
        assert len(rig.of(LegEnded)) == 1
        assert rig.is_clean()

    def test_the_first_has_rung_and_fails(self, rig: Rig) -> None:
        dial(rig)
        sent = offer(rig)
        rig.receive(response(sent, 180))
        rig.receive(response(sent, 503))
        assert len(asked(rig)) == 2
        offer(rig)
        rig.run_until(4.5)
        assert rig.of(LegEnded) == []

    def test_the_same_server_without_tls(self) -> None:
        """NAPTR names TLS first and UDP after it, on one machine."""
        rig = Rig(BY_TLS)
        dial(rig, "sip:bob@example.com")
        records = (NaptrRecord(1, 1, "s", "SIPS+D2T", "_sips._tcp.example.com"),
                   NaptrRecord(2, 1, "s", "SIP+D2U", "_sip._udp.example.com"))
        rig.take(rig.endpoint.looked_up(Question("NAPTR", "example.com"), records, 0))
        for name, port in (("_sips._tcp.example.com", 5061), ("_sip._udp.example.com", 5060)):
            rig.take(rig.endpoint.looked_up(Question("SRV", name), (SrvRecord(1, 0, port, "a.example.com"),), 0))
        rig.take(rig.endpoint.looked_up(Question("A", "a.example.com"), (A,), 0))
        offer(rig)
        rig.take(rig.endpoint.send_failed(rig.sent[-1].flow, 0))
        assert asked(rig) == [(None, A, True, False), (None, A, False, False)]
        offer(rig, "without keys")
        assert (rig.sent[-1].flow.transport, rig.sent[-1].message.body) == ("udp", b"without keys")


class TestTrunks:
    def test_each_trunk_has_an_offer_of_its_own(self) -> None:
        rig = with_trunks()
        dial(rig, "tel:+49-30-123")
        rig.receive(response(offer(rig, "to one"), 503))
        assert asked(rig) == [("one", A, False, False), ("two", B, False, False)]
        assert calls(rig) == [0, 1]
        offer(rig, "to two")
        assert [(one.request_uri.host, one.body) for one in rig.requests("INVITE")] == [(A, b"to one"), (B, b"to two")]
        assert len({one.from_.tag for one in rig.requests("INVITE")}) == 2

    def test_the_last_trunk_has_no_room(self) -> None:
        rig = with_trunks(trunk("one", A, priority=1), trunk("two", B, priority=2, calls_per_second=1.0))
        rig.handle(DialLeg("M", parse_uri("tel:+49"), WHEN_ROUTED, "1"))
        rig.handle(OfferLeg("M", b"m"))
        rig.receive(response(rig.requests("INVITE")[-1], 503))
        rig.handle(HangUpLeg("M"))
        dial(rig, "tel:+49-30-123")
        rig.receive(response(offer(rig), 503))
        assert rig.of(LegEnded)[-1] == LegEnded("L", "network", 503, "no trunk")
        assert calls(rig) == [0, 0]
        assert rig.is_clean()

    def test_hang_up__it_takes_no_place_any_more(self) -> None:
        rig = with_trunks()
        dial(rig, "tel:+49-30-123")
        assert calls(rig) == [1, 0]
        rig.handle(HangUpLeg("L"))
        assert calls(rig) == [0, 0]
        assert rig.is_clean()

    def test_who_knows_the_offer_is_told_the_way_all_the_same(self) -> None:
        rig = with_trunks()
        rig.handle(DialLeg("L", parse_uri("tel:+49"), b"offer", "1"))
        assert rig.of(LegRouted) == [LegRouted("L", "one", Flow("udp", (OURS, 5060), (A, 5060)))]
        assert rig.requests("INVITE")[0].body == b"offer"


class TestRefused:
    PHONE = Binding("op1", parse_uri("sip:op1@10.0.0.7:5060;transport=tls"), TLS, 1.0, 100.0)

    def started(self) -> tuple[Rig, Request]:
        rig = Rig(BY_TLS)
        rig.take(rig.endpoint.receive_stream(b"\r\n\r\n", TLS, 0))
        dial(rig, self.PHONE)
        return rig, offer(rig, "SAVP", has_another=True)

    def answer(self, rig: Rig, to: Request, status: int, **fields: Any) -> None:
        rig.take(rig.endpoint.receive_stream(response(to, status, **fields).encode(), TLS, rig.now))

    @pytest.mark.parametrize("status", [415, 488, 606])
    @pytest.mark.parametrize("rang", [False, True])
    def test_the_other_offer_by_a_later_request(self, status: int, rang: bool) -> None:
        rig, first = self.started()
        if rang:
            self.answer(rig, first, 180)
        self.answer(rig, first, status)
        assert asked(rig) == [(None, PEER, True, False), (None, PEER, True, True)]
        second = offer(rig, "AVP")
        assert (second.body, str(second.cseq), second.sip_call_id) == (b"AVP", "2 INVITE", first.sip_call_id)
        assert second.top_via.branch != first.top_via.branch
        self.answer(rig, second, 200, body=SDP, tag="b2")
        assert len(rig.of(LegAnswered)) == 1
        assert rig.of(LegEnded) == []
        assert [str(ack.cseq) for ack in rig.requests("ACK")] == ["1 ACK", "2 ACK"]
        rig.handle(HangUpLeg("L"))
        assert rig.requests("BYE")[0].cseq.number == 3
        self.answer(rig, rig.requests("BYE")[-1], 200)
        assert rig.is_clean()

    def test_the_other_one_is_refused_too(self) -> None:
        rig, first = self.started()
        self.answer(rig, first, 488)
        self.answer(rig, offer(rig, "AVP", has_another=True), 488, reason="Nothing fits")
        assert rig.of(LegEnded) == [LegEnded("L", "peer", 488, "Nothing fits")]
        assert rig.is_clean()

    @pytest.mark.parametrize("status", [403, 480, 486, 603])
    def test_what_speaks_of_who_was_called_ends_it(self, status: int) -> None:
        rig, first = self.started()
        self.answer(rig, first, status)
        assert [ended.status for ended in rig.of(LegEnded)] == [status]
        assert len(asked(rig)) == 1
        assert rig.is_clean()

    def test_there_is_no_other(self) -> None:
        rig = Rig()
        dial(rig)
        rig.receive(response(offer(rig), 488))
        assert [ended.status for ended in rig.of(LegEnded)] == [488]

    @pytest.mark.parametrize("rang", [False, True])
    def test_we_have_hung_up(self, rang: bool) -> None:
        rig, first = self.started()
        if rang:
            self.answer(rig, first, 180)
        rig.handle(HangUpLeg("L"))
        self.answer(rig, first, 488)
        assert [ended.status for ended in rig.of(LegEnded)] == [487]
        assert len(asked(rig)) == 1
        assert rig.is_clean()

    def test_hang_up_between_the_two(self) -> None:
        rig, first = self.started()
        self.answer(rig, first, 488)
        rig.handle(HangUpLeg("L"))
        assert rig.of(LegEnded) == [LegEnded("L", "us", 487, "cancelled")]
        assert len(rig.requests("INVITE")) == 1
        assert rig.is_clean()

    def test_after_a_challenge__and_challenged_again(self) -> None:
        rig = Rig(with_settings(credentials=(Credential("*", "us", "secret"),)))
        dial(rig)
        rig.receive(response(offer(rig, "SAVP", has_another=True), 407, extra=CHALLENGE.format("r")))
        challenged = rig.requests("INVITE")[-1]
        assert (str(challenged.cseq), challenged.body) == ("2 INVITE", b"SAVP")
        rig.receive(response(challenged, 488))
        plain = offer(rig, "AVP")
        assert (str(plain.cseq), plain.headers.get("Proxy-Authorization")) == ("3 INVITE", None)
        rig.receive(response(plain, 407, extra=CHALLENGE.format("r")))
        last = rig.requests("INVITE")[-1]
        assert (str(last.cseq), last.body) == ("4 INVITE", b"AVP")
        assert last.headers.get("Proxy-Authorization") is not None

    def test_each_way_may_refuse_once(self) -> None:
        rig = with_trunks()
        dial(rig, "tel:+49-30-123")
        rig.receive(response(offer(rig, has_another=True), 488))
        rig.receive(response(offer(rig), 503))
        rig.receive(response(offer(rig, has_another=True), 488))
        assert asked(rig) == [("one", A, False, False), ("one", A, False, True),
                              ("two", B, False, False), ("two", B, False, True)]


# --- over a bad network

CALLER, SERVER, AWAY = "198.51.100.1", "198.51.100.2", "198.51.100.3"


class Dialler:
    """Makes offers after a while, sometimes too late, each named after its way."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ended: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.answered = 0

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        match event:
            case LegRouted(leg, name, flow, True, refused):
                self.refused[leg] += refused
                body = f"{leg}/{name}/{flow.remote[0]}/{'plain' if refused else 'keys'}".encode()
                late = 6.0 if self.chance.random() < .05 else self.chance.random()
                return [(late, OfferLeg(leg, body, has_another=not refused))]
            case LegAnswered(leg):
                self.answered += 1
                return [(self.chance.random() * 5, HangUpLeg(leg))]
            case LegEnded(leg):
                self.ended[leg] += 1
        return []


class Carrier:
    """Takes plain offers only from every other call; checks that each offer was made for its address."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.taken: list[str] = []

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        if not isinstance(event, LegOffered):
            return []
        assert event.body is not None
        leg, _, address, kind = event.body.decode().split("/")
        assert address == SERVER
        if kind == "keys" and int(leg.split()[1]) % 2:
            return [(self.chance.random(), RejectLeg(event.leg, 488))]
        self.taken.append(f"{leg} {kind}")
        return [(self.chance.random() * 3, AnswerLeg(event.leg, b"answer"))]


@pytest.mark.parametrize("seed", range(6))
def test_bad_network__first_trunk_silent_and_half_of_the_calls_refused(seed: int) -> None:
    """Every call ends once, no offer reaches a carrier that it was not made for, and none is asked for twice."""
    network = Network(Weather(loss=.15, duplication=.1, delay=.3), seed)
    dialler, carrier = Dialler(seed), Carrier(seed + 100)
    trunks = (Trunk("away", target=parse_uri(f"sip:{AWAY}"), priority=1),
              Trunk("there", target=parse_uri(f"sip:{SERVER}"), priority=2))
    here = network.add(CALLER, dialler, with_settings(local_address=CALLER, trunks=trunks, listen=(
        Listener("udp", CALLER, 5060), Listener("tcp", CALLER, 5060))))
    there = network.add(SERVER, carrier)
    network.take(here, here.endpoint.start(0.0))
    legs = [f"call {number}" for number in range(60)]
    for number, leg in enumerate(legs):
        dial = DialLeg(leg, parse_uri("tel:+4930"), WHEN_ROUTED, str(number))
        network.at(number * .1, lambda dial=dial: network.command(here, dial))  # type: ignore[misc]
        if dialler.chance.random() < .25:
            gives_up = number * .1 + dialler.chance.random() * 8
            network.at(gives_up, lambda leg=leg: network.command(here, HangUpLeg(leg)))  # type: ignore[misc]
    network.run(600)
    everything_is_forgotten(here, there)
    assert dialler.ended == Counter(legs), network
    assert dialler.answered > 25
    assert len(carrier.taken) == len(set(carrier.taken)), "a call was offered twice"
    assert max(dialler.refused.values()) == 1
