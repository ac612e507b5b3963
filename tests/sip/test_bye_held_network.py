"""Transfers over networks that reorder: who is hung up on with the report of its transfer hears the report first."""

from collections import Counter
from typing import Any

import pytest

from ivr.sip.commands import AcceptTransfer, AnswerLeg, DialLeg, HangUpLeg, ReportTransfer, TransferLeg
from ivr.sip.events import LegAnswered, LegEnded, LegOffered, TransferProgressed, TransferRequested
from ivr.sip.message.uri import parse_uri
from tests.sip.network import Network, Weather
from tests.sip.rig import OUR_SDP
from tests.sip.test_bad_network import everything_is_forgotten

PHONE, HOTLINE = "192.0.2.1", "192.0.2.2"
TARGET = parse_uri("sip:c@192.0.2.3")
Steps = list[tuple[float, Any]]
CALLS = 60


class Phone:
    """Calls, transfers, and waits for the end if that is accepted; `outcomes`: what it hears of its transfers."""

    def __init__(self) -> None:
        self.outcomes: dict[str, list[int]] = {}
        self.ended: Counter[str] = Counter()

    def __call__(self, event: Any, now: float) -> Steps:
        match event:
            case LegAnswered(leg):
                return [(2, TransferLeg(leg, TARGET))]
            case TransferProgressed(leg, status, final) if final:
                self.outcomes.setdefault(leg, []).append(status)
                if status not in (200, 487):        # refused, as the REFER came before the ACK; 487: the BYE came
                    return [(1, HangUpLeg(leg))]
            case LegEnded(leg):
                self.ended[leg] += 1
        return []


class Hotline:
    """Accepts a transfer, reports its success and hangs up in the same breath."""

    def __init__(self) -> None:
        self.ended: Counter[str] = Counter()

    def __call__(self, event: Any, now: float) -> Steps:
        match event:
            case LegOffered(leg):
                return [(0, AnswerLeg(leg, OUR_SDP))]
            case TransferRequested(leg):
                return [(0, AcceptTransfer(leg)), (2, ReportTransfer(leg, 200)), (2, HangUpLeg(leg))]
            case LegEnded(leg):
                self.ended[leg] += 1
        return []


def play(network: Network) -> tuple[Phone, Hotline]:
    phone, hotline = Phone(), Hotline()
    nodes = [network.add(PHONE, phone), network.add(HOTLINE, hotline)]
    for number in range(CALLS):
        dial = DialLeg(f"call {number}", parse_uri(f"sip:b@{HOTLINE}"), OUR_SDP, "a")
        network.at(number * .1, lambda dial=dial: network.command(nodes[0], dial))  # type: ignore[misc]
    network.run(CALLS * .1 + 300)
    everything_is_forgotten(*nodes)
    return phone, hotline


@pytest.mark.parametrize("seed", range(3))
def test_reordered__everybody_hears_the_outcome(seed: int) -> None:
    phone, hotline = play(Network(Weather(delay=.4), seed=seed))
    assert phone.outcomes == {f"call {number}": [200] for number in range(CALLS)}
    assert set(phone.ended.values()) == set(hotline.ended.values()) == {1}


@pytest.mark.parametrize("seed", range(3))
def test_lost_and_doubled_too__most_hear_it_and_nothing_is_left(seed: int) -> None:
    phone, hotline = play(Network(Weather(loss=.15, duplication=.15, delay=.4), seed=seed))
    heard = Counter(status for outcomes in phone.outcomes.values() for status in outcomes)
    assert heard[200] > .9 * CALLS
    assert len(phone.ended) == CALLS
    assert set(phone.ended.values()) == set(hotline.ended.values()) == {1}
