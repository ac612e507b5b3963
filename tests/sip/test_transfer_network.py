"""Transfers between three endpoints, over good networks and bad: one outcome per order, and nothing stays behind."""

import random
from collections import Counter
from typing import Any

import pytest

from ivr.sip.commands import (
    AcceptTransfer,
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    RejectLeg,
    RejectTransfer,
    ReofferLeg,
    ReportTransfer,
    RingLeg,
    TransferLeg,
)
from ivr.sip.events import (
    LegAnswered,
    LegEnded,
    LegOffered,
    LegReoffered,
    LegRinging,
    TransferProgressed,
    TransferRequested,
)
from ivr.sip.message.referred_by import referred_by_header
from ivr.sip.message.replaces import replaces_header
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings, Listener, Trunk
from tests.sip.network import Network, Node, Weather
from tests.sip.rig import OUR_SDP
from tests.sip.test_bad_network import everything_is_forgotten

TRANSFEROR, TRANSFEREE, TARGET = "192.0.2.1", "192.0.2.2", "192.0.2.3"
TO_TRANSFEREE, TO_TARGET = parse_uri(f"sip:b@{TRANSFEREE}"), parse_uri(f"sip:c@{TARGET}")
BAD = Weather(loss=.1, duplication=.1, delay=.3)
# the target lets the transferee replace a call of somebody else, as it would let a carrier
TARGET_SETTINGS = EndpointSettings(
    local_address=TARGET, listen=(Listener("udp", TARGET, 5060), Listener("tcp", TARGET, 5060)),
    trunks=(Trunk("transferee", (TRANSFEREE,)),))
Steps = list[tuple[float, Any]]


class Transferor:
    """Calls the transferee, and for half the calls the target too; then it transfers."""

    def __init__(self, network: Network, chance: random.Random) -> None:
        self.network = network
        self.chance = chance
        self.node: Node | None = None
        self.answered: set[str] = set()
        self.ended: dict[str, int] = {}
        self.ordered: Counter[str] = Counter()
        self.outcomes: dict[str, list[int]] = {}
        self.progress: Counter[int] = Counter()

    def __call__(self, event: Any, now: float) -> Steps:
        match event:
            case LegAnswered(leg):
                self.answered.add(leg)
                self._order_when_ready(leg)
                return [(60 + self.chance.random() * 30, HangUpLeg(leg))]
            case LegReoffered(leg):
                return [(0, AnswerOffer(leg, OUR_SDP))]
            case TransferProgressed(leg, status, final):
                assert leg not in self.ended
                self.progress[status] += not final
                if final:
                    self.outcomes.setdefault(leg, []).append(status)
                if final and status != 491:
                    return [(self.chance.random() * 3, HangUpLeg(leg))]
            case LegEnded(leg, _, status):
                assert len(self.outcomes.get(leg, [])) == self.ordered[leg]
                self.ended[leg] = status
        return []

    def _order_when_ready(self, leg: str) -> None:
        number = leg.split()[1]
        call, consultation = f"call {number}", f"consultation {number}"
        attended = int(number) % 2 == 1
        if call not in self.answered or (attended and consultation not in self.answered):
            return
        order = TransferLeg(call, TO_TARGET, consultation if attended else None, f"sip:a@{TRANSFEROR}")
        for _ in range(1 + (self.chance.random() < .2)):
            self.network.at(self.network.now + self.chance.random() * 5, lambda: self._order(order))

    def _order(self, order: TransferLeg) -> None:
        assert self.node is not None
        if order.leg not in self.ended:
            self.ordered[order.leg] += 1
            self.network.command(self.node, order)


class Transferee:
    """Does what it is asked: dials, reports, and hangs up on the transferor at times."""

    def __init__(self, chance: random.Random, faithful: bool = False) -> None:
        self.chance = chance
        self.faithful = faithful
        self.asked: Counter[str] = Counter()
        self.dialled: dict[str, str] = {}

    def __call__(self, event: Any, now: float) -> Steps:
        match event:
            case LegOffered(leg):
                return [(0, RingLeg(leg)), (self.chance.random(), AnswerLeg(leg, OUR_SDP))]
            case TransferRequested(leg):
                return self._transfer(event)
            case LegRinging(leg, status):
                return [(0, ReportTransfer(self.dialled[leg], status))]
            case LegAnswered(leg):
                after = [] if self.faithful else [(.01, ReofferLeg(self.dialled[leg], OUR_SDP))]
                return [(0, ReportTransfer(self.dialled[leg], 200)), *after, (30, HangUpLeg(leg))]
            case LegEnded(leg, _, status) if leg in self.dialled:
                return [(0, ReportTransfer(self.dialled[leg], max(status, 300)))]
        return []

    def _transfer(self, event: TransferRequested) -> Steps:
        fate = self.chance.random() if not self.faithful else 1.0
        if fate < .1:
            return [(0, RejectTransfer(event.leg, 603))]
        self.asked[event.leg] += 1
        leg = f"{event.leg} {self.asked[event.leg]}"
        self.dialled[leg] = event.leg
        headers = [replaces_header(event.replaces)] if event.replaces is not None else []
        referrer = referred_by_header(event.referred_by)
        headers += [referrer] if referrer is not None else []
        steps: Steps = [(0, AcceptTransfer(event.leg)),
                        (.01, DialLeg(leg, event.refer_to, OUR_SDP, "b", headers=tuple(headers)))]
        return [*steps, (self.chance.random(), HangUpLeg(event.leg))] if fate < .3 else steps


