"""No way around the bound of strangers' calls that nobody has acknowledged: not by a Call-ID that lives, nor by an
address from which a phone has registered."""

from typing import Any

import pytest

from ivr.sip.commands import AnswerLeg
from ivr.sip.events import LegOffered
from ivr.sip.gate.arrivals import Arrival
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OUR_SDP, OURS, PEER, Rig, authorization, invite, request, with_settings

MOST = 3
CARRIER = "203.0.113.1"


def arrive(rig: Rig, text: str, host: str) -> None:
    """One datagram, through the queues."""
    flow = Flow("udp", (OURS, 5060), (host, 5070))
    arrivals = rig.endpoint.door.arrivals
    arrivals.put(text.encode(), flow, rig.now)
    due = arrivals.next(rig.now)
    if isinstance(due, Arrival):
        rig.receive(due.data, due.flow)
    elif due is not None:
        rig.take([due])


@pytest.fixture
def guarded() -> Rig:
    return Rig(with_settings(accounts=ACCOUNTS, trunks=(Trunk("carrier", (CARRIER,)),),
                             gate=GateSettings(max_half_open=MOST)))


def test_one_real_call__then_invented_ones_under_its_call_id(guarded: Rig) -> None:
    """Each from another forged address and with a From tag of its own, so that none is taken for the first."""
    arrive(guarded, invite(), PEER)
    guarded.handle(AnswerLeg(guarded.leg, OUR_SDP))
    arrive(guarded, request("ACK", tag=guarded.tag), PEER)
    for number in range(3 * MOST):
        text = invite(branch=f"x{number}", sequence=10 + number).replace("tag=ac1", f"tag=x{number}")
        arrive(guarded, text, f"192.0.2.{100 + number}")
    assert len(guarded.of(LegOffered)) == 1 + MOST
    assert guarded.statuses("INVITE").count(503) == 2 * MOST
    assert guarded.responses("INVITE")[-1].retry_after is not None


def test_from_the_address_of_a_phone(guarded: Rig) -> None:
    def register(**fields: Any) -> None:
        text = request("REGISTER", user="op1", **fields)
        arrive(guarded, text.replace("To: <sip:100@", "To: <sip:op1@"), PEER)

    register()
    register(sequence=2, extra=authorization(guarded.responses("REGISTER")[-1], "op1", "secret"))
    assert guarded.statuses("REGISTER") == [401, 200]
    for number in range(2 * MOST):
        arrive(guarded, invite(call=f"x{number}"), PEER)
    assert len(guarded.of(LegOffered)) == MOST
    arrive(guarded, invite(call="trunk"), CARRIER)
    assert guarded.of(LegOffered)[-1].trunk == "carrier"
