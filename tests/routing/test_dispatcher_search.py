"""The dispatcher under random interleavings of everything that can happen to it, held after each event to a model.

The model is told the same events and reads the effects, and knows nothing of the dispatcher's lists.
"""

import random
from collections import Counter, deque
from dataclasses import dataclass, field, replace

import pytest

from ivr.base.timers import Timers
from ivr.base.trace import Row, ladder
from routing.dispatcher import (
    AnnouncePlace,
    AssignCall,
    CallLeft,
    CallQueued,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorChanged,
    OperatorReleased,
    OperatorSettings,
    OverflowCall,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    StartTimer,
    State,
    Status,
    StatusSet,
    TimerFired,
    TimerKey,
    WithdrawOffer,
)
from routing.operators import NEXT

SEEDS = range(10)
EPISODES = 10
EVENTS_PER_EPISODE = 2_000      # times seeds and episodes: 200,000 events and a few more
CALLS = 8
STEP = 60.0
QUEUES = (
    QueueSettings("cards", ("anna", "boris", "vera"), ring_time=8, max_wait=90, max_waiting=4, retry_after=3,
                  announce_first_after=2, announce_every=10, empty_grace=6, second_round_after=12),
    QueueSettings("loans", ("boris", "gleb"), ring_time=5, max_wait=60, max_waiting=3, retry_after=4,
                  announce_every=0, empty_grace=3, wrap_up=7, second_round_after=20),
    QueueSettings("transfers", ("vera", "anna", "dina", "nobody"), ring_time=6, max_wait=200, max_waiting=6,
                  retry_after=0, announce_every=7, wrap_up=2, second_round_after=9),
)
NAMES = ("anna", "boris", "vera", "gleb", "dina")
OPERATORS = tuple(OperatorSettings(name) for name in NAMES)
USUAL = Settings(QUEUES, OPERATORS, STEP)
VARIANTS = (
    USUAL, USUAL,
    Settings(QUEUES[:2], OPERATORS, STEP),
    Settings(QUEUES[1:], OPERATORS[1:], STEP),
    Settings(QUEUES, tuple(reversed(OPERATORS[:4])), STEP),
    Settings((replace(QUEUES[0], operators=("dina", "gleb"), wrap_up=3), *QUEUES[1:]), OPERATORS, STEP),
    Settings((replace(QUEUES[0], operators=()), replace(QUEUES[1], operators=NAMES, max_waiting=0)), OPERATORS, STEP),
)


@dataclass
class Caller:
    """A waiting call as the model sees it."""

    queue: str
    key: tuple[float, int]
    leave_by: float
    operator: str | None = None
    deadline: float = 0.0
    tried: set[str] = field(default_factory=set)


@dataclass
class Person:
    """An operator as the model sees them."""

    order: int
    status: Status = Status.LOGGED_OUT
    state: State = State.IDLE
    resting: bool = False
    removed: bool = False
    idle_since: float = 0.0
    call: str | None = None


