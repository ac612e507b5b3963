"""Two dispatchers as one: each event goes to that of its medium, and what is a person's goes to both."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from routing.dispatcher import (
    CALL,
    CHAT,
    CallerOwned,
    CallLeft,
    CallQueued,
    CallTaken,
    CancelTimer,
    Effect,
    Event,
    LegsAlive,
    Medium,
    OfferAccepted,
    OfferFailed,
    OperatorChanged,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    SeatBarred,
    Settings,
    SettingsReplaced,
    StartTimer,
    State,
    StatusSet,
    TimerFired,
    WrapUpDone,
)
from routing.dispatcher.at_desk import AtDesk
from routing.estimate import Range, WaitEstimated
from routing.estimate.dispatching import EstimatingDispatcher
from routing.lasting import ChatsLast, QueuesLast
from routing.operators import Operator
from routing.queue import TimerKey
from routing.seats import shown

PREFIX = "chat "            # of the kinds of timers that are of chats
MORE = {State.IDLE: 0, State.WRAP_UP: 1, State.RINGING: 2, State.ON_CALL: 3}


class Seats:
    """Calls and chats to operators who may have both at a time. To whoever uses it a dispatcher."""

    def __init__(self, settings: Settings, now: float) -> None:
        self.calls = EstimatingDispatcher(settings, now)
        self.chats = EstimatingDispatcher(for_chats(settings, self.calls.operators), now)

    def handle(self, event: Event, now: float) -> list[Effect]:
        """As that of a dispatcher; the medium of what is already there need not be said."""
        if type(event) is SettingsReplaced:
            return self._settings_replaced(event, now)
        if type(event) is LegsAlive or type(event) is WrapUpDone:
            return [*self._of_calls(event, now), *self._of_chats(event, now)]
        if type(event) is TimerFired:
            if not event.key[0].startswith(PREFIX):
                return self._of_calls(event, now)
            return self._of_chats(TimerFired(_plain(event.key)), now)
        return self._of_chats(event, now) if self._is_chat(event) else self._of_calls(event, now)

    # --- which medium -----------------------------------------------------------------------------------------------
    def _is_chat(self, event: Any) -> bool:
        kind = type(event)
        if kind in SAYS:
            return bool(event.medium == CHAT)
        if kind in OF_PARTS:
            known = self.chats.operator(event.operator)
            return known is not None and event.call in known.calls
        return kind in OF_STAYS and self.chats.has(event.call)

    def medium_of(self, call: str) -> EstimatingDispatcher:
        """The dispatcher that knows the call; of one that nobody knows, that of calls."""
        return self.chats if self.chats.has(call) else self.calls

    def _of_calls(self, event: Event, now: float) -> list[Effect]:
        effects = self.tell(self.calls, event, now)
        changed = [effect.operator for effect in effects if type(effect) is OperatorChanged]
        if not changed:
            return effects
        done = self._shown(effects)
        for name in dict.fromkeys(changed):
            done += self._chats_follow(name, now)
        return done

    def _of_chats(self, event: Event, now: float) -> list[Effect]:
        effects = self.tell(self.chats, event, now)
        done = self._shown_of_chats(effects)
        for effect in effects:
            if type(effect) is OperatorChanged:
                done += self._calls_follow(effect, now)
        return done

    def tell(self, dispatcher: EstimatingDispatcher, event: Event, now: float) -> list[Effect]:
        """One of the two is told something."""
        return dispatcher.handle(event, now)

    # --- what is of both --------------------------------------------------------------------------------------------
    def _settings_replaced(self, event: SettingsReplaced, now: float) -> list[Effect]:
        """An operator who is new at the chats stands as the person does, and not as the settings begin; nor as they did
        who were taken out, still have a chat, and are back: they would be offered one before their status is told."""
        calls = self.tell(self.calls, event, now)
        before = self._align(now)
        chats = self.tell(self.chats, SettingsReplaced(for_chats(event.settings, self.calls.operators)), now)
        return [*self._shown(calls), *before, *self._shown_of_chats(chats), *self._align(now)]

    def _align(self, now: float) -> list[Effect]:
        """Every seat of chats stands as its person."""
        names = [person.name for person in self.calls.operators]
        return [effect for name in names for effect in self._chats_follow(name, now)]

    def _chats_follow(self, name: str, now: float) -> list[Effect]:
        """What the person chose holds for chats; and a call may keep them from chats."""
        person, seat, done = self.calls.operator(name), self.chats.operator(name), list[Effect]()
        if person is None or seat is None:
            return []
        if (seat.status, seat.reason) != (person.status, person.reason):
            done += self._of_chats(StatusSet(name, person.status, person.reason, person.set_by), now)
        barred = not seat.settings.chats_during_call and person.state is not State.IDLE
        if seat.barred != barred:
            done += self._of_chats(SeatBarred(name, barred), now)
        return done

    def _calls_follow(self, effect: OperatorChanged, now: float) -> list[Effect]:
        """A break that missed chats brought is a break from calls, too."""
        person, seat = self.calls.operator(effect.operator), self.chats.operator(effect.operator)
        if person is None or seat is None or seat.status is person.status:
            return []
        return self._of_calls(StatusSet(seat.name, seat.status, seat.reason, seat.set_by), now)

    # --- what they want ---------------------------------------------------------------------------------------------
    def _shown(self, effects: Iterable[Effect]) -> list[Effect]:
        """Those of calls as they are, but that whoever is in chats is not idle."""
        done: list[Effect] = []
        for effect in effects:
            if type(effect) is OperatorChanged:
                seat = self.chats.operator(effect.operator)
                if seat is not None and MORE[seat.state] > MORE[effect.state]:
                    effect = replace(effect, state=seat.state, medium=CHAT)
            done.append(effect)
        return done

    def _shown_of_chats(self, effects: Iterable[Effect]) -> list[Effect]:
        """Their timers have names of their own; and whoever is on a call is so, whatever they do in chats."""
        done: list[Effect] = []
        for effect in effects:
            if type(effect) is StartTimer:
                effect = StartTimer(_marked(effect.key), effect.at)
            elif type(effect) is CancelTimer:
                effect = CancelTimer(_marked(effect.key))
            elif type(effect) is OperatorChanged:
                effect = self._seat_changed(effect)
            done.append(effect)
        return done

    def _seat_changed(self, effect: OperatorChanged) -> OperatorChanged:
        person = self.calls.operator(effect.operator)
        if person is None:          # no operator any more, but for the chats they have
            return replace(effect, medium=CHAT)
        chat = MORE[effect.state] > MORE[person.state]
        return OperatorChanged(person.name, person.status, effect.state if chat else person.state, person.reason,
                               person.set_by, CHAT if chat else CALL)

    # --- over a restart ---------------------------------------------------------------------------------------------
    def lasts(self, now: float) -> QueuesLast:
        """What outlives calls and chats, with what was learned."""
        chats = self.chats.lasts(now, come_again=True)
        return replace(self.calls.lasts(now), chats=ChatsLast(chats.operators, chats.queues, chats.paces))

    def resume(self, kept: QueuesLast, shift: float, now: float) -> list[Effect]:
        """The first that it is told: what an earlier one kept. Raises IllegalEvent if calls are there already."""
        calls, chats = self.calls.resume(kept, shift, now), list[Effect]()
        if (last := kept.chats) is not None:
            chats = self.chats.resume(QueuesLast(last.operators, last.queues, last.paces), shift, now)
        return [*self._shown(calls), *self._shown_of_chats(chats), *self._align(now)]

    # --- what is asked ----------------------------------------------------------------------------------------------
    def snapshot(self, now: float) -> dict[str, Any]:
        """One record of each queue and of each operator: see `shown`."""
        calls, chats = self.calls.snapshot(now), self.chats.snapshot(now)
        return {"queues": shown.queues(calls["queues"], chats["queues"]),
                "operators": [shown.operator(person, self.chats.operator(person["name"]))
                              for person in calls["operators"]]}

    @property
    def timers(self) -> dict[TimerKey, float]:
        """The timers that are alive, with when each is due."""
        return self.calls.timers | {_marked(key): at for key, at in self.chats.timers.items()}

    def can_be_rung(self, operator: str, medium: Medium = CALL) -> bool:
        """Whether somebody may ring the operator past the queues: their phone is there and they are on no call; for a
        chat their desk, and they have room for one more."""
        return self.chats.has_room(operator) if medium == CHAT else self.calls.can_be_rung(operator)

    def place(self, queue: str, call: str) -> int | None:
        """Among those who wait for the same seats; 1 is next. None if the call waits in no such queue."""
        return self.medium_of(call).place(queue, call)

    def say(self, call: str, now: float) -> WaitEstimated | None:
        """What to tell who waits, as of `WaitEstimator.say`."""
        return self.medium_of(call).waits.say(call, now)

    def estimate(self, call: str, now: float) -> Range | None:
        """What is left of the wait, as of `WaitEstimator.estimate`."""
        return self.medium_of(call).waits.estimate(call, now)

    def at_desk(self, operator: str, now: float) -> AtDesk:
        """What the operator's own screen shows: of two wrap-ups that of the call."""
        return shown.at_desk(self.calls.at_desk(operator, now), self.chats.at_desk(operator, now))

    def why(self, operator: str, call: str, now: float) -> str:
        """One sentence: why this operator is, or is not, getting this call or chat."""
        dispatcher = self.medium_of(call)
        if dispatcher is self.chats and self.chats.operator(operator) is None and self.calls.operator(operator):
            return f"{operator} takes no chats."
        return dispatcher.why(operator, call, now)

    def why_operator(self, operator: str, now: float) -> str:
        """Why this operator is not getting a call; of who has to do with chats also why not a chat."""
        seat, said = self.chats.operator(operator), self.calls.why_operator(operator, now)
        if seat is None or not (seat.reachable or seat.load):
            return said
        return f"{said} Of chats: {self.chats.why_operator(operator, now)}"

    def why_call(self, call: str) -> str:
        """One sentence: why this call or chat waits."""
        return self.medium_of(call).why_call(call)

SAYS = frozenset({CallQueued, CallTaken, OperatorEngaged, ReachabilityChanged})
OF_STAYS = frozenset({CallLeft, OfferAccepted, OfferFailed})
OF_PARTS = frozenset({CallerOwned, OperatorReleased})


def for_chats(settings: Settings, people: Iterable[Operator]) -> Settings:
    """The same queues, and operators who take chats with as much room as they have for them, standing as these do."""
    status = {person.name: person.status for person in people}
    return replace(settings, operators=tuple(
        replace(each, capacity=each.chats, status=status.get(each.name, each.status), medium=CHAT)
        for each in settings.operators if each.chats > 0))


def _marked(key: TimerKey) -> TimerKey:
    return PREFIX + key[0], key[1], key[2]


def _plain(key: TimerKey) -> TimerKey:
    return key[0].removeprefix(PREFIX), key[1], key[2]
