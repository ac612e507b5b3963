"""Drives the real dispatcher in virtual time: callers come, wait, give up; operators answer, talk, come and go.

Nothing of the queue is modelled here. Who is offered to whom, timers, rounds, rests, wrap-up and overflow are the
dispatcher's effects and events, as in the running service; this file has the people alone.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from ivr.call.settings import OVERFLOW_HOPS
from routing.dispatcher import (
    AssignCall,
    CallLeft,
    CallQueued,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
    OfferAccepted,
    OfferCall,
    OperatorChanged,
    OperatorReleased,
    OverflowCall,
    ReachabilityChanged,
    StartTimer,
    State,
    Status,
    StatusSet,
    TimerFired,
    TimerKey,
    WithdrawOffer,
)
from routing.reports.simulation.distributions import NEVER
from routing.reports.simulation.plan import Plan, StatusChange
from routing.reports.simulation.tally import Tally
from routing.reports.simulation.ways import Way

HANDLING = (State.ON_CALL, State.WRAP_UP)
Watch = Callable[[Event, Sequence[Effect], float], None]


class Caller:
    """Somebody who waits. `since`: when they entered this queue; `tally`: where they are counted, None during the
    warm-up; `handle`: how long they will talk."""

    __slots__ = ("call", "handle", "hops", "queue", "since", "tally", "way")

    def __init__(self, call: str, way: Way, tally: Tally | None) -> None:
        self.call, self.way, self.tally = call, way, tally
        self.queue, self.hops, self.since, self.handle = way.queue, 0, 0.0, 0.0


class Engine:
    """One replication of a plan. `watch` is told each event of the dispatcher with its effects.

    Arrivals, callers and phones each have their own chance, made of `chance`, and callers bring their patience and the
    length of their talk along. So under the same chance another roster meets the same callers (but for those who call
    again), and what differs is its doing.

    Memory grows with the callers who are there at one time, and by eight bytes for each who was answered.
    """

    def __init__(self, plan: Plan, chance: Random, watch: Watch | None = None) -> None:
        self.plan, self.watch = plan, watch
        self._arriving, callers, self._phones = (Random(chance.getrandbits(64)) for _ in range(3))
        self.now = 0.0
        self.tallies: dict[int, Tally] = {} if plan.batch else {0: Tally()}
        self.waiting: dict[str, Caller] = {}
        self.dispatcher = Dispatcher(plan.settings, self.now)
        self._heap: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._serial = count()
        self._calls = count(1)
        self._cancelled: set[TimerKey] = set()
        self._there = 0         # callers in a menu that leads to a queue, in a queue, in a talk, or about to call again
        self._offers: dict[tuple[str, str], int] = {}
        self._state: dict[str, tuple[Status, State, float]] = {}
        self._traffic = {queue: (traffic.handle.drawn_by(callers), traffic.patience.drawn_by(callers),
                                 traffic.retry_after.drawn_by(callers), traffic.retry_share)
                         for queue, traffic in plan.traffic.items()}
        self._callers = callers
        self._answer = plan.answer.drawn_by(self._phones)
        self._effects: Mapping[type, Callable[[Any], None]] = {
            StartTimer: self._start_timer, CancelTimer: self._cancel_timer, OfferCall: self._ring,
            WithdrawOffer: self._stop_ringing, AssignCall: self._talk, OverflowCall: self._overflow,
            OperatorChanged: self._count_operator}
        for operator in plan.settings.operators:
            self._send(ReachabilityChanged(operator.name, True))
        for change in plan.roster:
            self._at(change.at, self._change_status, change)

    def run(self, progress: Callable[[float], None] | None = None, every: float = NEVER) -> list[Tally]:
        """Until the last caller is gone: the tallies of the batches, or the one of the day.

        `progress` is told the time of the simulated clock, each `every` seconds of it.
        """
        heap, pop = self._heap, heapq.heappop
        arrivals = heapq.merge(*(source.arrivals(self._arriving) for source in self.plan.sources),
                               key=lambda arrival: arrival[0])
        coming = next(arrivals, None)
        told = every
        while coming or self._there or (heap and heap[0][0] <= self.plan.until):
            if coming and (not heap or coming[0] < heap[0][0]):
                self.now = coming[0]
                self._visit(coming[1])
                coming = next(arrivals, None)
                if self.now >= told and progress is not None:
                    progress(self.now)
                    told += every
            else:
                self.now, _, do, what = pop(heap)
                do(what)
        self.now = max(self.now, self.plan.until)
        for operator in list(self._state):
            self._count_time(operator)
        return [self.tallies[number] for number in sorted(self.tallies)
                if not self.plan.batch or self.tallies[number].queues]     # not the last callers' talks alone

    # --- callers ----------------------------------------------------------------------------------------------------
    def _visit(self, way: Way) -> None:
        tally = self._tally()
        if tally is not None:
            tally.visits[way.line][way.ending] += 1
        if way.ending == "queued":
            self._there += 1
            caller = Caller(f"call{next(self._calls)}", way, tally)
            if way.seconds:
                self._at(self.now + way.seconds, self._enter, caller)
            else:
                self._enter(caller)

    def _enter(self, caller: Caller) -> None:
        caller.since = self.now
        self.waiting[caller.call] = caller
        if caller.tally is not None:
            caller.tally.queues[caller.queue].offered += 1
        handle, patient, *_ = self._traffic[caller.queue]
        caller.handle, patience = handle(), patient()
        if patience != NEVER:
            self._at(self.now + patience, self._give_up, (caller, caller.queue))
        way = caller.way
        self._send(CallQueued(caller.call, caller.queue, way.language, way.priority,
                              way.skills if caller.queue == way.queue else ()))

    def _give_up(self, who: tuple[Caller, str]) -> None:
        """Patience is over; who was answered meanwhile, or waits in another queue now, does not hear of it."""
        caller, queue = who
        if caller.call not in self.waiting or caller.queue != queue:
            return
        del self.waiting[caller.call]
        if caller.tally is not None:
            tally, waited = caller.tally.queues[queue], self.now - caller.since
            tally.abandoned += 1
            tally.abandoned_in_time += waited <= self.plan.threshold
            tally.delayed += 1
            tally.wait_sum += waited
        self._send(CallLeft(caller.call))
        _, _, retry_after, retry_share = self._traffic[queue]
        if retry_share and self._callers.random() < retry_share:
            self._at(self.now + retry_after(), self._call_again, caller.way)
        else:
            self._there -= 1

    def _call_again(self, way: Way) -> None:
        self._there -= 1
        if (tally := self._tally()) is not None:
            tally.retries += 1
        self._visit(way)

    def _overflow(self, effect: OverflowCall) -> None:
        caller = self.waiting.pop(effect.call)
        if caller.tally is not None:
            tally = caller.tally.queues[caller.queue]
            tally.overflowed += 1
            tally.delayed += 1
            tally.wait_sum += self.now - caller.since
        to = self.plan.overflow.get(caller.queue)
        caller.hops += 1
        if to is not None and caller.hops <= OVERFLOW_HOPS:
            caller.queue = to
            self._at(self.now, self._enter, caller)
        else:
            self._there -= 1

    # --- operators --------------------------------------------------------------------------------------------------
    def _ring(self, effect: OfferCall) -> None:
        """A late answer to an offer that is over, and was made again, is none: each offer has its number."""
        self._offers[effect.call, effect.operator] = number = next(self._serial)
        if not self.plan.missed_share or self._phones.random() >= self.plan.missed_share:
            self._at(self.now + self._answer(), self._accept, (number, effect))

    def _stop_ringing(self, effect: WithdrawOffer) -> None:
        self._offers.pop((effect.call, effect.operator), None)

    def _accept(self, offer: tuple[int, OfferCall]) -> None:
        number, effect = offer
        if self._offers.get((effect.call, effect.operator)) == number:
            self._send(OfferAccepted(effect.call, effect.operator))

    def _talk(self, effect: AssignCall) -> None:
        caller = self.waiting.pop(effect.call)
        self._offers.pop((effect.call, effect.operator), None)
        if caller.tally is not None:
            tally, waited = caller.tally.queues[caller.queue], self.now - caller.since
            tally.answered += 1
            tally.answered_in_time += waited <= self.plan.threshold
            tally.delayed += waited > 0
            tally.wait_sum += waited
            tally.waits.append(waited)
        self._at(self.now + caller.handle, self._end, effect)

    def _end(self, effect: AssignCall) -> None:
        self._there -= 1
        self._send(OperatorReleased(effect.operator, effect.call))

    def _change_status(self, change: StatusChange) -> None:
        self._send(StatusSet(change.operator, change.status, change.reason))

    def _count_operator(self, effect: OperatorChanged) -> None:
        self._count_time(effect.operator)
        self._state[effect.operator] = (effect.status, effect.state, self.now)

    def _count_time(self, operator: str) -> None:
        """What the operator did until now, in the tally of now."""
        tally, known = self._tally(), self._state.get(operator)
        if tally is None or known is None or known[2] == self.now:
            return
        status, state, since = known
        if state in HANDLING:
            tally.operators[operator].handling += self.now - since
        elif status is Status.AVAILABLE:
            tally.operators[operator].free += self.now - since

    # --- the clock --------------------------------------------------------------------------------------------------
    def _send(self, event: Event) -> None:
        effects = self.dispatcher.handle(event, self.now)
        if self.watch is not None:
            self.watch(event, effects, self.now)
        for effect in effects:
            if do := self._effects.get(type(effect)):       # others are said to callers, screens and the record
                do(effect)

    def _at(self, at: float, do: Callable[[Any], None], what: Any) -> None:
        heapq.heappush(self._heap, (at, next(self._serial), do, what))

    def _start_timer(self, effect: StartTimer) -> None:
        heapq.heappush(self._heap, (effect.at, next(self._serial), self._fire, effect.key))

    def _cancel_timer(self, effect: CancelTimer) -> None:
        self._cancelled.add(effect.key)

    def _fire(self, key: TimerKey) -> None:
        if key in self._cancelled:
            self._cancelled.discard(key)
        else:
            self._send(TimerFired(key))

    def _tally(self) -> Tally | None:
        """Where what begins now is counted."""
        plan = self.plan
        if not plan.batch:
            return self.tallies[0]
        number = int((self.now - plan.warm_up) // plan.batch)
        if number < 0:
            return None
        if number not in self.tallies:
            self.tallies[number] = Tally()
        return self.tallies[number]
