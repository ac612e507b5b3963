"""Whatever comes in a call with transfers both ways: nothing is raised, each order has one outcome, nothing is left."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.base.machine import Machine
from ivr.sip.commands import AcceptTransfer, HangUpLeg, RejectTransfer, ReportTransfer, TransferLeg
from ivr.sip.events import LegEnded, LegOffered, TransferProgressed
from ivr.sip.leg import offers
from ivr.sip.message.uri import parse_uri
from ivr.sip.transfer import transfer_received, transfer_sent
from ivr.sip.transfer.transfer_received import DecisionLimit, SubscriptionLimit, TransferReceived
from ivr.sip.transfer.transfer_sent import NotifyLimit, TransferSent
from tests.sip.calls import received
from tests.sip.rig import SDP, Rig, invite, request, response
from tests.sip.test_endpoint_fuzz import CHANGES, Changes, mutated

TARGET = parse_uri("sip:300@192.0.2.50")
REPLACED = "c2%40192.0.2.9%3Bto-tag%3Dx%3Bfrom-tag%3Dac2"
EVENT = "Event: refer\r\n"


def running() -> Rig:
    """A call with a transfer that the peer wants, and one that we want."""
    rig = Rig()
    leg = received(rig)
    rig.receive(request("REFER", sequence=2, tag=rig.call_tag, extra="Refer-To: <sip:1@192.0.2.50>\r\n"))
    rig.handle(AcceptTransfer(leg))
    rig.handle(TransferLeg(leg, TARGET))
    rig.receive(response(rig.requests("REFER")[0], 202))
    return rig


def ends_well(rig: Rig, orders: int) -> None:
    leg = rig.of(LegOffered)[0].leg
    for offered in rig.of(LegOffered):
        rig.handle(HangUpLeg(offered.leg))
    assert sum(one.final for one in rig.of(TransferProgressed)) == orders
    assert Counter(end.leg for end in rig.of(LegEnded))[leg] == 1
    assert rig.is_clean()


@given(st.sampled_from(["REFER", "NOTIFY", "SUBSCRIBE", "INVITE"]), CHANGES)
@settings(max_examples=250, deadline=None)
def test_changed_requests(method: str, changes: Changes) -> None:
    rig = running()
    extra = (f"{EVENT}Subscription-State: active;expires=60\r\nExpires: 60\r\nRefer-Sub: false\r\n"
             f"Refer-To: <sip:a@192.0.2.50?Replaces={REPLACED}>\r\nReferred-By: <sip:b@192.0.2.9>;cid=\"1\"\r\n")
    if method == "INVITE":
        extra += f"Replaces: c1@192.0.2.9;to-tag={rig.call_tag};from-tag=ac1\r\nDiversion: <tel:1>;reason=x\r\n"
        text = invite(call="c7", extra=extra)
    else:
        text = request(method, sequence=9, tag=rig.call_tag, extra=extra, body="SIP/2.0 180 Ringing\r\n",
                       kind="message/sipfrag")
    rig.receive(mutated(text, changes))
    ends_well(rig, 1)


NUMBERS = st.sampled_from([100, 180, 200, 202, 302, 404, 408, 481, 482, 489, 500, 603])
STEPS = st.one_of(
    st.tuples(st.just("refer"), st.sampled_from(["", "Refer-Sub: false\r\n"])),
    st.tuples(st.sampled_from(["accept", "reject", "transfer", "bye"]), st.none()),
    st.tuples(st.just("report"), NUMBERS),
    st.tuples(st.just("subscribe"), st.sampled_from([0, 1, 60, 4000])),
    st.tuples(st.just("notify"), st.tuples(NUMBERS, st.sampled_from(["active;expires=5", "terminated", "pending"]),
                                           st.sampled_from(["refer", "refer;id=1", "refer;id=2", "x"]))),
    st.tuples(st.just("answer"), st.tuples(st.integers(0, 9), NUMBERS)),
    st.tuples(st.just("wait"), st.sampled_from([.1, 3, 33, 301])))


class Play:
    """Steps of both sides, in any order."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.leg = received(self.rig)
        self.sequence = 1
        self.orders = 0

    def step(self, what: str, how: Any) -> None:
        rig, leg = self.rig, self.leg
        match what:
            case "refer":
                self.receive("REFER", f"Refer-To: <sip:1@192.0.2.50>\r\n{how}")
            case "subscribe":
                self.receive("SUBSCRIBE", f"{EVENT}Expires: {how}\r\n")
            case "notify":
                status, state, event = how
                self.receive("NOTIFY", f"Event: {event}\r\nSubscription-State: {state}\r\n", f"SIP/2.0 {status} X\r\n")
            case "bye":
                self.receive("BYE", "")
            case "accept":
                rig.handle(AcceptTransfer(leg))
            case "reject":
                rig.handle(RejectTransfer(leg, 603))
            case "report":
                rig.handle(ReportTransfer(leg, how))
            case "transfer":
                self.orders += not rig.of(LegEnded)
                rig.handle(TransferLeg(leg, TARGET))
            case "answer":
                sent = rig.requests()[-1 - how[0]:]
                if sent and sent[0].method != "BYE":
                    rig.receive(response(sent[0], how[1]))
            case "wait":
                rig.run_until(rig.now + how)

    def receive(self, method: str, extra: str, body: str = "") -> None:
        self.sequence += 1
        self.rig.receive(request(method, sequence=self.sequence, tag=self.rig.call_tag, extra=extra, body=body,
                                 kind="message/sipfrag"))


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=250, deadline=None)
def test_any_order_of_steps(steps: list[tuple[str, Any]]) -> None:
    play = Play()
    for what, how in steps:
        play.step(what, how)
    assert all(end.status != 500 for end in play.rig.of(LegEnded))     # a missing row ends the leg so
    ends_well(play.rig, play.orders)


@pytest.mark.parametrize(("machine", "timers", "source"), [
    (TransferReceived, {DecisionLimit, SubscriptionLimit}, transfer_received),
    (TransferSent, {NotifyLimit}, transfer_sent)])
def test_every_event_but_timers_has_a_row_in_every_state(machine: type[Machine], timers: set[type],
                                                         source: Any) -> None:
    events = {event for _, event in machine.table}
    assert offers.LegClosed in events
    assert {event for event in events if event in timers} == timers
    for state in source.State:
        for event in events - timers:
            assert (state, event) in machine.table, (state, event)


def test_sdp_in_a_refer_is_passed_over() -> None:
    rig = Rig()
    received(rig)
    rig.receive(request("REFER", sequence=2, tag=rig.call_tag, extra="Refer-To: <sip:1@192.0.2.50>\r\n", body=SDP))
    assert rig.statuses() == []
