"""What must be so of a dispatcher, from the events it is told and the effects it wants alone.

It knows the rules as docs/queue.md states them, and none of the dispatcher's lists.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from routing.dispatcher import (
    AssignCall,
    CallerOwned,
    CallLeft,
    CallQueued,
    CallTaken,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
    LeaseLost,
    LegsAlive,
    OfferAccepted,
    OfferCall,
    OfferEnded,
    OfferFailed,
    OperatorChanged,
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    OverflowCall,
    QueueSettings,
    ReachabilityChanged,
    SeatBarred,
    Settings,
    SettingsReplaced,
    StartTimer,
    State,
    Status,
    StatusSet,
    StayEnded,
    TimerFired,
    TimerKey,
    WithdrawOffer,
    WrapUpDone,
)
from routing.dispatcher.why import obstacles
from routing.operators import NEXT

MISSES = ("no_answer", "busy", "refused", "unreachable", "failed")
ORDERED = ("longest_idle", "ring_all", "linear")      # strategies whose choice the law knows


@dataclass(slots=True)
class Caller:
    """A waiting call."""

    call: str
    queue: str
    since: float
    rank: tuple[float, int]
    skills: tuple[tuple[str, int], ...]
    language: str
    preferred: str
    virtual: bool = False
    stage: int = 0
    held: bool = False
    tried: set[str] = field(default_factory=set)
    offers: dict[str, float] = field(default_factory=dict)      # by operator, until when it may ring


@dataclass(slots=True)
class Person:
    """An operator."""

    settings: OperatorSettings
    order: int
    status: Status
    state: State = State.IDLE
    reachable: bool = False
    resting: bool = False
    barred: bool = False
    removed: bool = False
    idle_since: float = 0.0
    calls: list[str] = field(default_factory=list)
    offers: set[str] = field(default_factory=set)
    notes: dict[str, tuple[float, bool]] = field(default_factory=dict)    # to write up: how long, and until saved
    writes_since: float = 0.0

    def owes(self, call: str, queue: QueueSettings) -> None:
        """Besides what they owe for others; what they owe for this one anew."""
        self.notes[call] = queue.wrap_up, queue.wrap_up_until_saved

    @property
    def owed(self) -> float:
        """s of wrap-up after the present calls, or of the one that runs: that of the longest."""
        return max((length for length, _ in self.notes.values()), default=0.0)

    @property
    def ready(self) -> bool:
        return (self.status is Status.AVAILABLE and self.reachable and not self.resting and not self.removed
                and not self.barred
                and self.state is not State.WRAP_UP and len(self.calls) + len(self.offers) < self.settings.capacity)

    @property
    def in_service(self) -> bool:
        return self.reachable and not self.removed and (
            self.status is Status.AVAILABLE or self.state in (State.RINGING, State.ON_CALL))


class Place:
    """A queue's settings, as the law needs them."""

    def __init__(self, settings: QueueSettings) -> None:
        self.settings = settings
        self.tiers: dict[str, int] = {}
        for tier, names in enumerate((settings.operators, *(tier.operators for tier in settings.tiers))):
            for name in names:
                self.tiers.setdefault(name, tier)
        times = {0.0, *(tier.after for tier in settings.tiers), *(step.after for step in settings.relax)}
        self.steps = [at for at in sorted(times) if at <= 0 or at < settings.max_wait]
        self.by_time = [max((n for n, tier in enumerate(settings.tiers, 1) if tier.after <= at), default=0)
                        for at in self.steps]
        self.lowered = [sum(step.levels for step in settings.relax if step.after <= at) for at in self.steps]
        self.any_language = [any(step.drop_language for step in settings.relax if step.after <= at)
                             for at in self.steps]


