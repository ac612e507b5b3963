"""What a call of ours offers, told by the way it takes: our address there, and whether its audio is encrypted."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ivr.exchange.capturing import RtpWanted
from ivr.exchange.effects import ToPlane
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media.commands import CaptureStream, SetStream
from ivr.sdp.crypto import KEY_OCTETS, SUITES
from ivr.sdp.description import SessionDescription, parse
from ivr.sip.effects import LookUp
from ivr.sip.events import LegOffered
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import NaptrRecord, Question, Record, SrvRecord
from tests.exchange.test_capturing import Captured
from tests.support.operators_phones import QUICK
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

NUMBER = "+74951234567"
FIRST, SECOND = "127.0.9.50", "127.0.9.51"
INSIDE, OURS_INSIDE = "127.7.0.30", "127.7.0.1"
INSIDE6, OURS6 = "2001:db8::30", "2001:db8::1"
EVERYWHERE = {"listen": ["udp:0.0.0.0:5060", "udp:[::]:5060", "tls:0.0.0.0:5061"],
              "tls": {"certificate": "certificate.pem", "key": "key.pem"}}


class Peer(VirtualPhone):
    """A phone or carrier that remembers what it was offered; over TLS it answers on the connection it was met on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.offers: list[SessionDescription] = []
        self.speak_srtp("never")

    def speak_srtp(self, policy: Any) -> None:
        keys = tuple(self.ids.srtp_key(octets) for octets in KEY_OCTETS.values())
        self.local = replace(self.local, srtp=policy, keys=keys)

    def _happened(self, event: Any) -> None:
        if isinstance(event, LegOffered) and event.body is not None:
            self.offers.append(parse(event.body))
        super()._happened(event)

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        if flow.transport == "udp":
            super().receive_sip(payload, flow, now)
        else:
            self.carry_out(self.endpoint.receive_stream(payload, replace(flow, connection=1), now))

    @property
    def protocols(self) -> list[str]:
        return [offer.media[0].protocol for offer in self.offers]

    @property
    def told(self) -> list[str | None]:
        """Our addresses, as they stood in the offers."""
        return [offer.media[0].address or offer.address for offer in self.offers]

    @property
    def keys(self) -> set[str]:
        return {value for offer in self.offers for value in offer.media[0].values("crypto")}


class Scene:
    """A hotline; `names` are answered by its name service. `agreed` has what the plane was told of every stream."""

    def __init__(self, config: Mapping[str, Any], names: Mapping[Question, tuple[Record, ...]] | None = None,
                 **settings: Any) -> None:
        self.story = make_story(config=config, audio=False, facing=facing, **settings)
        self.agreed: list[SetStream] = []
        self._names = names or {}
        self._carry_out = self.story.hotline.carry_out
        self.story.hotline.carry_out = self._carried                # type: ignore[method-assign]
        self.story.hotline.receive_sip = self._received             # type: ignore[method-assign]
        for address in ("0.0.0.0", "::", OURS_INSIDE, OURS6):
            self.story.hotline.start(address)
        self._carried(self.story.hotline.exchange.start(self.story.world.now))

    def _carried(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, LookUp):
                self.story.world.at(self.story.world.now + .01, partial(self._answer, effect.question))
            elif isinstance(effect, ToPlane) and isinstance(effect.command, SetStream):
                self.agreed.append(effect.command)
        self._carry_out(effects)

    def _answer(self, question: Question) -> None:
        found = self._names.get(question, ())
        self._carried(self.story.hotline.exchange.looked_up(question, found, self.story.world.now))

    def _received(self, payload: bytes, flow: Flow, now: float) -> None:
        exchange = self.story.hotline.exchange
        if flow.transport == "udp":
            self._carried(exchange.receive(payload, flow, now))
        else:
            self._carried(exchange.receive_stream(payload, replace(flow, connection=1), now))

    def agreed_with(self, peer: Peer) -> SetStream:
        """What the plane was told last of the stream with a peer."""
        self.story.world.run(1)
        return [command for command in self.agreed if command.remote[0] == peer.host][-1]

    def peer(self, name: str, host: str, behaviour: PhoneBehaviour = QUICK, srtp: str = "never") -> Peer:
        peer = Peer(self.story.world, host, name, self.story.ids, behaviour)
        peer.speak_srtp(srtp)
        self.story.phones[name] = peer
        return peer

    def call(self, dialled: str) -> VirtualPhone:
        anna = self.story.phones["anna"]
        anna.call(f"sip:{dialled}@{HOTLINE}")
        return anna

    def finish(self) -> Story:
        self.story.phones["anna"].hang_up()
        self.story.settle()
        self.story.assert_clean()
        return self.story

    def reported(self, event: str) -> list[dict[str, Any]]:
        return [dict(report.fields) for report in self.story.hotline.reports if report.event == event]


