"""RFC 3261 §17.2.1, RFC 6026 §7.1."""

import pytest

from ivr.sip.settings import Timing
from ivr.sip.transaction.server_invite import AckReceived, InviteServerTransaction, Send2xx, Send3xxTo6xx, State
from ivr.sip.transaction.transaction import RequestRetransmitted, Send1xx, TransportFailed
from tests.sip.transaction_sim import Sim


@pytest.fixture
def sim() -> Sim:
    return Sim(InviteServerTransaction(Timing()))


def test_retransmission_before_any_response_is_absorbed(sim: Sim) -> None:
    sim.feed(RequestRetransmitted())
    assert sim.sent == []


def test_retransmission_gets_the_last_provisional(sim: Sim) -> None:
    for step in (Send1xx("100"), RequestRetransmitted(), Send1xx("180"), RequestRetransmitted()):
        sim.feed(step)
    assert [message for _, message in sim.sent] == ["100", "100", "180", "180"]


def test_486_is_sent_again_until_timer_h(sim: Sim) -> None:
    sim.feed(Send3xxTo6xx("486"))
    sim.run_until(40)
    assert sim.times == [0, .5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert sim.ended == (32, "no_ack")


def test_486_over_tcp_is_sent_once() -> None:
    sim = Sim(InviteServerTransaction(Timing(), reliable=True))
    sim.feed(Send3xxTo6xx("486"))
    sim.run_until(40)
    assert sim.times == [0]
    assert sim.ended == (32, "no_ack")


def test_ack_stops_the_486_and_late_ones_are_absorbed_for_t4(sim: Sim) -> None:
    sim.feed(Send3xxTo6xx("486"))
    sim.run_until(2)
    for step in (AckReceived(), RequestRetransmitted(), AckReceived(), TransportFailed()):
        sim.feed(step)
    sim.run_until(60)
    assert sim.times == [0, .5, 1.5]
    assert sim.ended == (7, "normal")


def test_ack_over_tcp_ends_it_at_once() -> None:
    sim = Sim(InviteServerTransaction(Timing(), reliable=True))
    sim.feed(Send3xxTo6xx("486"))
    sim.feed(AckReceived())
    sim.run_until(0)
    assert sim.ended == (0, "normal")


def test_retransmission_gets_the_486_again(sim: Sim) -> None:
    sim.feed(Send3xxTo6xx("486"))
    sim.run_until(.2)
    sim.feed(RequestRetransmitted())
    assert sim.sent == [(0, "486"), (.2, "486")]


def test_2xx_is_repeated_by_the_user_alone(sim: Sim) -> None:
    sim.feed(Send2xx("200"))
    sim.feed(RequestRetransmitted())
    sim.run_until(.5)
    sim.feed(Send2xx("200"))
    sim.feed(TransportFailed())
    assert sim.sent == [(0, "200"), (.5, "200")]
    sim.run_until(40)
    assert sim.ended == (32, "normal")


def test_ack_for_the_2xx_goes_up(sim: Sim) -> None:
    sim.feed(Send2xx("200"))
    sim.feed(AckReceived("ack"))
    assert sim.passed_up == [AckReceived("ack")]
    assert sim.machine.state is State.ACCEPTED


def test_ack_before_the_final_response_means_nothing(sim: Sim) -> None:
    sim.feed(AckReceived())
    assert sim.machine.state is State.PROCEEDING


def test_transport_failure_ends_it_once_it_is_completed(sim: Sim) -> None:
    sim.feed(TransportFailed())
    assert sim.ended is None
    sim.feed(Send3xxTo6xx("486"))
    sim.feed(TransportFailed())
    assert sim.ended == (0, "transport")