class Target:
    """Answers; for a leg that replaces another it ends that one."""

    def __init__(self, chance: random.Random, faithful: bool = False) -> None:
        self.chance = chance
        self.faithful = faithful
        self.offered: list[LegOffered] = []

    def __call__(self, event: Any, now: float) -> Steps:
        match event:
            case LegOffered(leg):
                self.offered.append(event)
                answer: Steps = [(0, RingLeg(leg)), (self.chance.random(), AnswerLeg(leg, OUR_SDP))]
                if event.replaces is not None:
                    return [(0, AnswerLeg(leg, OUR_SDP)), (.01, HangUpLeg(event.replaces))]
                if not self.faithful and self.chance.random() < .2:
                    return [(0, RejectLeg(leg, 486))]
                return answer
        return []


def play(calls: int, network: Network, seed: int, faithful: bool = False) -> tuple[Transferor, Target]:
    chance = random.Random(seed)
    transferor, target = Transferor(network, chance), Target(chance, faithful)
    nodes = [network.add(TRANSFEROR, transferor), network.add(TRANSFEREE, Transferee(chance, faithful)),
             network.add(TARGET, target, TARGET_SETTINGS)]
    transferor.node = nodes[0]
    for number in range(calls):
        dials = [DialLeg(f"call {number}", TO_TRANSFEREE, OUR_SDP, "a")]
        if number % 2:
            dials.append(DialLeg(f"consultation {number}", TO_TARGET, OUR_SDP, "a"))
        for dial in dials:
            network.at(number * .1, lambda dial=dial: network.command(nodes[0], dial))  # type: ignore[misc]
    network.run(calls * .1 + 900)
    everything_is_forgotten(*nodes)
    assert {leg: len(found) for leg, found in transferor.outcomes.items()} == dict(transferor.ordered)
    return transferor, target


def test_blind__message_by_message() -> None:
    network = Network()
    transferor, target = play(1, network, seed=1, faithful=True)
    assert transferor.outcomes == {"call 0": [200]}
    assert [offered.replaces for offered in target.offered] == [None]
    assert target.offered[0].referred_by == f"sip:a@{TRANSFEROR}"
    lines = [row.text.split(" sip:")[0].removeprefix("SIP/2.0 ") for row in network.rows]
    begin = lines.index("REFER")
    assert lines[begin:begin + 7] == [
        "REFER", "202 Accepted", "NOTIFY", "200 OK", "INVITE", "100 Trying", "180 Ringing"]


def test_attended__the_call_to_the_target_is_replaced() -> None:
    transferor, target = play(2, Network(), seed=1, faithful=True)
    assert transferor.outcomes["call 1"] == [200]
    consultation, replacing = (offered for offered in target.offered if offered.caller_number == "a"
                               or offered.replaces is not None)
    assert replacing.replaces == consultation.leg
    assert transferor.ended["consultation 1"] == 200


def test_many_over_a_bad_network() -> None:
    network = Network(BAD, seed=3)
    transferor, target = play(150, network, seed=3)
    assert network.dropped > 150
    found = Counter(status for outcomes in transferor.outcomes.values() for status in outcomes)
    assert sum(found.values()) > 140
    assert found[200] > 60
    assert found[603] > 3
    assert found[486] > 3
    assert transferor.progress[100] > 60
    assert sum(offered.replaces is not None for offered in target.offered) > 20


@pytest.mark.parametrize("seed", range(4, 8))
def test_more_seeds(seed: int) -> None:
    play(30, Network(Weather(loss=.3, duplication=.3, delay=1.5), seed=seed), seed=seed)


def test_without_a_transferee_that_hears() -> None:
    network = Network(seed=2)
    transferor = Transferor(network, random.Random(2))
    network.add(TRANSFEREE, Transferee(random.Random(1)))
    transferor.node = network.add(TRANSFEROR, transferor)
    network.command(transferor.node, DialLeg("call 0", TO_TRANSFEREE, OUR_SDP, "a"))
    network.at(.9, lambda: network.nodes.pop(TRANSFEREE) and None)
    network.run(300)
    assert transferor.outcomes == {"call 0": [408]}
    assert transferor.ended.keys() == {"call 0"}
