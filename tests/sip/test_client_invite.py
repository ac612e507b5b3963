"""RFC 3261 §17.1.1, RFC 6026 §7.2."""

import pytest

from ivr.sip.settings import Timing
from ivr.sip.transaction.client_invite import (
    Abandoned,
    InviteClientTransaction,
    Received1xx,
    Received2xx,
    Received3xxTo6xx,
    State,
)
from ivr.sip.transaction.transaction import TransportFailed
from tests.sip.transaction_sim import Sim


def started(reliable: bool = False) -> Sim:
    return Sim(InviteClientTransaction(Timing(), "INVITE", reliable)).start()


def test_nobody_answers__timer_a_doubles_until_timer_b() -> None:
    sim = started().run_until(40)
    assert sim.times == [0, .5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert sim.ended == (32, "timeout")


def test_over_tcp_it_is_sent_once() -> None:
    sim = started(reliable=True).run_until(40)
    assert sim.times == [0]
    assert sim.ended == (32, "timeout")


def test_provisional_stops_retransmission_and_timeout() -> None:
    sim = started().run_until(.7)
    sim.feed(Received1xx("100"))
    sim.run_until(300)
    sim.feed(Received1xx("180"))
    assert sim.times == [0, .5]
    assert sim.ended is None
    assert sim.passed_up == [Received1xx("100"), Received1xx("180")]


@pytest.mark.parametrize("early", [True, False])
def test_486_is_acknowledged_each_time_and_told_once(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(Received1xx("180"))
    for _ in range(3):
        sim.feed(Received3xxTo6xx("486"))
    sim.feed(Received1xx("180"))
    sim.feed(Received2xx("200"))
    assert [message for _, message in sim.sent] == ["INVITE", "ACK 486", "ACK 486", "ACK 486"]
    assert sim.passed_up[-1] == Received3xxTo6xx("486")
    assert sim.passed_up.count(Received3xxTo6xx("486")) == 1
    sim.run_until(60)
    assert sim.ended == (32, "normal")


def test_486_over_tcp_ends_it_at_once() -> None:
    sim = started(reliable=True)
    sim.feed(Received3xxTo6xx("486"))
    sim.run_until(0)
    assert sim.ended == (0, "normal")


@pytest.mark.parametrize("early", [True, False])
def test_every_2xx_goes_up_for_64_t1(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(Received1xx("180"))
    sim.run_until(1)
    sim.feed(Received2xx("200 a"))
    for step in (Received2xx("200 b"), Received2xx("200 a"), Received1xx("180"), Received3xxTo6xx("487"), Abandoned(),
                 TransportFailed()):
        sim.feed(step)
    assert [event.response for event in sim.passed_up if isinstance(event, Received2xx)] == ["200 a", "200 b", "200 a"]
    assert sim.machine.state is State.ACCEPTED
    sim.run_until(60)
    assert sim.ended == (33, "normal")


@pytest.mark.parametrize("early", [True, False])
def test_transport_failure_is_told(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(Received1xx("180"))
    sim.feed(TransportFailed())
    assert sim.ended == (0, "transport")


def test_transport_failure_of_the_ack_is_not_told() -> None:
    sim = started()
    sim.feed(Received3xxTo6xx("486"))
    sim.feed(Abandoned())
    sim.feed(TransportFailed())
    assert sim.ended == (0, "normal")


@pytest.mark.parametrize("early", [True, False])
def test_abandoned_by_its_user(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(Received1xx("180"))
    sim.feed(Abandoned())
    assert sim.ended == (0, "normal")
