"""Both ends ours, with reliable 1xx, early offers and session timers, over good and bad networks."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.sip.commands import (
    AcknowledgeLeg,
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    ProgressLeg,
    RejectLeg,
    ReofferLeg,
    RingLeg,
)
from ivr.sip.effects import SendBytes
from ivr.sip.events import LegAnswered, LegEnded, LegOffered, LegReanswered, LegReoffered, Traced
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings, Listener
from tests.sip.network import Network, Node, Weather
from tests.sip.rig import OUR_SDP, SDP
from tests.sip.test_bad_network import BAD, CALLER, SERVER, Side, everything_is_forgotten

THREE_HOURS = 3 * 3600.0
THEIR_SDP = SDP.encode()


def place(network: Network, address: str, user: Any, session_expires: int = 1800) -> Node:
    listen = (Listener("udp", address, 5060), Listener("tcp", address, 5060))
    return network.add(address, user, EndpointSettings(local_address=address, listen=listen,
                                                       session_expires=session_expires))


class Shrinking(Network):
    """`lose` takes a node away, with all that it would still send."""

    def lose(self, address: str) -> None:
        del self.nodes[address]

    def _datagram(self, node: Node, effect: SendBytes) -> None:
        if node.address in self.nodes:
            super()._datagram(node, effect)


class Rewriting(Shrinking):
    """Changes datagrams on their way: the peers it makes know less than ours."""

    def __init__(self, *changes: tuple[bytes, bytes], **fields: Any) -> None:
        super().__init__(**fields)
        self.changes = changes

    def _datagram(self, node: Node, effect: SendBytes) -> None:
        payload = effect.payload
        for old, new in self.changes:
            payload = payload.replace(old, new)
        super()._datagram(node, SendBytes(effect.flow, payload))


class Story:
    """Answers what is offered, offers inside the dialog half a second later, and remembers all."""

    def __init__(self, steps: list[tuple[float, Any]] | None = None) -> None:
        self.events: list[Any] = []
        self._steps = steps or [(0.0, lambda leg: AnswerLeg(leg, OUR_SDP))]

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        self.events.append(event)
        if isinstance(event, LegReoffered):
            return [(.5, AnswerOffer(event.leg, OUR_SDP))]
        if isinstance(event, LegOffered):
            return [(delay, make(event.leg)) for delay, make in self._steps]
        return []

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def texts(network: Network, *methods: str) -> list[tuple[str, str]]:
    """Who sent which of these requests."""
    return [(row.source, row.text.split()[0]) for row in network.rows if row.text.split()[0] in methods]


class TestThreeHours:
    @pytest.mark.parametrize("update", [True, False])
    @pytest.mark.parametrize("caller_refreshes", [True, False])
    def test_refreshed(self, caller_refreshes: bool, update: bool) -> None:
        ours = b"Session-Expires: 1800"
        changes = [] if caller_refreshes else [(ours + b"\r\n", ours + b";refresher=uas\r\n")]
        network = Rewriting(*changes, *([] if update else [(b" UPDATE,", b"")]))
        server, caller = Story(), Story()
        there, here = place(network, SERVER, server), place(network, CALLER, caller)
        network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), THEIR_SDP, "1"))
        network.run(THREE_HOURS)
        refresher = CALLER if caller_refreshes else SERVER
        first = [] if update else [(CALLER, "INVITE")]
        sent = texts(network, "UPDATE" if update else "INVITE")
        assert sent == [*first, *[(refresher, "UPDATE" if update else "INVITE")] * 11]
        # who has offered first is asked once what it says to an offer; from then on nothing is new
        asked = int(not caller_refreshes and not update)
        assert (len(server.of(LegReoffered)), len(caller.of(LegReoffered))) == (0, asked)
        assert server.of(LegEnded) == caller.of(LegEnded) == []
        network.command(here, HangUpLeg("L"))
        network.run(THREE_HOURS + 100)
        everything_is_forgotten(here, there)

    @pytest.mark.parametrize("vanishes", [CALLER, SERVER])
    def test_the_peer_vanishes(self, vanishes: str) -> None:
        network = Shrinking()
        server, caller = Story(), Story()
        there, here = place(network, SERVER, server, 600), place(network, CALLER, caller, 600)
        network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), THEIR_SDP, "1"))
        network.run(5000)
        network.lose(vanishes)
        left, node = (server, there) if vanishes == CALLER else (caller, here)
        network.run(5000 + 600)
        end, = left.of(LegEnded)
        assert (end.by, end.status) == ("network", 408)
        network.run(6000)
        everything_is_forgotten(node)

    def test_the_peer_knows_no_timers(self) -> None:
        network = Rewriting(
            (b"100rel, timer, ", b""), (b"Session-Expires: ", b"X-Nothing: "), (b"Require: timer", b"X: y"))
        server, caller = Story(), Story()
        place(network, SERVER, server)
        here = place(network, CALLER, caller)
        network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), THEIR_SDP, "1"))
        network.run(THREE_HOURS)
        assert server.of(LegEnded) == caller.of(LegEnded) == []
        assert 11 <= len(texts(network, "UPDATE")) <= 24         # each side asks alone
        network.lose(CALLER)
        network.run(THREE_HOURS + 1000)
        assert [end.by for end in server.of(LegEnded)] == ["network"]


@pytest.mark.parametrize("lost", [b"PRACK ", b"SIP/2.0 183", b"CSeq: 2 PRACK"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_reliable_1xx_or_its_prack_is_lost(lost: bytes, times: int) -> None:
    class Losing(Network):
        left = times

        def _datagram(self, node: Node, effect: SendBytes) -> None:
            if lost in effect.payload and self.left:
                self.left -= 1
                return
            super()._datagram(node, effect)

    network = Losing()
    steps = [(0.0, lambda leg: ProgressLeg(leg, OUR_SDP)), (1.0, lambda leg: AnswerLeg(leg, OUR_SDP))]
    server, caller = Story(steps), Story()
    there, here = place(network, SERVER, server), place(network, CALLER, caller)
    network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), THEIR_SDP, "1"))
    network.run(20)
    assert caller.of(LegAnswered) == [LegAnswered("L", OUR_SDP)]
    network.command(here, HangUpLeg("L"))
    network.run(200)
    everything_is_forgotten(here, there)


class LivelySide(Side):
    """As its parent, with early media, early offers and offerless INVITEs."""

    def receive(self, leg: str) -> list[tuple[float, Any]]:
        steps = super().receive(leg)
        if self.chance.random() < .7:
            early = self.chance.random() * 2
            steps.append((early, ProgressLeg(leg, OUR_SDP)))
            steps.append((early + self.chance.random() * 3, ReofferLeg(leg, OUR_SDP)))
        return steps

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        assert not (isinstance(event, Traced) and event.text.startswith("bug")), event
        if isinstance(event, LegAnswered) and int(event.leg.split()[-1]) % 5 == 0:
            return [*super().__call__(event, now), (self.chance.random(), AcknowledgeLeg(event.leg, OUR_SDP))]
        steps = super().__call__(event, now)
        if type(event).__name__ == "LegRinging" and self.chance.random() < .3:
            steps = [*steps, (self.chance.random() * 2, ReofferLeg(event.leg, OUR_SDP))]
        return steps


@pytest.mark.parametrize(("seed", "weather", "required"), [
    (1, BAD, False), (2, BAD, True), (3, Weather(loss=.3, duplication=.2, delay=1.5), False), (4, Weather(), True)])
def test_many_calls_over_a_bad_network(seed: int, weather: Weather, required: bool) -> None:
    changes = ((b"Supported: 100rel, timer", b"Require: 100rel\r\nSupported: timer"),) if required else ()
    network = Rewriting(*changes, weather=weather, seed=seed)
    caller, server = LivelySide(seed), LivelySide(seed + 1)
    here, there = place(network, CALLER, caller, 90), place(network, SERVER, server, 90)
    for number in range(120):
        leg = f"call {number}"
        caller.begun.append(leg)
        dial = DialLeg(leg, parse_uri(f"sip:100@{SERVER}"), None if number % 5 == 0 else THEIR_SDP, str(number))
        network.at(number * .2, lambda dial=dial: network.command(here, dial))  # type: ignore[misc]
        if caller.chance.random() < .25:
            gives_up = number * .2 + caller.chance.random() * 8
            network.at(gives_up, lambda leg=leg: network.command(here, HangUpLeg(leg)))  # type: ignore[misc]
    network.run(900)
    everything_is_forgotten(here, there)
    for side in (caller, server):
        assert all(side.ended[leg] == 1 for leg in side.begun), network
        assert set(side.ended) == set(side.begun)
    assert caller.kinds["LegReanswered"] + server.kinds["LegReanswered"] > 20
    assert caller.kinds["LegAnswered"] > 20


COMMANDS = {
    "ring": RingLeg, "progress": lambda leg: ProgressLeg(leg, OUR_SDP), "answer": lambda leg: AnswerLeg(leg, OUR_SDP),
    "reject": lambda leg: RejectLeg(leg, 486), "hang up": HangUpLeg, "offer": lambda leg: ReofferLeg(leg, OUR_SDP),
    "acknowledge": lambda leg: AcknowledgeLeg(leg, OUR_SDP), "accept": lambda leg: AnswerOffer(leg, OUR_SDP),
}
STEPS = st.lists(st.tuples(st.floats(0, 4), st.booleans(), st.sampled_from(sorted(COMMANDS))), max_size=10)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, seed=st.integers(0, 1000), offerless=st.booleans(), bad=st.booleans())
def test_whatever_both_users_do_the_legs_end_once(
        steps: list[tuple[float, bool, str]], seed: int, offerless: bool, bad: bool) -> None:
    network = Network(BAD if bad else None, seed=seed)
    server, caller = Obliging(), Obliging()
    there, here = place(network, SERVER, server, 90), place(network, CALLER, caller, 90)
    decided: list[Node] = []
    network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), None if offerless else THEIR_SDP, "1"))

    def act(at_caller: bool, name: str) -> None:
        if not at_caller and name in ("answer", "reject"):
            if here in decided:
                return              # a user says so once
            decided.append(here)
        legs = ["L"] if at_caller else [offer.leg for offer in server.of(LegOffered)]
        for leg in legs:
            network.command(here if at_caller else there, COMMANDS[name](leg))

    for moment, at_caller, name in steps:
        network.at(moment, lambda at_caller=at_caller, name=name: act(at_caller, name))  # type: ignore[misc]
    network.at(100, lambda: act(True, "hang up"))
    network.at(100, lambda: act(False, "hang up"))
    network.run(400)
    everything_is_forgotten(here, there)
    assert len(caller.of(LegEnded)) == 1
    assert len(server.of(LegEnded)) == len(server.of(LegOffered))
    bugs = [event for story in (server, caller) for event in story.of(Traced) if event.text.startswith("bug")]
    assert not bugs, network


class Obliging(Story):
    """Accepts the offers that come, half a second later."""

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        self.events.append(event)
        if isinstance(event, LegReoffered):
            return [(.5, AnswerOffer(event.leg, OUR_SDP))]
        return []


def test_both_offer_at_once__one_after_the_other_gets_through() -> None:
    network = Network(Weather(delay=.2))
    server, caller = Obliging(), Obliging()
    there, here = place(network, SERVER, server), place(network, CALLER, caller)
    network.command(here, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), THEIR_SDP, "1"))
    network.run(1)
    leg = server.of(LegOffered)[0].leg
    network.command(there, AnswerLeg(leg, OUR_SDP))
    network.run(2)
    network.command(there, ReofferLeg(leg, OUR_SDP))
    network.command(here, ReofferLeg("L", THEIR_SDP))
    network.run(30)
    told = [event.status for side in (server, caller) for event in side.of(LegReanswered)]
    assert sorted(told) in ([200, 200], [200, 491])
    assert server.of(LegEnded) == caller.of(LegEnded) == []
