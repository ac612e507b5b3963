"""The state of the dispatcher and the moves that keep it whole: offering, withdrawing, taking out, settling.

Between two events these hold: no call waits without an offer while an operator is free who may be rung for it; the
lists of every queue agree with its operators; a timer is alive only if what it is about still is.
"""

import heapq
from collections.abc import Iterable, Sequence

from routing.dispatcher.effects import (
    CancelTimer,
    Effect,
    OfferCall,
    OfferEnded,
    OfferEnding,
    OperatorChanged,
    StartTimer,
    StayEnded,
    WithdrawOffer,
    WithdrawReason,
)
from routing.dispatcher.events import Settings
from routing.lines import Group, Line
from routing.operators import HOTLINE, Operator, State, Status
from routing.ordered import Entry, Key
from routing.queue import Ending, Offer, Queue, Stay, TimerKey
from routing.skills import Profiles
from routing.strategy import STRATEGIES, choose_call, choose_operator, claim

Head = tuple[Key, Queue, Line, Stay, Entry | None]
MISSED = "missed calls"     # the reason of a break that the hotline sets


class Matching:
    """Calls, operators and queues by name, the timers that are alive, and the effects of the event being handled.

    Bounds: waiting calls by `max_waiting` of their queues; five timers per waiting call, two per operator and one per
    offer, one per group of calls that ask for the same; reachable names by the phone accounts of the configuration.
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
        self.timers: dict[TimerKey, float] = {}
        """When each that is alive is due."""
        self.back_by = 0.0      # until then nobody is sent away because nobody serves: who does is on the way back
        self.serial = 0
        self.effects: list[Effect] = []
        self.profiles = Profiles()

    # --- timers -----------------------------------------------------------------------------------------------------
    def start(self, kind: str, name: str, at: float) -> TimerKey:
        self.serial += 1
        key = (kind, name, self.serial)
        self.timers[key] = at
        self.effects.append(StartTimer(key, at))
        return key

    def cancel(self, key: TimerKey | None) -> None:
        """Cancel a timer; one that has fired, or None, is no error."""
        if key in self.timers:
            del self.timers[key]
            self.effects.append(CancelTimer(key))

    # --- offers -----------------------------------------------------------------------------------------------------
    def seek(self, stay: Stay, now: float) -> bool:
        """Offer the call to the next free operator who may be rung for it (several by `ring_all`), or let it wait.

        True if anybody was found.
        """
        queue, found = self.queues[stay.queue], False
        while queue.rings_more(stay) and (name := choose_operator(queue, stay, self.serial)) is not None:
            self.offer(stay, self.operators[name], now)
            found = True
        if not stay.offers:
            self.wait(stay, now)
        return found

    def wait(self, stay: Stay, now: float) -> None:
        """The call waits without an offer until somebody who may be rung for it is free."""
        queue = self.queues[stay.queue]
        queue.wait(stay)
        if stay.tried and stay.round_timer not in self.timers:
            stay.round_timer = self.start("round", stay.call, now + queue.settings.second_round_after)

    def offer(self, stay: Stay, operator: Operator, now: float) -> None:
        """Ring a free operator for a call."""
        queue = self.queues[stay.queue]
        queue.unwait(stay)
        self.cancel(stay.round_timer)
        if operator.name in stay.tried:     # everybody had their turn: a new round
            stay.tried.clear()
        self.effects.append(OfferCall(stay.call, operator.name, queue.settings.ring_time))
        timer = self.start("ring", operator.name, now + queue.settings.ring_time)
        stay.offers[operator.name] = operator.offers[stay.call] = Offer(stay.call, operator.name, now, timer)
        queue.crew.last_rung[queue.crew.tier_of(operator.name)] = operator.name
        queue.note_offers(stay)
        self.unlist(operator)
        self.review(operator, now)
        self.settle(operator, now)

    def end_offer(self, stay: Stay, operator: Operator, how: OfferEnding, now: float) -> None:
        """One offer of the call is over. Whoever calls this reviews and settles the operator, and sees to the call."""
        offer = stay.offers.pop(operator.name)
        del operator.offers[stay.call]
        self.cancel(offer.timer)
        self.effects.append(OfferEnded(stay.call, operator.name, how, now - offer.since))
        self.queues[stay.queue].note_offers(stay)
        self.unlist(operator)

    def withdraw(self, stay: Stay, operator: Operator, reason: WithdrawReason, now: float) -> None:
        """As end_offer, where the phone has to be told."""
        self.effects.append(WithdrawOffer(stay.call, operator.name, reason))
        self.end_offer(stay, operator, reason, now)
        self.review(operator, now)

    def withdraw_all(self, stay: Stay, reason: WithdrawReason, now: float, but: str = "") -> list[Operator]:
        """Every phone that rings for the call stops, except those of `but`; whose they were is to be settled."""
        rung = [self.operators[name] for name in stay.offers if name != but]
        for operator in rung:
            self.withdraw(stay, operator, reason, now)
        return rung

    def pass_on(self, stay: Stay, operator: Operator, now: float) -> None:
        """The call goes to the next operator at once, in its old place; the one who missed it rests."""
        stay.tried.add(operator.name)
        operator.missed += 1
        operator.missed_in_a_row += 1
        operator.idle_since = now       # last in line: an empty chair must not be rung first for every caller
        rest = self.queues[stay.queue].settings.retry_after
        if rest > 0:
            self.cancel(operator.rest_timer)
            operator.rest_until = now + rest
            operator.rest_timer = self.start("rest", operator.name, operator.rest_until)
        most = self.settings.auto_break_after_missed
        if 0 < most <= operator.missed_in_a_row and operator.status is Status.AVAILABLE:
            operator.set_status(Status.ON_BREAK, MISSED, now, HOTLINE)
            self.changed(operator)
        self.find_next(stay, operator, now)

    def find_next(self, stay: Stay, operator: Operator, now: float) -> None:
        """The offer to the operator is over: match what this changes, in the order of service, and settle them."""
        queue = self.queues[stay.queue]
        if stay.held:
            self.release_hold(stay)
        if not stay.offers:
            queue.wait(stay)
        self.match(self.count(operator, now), now, stay)
        if stay.offers:
            self.seek(stay, now)
        else:
            self.wait(stay, now)
        self.settle(operator, now)

    def release_hold(self, stay: Stay) -> None:
        """The call is kept for nobody any more; whoever calls this finds it an operator."""
        queue = self.queues[stay.queue]
        waits = queue.waits(stay)
        queue.unwait(stay)
        stay.held = False
        self.cancel(stay.sticky_timer)
        queue.note_offers(stay)
        if waits:
            queue.wait(stay)

    def take_out(self, stay: Stay, ending: Ending, now: float, operator: str = "", reason: str = "") -> None:
        """The stay is over. Its offers, if it had any, are ended before."""
        queue = self.queues[stay.queue]
        group = queue.group_of(stay)
        queue.leave(stay, ending)
        del self.stays[stay.call]
        for timer in (stay.max_wait_timer, stay.announce_timer, stay.round_timer, stay.step_timer, stay.sticky_timer):
            self.cancel(timer)
        if not group.calls:
            self.cancel(group.empty_timer)
        self.effects.append(StayEnded(stay.call, stay.queue, ending, now - stay.since, operator, reason,
                                      stay.virtual))

    # --- operators --------------------------------------------------------------------------------------------------
    def review(self, operator: Operator, now: float) -> None:
        """Bring the state in line with the operator's calls and offers."""
        state = State.IDLE
        if operator.calls:
            state = State.ON_CALL
        elif operator.offers:
            state = State.RINGING
        elif operator.wrap_up_timer in self.timers:
            state = State.WRAP_UP
        elif operator.wrap_up > 0 and not operator.removed:
            state = State.WRAP_UP
            operator.wraps_up_since = now
            operator.wrap_up_timer = self.start("wrap_up", operator.name, now + operator.wrap_up)
        if state is not operator.state:
            operator.enter(state, now)
            self.changed(operator)

    def changed(self, operator: Operator) -> None:
        self.effects.append(OperatorChanged(operator.name, operator.status, operator.state, operator.reason,
                                            operator.set_by))

    def settle_all(self, operators: Iterable[Operator], now: float) -> None:
        for operator in operators:
            self.settle(operator, now)

    def settle(self, operator: Operator, now: float) -> None:
        """After any change of an operator: correct the lists they stand in; while they are free, find them a call."""
        if operator.listed and not operator.is_ready:
            self.unlist(operator)
        if affected := self.count(operator, now):
            self.match(affected, now)
        if operator.listed or not operator.is_ready:
            return
        if stay := choose_call([self.queues[name] for name in operator.serves], operator, now):
            self.offer(stay, operator, now)         # which settles them again
        else:
            self.list_as_free(operator)

    def list_as_free(self, operator: Operator) -> None:
        operator.listed = True
        for name in operator.serves:
            queue = self.queues[name]
            key = STRATEGIES[queue.settings.strategy].key
            queue.crew.add_free(operator.name, operator.profile, key(operator, queue.crew.position(operator.name)))

    def unlist(self, operator: Operator) -> None:
        if operator.listed:
            operator.listed = False
            for name in operator.serves:
                self.queues[name].crew.discard_free(operator.name, operator.profile)

    def count(self, operator: Operator, now: float) -> list[tuple[Queue, Line]]:
        """Enter into the queues whether they can hope for the operator.

        One less: gives the lines in which a call may now ring somebody else, because a tier opened, everybody who is
        left was tried, or it was kept for the one who is gone. They have to be matched.
        """
        if operator.in_service == operator.counted:
            return []
        operator.counted = operator.in_service
        affected: list[tuple[Queue, Line]] = []
        for name in operator.serves:
            queue = self.queues[name]
            lines = self._count_in(queue, operator, now)
            if not operator.counted and queue.crew.idle:
                affected += [(queue, line) for line in lines if line.unoffered or line.joinable]
        return affected

    def _count_in(self, queue: Queue, operator: Operator, now: float) -> list[Line]:
        crew, number = queue.crew, 1 if operator.counted else -1
        tier, profile = (crew.enter_service(operator.name, operator.profile) if operator.counted
                         else crew.leave_service(operator.name))
        lines = []
        for group in queue.groups.values():
            lines += group.count(tier, profile, number)
            self.watch_service(queue, group, now)
        if not operator.counted:
            for call in list(queue.held.get(operator.name, ())):
                self.release_hold(queue.stays[call])
                lines.append(queue.line_of(queue.stays[call]))
        return lines

    def match(self, lines: Sequence[tuple[Queue, Line]], now: float, alone: Stay | None = None) -> None:
        """Serve the calls without an offer in these lines, and one besides them, as far as somebody is free, in the
        order of service; then ring more for those that may ring at several."""
        heads: list[Head] = []
        if alone is not None and not alone.offers:
            queue = self.queues[alone.queue]
            heads.append(((*claim(queue, alone, now), 0), queue, queue.line_of(alone), alone, None))
        for queue, line in dict.fromkeys(lines):
            _push(heads, queue, line, None, now)
        while heads:
            _, queue, line, stay, entry = heapq.heappop(heads)
            # Whoever could take a call that was tried could take one that was not: if nobody can, the line is done.
            found = stay.call not in line.unoffered or self.seek(stay, now) or bool(stay.tried)
            if found and entry is not None:
                _push(heads, queue, line, entry, now)
        for queue, line in dict.fromkeys(lines):
            for call in list(line.joinable):
                self.seek(queue.stays[call], now)

    def watch_service(self, queue: Queue, group: Group, now: float) -> None:
        """Callers wait and nobody who could take them serves: the grace runs. Otherwise it does not."""
        if not group.calls or group.hope:
            self.cancel(group.empty_timer)
        elif group.empty_timer not in self.timers:
            until = max(now + queue.settings.empty_grace, self.back_by)
            group.empty_timer = self.start("empty", queue.settings.name, until)


def _push(heads: list[Head], queue: Queue, line: Line, after: Entry | None, now: float) -> None:
    entry = line.unoffered.next_to(after)
    if entry is not None:
        stay = queue.stays[entry[1]]
        heapq.heappush(heads, ((*claim(queue, stay, now), 1), queue, line, stay, entry))