class Law:
    """Told every event before the dispatcher, and every effect after it; raises AssertionError."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.places = {queue.name: Place(queue) for queue in settings.queues}
        self.people = {each.name: Person(each, order, each.status) for order, each in enumerate(settings.operators)}
        self.reachable: set[str] = set()
        self.callers: dict[str, Caller] = {}
        self.owner: dict[str, str] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.came = 0
        self.running: set[TimerKey] = set()
        self.last_serial = 0
        self.open: set[tuple[str, str]] = set()
        """Offers for which no OfferEnded was seen."""
        self.gone: dict[str, Place] = {}
        self.entering: Caller | None = None
        self.leases: set[tuple[str, str]] = set()
        self.to_end: tuple[str, str] | None = None
        self._able: dict[tuple[object, ...], bool] = {}

    # --- the rules --------------------------------------------------------------------------------------------------
    def able(self, name: str, caller: Caller, stage: int) -> bool:
        """Whether the operator has what the call asks for after so many steps."""
        key = (name, caller.queue, caller.skills, caller.language, stage)
        if key not in self._able:
            place, who = self.places[caller.queue], self.people[name].settings
            wanted = dict(place.settings.skills)
            for skill, level in caller.skills:
                wanted[skill] = max(level, wanted.get(skill, 0))
            speaks = (not place.settings.match_language or place.any_language[stage] or not caller.language
                      or not who.languages or caller.language in who.languages)
            self._able[key] = speaks and all(level - place.lowered[stage] <= who.skills.get(skill, 0)
                                             for skill, level in wanted.items())
        return self._able[key]

    def hope(self, caller: Caller) -> bool:
        """Whether anybody in service could ever take the call."""
        last = len(self.places[caller.queue].steps) - 1
        return any(self.people[name].in_service and self.able(name, caller, last)
                   for name in self.places[caller.queue].tiers if name in self.people)

    def reach(self, caller: Caller) -> dict[str, int]:
        """Operators in service who could be rung for the call if they were free and it were kept for nobody."""
        place, people = self.places[caller.queue], self.people
        serving = {name: tier for name, tier in place.tiers.items()
                   if name in people and people[name].in_service and self.able(name, caller, caller.stage)}
        opened = max(place.by_time[caller.stage], min(serving.values(), default=0))
        return {name: tier for name, tier in serving.items() if tier <= opened}

    def eligible(self, name: str, caller: Caller) -> bool:
        """Whether the call may be offered to the operator, were they free."""
        place = self.places[caller.queue]
        most = place.settings.ring_at_most if place.settings.strategy == "ring_all" and not caller.held else 1
        if name in caller.offers or len(caller.offers) >= most:
            return False
        if caller.held:
            return name == caller.preferred
        reach = self.reach(caller)
        return name in reach and (name not in caller.tried or reach.keys() <= caller.tried)

    def claim(self, caller: Caller, now: float) -> tuple[float, float, int]:
        return (-self.places[caller.queue].settings.weight * (now - caller.rank[0]), *caller.rank)

    # --- what is told -----------------------------------------------------------------------------------------------
    def told(self, event: Event, now: float) -> None:
        self.entering = None
        self.leases = set()
        self.to_end = None
        match event:
            case OfferAccepted(call, operator) | OfferFailed(call, operator) if (call, operator) in self.open:
                self.to_end = call, operator
            case TimerFired(key) if key in self.running:
                self.fired(key)
            case CallQueued():
                self.entering = self.comes(event, now)
            case CallTaken(call, operator):
                self.engaged(call, operator, now)
            case OperatorEngaged(operator, call, written_up=written_up):
                self.engaged(call, operator, now, written_up)
            case CallerOwned(operator, call, queue):
                if queue in self.places and operator in self.people and call in self.people[operator].calls:
                    self.people[operator].owes(call, self.places[queue].settings)
            case WrapUpDone(operator, call) if operator in self.people:
                self.written_up(self.people[operator], call, now)
            case OperatorReleased(operator, call, _, asked):
                if asked and operator in self.people and call in self.people[operator].calls:
                    self.people[operator].notes.pop(call, None)
                self.released(operator, call, now)
            case LegsAlive(calls):
                self.leases = {(name, call) for name, person in self.people.items() for call in person.calls
                               if call not in calls.get(name, ())}
            case StatusSet(operator, status) if operator in self.people:
                self.chose(self.people[operator], status, now)
            case ReachabilityChanged(operator, reachable):
                (self.reachable.add if reachable else self.reachable.discard)(operator)
                if operator in self.people:
                    self.people[operator].reachable = reachable
            case SeatBarred(operator, barred) if operator in self.people:
                self.people[operator].barred = barred
            case SettingsReplaced(settings):
                self.replaced(settings, now)

    def fired(self, key: TimerKey) -> None:
        self.running.discard(key)
        kind, name, _ = key
        if kind == "rest":
            self.people[name].resting = False
        elif kind == "wrap_up":
            self.people[name].notes.clear()
        elif kind == "round":
            self.callers[name].tried.clear()
        elif kind == "step":
            self.callers[name].stage += 1
        elif kind == "sticky":
            self.callers[name].held = False

    def comes(self, event: CallQueued, now: float) -> Caller | None:
        self.came += 1
        if event.queue not in self.places:
            return None
        self.counts[event.queue, "offered"] += 1
        since = now if event.since is None else event.since
        rank = (since - event.priority * self.settings.priority_step, self.came)
        caller = Caller(event.call, event.queue, since, rank, event.skills, event.language, event.preferred,
                        event.virtual, tried=set(event.passed))
        caller.stage = max(bisect_right(self.places[event.queue].steps, now - since) - 1, 0)
        place, preferred = self.places[event.queue], self.people.get(event.preferred)
        caller.held = (place.settings.sticky > 0 and preferred is not None and event.preferred in place.tiers
                       and event.preferred not in event.passed
                       and preferred.in_service and self.able(event.preferred, caller, caller.stage))
        self.callers[event.call] = caller
        return caller

    def engaged(self, call: str, operator: str, now: float, written_up: bool = False) -> None:
        """A wrap-up that runs stops for the call, and what is left of it is owed after that."""
        person = self.people.get(operator)
        if person is not None and written_up and not person.calls:
            person.notes.clear()
        if person is not None and call not in person.calls:
            if person.state is State.WRAP_UP:
                ran = now - person.writes_since
                person.notes = {each: (length - ran, until_saved) for each, (length, until_saved)
                                in person.notes.items() if length > ran}
            person.calls.append(call)
        if self.owner.get(call) == operator:
            del self.owner[call]

    def released(self, operator: str, call: str, now: float) -> None:
        person = self.people.get(operator)
        if person is not None and call in person.calls:
            person.calls.remove(call)
            if not person.calls:
                person.idle_since = now
            if self.owner.get(call) == operator:
                del self.owner[call]

    @staticmethod
    def written_up(person: Person, call: str, now: float) -> None:
        """The wrap-up that runs is for what is left, or there will be none for this call."""
        writes = person.state is State.WRAP_UP
        person.notes = {each: (length, until_saved) for each, (length, until_saved) in person.notes.items()
                        if not until_saved or call not in ("" if writes else each, each)}
        if writes and person.writes_since + person.owed <= now:
            person.notes.clear()

    def chose(self, person: Person, status: Status, now: float) -> None:
        if status is Status.AVAILABLE is not person.status and person.state is State.IDLE:
            person.idle_since = now
        person.status = status

    def replaced(self, settings: Settings, now: float) -> None:
        self.settings = settings
        self._able.clear()
        places = {queue.name: Place(queue) for queue in settings.queues}
        self.gone = {name: place for name, place in self.places.items() if name not in places}
        for caller in self.callers.values():
            old, new = self.places[caller.queue], places.get(caller.queue)
            if (new is not None and new.steps != old.steps) or (new is not None and self._steps_differ(old, new)):
                caller.stage = max(bisect_right(new.steps, now - caller.since) - 1, 0)
        self.places = self.places | places
        kept = {each.name: (order, each) for order, each in enumerate(settings.operators)}
        for name, (order, each) in kept.items():
            person = self.people.setdefault(name, Person(each, order, each.status, reachable=name in self.reachable,
                                                         idle_since=now))
            person.settings, person.order, person.removed = each, order, False
        for name, person in self.people.items():
            person.removed = name not in kept

    @staticmethod
    def _steps_differ(old: Place, new: Place) -> bool:
        return (old.by_time, [tuple(step for step in old.settings.relax if step.after <= at) for at in old.steps]) != (
            new.by_time, [tuple(step for step in new.settings.relax if step.after <= at) for at in new.steps])

    # --- what is wanted ---------------------------------------------------------------------------------------------
    def wants(self, effect: Effect, event: Event, now: float) -> None:
        if (meant := MEANT.get(type(effect))) is not None:
            meant(self, effect, event, now)

    def timer_started(self, effect: StartTimer, event: Event, now: float) -> None:
        key = effect.key
        assert effect.at >= now
        assert key[2] > self.last_serial, "a timer's key was used before"
        self.last_serial = key[2]
        self.running.add(key)
        if key[0] == "rest":
            self.people[key[1]].resting = True
        elif key[0] == "wrap_up":
            person = self.people[key[1]]
            person.writes_since = person.writes_since if person.state is State.WRAP_UP else now
            assert effect.at == person.writes_since + person.owed, "not the longest of the wrap-ups that are owed"

    def timer_cancelled(self, effect: CancelTimer, event: Event, now: float) -> None:
        key = effect.key
        self.running.remove(key)
        if key[0] == "rest" and key[1] in self.people:
            self.people[key[1]].resting = False
        elif key[0] == "sticky" and key[1] in self.callers:
            self.callers[key[1]].held = False

    def withdrawn(self, effect: WithdrawOffer, event: Event, now: float) -> None:
        assert effect.operator in self.callers[effect.call].offers, "a phone is told to stop that does not ring"

    def overflown(self, effect: OverflowCall, event: Event, now: float) -> None:
        assert effect.call not in self.callers
        assert (effect.reason == "no_queue") == (effect.queue not in self.settings_names), "overflow of no queue"

    def lease_lost(self, effect: LeaseLost, event: Event, now: float) -> None:
        self.leases.remove((effect.operator, effect.call))
        self.released(effect.operator, effect.call, now)

    @property
    def settings_names(self) -> set[str]:
        return {queue.name for queue in self.settings.queues}

    def offered(self, effect: OfferCall, event: Event, now: float) -> None:
        call, operator = effect.call, effect.operator
        caller, person = self.callers[call], self.people[operator]
        assert call not in self.owner, "rung for a call that has an operator"
        assert person.ready, "someone is rung who is not free"
        assert self.eligible(operator, caller), "someone is rung who may not be"
        claim = self.claim(caller, now)
        for other in self.callers.values():
            if other is not caller and not other.offers and self.claim(other, now) < claim:
                assert other is self.entering or not self.eligible(operator, other), f"{other.call} is overtaken"
        if caller is self.entering:
            self.chosen(operator, caller)
        if operator in caller.tried:
            caller.tried.clear()
        caller.offers[operator] = now + effect.ring_time
        person.offers.add(call)
        self.open.add((call, operator))

    def chosen(self, operator: str, caller: Caller) -> None:
        """The first choice of the queue's strategy, where the law knows it."""
        place = self.places[caller.queue]
        if caller.held:
            return
        ready = {name: place.tiers[name] for name in place.tiers
                 if name in self.people and self.people[name].ready and self.eligible(name, caller)}
        assert place.tiers[operator] == min(ready.values()), "a higher tier is rung first"
        if place.settings.strategy not in ORDERED:
            return
        order = list(place.tiers)

        def key(name: str) -> tuple[float, ...]:
            person = self.people[name]
            if place.settings.strategy == "linear":
                return (order.index(name),)
            return (len(person.calls) + len(person.offers), person.idle_since, person.order)
        lowest = [name for name, tier in ready.items() if tier == place.tiers[operator]]
        assert operator == min(lowest, key=key), "not the strategy's first choice"

    def offer_ended(self, effect: OfferEnded, event: Event, now: float) -> None:
        caller, person = self.callers[effect.call], self.people[effect.operator]
        self.open.remove((effect.call, effect.operator))
        if self.to_end == (effect.call, effect.operator):
            self.to_end = None
        assert now <= caller.offers.pop(effect.operator), "rings beyond the ring time"
        assert effect.rang >= 0
        person.offers.discard(effect.call)
        if effect.how in MISSES:
            caller.tried.add(effect.operator)
            person.idle_since = now

    def assigned(self, effect: AssignCall, event: Event, now: float) -> None:
        call, operator = effect.call, effect.operator
        assert event == OfferAccepted(call, operator)
        caller = self.callers[call]
        assert list(caller.offers) == [operator], "others ring on for a call that was answered"
        assert call not in self.owner, "two operators for one call"
        self.owner[call] = operator
        self.people[operator].calls.append(call)
        self.people[operator].owes(call, self.places[caller.queue].settings)

    def stay_ended(self, effect: StayEnded, event: Event, now: float) -> None:
        caller = self.callers.pop(effect.call)
        assert caller.queue == effect.queue
        assert not caller.offers, "a phone rings for a caller who is gone"
        assert effect.wait == now - caller.since
        self.counts[effect.queue, effect.ending] += 1
        if isinstance(event, CallTaken) and event.operator in self.people:
            self.people[event.operator].owes(event.call, self.places[caller.queue].settings)
        assert effect.virtual == caller.virtual
        assert not caller.virtual or effect.reason in ("", "no_queue"), "a callback was sent away"
        if effect.reason in ("nobody_logged_in", "nobody_able"):
            assert not self.hope(caller), "sent away although somebody could take the call"
        if caller is self.entering and effect.reason == "full":
            waiting = sum(other.queue == caller.queue and not other.virtual for other in self.callers.values())
            assert waiting >= self.places[caller.queue].settings.max_waiting
            caller.held = False
            assert not any(self.people[name].ready and self.eligible(name, caller)
                           for name in self.places[caller.queue].tiers if name in self.people), "sent away unduly"

    def changed(self, effect: OperatorChanged, event: Event, now: float) -> None:
        person = self.people.get(effect.operator)
        if person is None:
            return
        if person.removed and effect.state is State.IDLE and effect.status is Status.LOGGED_OUT:
            del self.people[effect.operator]
            return
        if effect.by == "hotline" and effect.status is not person.status:
            assert self.settings.auto_break_after_missed > 0
            assert (person.status, effect.status) == (Status.AVAILABLE, Status.ON_BREAK), "a choice was overwritten"
            person.status = Status.ON_BREAK
        assert effect.status is person.status, "a status was overwritten"
        if effect.state is not person.state:
            assert effect.state in NEXT[person.state]
            assert effect.state is not State.WRAP_UP or person.owed > 0, "a wrap-up of no queue"
            assert effect.state is not State.IDLE or not person.owed or person.removed, "no wrap-up"
            if person.state is State.WRAP_UP:
                person.idle_since = now
        person.state = effect.state

    # --- what must be so after every event --------------------------------------------------------------------------
    def after(self, event: Event, dispatcher: Dispatcher, now: float) -> None:
        """The cheap part, for every step."""
        assert not self.leases
        if isinstance(event, CallLeft):
            assert event.call not in self.callers
        elif isinstance(event, SettingsReplaced):
            for name in self.gone:
                del self.places[name]
            self.counts = Counter({key: count for key, count in self.counts.items() if key[0] not in self.gone})
            self.gone = {}
        assert self.to_end is None, "an offer goes on that was accepted or failed"
        for caller in self.callers.values():
            if caller.offers:
                for until in caller.offers.values():
                    assert now <= until, "rings beyond the ring time"
            assert caller.virtual or now <= caller.since + self.longest_wait(caller), "waits beyond the maximum"

    def longest_wait(self, caller: Caller) -> float:
        """The settings may have changed while it waited: what it came under, or the longest there is."""
        return 600.0 if caller.queue not in self.places else max(self.places[caller.queue].settings.max_wait, 600.0)

    def check(self, dispatcher: Dispatcher, now: float) -> None:
        """The full part: every pair of a waiting call and an operator, every count, `why`."""
        matching = dispatcher._matching
        assert matching.stays.keys() == self.callers.keys()
        assert matching.operators.keys() == self.people.keys()
        assert matching.assigned == self.owner
        assert set(matching.timers) == self.running
        for name, person in self.people.items():
            operator = matching.operators[name]
            assert operator.calls == person.calls, "engaged in something else"
            assert operator.offers.keys() == person.offers
            assert (operator.status, operator.state) == (person.status, person.state)
            assert operator.is_ready == person.ready
        for call, caller in self.callers.items():
            stay = matching.stays[call]
            assert stay.offers.keys() == caller.offers.keys()
            assert (stay.held, stay.stage) == (caller.held, caller.stage)
            assert not caller.held or self.people[caller.preferred].in_service, "kept for somebody who is not there"
            assert caller.offers or not caller.tried or stay.round_timer in self.running, f"{call} may be forgotten"
            if not self.hope(caller) and not caller.virtual:
                group = matching.queues[caller.queue].group_of(stay)
                assert group.empty_timer in self.running, f"{call} waits for nobody"
            for name, person in self.people.items():
                may = self.eligible(name, caller) and name in self.places[caller.queue].tiers
                against = obstacles(matching, matching.operators[name], stay, now)
                if name in caller.offers:
                    assert dispatcher.why(name, call, now).startswith(f"{name} is getting call {call}")
                    continue
                assert (not against) == (may and person.ready), (name, call, against)
                assert against, f"{call} waits although {name} is free for it"
                assert "is not getting" in dispatcher.why(name, call, now)
        self.check_counts(dispatcher)

    def check_counts(self, dispatcher: Dispatcher) -> None:
        """Every figure of a queue follows from the entries."""
        waiting = Counter(caller.queue for caller in self.callers.values())
        for name, queue in dispatcher._matching.queues.items():
            assert queue.unaccounted() == 0
            assert queue.offered == self.counts[name, "offered"]
            assert len(queue.stays) == waiting[name]
            assert queue.virtual == {call for call, caller in self.callers.items()
                                     if caller.virtual and caller.queue == name}
            for kind, count in queue.ended.items():
                assert count == self.counts[name, kind], (name, kind)


# What each effect means; a table, since a search asks two million times.
MEANT: dict[type, Callable[..., None]] = {
    StartTimer: Law.timer_started, CancelTimer: Law.timer_cancelled, OfferCall: Law.offered,
    WithdrawOffer: Law.withdrawn, OfferEnded: Law.offer_ended, AssignCall: Law.assigned, StayEnded: Law.stay_ended,
    OverflowCall: Law.overflown, OperatorChanged: Law.changed, LeaseLost: Law.lease_lost}