def facing(remote: str) -> str:
    """The addresses of a machine with three networks."""
    if ":" in remote:
        return OURS6
    return OURS_INSIDE if remote.startswith("127.7.") else HOTLINE


def branch(target: str, **sip: Any) -> dict[str, Any]:
    return {"transfers": {"branch": target}, "sip": EVERYWHERE | sip, "media": {"allow_loopback": "always"}}


def trunks(**srtp: str) -> dict[str, Any]:
    """Two trunks of which the first is tried first, with their `srtp`."""
    made = [{"name": name, "addresses": [host], "target": host, "caller_id": "+74950000000", "priority": number}
            for number, (name, host) in enumerate((("first", FIRST), ("second", SECOND)))]
    for trunk in made:
        trunk |= {"srtp": srtp[str(trunk["name"])]} if trunk["name"] in srtp else {}
    return {"country": "RU", "outbound": {"allow": ["+7495"]}, "trunks": made}


class TestTrunks:
    @pytest.mark.parametrize("required", ["first", "second"])
    def test_first_one_silent__each_gets_the_audio_of_its_own(self, required: str) -> None:
        scene = Scene(trunks(**{required: "required"}))
        first, second = scene.peer("first", FIRST), scene.peer("second", SECOND)
        (first if required == "first" else second).speak_srtp("required")
        deaf(first)
        scene.call(NUMBER)
        assert scene.story.world.run(20, lambda: second.talking)
        assert protocols_sent(first) == ["RTP/SAVP" if required == "first" else "RTP/AVP"]
        assert second.protocols == ["RTP/AVP" if required == "first" else "RTP/SAVP"]
        assert (scene.agreed_with(second).srtp_suite is not None) == (required == "second")
        assert [report["trunk"] for report in scene.reported("leg_routed")] == ["first", "second"]
        scene.finish()

    def test_both_encrypted__no_key_is_told_to_two(self) -> None:
        scene = Scene(trunks(first="required", second="required"))
        first = scene.peer("first", FIRST, PhoneBehaviour(503, 0.1), "required")
        second = scene.peer("second", SECOND, srtp="required")
        scene.call(NUMBER)
        assert scene.story.world.run(20, lambda: second.talking)
        assert first.protocols == second.protocols == ["RTP/SAVP"]
        assert len(first.keys) == len(second.keys) == len(SUITES)
        assert not first.keys & second.keys
        assert any(scene.agreed_with(second).srtp_key_out in key for key in second.keys)
        assert origin(first.offers[0]) != origin(second.offers[0])
        scene.finish()

    def test_hang_up_while_the_second_one_rings(self) -> None:
        scene = Scene(trunks(first="required"))
        scene.peer("first", FIRST, PhoneBehaviour(503, 0.1), "required")
        second = scene.peer("second", SECOND, PhoneBehaviour(None))
        scene.call(NUMBER)
        scene.story.world.run(5)
        assert second.protocols == ["RTP/AVP"]
        scene.finish()

    def test_trunk_on_another_network(self) -> None:
        config = trunks() | {"sip": EVERYWHERE, "media": {"allow_loopback": "always"}}
        config["trunks"][0] |= {"addresses": [INSIDE], "target": "carrier.example.com:5060"}
        scene = Scene(config, {Question("A", "carrier.example.com"): (INSIDE,)})
        carrier, second = scene.peer("first", INSIDE, PhoneBehaviour(503, 0.1)), scene.peer("second", SECOND)
        scene.call(NUMBER)
        assert scene.story.world.run(20, lambda: second.talking)
        assert carrier.told == [OURS_INSIDE]
        assert second.told == [HOTLINE]
        scene.finish()


