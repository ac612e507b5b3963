"""RFC 3261 §17.2.2."""

import pytest

from ivr.sip.settings import Timing
from ivr.sip.transaction.server_other import OtherServerTransaction, SendFinal
from ivr.sip.transaction.transaction import RequestRetransmitted, Send1xx, TransportFailed
from tests.sip.transaction_sim import Sim


@pytest.fixture
def sim() -> Sim:
    return Sim(OtherServerTransaction(Timing()))


def test_retransmission_before_the_response_is_absorbed(sim: Sim) -> None:
    sim.feed(RequestRetransmitted())
    sim.feed(TransportFailed())
    assert sim.sent == []
    assert sim.ended is None


def test_stored_response_answers_every_retransmission_for_32_s(sim: Sim) -> None:
    sim.feed(SendFinal("200"))
    for at in (.5, 1.5, 31):
        sim.run_until(at)
        sim.feed(RequestRetransmitted())
    assert sim.sent == [(0, "200"), (.5, "200"), (1.5, "200"), (31, "200")]
    sim.run_until(40)
    assert sim.ended == (32, "normal")


def test_provisional_is_repeated(sim: Sim) -> None:
    for step in (Send1xx("100"), RequestRetransmitted(), Send1xx("182"), SendFinal("200")):
        sim.feed(step)
    assert [message for _, message in sim.sent] == ["100", "100", "182", "200"]


def test_second_final_is_discarded(sim: Sim) -> None:
    sim.feed(SendFinal("200"))
    sim.feed(SendFinal("500"))
    assert sim.sent == [(0, "200")]


def test_over_tcp_it_ends_at_once() -> None:
    sim = Sim(OtherServerTransaction(Timing(), reliable=True))
    sim.feed(SendFinal("200"))
    sim.run_until(0)
    assert sim.ended == (0, "normal")


@pytest.mark.parametrize("step", [Send1xx("100"), SendFinal("200")])
def test_transport_failure_ends_it(sim: Sim, step: object) -> None:
    sim.feed(step)
    sim.feed(TransportFailed())
    assert sim.ended == (0, "transport")