class Model:
    """What must be so, from the events told and the effects seen alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = {queue.name: queue for queue in settings.queues}
        self.people = {each.name: Person(order) for order, each in enumerate(settings.operators)}
        self.reachable: set[str] = set()
        self.callers: dict[str, Caller] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.came = 0
        self.keys_seen: set[TimerKey] = set()
        self.running: set[tuple[str, str]] = set()
        self.entering: CallQueued | None = None

    def is_ready(self, name: str) -> bool:
        person = self.people[name]
        return (person.status is Status.AVAILABLE and person.state is State.IDLE and name in self.reachable
                and not person.resting and not person.removed)

    def in_service(self, queue: str) -> set[str]:
        return {name for name in self.settings[queue].operators if (person := self.people.get(name))
                and name in self.reachable and not person.removed
                and (person.status is Status.AVAILABLE or person.state in (State.RINGING, State.ON_CALL))}

    def may_ring(self, name: str, caller: Caller) -> bool:
        return name not in caller.tried or self.in_service(caller.queue) <= caller.tried

    def ready_for(self, caller: Caller) -> list[str]:
        return [name for name in self.settings[caller.queue].operators
                if name in self.people and self.is_ready(name) and self.may_ring(name, caller)]

    # What is told

    def told(self, event: Event, now: float) -> None:
        self.entering = None
        match event:
            case CallQueued(call, queue):
                self.entering = event
                if queue in self.settings:
                    self.came += 1
                    self.counts[queue, "offered"] += 1
                    self.callers[call] = Caller(queue, (now - event.priority * STEP, self.came),
                                                now + self.settings[queue].max_wait)
            case OfferFailed(call, operator) if call in self.callers and self.callers[call].operator == operator:
                self.missed(call, now)
            case StatusSet(operator, status) if operator in self.people:
                person = self.people[operator]
                if status is Status.AVAILABLE is not person.status:
                    person.idle_since = now
                person.status = status
            case ReachabilityChanged(operator, reachable):
                (self.reachable.add if reachable else self.reachable.discard)(operator)
            case SettingsReplaced(settings):
                self.replaced(settings)
            case TimerFired((kind, name, _)):
                self.running.remove((kind, name))
                if kind == "rest":
                    self.people[name].resting = False
                elif kind == "round":
                    self.callers[name].tried.clear()

    def replaced(self, settings: Settings) -> None:
        new = {queue.name: queue for queue in settings.queues}
        for queue, kind in list(self.counts):
            if queue not in new:
                del self.counts[queue, kind]
        self.settings |= new
        self.gone = self.settings.keys() - new.keys()
        kept = {each.name: order for order, each in enumerate(settings.operators)}
        for name, order in kept.items():
            person = self.people.setdefault(name, Person(order))
            person.order, person.removed = order, False
        for name, person in self.people.items():
            person.removed = name not in kept

    def missed(self, call: str, now: float) -> None:
        caller = self.callers[call]
        person = self.people[caller.operator or ""]
        caller.tried.add(caller.operator or "")
        person.idle_since = now
        person.resting = self.settings[caller.queue].retry_after > 0
        caller.operator = None

    # What is wanted

    def wants(self, effect: Effect, event: Event, now: float) -> None:
        match effect:
            case OfferCall(call, operator, ring_time):
                self.offered(call, operator, ring_time, event, now)
            case WithdrawOffer(call, operator, reason):
                assert self.callers[call].operator == operator
                if reason in ("no_answer", "unreachable"):
                    self.missed(call, now)
                self.callers[call].operator = None
            case AssignCall(call, operator):
                assert event == OfferAccepted(call, operator)
                caller = self.callers.pop(call)
                assert caller.operator == operator
                self.counts[caller.queue, "answered"] += 1
            case OverflowCall(call, queue, reason):
                self.overflowed(call, queue, reason)
            case AnnouncePlace(call, place):
                caller = self.callers[call]
                assert place == 1 + sum(other.queue == caller.queue and other.key < caller.key
                                        for other in self.callers.values())
            case OperatorChanged(operator, status, state):
                self.changed(operator, status, state, now)
            case StartTimer(key, at):
                assert at >= now
                assert key not in self.keys_seen
                self.keys_seen.add(key)
                assert key[:2] not in self.running
                self.running.add(key[:2])
            case CancelTimer(key):
                self.running.remove(key[:2])

    def offered(self, call: str, operator: str, ring_time: float, event: Event, now: float) -> None:
        caller = self.callers[call]
        assert caller.operator is None, "two phones ring for one call"
        assert self.is_ready(operator), "someone is rung who is not free"
        assert self.may_ring(operator, caller), "rung twice before others were tried"
        if isinstance(event, CallQueued):
            order = {name: (self.people[name].idle_since, self.people[name].order) for name in self.ready_for(caller)}
            assert min(order, key=order.__getitem__) == operator, "not the longest idle"
        else:
            leaving = event.call if isinstance(event, CallLeft) else ""
            assert not [other for name, other in self.callers.items()
                        if name != leaving and other.key < caller.key and not other.operator
                        and operator in self.settings[other.queue].operators and self.may_ring(operator, other)
                        ], "a caller is overtaken"
        if operator in caller.tried:
            caller.tried.clear()
        caller.operator, caller.deadline = operator, now + ring_time
        self.people[operator].call = call

    def overflowed(self, call: str, queue: str, reason: str) -> None:
        if reason == "no_queue" and call not in self.callers:
            assert self.entering
            assert queue not in self.settings
            return
        assert self.callers.pop(call).operator is None
        if self.entering and reason == "full":
            others = sum(other.queue == queue for other in self.callers.values())
            assert others >= self.settings[queue].max_waiting
        if reason == "nobody_logged_in":
            assert not self.in_service(queue)
        self.counts[queue, "overflow"] += 1

    def changed(self, operator: str, status: Status, state: State, now: float) -> None:
        person = self.people[operator]
        if person.removed and state is State.IDLE and status is Status.LOGGED_OUT:
            del self.people[operator]
            return
        assert status is person.status, "a status was overwritten"
        if state is not person.state:
            assert state in NEXT[person.state]
            if state is State.IDLE and person.state is not State.RINGING:
                person.idle_since = now
        person.state = state

    # What must be so after every event

    def check(self, dispatcher: Dispatcher, now: float) -> None:
        rung = {caller.operator: call for call, caller in self.callers.items() if caller.operator}
        ringing = [name for name, person in self.people.items() if person.state is State.RINGING]
        assert sorted(rung) == sorted(ringing), "offers and ringing phones differ"
        assert len(rung) == sum(caller.operator is not None for caller in self.callers.values())
        ready = [name for name in self.people if self.is_ready(name)]
        served = {queue: bool(self.in_service(queue)) for queue in {caller.queue for caller in self.callers.values()}}
        for call, caller in self.callers.items():
            assert now <= caller.leave_by, f"{call} waits beyond the maximum"
            if caller.operator:
                assert now <= caller.deadline, f"{caller.operator} rings beyond the ring time"
                assert caller.operator in self.reachable
                assert self.people[caller.operator].status is not Status.LOGGED_OUT
            else:
                assert not any(self.may_ring(name, caller) for name in ready
                               if name in self.settings[caller.queue].operators), f"{call} is forgotten"
                assert not caller.tried or ("round", call) in self.running, f"{call} may be forgotten"
            if not served[caller.queue]:
                assert ("empty", caller.queue) in self.running, f"{call} waits for nobody"
        self.check_snapshot(dispatcher, now)

    def check_snapshot(self, dispatcher: Dispatcher, now: float) -> None:
        shown = dispatcher.snapshot(now)
        waiting = [caller.queue for caller in self.callers.values()]
        for queue in shown["queues"]:
            name = queue["name"]
            assert queue["unaccounted"] == 0
            assert queue["offered"] == queue["answered"] + queue["abandoned"] + queue["overflow"] + queue["waiting"]
            assert queue["waiting"] == waiting.count(name)
            for kind in ("offered", "answered", "abandoned", "overflow"):
                assert queue[kind] == self.counts.get((name, kind), 0), (name, kind)
        for operator in shown["operators"]:
            person = self.people[operator["name"]]
            assert (operator["status"], operator["state"]) == (person.status, person.state)


class Search:
    """One seed's world: it throws events at a dispatcher, keeps its timers and holds each step to the model."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 0.0
        self.dispatcher = Dispatcher(USUAL, self.now)
        self.model = Model(USUAL)
        self.timers = Timers()
        self.dead_keys: deque[TimerKey] = deque(maxlen=20)
        self.old_offers: deque[tuple[str, str]] = deque(maxlen=20)
        self.talks: dict[str, str] = {}
        self.calls = 0
        self.events = 0
        self.answered = 0
        self.log: deque[tuple[float, str, Event | Effect]] = deque(maxlen=80)

    def send(self, event: Event) -> None:
        self.events += 1
        self.log.append((self.now, "told", event))
        self.model.told(event, self.now)
        for effect in self.dispatcher.handle(event, self.now):
            self.log.append((self.now, "wants", effect))
            self.carry_out(effect)
            self.model.wants(effect, event, self.now)
        if isinstance(event, CallLeft) and event.call in self.model.callers:
            caller = self.model.callers.pop(event.call)
            assert caller.operator is None, "a phone rings for a caller who left"
            self.model.counts[caller.queue, "abandoned"] += 1
        if isinstance(event, SettingsReplaced):
            for queue in self.model.gone:
                del self.model.settings[queue]
            self.model.counts = Counter({pair: count for pair, count in self.model.counts.items()
                                         if pair[0] not in self.model.gone})
        self.model.check(self.dispatcher, self.now)

    def ladder(self) -> str:
        return ladder(Row(at, who, who, str(what)) for at, who, what in self.log)

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case StartTimer(key, at):
                self.timers.start(key, at, TimerFired(key))
            case CancelTimer(key):
                before = len(self.timers)
                self.timers.cancel(key)
                assert len(self.timers) == before - 1, "a timer is cancelled that does not run"
                self.dead_keys.append(key)
            case OfferCall(call, operator):
                self.old_offers.append((call, operator))
            case AssignCall(call, operator):
                assert operator not in self.talks, "an operator on two calls"
                assert call not in self.talks.values(), "a call with two operators"
                self.talks[operator] = call
                self.answered += 1

    def pass_time(self, span: float) -> None:
        until = self.now + span
        while (at := self.timers.next_at()) is not None and at <= until:
            self.now = at
            key, event = self.timers.pop_due(at) or ((), None)
            self.dead_keys.append(key)
            self.send(event)
        self.now = until

    def step(self) -> None:
        kinds = (self.come, self.leave, self.answer, self.answer, self.refuse, self.release, self.choose_status,
                 self.flap, self.late, self.wait, self.wait)
        if self.chance.random() < 0.01:
            self.send(SettingsReplaced(self.chance.choice(VARIANTS)))
        self.chance.choice(kinds)()

    def come(self) -> None:
        if len(self.model.callers) < CALLS:
            self.calls += 1
            queue = self.chance.choice(("cards", "cards", "loans", "transfers"))
            self.send(CallQueued(f"c{self.calls}", queue, "ru", self.chance.choice((0, 0, 0, 1, 2))))

    def leave(self) -> None:
        if self.model.callers and self.chance.random() < 0.5:
            self.send(CallLeft(self.chance.choice(list(self.model.callers))))

    def open_offer(self) -> tuple[str, str] | None:
        offers = [(call, caller.operator) for call, caller in self.model.callers.items() if caller.operator]
        return self.chance.choice(offers) if offers else None

    def answer(self) -> None:
        if offer := self.open_offer():
            self.send(OfferAccepted(*offer))

    def refuse(self) -> None:
        if offer := self.open_offer():
            self.send(OfferFailed(*offer, self.chance.choice(("busy", "refused", "unreachable", "no_answer"))))

    def release(self) -> None:
        if self.talks:
            operator = self.chance.choice(list(self.talks))
            self.send(OperatorReleased(operator, self.talks.pop(operator)))

    def choose_status(self) -> None:
        status = self.chance.choice((Status.AVAILABLE, Status.AVAILABLE, Status.AVAILABLE, *Status))
        self.send(StatusSet(self.chance.choice(NAMES), status, self.chance.choice(("", "lunch"))))

    def flap(self) -> None:
        self.send(ReachabilityChanged(self.chance.choice(NAMES), self.chance.random() < 0.8))

    def late(self) -> None:
        """Something that is over, was never so, or comes twice: nothing may come of it."""
        call, operator = self.chance.choice(self.old_offers or [("c0", "nobody")])
        is_open = call in self.model.callers and self.model.callers[call].operator == operator
        stale: list[Event] = [CallLeft("c0"), OperatorReleased(operator, "c0"), OfferAccepted("c0", operator)]
        if not is_open:
            stale += [OfferAccepted(call, operator), OfferFailed(call, operator, "busy")]
        if self.dead_keys:
            stale.append(TimerFired(("ring", operator, 0)))
            self.fire_dead(self.chance.choice(self.dead_keys))
        stale += [OperatorReleased(operator, call) for talker, call in self.talks.items() if talker != operator]
        event = self.chance.choice(stale)
        assert self.dispatcher.handle(event, self.now) == [], event

    def fire_dead(self, key: TimerKey) -> None:
        assert self.dispatcher.handle(TimerFired(key), self.now) == [], key

    def wait(self) -> None:
        self.pass_time(self.chance.choice((0.0, 0.1, 1.0, 3.0, 5.0, 20.0)))

    def everybody_leaves(self) -> None:
        """After the last call nothing rings, nothing runs and everybody is idle."""
        for call in list(self.model.callers):
            self.send(CallLeft(call))
        for operator in list(self.talks):
            self.send(OperatorReleased(operator, self.talks.pop(operator)))
        self.pass_time(60.0)
        assert len(self.timers) == 0
        assert {person.state for person in self.model.people.values()} <= {State.IDLE}
        self.send(SettingsReplaced(USUAL))


@pytest.mark.parametrize("seed", SEEDS)
def test_dispatcher_search(seed: int) -> None:
    search = Search(seed)
    try:
        for _ in range(EPISODES):
            target = search.events + EVENTS_PER_EPISODE
            while search.events < target:
                search.step()
            search.everybody_leaves()
    except Exception as error:
        error.add_note(f"seed {seed}, event {search.events}\n" + search.ladder())
        raise
    assert search.events >= EPISODES * EVENTS_PER_EPISODE
    assert search.answered > 1_000
