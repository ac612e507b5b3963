"""Calls that call somebody back, with the real dispatcher, under random events: as test_call_machine_search."""

import random
from collections import Counter, deque
from datetime import timedelta
from typing import Any

import pytest

from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.call import back_events
from ivr.call import effects as did
from ivr.call import events as e
from ivr.call.machine import Call
from ivr.call.record import CallRow, Outcome, PersonRow, RequestRow, RequestStatus
from ivr.call.state import CallingBack, CallState
from ivr.call.visit import Visit
from ivr.menu.interpreter import Interpreter
from routing import dispatcher as queue
from tests.call.test_call_machine_search import OPERATORS, START, WRAP_UP, Episode

SEEDS = range(4)
EPISODES, EVENTS = 50, 60
CLIPS = ("en/queue/hold.wav",)
REQUEST = RequestRow(id="request", call_id="before", revision=3, queue="cards", subject="a card", language="en",
                     opened_at=START - timedelta(hours=1), kind="callback")


class Back(Episode):
    """One attempt. A caller who is not there yet is nobody's leg."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        settings, menu = self.call.settings, self.call.settings.menu
        strategy = chance.choice(("longest_idle", "ring_all"))
        self.dispatcher = queue.Dispatcher(queue.Settings(
            tuple(queue.QueueSettings(name, OPERATORS, ring_time=8, retry_after=2, strategy=strategy,
                                      wrap_up=WRAP_UP) for name in ("cards", "loans")),
            tuple(queue.OperatorSettings(name, queue.Status.AVAILABLE) for name in OPERATORS)), 0.0)
        row = CallRow(id="call", revision=0, node="node", boot_id="boot", line="100", dialled="", language="en",
                      began_at=START, queue="cards", request_id="request", direction="outbound")
        visit = Visit(row, PersonRow("call", "+4930", ""), Ids(chance.randbytes),
                      lambda at: START + timedelta(seconds=at))
        self.call = Call("call", "", settings, visit, Interpreter(menu))
        self.call.caller_alive, self.call.in_queue, self.call.state = False, True, CallState.QUEUED
        said = chance.choice(((), CLIPS))
        self.call.back = CallingBack(REQUEST, "+4930", 1, chance.random() < 0.5, 20.0, said, said, said)
        self.legs, self.timers, self.plays, self.looping, self.over = {}, Timers(), [], False, 0
        self.rows, self.requests, self.entries, self.work, self.bridge = [], [], [], deque(), set()
        self.store_owes, self.take_under_way = False, 0
        for name in OPERATORS:
            self.settle(self.dispatcher.handle(queue.ReachabilityChanged(name, True), 0.0))
        self.settle(self.dispatcher.handle(queue.CallQueued("call", "cards", "en", since=-99.0, virtual=True), 0.0))

    def do_OfferCall(self, effect: queue.OfferCall) -> list[Any]:
        if self.call.back is not None and self.call.back.caller_first:
            return self.dispatcher.handle(queue.OfferAccepted("call", effect.operator), self.now)
        return super().do_OfferCall(effect)

    def do_DialBack(self, effect: did.DialBack) -> list[Any]:
        if self.chance.random() < 0.1:
            return [back_events.BackRefused(403, "daily_calls")]
        return [back_events.BackRung(self.new_legs("offered"), "+49…")]

    def do_FetchOperator(self, effect: did.FetchOperator) -> list[Any]:
        return [back_events.OperatorFetched(self.new_legs("offered", self.chance.choice((0, 1, 2))))]

    def do_ReleaseOperator(self, effect: did.ReleaseOperator) -> list[Any]:
        return self.dispatcher.handle(queue.OperatorReleased(effect.operator, "call", effect.in_vain), self.now)

    def key(self) -> None:
        if self.call.caller_leg:
            super().key()

    def caller(self) -> None:
        if self.call.caller_leg:
            super().caller()

    def end(self) -> None:
        if not self.over and self.call.state is not CallState.CLOSING:
            self.tell(e.EndOrdered("the service stopped"))
        self.check()
        if self.call.state is CallState.LEAVING:
            self.settle([e.InputTimeout()])
        assert self.over == 1
        assert set(self.legs.values()) <= {"over"}
        while (due := self.timers.pop_due(float("inf"))) is not None:
            assert due[0] not in ("input", "ring", "store", "comfort"), "the call's timers end with it"
        row, kinds = self.rows[-1], Counter(entry.kind for entry in self.entries)
        assert kinds["ended"] == 1
        assert kinds["callback_begun"] <= 1
        assert kinds["callback_dialled"] <= kinds["callback_begun"]
        assert (row.outcome is Outcome.ANSWERED) <= bool(kinds["bridged"])
        for each in self.requests:
            assert (each.id, each.call_id, each.kind, each.opened_at) == (
                "request", "before", "callback", REQUEST.opened_at)
            assert each.revision > REQUEST.revision
        served = bool(self.requests) and self.requests[-1].status is not RequestStatus.OPEN
        assert not served or kinds["bridged"], "done with, and nobody has talked with them"
        for shown in self.dispatcher.snapshot(self.now)["queues"]:
            assert shown["unaccounted"] == shown["waiting"] == shown["callbacks"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_search(seed: int) -> None:
    chance = random.Random(seed)
    outcomes: Counter[Any] = Counter()
    seen = set()
    for _ in range(EPISODES):
        episode = Back(chance)
        for _ in range(EVENTS):
            episode.step()
            seen.add(episode.call.state)
        episode.end()
        outcomes[episode.rows[-1].outcome] += 1
    assert outcomes.keys() >= {Outcome.ANSWERED, Outcome.REFUSED, Outcome.ABANDONED, Outcome.FAILED}, outcomes
    assert seen >= {CallState.QUEUED, CallState.CONNECTING, CallState.BRIEFING, CallState.CALLING_BACK,
                    CallState.FETCHING, CallState.BRIDGED, CallState.FAREWELL}, "blind for some things"
