"""The storm of queue_world over calls and chats at once: each of the two dispatchers is held to the law of its own
medium, whatever they tell each other, and both together to what is a person's."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from routing.dispatcher import (
    CALL,
    CHAT,
    CallLeft,
    CallQueued,
    CallTaken,
    Effect,
    Event,
    Medium,
    OfferCall,
    OfferEnded,
    OperatorChanged,
    OperatorEngaged,
    OperatorReleased,
    OverflowCall,
    ReachabilityChanged,
    Settings,
    State,
    Status,
)
from routing.dispatcher.machine import Dispatcher
from routing.estimate.dispatching import EstimatingDispatcher
from routing.seats.seats import MORE, Seats
from tests.support.queue_law import Law
from tests.support.queue_world import NAMES, World

MEDIA: tuple[Medium, Medium] = (CALL, CHAT)
SAYS = (CallQueued, CallTaken, OperatorEngaged, ReachabilityChanged)


class WatchedSeats(Seats):
    """Whatever a dispatcher is told, and does about it, goes past its law; nobody is watched before the first event."""

    def __init__(self, settings: Settings, now: float) -> None:
        self.watch: Callable[[Medium, Event, list[Effect], float], None] | None = None
        self.laws: dict[Medium, Law] = {}
        super().__init__(settings, now)
        self.laws = {CALL: Law(settings), CHAT: Law(self.chats._matching.settings)}
        for law in self.laws.values():
            for person in law.people.values():
                person.idle_since = now

    def tell(self, dispatcher: EstimatingDispatcher, event: Event, now: float) -> list[Effect]:
        medium = CHAT if dispatcher is self.chats else CALL
        law = self.laws[medium]
        law.told(event, now)
        effects = super().tell(dispatcher, event, now)
        for effect in effects:
            law.wants(effect, event, now)
        law.after(event, dispatcher, now)
        if self.watch is not None:
            self.watch(medium, event, effects, now)
        return effects


class SeatsWorld(World):
    """What happens next concerns calls or chats, by chance; statuses, saved requests and settings concern both."""

    def begin(self) -> None:
        super().begin()
        self.on(CHAT)
        for name in NAMES:
            if self.draw() < 0.8:
                self.send(ReachabilityChanged(name, True))
        self.kinds = tuple([partial(self.of_either, kind) for kind in self.kinds])

    def open_with(self, settings: Settings) -> None:
        self.seats = WatchedSeats(settings, self.now)
        self.seats.watch = self.see
        self.dispatcher = cast(Dispatcher, self.seats)
        self.laws = self.seats.laws
        self.states: dict[str, tuple[Status, State]] = {}
        self.on(CALL)

    def on(self, medium: Medium) -> None:
        """What is drawn from now on is of this medium."""
        self.medium, self.law = medium, self.laws[medium]

    def some_settings(self) -> Settings:
        chance, settings = self.chance, super().some_settings()
        return replace(settings, operators=tuple(
            replace(each, chats=chance.choice((0, 1, 2, 3)), chats_during_call=chance.random() < 0.6)
            for each in settings.operators))

    # --- telling ----------------------------------------------------------------------------------------------------
    def send(self, event: Event) -> None:
        self.events += 1
        if isinstance(event, SAYS):
            event = replace(event, medium=self.medium)
        now = self.now
        self.log.append((now, "told", event))
        twin = self.twins() if self.events % self.read_back == 0 else None
        effects = self.seats.handle(event, now)
        for effect in effects:
            self.log.append((now, "wants", effect))
            self.carry_out(effect)
            if isinstance(effect, OperatorChanged):
                self.states[effect.operator] = effect.status, effect.state
        if twin is not None:
            assert twin.handle(event, now) == effects, "what was read back does something else"
            assert twin.snapshot(now) == self.seats.snapshot(now), "what was read back is another state"
            assert twin.timers == self.seats.timers
            self.seats.calls, self.seats.chats = twin.calls, twin.chats
            self.seen["read back"] += 1
        if isinstance(event, OperatorReleased):
            assert not any(event.call in law.people[event.operator].calls for law in self.laws.values()
                           if event.operator in law.people), "they are held by a call that they are off"
        self.of_persons()
        if self.events % self.full_check == 0:
            self.full()

    def see(self, medium: Medium, event: Event, effects: list[Effect], now: float) -> None:
        """Who waits and who is rung are of one medium; how often what happened."""
        self.seen[f"{medium} {type(event).__name__}"] += 1
        assert not isinstance(event, SAYS) or event.medium == medium, "told of the other medium"
        for effect in effects:
            if isinstance(effect, OfferCall):
                self.seen[f"{medium} offered"] += 1
                assert self.laws[CALL].people[effect.operator].status is Status.AVAILABLE, "rung against their wish"
                other = self.laws[CALL if medium == CHAT else CHAT].people.get(effect.operator)
                self.seen[f"{medium} beside the other"] += other is not None and bool(other.calls)
            elif isinstance(effect, OfferEnded):
                self.seen[f"{medium} {effect.how}"] += 1
            elif isinstance(effect, OverflowCall):
                self.seen[f"{medium} {effect.reason}"] += 1
            elif isinstance(effect, OperatorChanged) and effect.by == "hotline":
                self.seen[f"{medium} missed"] += 1

    def see_offer(self, effect: OfferCall) -> None:
        """Seen where the dispatcher says it."""

    def twins(self) -> Seats:
        both = {"calls": self.seats.calls, "chats": self.seats.chats}
        fixed = Fixed({name: dispatcher._matching.settings for name, dispatcher in both.items()})
        read = read_text(text_of(both, fixed), fixed)
        twin = object.__new__(Seats)
        twin.calls, twin.chats = read["calls"], read["chats"]
        return twin

    # --- what must be so --------------------------------------------------------------------------------------------
    def of_persons(self) -> None:
        """One status; a seat is barred by calls of who takes no chats beside them; what was told last is so."""
        calls, chats = self.laws[CALL].people, self.laws[CHAT].people
        for name, seat in chats.items():
            person = calls.get(name)
            if person is None or seat.removed:
                continue
            assert seat.status is person.status, f"{name} has two statuses"
            assert seat.barred == (not seat.settings.chats_during_call and person.state is not State.IDLE), name
            self.seen["barred"] += seat.barred
            self.seen["both"] += bool(seat.calls and person.calls)
        for name, (status, state) in self.states.items():
            if name in calls:
                states = calls[name].state, chats[name].state if name in chats else State.IDLE
                busiest = max(states, key=MORE.__getitem__)
                assert (status, state) == (calls[name].status, busiest), f"screens show {name} as something else"

    def full(self) -> None:
        now, shown = self.now, self.seats.snapshot(self.now)
        for medium in MEDIA:
            dispatcher: Dispatcher = self.seats.chats if medium == CHAT else self.seats.calls
            law = self.laws[medium]
            for call in law.callers:
                assert self.seats.medium_of(call) is dispatcher, "it waits in the other medium"
            law.check(dispatcher, now)
        for queue in shown["queues"]:
            assert queue["unaccounted"] == 0
            assert queue["waiting"] + queue["callbacks"] == sum(
                caller.queue == queue["name"] for law in self.laws.values() for caller in law.callers.values())
        for record in shown["operators"]:
            seat = self.laws[CHAT].people.get(record["name"])
            assert record["chats"] == (len(seat.calls) if seat is not None else 0)
            if seat is not None and not seat.removed and record["chats_condition"] == "free":
                assert seat.ready, "screens show somebody as free who is not"

    # --- what happens -----------------------------------------------------------------------------------------------
    def of_either(self, kind: Callable[[], None]) -> None:
        self.on(CHAT if self.draw() < 0.5 else CALL)
        kind()

    def alive(self) -> dict[str, list[str]]:
        return {name: [call for law in self.laws.values() if name in law.people for call in law.people[name].calls]
                for name in NAMES}

    def is_open(self, call: str, operator: str) -> bool:
        return any((call, operator) in law.open for law in self.laws.values())

    def everybody_leaves(self) -> None:
        for medium in MEDIA:
            self.on(medium)
            for call in list(self.law.callers):
                self.send(CallLeft(call))
            while busy := self.busy():
                self.send(OperatorReleased(*busy[0]))
        self.pass_time(60.0)
        self.full()
        for law in self.laws.values():
            assert not law.open
            assert not law.owner
        assert len(self.timers) == 0
        for each in self.seats.snapshot(self.now)["operators"]:
            assert (each["state"], each["chats"], each["chats_offered"]) == ("idle", 0, 0), each
