"""The state of the dispatcher and the moves that keep it whole: offering, withdrawing, taking out, settling.

Between two events these hold: no call waits without an offer while an operator is free who may be rung for it; the
lists of every queue agree with its operators; a timer is alive only if what it is about still is.
"""

from collections.abc import Iterable

from routing.dispatcher.effects import (
    CancelTimer,
    Effect,
    OfferCall,
    OperatorChanged,
    StartTimer,
    WithdrawOffer,
    WithdrawReason,
)
from routing.dispatcher.events import Settings
from routing.operators import Operator, State
from routing.queue import Ending, Queue, Stay, TimerKey
from routing.strategy import STRATEGIES, choose_call, choose_operator


class Matching:
    """Calls, operators and queues by name, the timers that are alive, and the effects of the event being handled.

    Bounds: waiting calls by `max_waiting` of their queues; three timers per waiting call, two per operator, one per
    queue; reachable names by the phone accounts of the configuration.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.queues: dict[str, Queue] = {}
        self.operators: dict[str, Operator] = {}
        self.stays: dict[str, Stay] = {}
        self.assigned: dict[str, str] = {}
        """The operator of each call that has one."""
        self.reachable: set[str] = set()
        """Also names that are no operators yet: new settings may make them some."""
        self.timers: set[TimerKey] = set()
        self.serial = 0
        self.effects: list[Effect] = []

    # Timers

    def start(self, kind: str, name: str, at: float) -> TimerKey:
        self.serial += 1
        key = (kind, name, self.serial)
        self.timers.add(key)
        self.effects.append(StartTimer(key, at))
        return key

    def cancel(self, key: TimerKey | None) -> None:
        """Cancel a timer; one that has fired, or None, is no error."""
        if key in self.timers:
            self.timers.discard(key)
            self.effects.append(CancelTimer(key))

    # Offers

    def find_operator(self, stay: Stay, now: float) -> None:
        """Offer the call to the next free operator who may be rung for it, or let it wait without an offer."""
        name = choose_operator(self.queues[stay.queue], stay)
        if name is not None:
            self.offer(stay, self.operators[name], now)
        else:
            self.wait(stay, now)

    def wait(self, stay: Stay, now: float) -> None:
        """The call waits without an offer until somebody who may be rung for it is free."""
        queue = self.queues[stay.queue]
        if stay.call not in queue.unoffered:
            queue.unoffered.add(stay.call, stay.rank)
        if stay.tried and stay.round_timer not in self.timers:
            stay.round_timer = self.start("round", stay.call, now + queue.settings.second_round_after)

    def offer(self, stay: Stay, operator: Operator, now: float) -> None:
        """Ring a free operator for a call that has no offer."""
        queue = self.queues[stay.queue]
        queue.unoffered.discard(stay.call)
        self.cancel(stay.round_timer)
        if operator.name in stay.tried:     # everybody had their turn: a new round
            stay.tried.clear()
        stay.operator, operator.call = operator.name, stay.call
        self.effects.append(OfferCall(stay.call, operator.name, queue.settings.ring_time))
        operator.timer = self.start("ring", operator.name, now + queue.settings.ring_time)
        self.enter(operator, State.RINGING, now)
        self.settle(operator, now)

    def stop_ringing(self, stay: Stay, now: float) -> Operator:
        """End the call's offer. Whoever calls this settles the operator, and finds the call another or takes it out."""
        operator = self.operators[stay.operator or ""]
        stay.operator = operator.call = None
        self.cancel(operator.timer)
        self.enter(operator, State.IDLE, now)
        return operator

    def withdraw(self, stay: Stay, reason: WithdrawReason, now: float) -> Operator | None:
        """As stop_ringing, where the phone has to be told; None if none rings."""
        if stay.operator is None:
            return None
        self.effects.append(WithdrawOffer(stay.call, stay.operator, reason))
        return self.stop_ringing(stay, now)

    def pass_on(self, stay: Stay, operator: Operator, now: float) -> None:
        """The call goes to the next operator at once, in its old place; the one who missed it rests."""
        stay.tried.add(operator.name)
        operator.missed += 1
        operator.idle_since = now       # last in line: an empty chair must not be rung first for every caller
        rest = self.queues[stay.queue].settings.retry_after
        if rest > 0:
            operator.rest_until = now + rest
            operator.rest_timer = self.start("rest", operator.name, operator.rest_until)
        self.find_next(stay, operator, now)

    def find_next(self, stay: Stay, operator: Operator, now: float) -> None:
        """The offer to the operator is over: match what this changes, in the order of service, and settle them."""
        self.queues[stay.queue].unoffered.add(stay.call, stay.rank)
        self.count(operator, now)
        self.match((stay.queue, *operator.serves), now)
        if stay.operator is None:
            self.wait(stay, now)
        self.settle(operator, now)

    def take_out(self, stay: Stay, ending: Ending) -> None:
        """The stay is over. Its offer, if it had one, is ended before or has become the assignment."""
        queue = self.queues[stay.queue]
        queue.leave(stay, ending)
        del self.stays[stay.call]
        self.cancel(stay.max_wait_timer)
        self.cancel(stay.announce_timer)
        self.cancel(stay.round_timer)
        if not queue.stays:
            self.cancel(queue.empty_timer)

    # Operators

    def enter(self, operator: Operator, state: State, now: float) -> None:
        operator.enter(state, now)
        self.changed(operator)

    def changed(self, operator: Operator) -> None:
        self.effects.append(OperatorChanged(operator.name, operator.status, operator.state, operator.reason))

    def settle(self, operator: Operator | None, now: float) -> None:
        """After any change of an operator: correct the lists they stand in; if they became free, find them a call."""
        if operator is None:
            return
        if operator.listed and not operator.is_ready:
            self.unlist(operator)
        if self.count(operator, now):
            self.match(operator.serves, now)
        if operator.listed or not operator.is_ready:
            return
        if stay := choose_call((self.queues[name] for name in operator.serves), operator.name):
            self.offer(stay, operator, now)
        else:
            self.list_as_free(operator)

    def list_as_free(self, operator: Operator) -> None:
        operator.listed = True
        for name in operator.serves:
            queue = self.queues[name]
            queue.idle.add(operator.name, STRATEGIES[queue.settings.strategy](operator))

    def unlist(self, operator: Operator) -> None:
        operator.listed = False
        for name in operator.serves:
            self.queues[name].idle.discard(operator.name)

    def count(self, operator: Operator, now: float) -> bool:
        """Enter into the queues whether they can hope for the operator. True: one less, so match these queues.

        A call that waits there may have tried everybody who is left.
        """
        if operator.in_service == operator.counted:
            return False
        operator.counted = operator.in_service
        for name in operator.serves:
            queue = self.queues[name]
            if operator.counted:
                queue.serving.add(operator.name)
            else:
                queue.serving.discard(operator.name)
            self.watch_service(queue, now)
        return not operator.counted

    def match(self, names: Iterable[str], now: float) -> None:
        """Go through the calls without an offer in these queues, in the order of service."""
        queues = [self.queues[name] for name in dict.fromkeys(names)]
        stays = [queue.stays[call] for queue in queues if queue.idle for call in queue.unoffered]
        for stay in sorted(stays, key=lambda stay: stay.rank):
            self.find_operator(stay, now)

    def watch_service(self, queue: Queue, now: float) -> None:
        """Callers wait and nobody serves them: the grace runs. Otherwise it does not."""
        if queue.serving or not queue.stays:
            self.cancel(queue.empty_timer)
        elif queue.empty_timer not in self.timers:
            queue.empty_timer = self.start("empty", queue.settings.name, now + queue.settings.empty_grace)
