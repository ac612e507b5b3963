"""Two endpoints whose users do everything at once in their calls, over a network that loses, doubles and reorders:
offers from both sides by re-INVITE and UPDATE, short sessions, early media with PRACK, transfers, probes, keys."""

import os
import random
from collections import Counter
from itertools import count
from typing import Any

import pytest

from ivr.sip.commands import (
    AcceptTransfer,
    AcknowledgeLeg,
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    ProbeLeg,
    ProgressLeg,
    RejectLeg,
    RejectOffer,
    RejectTransfer,
    ReofferLeg,
    ReportTransfer,
    RingLeg,
    SendInfoDigit,
    TransferLeg,
)
from ivr.sip.events import (
    LegAnswered,
    LegConfirmed,
    LegEnded,
    LegOffered,
    LegReanswered,
    LegReoffered,
    ProbeAnswered,
    Traced,
    TransferProgressed,
    TransferRequested,
)
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings, Listener
from tests.sip.network import Network, Weather

SEEDS = range(int(os.environ.get("HOTLINE_MIXED_NETWORKS", "6")))
CALLER, SERVER = "192.0.2.1", "192.0.2.2"
CALLS = 40
TARGET = parse_uri("sip:200@192.0.2.9")


class User:
    """Of one endpoint. `open`: what was asked and must be answered while the leg lives."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.chance = chance
        self.numbers = count()
        self.ended: Counter[str] = Counter()
        self.begun: set[str] = set()
        self.open: Counter[tuple[str, type]] = Counter()

    def body(self) -> bytes:
        return f"v=0\r\no=- {self.name} {next(self.numbers)}\r\n".encode()

    def soon(self, longest: float = 5.0) -> float:
        return self.chance.random() ** 3 * longest

    def on(self, event: Any, now: float) -> list[tuple[float, Any]]:
        assert not (isinstance(event, Traced) and "bug:" in event.text), event.text
        answer = getattr(self, f"on_{type(event).__name__}", None)
        return answer(event) if answer is not None else []

    def on_LegOffered(self, event: LegOffered) -> list[tuple[float, Any]]:
        self.begun.add(event.leg)
        body, leg = self.body(), event.leg
        first = self.chance.choice((RingLeg(leg), ProgressLeg(leg, body)))
        end = RejectLeg(leg, 486) if self.chance.random() < .1 else AnswerLeg(leg, body)
        return [(self.soon(), first), (self.soon(), ProgressLeg(leg, body)), (5.1 + self.soon(), end)]

    def on_LegAnswered(self, event: LegAnswered) -> list[tuple[float, Any]]:
        return [(self.soon(.5), AcknowledgeLeg(event.leg, self.body())), *self.talk(event.leg)]

    def on_LegConfirmed(self, event: LegConfirmed) -> list[tuple[float, Any]]:
        return self.talk(event.leg)

    def talk(self, leg: str) -> list[tuple[float, Any]]:
        made = [self.chance.choice((
            ReofferLeg(leg, self.body()), ReofferLeg(leg, self.body()), TransferLeg(leg, TARGET), ProbeLeg(leg),
            SendInfoDigit(leg, "5"))) for _ in range(self.chance.randrange(6))]
        over = [(self.chance.choice((3.0, 30.0, 300.0)), HangUpLeg(leg))]
        return [*((self.soon(30.0), self.asked(one)) for one in made), *(over if self.chance.random() < .8 else ())]

    def asked(self, command: Any) -> Any:
        return lambda: (self.note(command), command)[1]

    def note(self, command: Any) -> None:
        kind = {ReofferLeg: LegReanswered, TransferLeg: TransferProgressed, ProbeLeg: ProbeAnswered}.get(type(command))
        if kind is not None and not self.ended[command.leg]:
            self.open[command.leg, kind] += 1

    def on_LegReoffered(self, event: LegReoffered) -> list[tuple[float, Any]]:
        good = self.chance.random() < .8
        return [(self.soon(1), AnswerOffer(event.leg, self.body()) if good else RejectOffer(event.leg, 488))]

    def on_TransferRequested(self, event: TransferRequested) -> list[tuple[float, Any]]:
        if self.chance.random() < .2:
            return [(self.soon(1), RejectTransfer(event.leg, 603))]
        return [(0, AcceptTransfer(event.leg)), (self.soon(3), ReportTransfer(event.leg, 180)),
                (3 + self.soon(), ReportTransfer(event.leg, 200))]

    def on_LegReanswered(self, event: LegReanswered) -> list[tuple[float, Any]]:
        self.open[event.leg, LegReanswered] -= 1
        return []

    def on_ProbeAnswered(self, event: ProbeAnswered) -> list[tuple[float, Any]]:
        self.open[event.leg, ProbeAnswered] -= 1
        return []

    def on_TransferProgressed(self, event: TransferProgressed) -> list[tuple[float, Any]]:
        self.open[event.leg, TransferProgressed] -= event.final
        return []

    def on_LegEnded(self, event: LegEnded) -> list[tuple[float, Any]]:
        self.ended[event.leg] += 1
        return []


class Mixed(Network):
    """Commands may be made at the moment at which they are given."""

    def command(self, node: Any, command: Any) -> None:
        super().command(node, command() if callable(command) else command)


def mixed(seed: int, weather: Weather) -> tuple[Mixed, User, User]:
    network, chance = Mixed(weather, seed), random.Random(seed)
    users = User("1", chance), User("2", chance)
    nodes = []
    for host, user in zip((CALLER, SERVER), users, strict=True):
        listen = (Listener("udp", host, 5060), Listener("tcp", host, 5060))
        nodes.append(network.add(host, user.on, EndpointSettings(local_address=host, listen=listen,
                                                                 session_expires=chance.choice((90, 120, 1800)))))
    for number in range(CALLS):
        leg = f"L{number}"
        users[0].begun.add(leg)
        body = None if chance.random() < .15 else users[0].body()
        dial = DialLeg(leg, parse_uri(f"sip:{number}@{SERVER}"), body, "1")
        network.at(number * .7, lambda dial=dial: network.command(nodes[0], dial))     # type: ignore[misc]
    return network, *users


def mirrored(network: Mixed) -> list[str]:
    """The calls whose two ends, at rest, do not agree on what each said last."""
    def views(host: str) -> dict[str, Any]:
        legs = network.nodes[host].endpoint._legs._legs.values()
        return {leg.session.sip_call_id: leg.reoffer for leg in legs
                if leg.reoffer is not None and not leg.session.ended}

    ours, theirs = views(CALLER), views(SERVER)
    wrong = []
    for call in ours.keys() & theirs.keys():
        one, other = ours[call], theirs[call]
        resting = one.state.name == other.state.name == "IDLE"
        if resting and (one._local, one.remote) != (other.remote, other._local):
            wrong.append(f"{call}: {one._local!r} {one.remote!r} / {other._local!r} {other.remote!r}")
    return wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_at_once(seed: int) -> None:
    weather = (Weather(), Weather(.05, .05, .3), Weather(.15, .2, 2.0))[seed % 3]
    network, *users = mixed(seed, weather)
    network.run(250)
    assert mirrored(network) == []
    network.run(700)
    for user in users:
        assert [key for key, number in user.open.items() if number and not user.ended[key[0]]] == []
        assert [key for key, number in user.open.items() if number and key[1] is TransferProgressed] == []
    network.run(3000)
    for node, user in zip(list(network.nodes.values()), users, strict=True):
        for leg in user.begun - user.ended.keys():
            network.command(node, HangUpLeg(leg))
    network.run(3400)
    for node, user in zip(network.nodes.values(), users, strict=True):
        assert set(user.ended) == user.begun
        assert set(user.ended.values()) == {1}
        kept = {name: number for name, number in node.endpoint.counts().items() if number and name not in (
            "streams", "watched_sources")}
        assert kept == {}
