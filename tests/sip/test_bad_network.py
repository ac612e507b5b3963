"""Our caller against our server over a network that loses, doubles, delays and reorders: every call ends, once."""

import random
from collections import Counter
from typing import Any

import pytest

from ivr.sip.commands import (
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    ProbeLeg,
    RejectLeg,
    ReofferLeg,
    RingLeg,
    SendInfoDigit,
)
from ivr.sip.events import DigitByInfo, LegAnswered, LegConfirmed, LegEnded, LegOffered, LegReanswered, LegReoffered
from ivr.sip.message.uri import parse_uri
from tests.sip.network import Network, Node, Weather
from tests.sip.rig import OUR_SDP

CALLER, SERVER = "192.0.2.1", "192.0.2.2"
BAD = Weather(loss=.1, duplication=.1, delay=.3)


class Side:
    """A user that does anything a user may, at any moment, and counts what it is told."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.begun: list[str] = []
        self.ended: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.reoffered: Counter[str] = Counter()

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        self.kinds[type(event).__name__] += 1
        match event:
            case LegOffered(leg):
                self.begun.append(leg)
                return self.receive(leg)
            case LegAnswered(leg) | LegConfirmed(leg):
                return self.talk(leg)
            case LegReoffered(leg):
                return [(self.chance.random(), AnswerOffer(leg, OUR_SDP))]
            case LegReanswered(leg, 491):
                self.reoffered[leg] += 1
                return [(3.0, ReofferLeg(leg, OUR_SDP))] if self.reoffered[leg] < 3 else []
            case LegEnded(leg):
                self.ended[leg] += 1
        return []

    def receive(self, leg: str) -> list[tuple[float, Any]]:
        ring = self.chance.random() * .2
        answer = ring + self.chance.random() * 8
        fate = self.chance.random()
        last: Any = AnswerLeg(leg, OUR_SDP)
        if fate < .15:
            last = RejectLeg(leg, self.chance.choice((404, 480, 486, 503, 603)))
        elif fate < .2:
            last = HangUpLeg(leg)
        steps = [(ring, RingLeg(leg)), (answer, last)]
        return steps if self.chance.random() < .9 else steps[1:]

    def talk(self, leg: str) -> list[tuple[float, Any]]:
        steps: list[tuple[float, Any]] = []
        for command in (ReofferLeg(leg, OUR_SDP), SendInfoDigit(leg, "5"), ProbeLeg(leg)):
            if self.chance.random() < .3:
                steps.append((self.chance.random() * 10, command))
        return [*steps, (self.chance.random() * 15, HangUpLeg(leg, self.chance.choice(("", "enough"))))]


LASTING = frozenset(("streams", "watched_sources"))      # bounded, and not a matter of calls


def everything_is_forgotten(*nodes: Node) -> None:
    for node in nodes:
        counts = {name: count for name, count in node.endpoint.counts().items() if name not in LASTING}
        assert not any(counts.values()), counts


def play(calls: int, network: Network, uri: str, seed: int) -> tuple[Side, Side]:
    """`calls` calls, one every 50 ms; a tenth of them given up while they ring."""
    caller, server = Side(seed), Side(seed + 1)
    here, there = network.add(CALLER, caller), network.add(SERVER, server)
    for number in range(calls):
        leg = f"call {number}"
        caller.begun.append(leg)
        dial = DialLeg(leg, parse_uri(uri), OUR_SDP, str(number))
        network.at(number * .05, lambda dial=dial: network.command(here, dial))  # type: ignore[misc]
        if caller.chance.random() < .25:
            gives_up = number * .05 + caller.chance.random() * 8
            network.at(gives_up, lambda leg=leg: network.command(here, HangUpLeg(leg)))  # type: ignore[misc]
    network.run(calls * .05 + 600)
    everything_is_forgotten(here, there)
    for side in (caller, server):
        assert all(side.ended[leg] == 1 for leg in side.begun), network
        assert set(side.ended) == set(side.begun)
    return caller, server


def test_1000_calls_over_a_bad_network() -> None:
    network = Network(BAD, seed=1)
    caller, server = play(1000, network, f"sip:100@{SERVER}", seed=1)
    assert network.dropped > 800
    assert len(server.begun) > 950      # no call was offered twice
    assert len(server.begun) == len(set(server.begun)) <= 1000
    assert caller.kinds["LegAnswered"] > 500
    assert server.kinds["DigitByInfo"] > 50
    assert caller.kinds["LegReanswered"] > 50
    assert caller.kinds["ProbeAnswered"] > 50


@pytest.mark.parametrize("seed", range(2, 6))
def test_more_seeds(seed: int) -> None:
    play(100, Network(Weather(loss=.3, duplication=.2, delay=1.5), seed=seed), f"sip:100@{SERVER}", seed=seed)


def test_nothing_arrives_at_all() -> None:
    _, server = play(20, Network(Weather(loss=1.0)), f"sip:100@{SERVER}", seed=1)
    assert server.begun == []


def test_over_tcp_one_byte_at_a_time() -> None:
    network = Network(piece_bytes=1)
    caller, server = play(40, network, f"sip:100@{SERVER};transport=tcp", seed=9)
    assert len(server.begun) == 40
    assert caller.kinds["LegAnswered"] > 15


def test_tcp_connections_that_break() -> None:
    network = Network(piece_bytes=100)
    for moment in range(1, 40):
        network.at(moment / 3, network.close_all)
    play(200, network, f"sip:100@{SERVER};transport=tcp", seed=9)


def test_a_perfect_network_needs_no_retransmission() -> None:
    network = Network()
    seen: list[Any] = []

    def answer(event: Any, now: float) -> list[tuple[float, Any]]:
        seen.append(event)
        return [(0, AnswerLeg(event.leg, OUR_SDP))] if isinstance(event, LegOffered) else []

    def speak(event: Any, now: float) -> list[tuple[float, Any]]:
        return [(1, SendInfoDigit("L", "#")), (2, HangUpLeg("L"))] if isinstance(event, LegAnswered) else []

    server, caller = network.add(SERVER, answer), network.add(CALLER, speak)
    network.command(caller, DialLeg("L", parse_uri(f"sip:100@{SERVER}"), OUR_SDP, "1"))
    network.run(200)
    assert [row.text.split(" sip:")[0].removeprefix("SIP/2.0 ") for row in network.rows] == [
        "INVITE", "100 Trying", "200 OK", "ACK", "INFO", "200 OK", "BYE", "200 OK"]
    assert [event.digit for event in seen if isinstance(event, DigitByInfo)] == ["#"]
    everything_is_forgotten(server, caller)
