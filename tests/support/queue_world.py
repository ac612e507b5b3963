"""A hotline's queues in a storm: everything that can happen to a dispatcher, at random and in any order."""

import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from ivr.base.timers import Timers
from ivr.base.trace import Row, ladder
from routing.dispatcher import (
    CallerOwned,
    CallLeft,
    CallQueued,
    CallTaken,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
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
    Relaxation,
    Settings,
    SettingsReplaced,
    StartTimer,
    Status,
    StatusSet,
    Tier,
    TimerFired,
    TimerKey,
    WrapUpDone,
)
from routing.strategy import STRATEGIES
from tests.support.queue_law import Law

NAMES = ("anna", "boris", "vera", "gleb", "dina", "egor", "zoya")
QUEUES = ("cards", "loans", "transfers")
SKILLS = ("en", "gold")
LANGUAGES = ("", "ru", "en", "kk")
SPANS = (0.0, 0.0, 0.1, 1.0, 3.0, 5.0, 20.0)
CALLS = 9               # that wait at one time, at most
EPISODE = 4_000         # steps under the settings of one draw, mostly; then everybody leaves
FULL_CHECK = 40         # every so many events the whole state is held against the law; each event, what it changed
READ_BACK = 1_000       # every so many events it goes on with a dispatcher read back from JSON