class TestAddresses:
    def test_a_name_on_another_network(self) -> None:
        scene = Scene(branch("sip:branch@branch.example.com:5060"), {Question("A", "branch.example.com"): (INSIDE,)})
        peer = scene.peer("branch", INSIDE)
        scene.call("branch")
        assert scene.story.world.run(5, lambda: peer.talking)
        assert peer.told == [OURS_INSIDE]
        scene.finish()

    def test_from_the_menu(self) -> None:
        """The queue's overflow dials the same address."""
        queues = base_config()["queues"] | {"cards": {"operators": [], "overflow": {"transfer": "branch"}}}
        scene = Scene(branch("sip:branch@branch.example.com:5060") | {"queues": queues},
                      {Question("A", "branch.example.com"): (INSIDE,)})
        peer = scene.peer("branch", INSIDE)
        scene.story.caller.call(f"sip:100@{HOTLINE}")
        for key in "120":
            scene.story.world.run(0.5)
            scene.story.caller.press_by_info(key)
        assert scene.story.world.run(20, lambda: peer.talking)
        assert peer.told == [OURS_INSIDE]
        scene.story.caller.hang_up()
        scene.story.settle()
        scene.story.assert_clean()

    def test_first_address_silent__the_next_one_is_on_another_network(self) -> None:
        scene = Scene(branch("sip:branch@branch.example.com:5060"),
                      {Question("A", "branch.example.com"): (FIRST, INSIDE)})
        first, peer = scene.peer("first", FIRST), scene.peer("branch", INSIDE)
        deaf(first)
        scene.call("branch")
        assert scene.story.world.run(20, lambda: peer.talking)
        assert (addresses_sent(first), peer.told) == ([HOTLINE], [OURS_INSIDE])
        assert origin(peer.offers[0]) != origin(first.offers[0])
        scene.finish()

    @pytest.mark.parametrize("target", [f"sip:branch@[{INSIDE6}]", "sip:branch@branch.example.com:5060"])
    def test_ipv6(self, target: str) -> None:
        scene = Scene(branch(target), {Question("AAAA", "branch.example.com"): (INSIDE6,)})
        peer = scene.peer("branch", INSIDE6)
        scene.call("branch")
        assert scene.story.world.run(5, lambda: peer.talking)
        assert peer.told == [OURS6]
        assert peer.offers[0].origin.split()[-2:] == ["IP6", OURS6]
        scene.finish()

    def test_nowhere(self) -> None:
        scene = Scene(branch("sip:branch@branch.example.com"))
        anna = scene.call("branch")
        scene.story.world.run(5)
        assert not anna.talking
        scene.finish()

    def test_capture__knows_the_address_that_was_chosen(self) -> None:
        captured = Captured(config={"transfers": {"branch": "sip:branch@127.0.9.30"}})
        captured.begin("next", rtp=RtpWanted("", 0.0, 1_000_000))
        captured.story.phones["branch"] = VirtualPhone(captured.story.world, "127.0.9.30", "branch",
                                                       captured.story.ids, QUICK)
        captured.story.phones["anna"].call(f"sip:branch@{HOTLINE}")
        assert captured.story.world.run(5, lambda: captured.story.phones["branch"].talking)
        told = [command.addresses for command in captured.commands if isinstance(command, CaptureStream)]
        assert told == [(HOTLINE,), (HOTLINE,)]


