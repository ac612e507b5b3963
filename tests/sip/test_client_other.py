"""RFC 3261 §17.1.2."""

import pytest

from ivr.sip.settings import Timing
from ivr.sip.transaction.client_other import OtherClientTransaction, ReceivedFinal, ReceivedProvisional
from ivr.sip.transaction.transaction import TransportFailed
from tests.sip.transaction_sim import Sim


def started(reliable: bool = False) -> Sim:
    return Sim(OtherClientTransaction(Timing(), "BYE", reliable)).start()


def test_nobody_answers__timer_e_doubles_to_t2_until_timer_f() -> None:
    sim = started().run_until(40)
    assert sim.times == [0, .5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert sim.ended == (32, "timeout")


def test_over_tcp_it_is_sent_once() -> None:
    sim = started(reliable=True).run_until(40)
    assert sim.times == [0]
    assert sim.ended == (32, "timeout")


def test_provisional_slows_retransmission_to_t2() -> None:
    sim = started().run_until(.2)
    sim.feed(ReceivedProvisional("100"))
    sim.run_until(40)
    assert sim.times == [0, .5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert sim.ended == (32, "timeout")


@pytest.mark.parametrize("early", [True, False])
def test_final_is_told_once_and_absorbed_for_t4(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(ReceivedProvisional("100"))
    for step in (ReceivedFinal("200"), ReceivedFinal("200"), ReceivedProvisional("100"), TransportFailed()):
        sim.feed(step)
    assert sim.passed_up[-1] == ReceivedFinal("200")
    assert sim.passed_up.count(ReceivedFinal("200")) == 1
    sim.run_until(60)
    assert sim.times == [0]
    assert sim.ended == (5, "normal")


def test_final_over_tcp_ends_it_at_once() -> None:
    sim = started(reliable=True)
    sim.feed(ReceivedFinal("200"))
    sim.run_until(0)
    assert sim.ended == (0, "normal")


@pytest.mark.parametrize("early", [True, False])
def test_transport_failure_is_told(early: bool) -> None:
    sim = started()
    if early:
        sim.feed(ReceivedProvisional("100"))
    sim.feed(TransportFailed())
    assert sim.ended == (0, "transport")