class World:
    """One seed's storm. `run` may be called again and goes on."""

    def __init__(self, seed: int, full_check: int = FULL_CHECK, read_back: int = READ_BACK) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.draw = self.chance.random
        self.full_check, self.read_back = full_check, read_back
        self.fixed = Fixed({})
        self.now = 0.0
        self.steps = self.events = self.calls = 0
        self.seen: Counter[str] = Counter()
        """How often what happened, for whoever asks whether the storm reaches everything."""
        self.log: deque[tuple[float, str, Event | Effect]] = deque(maxlen=80)
        self.begin()

    def begin(self) -> None:
        self.open_with(self.some_settings())
        self.timers = Timers()
        self.dead_keys: deque[TimerKey] = deque(maxlen=20)
        self.old_offers: deque[tuple[str, str]] = deque(maxlen=20)
        for name in NAMES:
            if self.draw() < 0.8:
                self.send(ReachabilityChanged(name, True))
        self.kinds: tuple[Callable[[], None], ...] = (
            self.come, self.come, self.leave, self.answer, self.answer, self.answer, self.refuse, self.release,
            self.release, self.choose_status, self.flap, self.late, self.engage, self.own, self.take, self.save,
            self.wait, self.wait, self.wait, self.brink)

    def open_with(self, settings: Settings) -> None:
        self.dispatcher, self.law = Dispatcher(settings, self.now), Law(settings)
        for person in self.law.people.values():
            person.idle_since = self.now

    # --- settings ---------------------------------------------------------------------------------------------------
    def some_settings(self) -> Settings:
        chance = self.chance
        operators = tuple(OperatorSettings(
            name, chance.choice((Status.AVAILABLE, Status.LOGGED_OUT)),
            {skill: chance.randrange(1, 4) for skill in SKILLS if chance.random() < 0.5},
            tuple(language for language in LANGUAGES[1:] if chance.random() < 0.4),
            2 if chance.random() < 0.15 else 1) for name in chance.sample(NAMES, chance.randrange(4, len(NAMES) + 1)))
        queues = tuple(self.some_queue(name) for name in QUEUES if chance.random() < 0.9)
        return Settings(queues, operators, 60.0, chance.choice((0, 0, 2, 3)))

    def some_queue(self, name: str) -> QueueSettings:
        chance = self.chance
        names = chance.sample(NAMES, chance.randrange(2, len(NAMES) + 1))
        cut = chance.randrange(1, len(names) + 1) if chance.random() < 0.5 else len(names)
        queue = QueueSettings(
            name, tuple(names[:cut]), ring_time=chance.choice((5.0, 8.0)), max_wait=chance.choice((60.0, 90.0, 200.0)),
            max_waiting=chance.choice((0, 3, 4, 6)), announce_first_after=chance.choice((0.0, 2.0)),
            announce_every=chance.choice((0.0, 10.0)), retry_after=chance.choice((0.0, 3.0)),
            second_round_after=chance.choice((9.0, 20.0)), empty_grace=chance.choice((0.0, 3.0, 6.0)),
            wrap_up=chance.choice((0.0, 0.0, 2.0, 7.0)), wrap_up_until_saved=chance.random() < 0.3,
            strategy=chance.choice(tuple(STRATEGIES)), weight=chance.choice((1.0, 1.0, 0.5, 3.0)),
            match_language=chance.random() < 0.4, sticky=chance.choice((0.0, 4.0, 30.0)),
            ring_at_most=chance.choice((2, 10)), operator_weights=((names[0], 3.0), (names[1], 0.0)))
        if names[cut:]:
            middle = chance.randrange(cut, len(names))
            tiers = (Tier(tuple(names[cut:middle]), 5.0), Tier(tuple(names[middle:]), chance.choice((5.0, 20.0))))
            queue = replace(queue, tiers=tiers)
        if chance.random() < 0.4:
            queue = replace(queue, skills=((chance.choice(SKILLS), chance.randrange(1, 3)),))
        if chance.random() < 0.5:
            queue = replace(queue, relax=(Relaxation(10.0, 1), Relaxation(20.0, 2, True)))
        return queue

    # --- telling ----------------------------------------------------------------------------------------------------
    def send(self, event: Event) -> None:
        self.events += 1
        now, law, log = self.now, self.law, self.log
        log.append((now, "told", event))
        law.told(event, now)
        twin = self.twin() if self.events % self.read_back == 0 else None
        effects = self.dispatcher.handle(event, now)
        for effect in effects:
            log.append((now, "wants", effect))
            self.carry_out(effect)
            law.wants(effect, event, now)
        law.after(event, self.dispatcher, now)
        if twin is not None:
            assert twin.handle(event, now) == effects, "what was read back does something else"
            assert twin.snapshot(now) == self.dispatcher.snapshot(now), "what was read back is another state"
            assert twin.timers == self.dispatcher.timers
            self.dispatcher = twin
            self.seen["read back"] += 1
        if self.events % self.full_check == 0:
            law.check(self.dispatcher, now)

    def twin(self) -> Dispatcher:
        settings = self.dispatcher._matching.settings
        if self.fixed.named.get("settings") is not settings:
            self.fixed = Fixed({"settings": settings})
        twin = read_text(text_of({"dispatcher": self.dispatcher}, self.fixed), self.fixed)["dispatcher"]
        assert isinstance(twin, Dispatcher)
        return twin

    def carry_out(self, effect: Effect) -> None:
        kind = type(effect)
        if kind is StartTimer:
            self.timers.start(effect.key, effect.at, TimerFired(effect.key))
        elif kind is CancelTimer:
            before = len(self.timers)
            self.timers.cancel(effect.key)
            assert len(self.timers) == before - 1, "a timer is cancelled that does not run"
            self.dead_keys.append(effect.key)
        elif kind is OfferCall:
            self.old_offers.append((effect.call, effect.operator))
            self.see_offer(effect)
        elif kind is OfferEnded:
            self.seen[effect.how] += 1
        elif kind is OverflowCall:
            self.seen[effect.reason] += 1
        elif kind is OperatorChanged:
            self.seen[effect.reason] += effect.by == "hotline"
        else:
            self.seen[kind.__name__] += 1

    def see_offer(self, effect: OfferCall) -> None:
        caller = self.law.callers[effect.call]
        self.seen["joined"] += bool(caller.offers)
        self.seen["held"] += caller.held
        self.seen[f"tier {self.law.places[caller.queue].tiers[effect.operator]}"] += 1

    def ladder(self) -> str:
        return ladder(Row(at, who, who, str(what)) for at, who, what in self.log)

    # --- what happens -----------------------------------------------------------------------------------------------
    def run(self, events: int) -> None:
        """So many events more; a breach carries the last ones as a ladder."""
        until = self.events + events
        try:
            while self.events < until:
                self.steps += 1
                if self.steps % EPISODE == 0:
                    self.everybody_leaves()
                    self.begin()
                elif self.draw() < 0.002:
                    self.send(SettingsReplaced(self.some_settings()))
                self.kinds[int(self.draw() * len(self.kinds))]()
        except Exception as error:
            error.add_note(f"seed {self.seed}, event {self.events}\n{self.ladder()}")
            raise

    def one_of(self, among: Sequence[Any]) -> Any:
        return among[int(self.draw() * len(among))]

    def come(self) -> None:
        if len(self.law.callers) >= CALLS:
            return
        self.calls += 1
        skills = tuple((skill, 1 + int(self.draw() * 3)) for skill in SKILLS if self.draw() < 0.25)
        preferred = self.one_of(NAMES) if self.draw() < 0.5 else ""
        queue = "unheard of" if self.draw() < 0.01 else self.one_of(QUEUES)
        back = self.draw() < 0.2
        since = self.now - self.one_of(SPANS) if back or self.draw() < 0.1 else None
        self.seen["called back"] += back
        self.send(CallQueued(f"c{self.calls}", queue, self.one_of(LANGUAGES), self.one_of((0, 0, 0, 1, 2)), skills,
                             preferred, since, back, NAMES[:self.calls % 4] if back else ()))

    def leave(self) -> None:
        if self.law.callers and self.draw() < 0.5:
            self.send(CallLeft(self.one_of(list(self.law.callers)), self.one_of(("abandoned", "callback"))))

    def answer(self) -> None:
        if self.law.open:
            self.send(OfferAccepted(*self.one_of(sorted(self.law.open))))

    def refuse(self) -> None:
        if self.law.open:
            self.send(OfferFailed(*self.one_of(sorted(self.law.open)),
                                  self.one_of(("busy", "refused", "unreachable", "no_answer"))))

    def busy(self) -> list[tuple[str, str]]:
        return [(name, call) for name, person in self.law.people.items() for call in person.calls]

    def release(self) -> None:
        if busy := self.busy():
            self.send(OperatorReleased(*self.one_of(busy)))

    def engage(self) -> None:
        if self.draw() < 0.3:
            owned = list(self.law.owner.items())
            own = f"own{self.events}", self.one_of(NAMES)
            call, name = self.one_of(owned) if owned and self.draw() < 0.3 else own
            self.send(OperatorEngaged(name, call))

    def own(self) -> None:
        if (busy := self.busy()) and self.draw() < 0.2:
            name, call = self.one_of(busy)
            self.seen["owned"] += 1
            self.send(CallerOwned(name, call, self.one_of(QUEUES)))

    def take(self) -> None:
        if self.law.callers and self.draw() < 0.2:
            self.send(CallTaken(self.one_of(list(self.law.callers)), self.one_of((*NAMES, "nobody"))))

    def save(self) -> None:
        if self.draw() < 0.5:
            busy = self.busy()
            name, call = self.one_of(busy) if busy and self.draw() < 0.5 else (self.one_of(NAMES), "")
            self.send(WrapUpDone(name, call))
        elif self.draw() < 0.3:
            lost = self.one_of(NAMES)
            self.send(LegsAlive({name: calls for name, calls in self.alive().items()
                                 if name != lost or self.draw() < 0.9}))

    def alive(self) -> dict[str, list[str]]:
        """The calls in which operators have a leg."""
        return {name: list(person.calls) for name, person in self.law.people.items()}

    def is_open(self, call: str, operator: str) -> bool:
        """Whether the call rings at the operator."""
        return (call, operator) in self.law.open

    def choose_status(self) -> None:
        status = self.one_of((Status.AVAILABLE, Status.AVAILABLE, Status.AVAILABLE, *Status))
        self.send(StatusSet(self.one_of(NAMES), status, self.one_of(("", "lunch")), self.one_of(("", "olga"))))

    def flap(self) -> None:
        self.send(ReachabilityChanged(self.one_of(NAMES), self.draw() < 0.8))

    def late(self) -> None:
        """Something that is over, was never so, or comes twice: nothing may come of it."""
        call, operator = self.one_of(self.old_offers) if self.old_offers else ("c0", "nobody")
        stale: list[Event] = [CallLeft("c0"), OperatorReleased(operator, "c0"), OfferAccepted("c0", operator),
                              StatusSet("nobody", Status.AVAILABLE), WrapUpDone("nobody", call),
                              CallerOwned(operator, "c0", QUEUES[0]),
                              TimerFired(("ring", operator, 0))]
        if not self.is_open(call, operator):
            stale += [OfferAccepted(call, operator), OfferFailed(call, operator, "busy")]
        if self.dead_keys:
            stale.append(TimerFired(self.one_of(self.dead_keys)))
        event = self.one_of(stale)
        self.events += 1
        assert self.dispatcher.handle(event, self.now) == [], event

    def wait(self) -> None:
        self.pass_time(self.one_of(SPANS))

    def brink(self) -> None:
        """The time at which a timer is due, and it has not fired yet: something else comes first."""
        at = self.timers.next_at()
        if at is not None:
            self.now = at

    def pass_time(self, span: float) -> None:
        until = self.now + span
        timers = self.timers
        while (at := timers.next_at()) is not None and at <= until:
            self.now = at
            key, event = timers.pop_due(at) or ((), None)
            self.dead_keys.append(key)
            self.seen[key[0]] += 1
            self.send(event)
        self.now = until

    def everybody_leaves(self) -> None:
        """After the last call nothing rings, nothing runs and everybody is idle."""
        for call in list(self.law.callers):
            self.send(CallLeft(call))
        while busy := self.busy():
            self.send(OperatorReleased(*busy[0]))
        self.pass_time(60.0)
        self.law.check(self.dispatcher, self.now)
        assert not self.law.open
        assert not self.law.owner
        assert len(self.timers) == 0
        assert all(each["state"] == "idle" for each in self.dispatcher.snapshot(self.now)["operators"])