class TestTls:
    BY_TLS: Mapping[Question, tuple[Record, ...]] = {
        Question("NAPTR", "branch.example.com"):
            (NaptrRecord(1, 1, "s", "SIPS+D2T", "_sips._tcp.branch.example.com"),
             NaptrRecord(2, 1, "s", "SIP+D2U", "_sip._udp.branch.example.com")),
        Question("SRV", "_sips._tcp.branch.example.com"): (SrvRecord(1, 0, 5061, "pbx.example.com"),),
        Question("SRV", "_sip._udp.branch.example.com"): (SrvRecord(1, 0, 5060, "pbx.example.com"),),
        Question("A", "pbx.example.com"): (INSIDE,)}

    def test_found_by_name__it_is_asked_for_srtp(self) -> None:
        """Nothing in the address says TLS; the name service does."""
        scene = Scene(branch("sip:branch@branch.example.com"), self.BY_TLS)
        peer = scene.peer("branch", INSIDE, srtp="offered")
        scene.call("branch")
        assert scene.story.world.run(5, lambda: peer.talking)
        assert peer.protocols == ["RTP/SAVP"]
        assert scene.agreed_with(peer).srtp_suite is not None
        scene.finish()

    def test_tls_fails__no_key_goes_out_in_the_clear(self) -> None:
        scene = Scene(branch("sip:branch@branch.example.com"), self.BY_TLS)
        peer = scene.peer("branch", INSIDE)
        send = scene.story.world.send_sip

        def fails(flow: Flow, payload: bytes) -> None:
            if flow.transport == "tls":
                scene._carried(scene.story.hotline.exchange.send_failed(flow, scene.story.world.now))
            else:
                send(flow, payload)

        scene.story.world.send_sip = fails          # type: ignore[method-assign]
        scene.call("branch")
        assert scene.story.world.run(20, lambda: peer.talking)
        assert peer.protocols == ["RTP/AVP"]
        assert not peer.keys
        scene.finish()

    @pytest.mark.parametrize("status", [488, 415, 606])
    def test_srtp_refused__plain_rtp_is_offered_once(self, status: int) -> None:
        scene = Scene(branch("sip:branch@branch.example.com"), self.BY_TLS)
        peer = scene.peer("branch", INSIDE)
        peer.behaviour = PhoneBehaviour(status, 0.1)
        scene.call("branch")
        assert scene.story.world.run(5, lambda: len(peer.offers) == 1)
        scene.story.world.run(0.05)
        peer.behaviour = QUICK
        assert scene.story.world.run(5, lambda: peer.talking or len(peer.offers) > 2)
        assert peer.protocols == ["RTP/SAVP", "RTP/AVP"]
        assert scene.agreed_with(peer).srtp_suite is None
        assert len(scene.reported("srtp_refused")) == 1
        scene.finish()

    def test_both_refused(self) -> None:
        scene = Scene(branch("sip:branch@branch.example.com"), self.BY_TLS)
        peer = scene.peer("branch", INSIDE, PhoneBehaviour(488, 0.1))
        anna = scene.call("branch")
        scene.story.world.run(5)
        assert peer.protocols == ["RTP/SAVP", "RTP/AVP"]
        assert not anna.talking
        scene.finish()

    @pytest.mark.parametrize(("policy", "offered"), [
        ("offered", ["RTP/SAVP", "RTP/AVP"]), ("required", ["RTP/SAVP"]), ("never", ["RTP/AVP"])])
    def test_operators_phone_without_srtp(self, policy: str, offered: list[str]) -> None:
        """`required` is never given up."""
        operators = base_config()["operators"] | {"boris": {"display_name": "Boris", "srtp": policy}}
        scene = Scene(branch("sip:branch@127.0.9.30") | {"operators": operators})
        phone = scene.peer("boris", INSIDE)
        flow = Flow("tls", ("0.0.0.0", 5061), (INSIDE, 40000), 1)
        binding = Binding("boris", parse_uri(f"sip:boris@{INSIDE}:40000;transport=tls"), flow, 1.0, 7200.0)
        scene._carried(scene.story.hotline.exchange.restore_phones([binding], 0.0))
        scene.call("boris")
        scene.story.world.run(5)
        assert phone.protocols == offered
        assert phone.told == [OURS_INSIDE] * len(offered)
        assert phone.talking == (policy != "required")
        scene.finish()


def origin(offer: SessionDescription) -> str:
    """The session's number in o=."""
    return offer.origin.split()[1]


def deaf(peer: Peer) -> None:
    """It hears, and never says a word."""
    def hear(payload: bytes, flow: Flow, now: float) -> None:
        if payload.startswith(b"INVITE"):
            peer.offers.append(parse(payload.partition(b"\r\n\r\n")[2]))

    peer.receive_sip = hear         # type: ignore[method-assign]


def protocols_sent(peer: Peer) -> list[str]:
    """As `protocols`, each one once: who does not answer is sent the same again."""
    return list(dict.fromkeys(peer.protocols))


def addresses_sent(peer: Peer) -> list[str | None]:
    return list(dict.fromkeys(peer.told))
