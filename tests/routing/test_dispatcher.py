"""The dispatcher, case by case, in virtual time. Each case of a fault that others have names where it was told."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ivr.base.machine import IllegalEvent
from ivr.base.timers import Timers
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
    WithdrawOffer,
)

CARDS = QueueSettings("cards", ("anna", "boris", "vera"), announce_first_after=3, announce_every=30)
LOANS = QueueSettings("loans", ("vera",), announce_first_after=3, announce_every=30)
SETTINGS = Settings((CARDS, LOANS), tuple(OperatorSettings(name) for name in ("anna", "boris", "vera")))


class Floor:
    """A dispatcher with its timers in virtual time. `wanted` has (at, effect) of all but timers and screens."""

    def __init__(self, settings: Settings = SETTINGS, *, on: tuple[str, ...] = ()) -> None:
        self.now = 0.0
        self.timers = Timers()
        self.wanted: list[tuple[float, Effect]] = []
        self.changes: list[OperatorChanged] = []
        self.dispatcher = Dispatcher(settings, self.now)
        for name in on:
            self.log_in(name)

    def send(self, *events: Event) -> list[Effect]:
        """Tell events at once; the effects of the last, without timers and screens."""
        effects: list[Effect] = []
        for event in events:
            effects = [effect for effect in self.dispatcher.handle(event, self.now) if not self.took(effect)]
            self.wanted += [(self.now, effect) for effect in effects]
        return effects

    def took(self, effect: Effect) -> bool:
        match effect:
            case StartTimer(key, at):
                self.timers.start(key, at, TimerFired(key))
            case CancelTimer(key):
                self.timers.cancel(key)
            case OperatorChanged():
                self.changes.append(effect)
            case _:
                return False
        return True

    def until(self, at: float) -> list[tuple[float, Effect]]:
        """Let time pass; what was wanted on the way."""
        begin = len(self.wanted)
        while due := self.timers.pop_due(at):
            self.now = due[1].key and self.due_at(due[1])
            self.send(due[1])
        self.now = at
        return self.wanted[begin:]

    def log_in(self, *names: str) -> None:
        for name in names:
            self.send(ReachabilityChanged(name, True), StatusSet(name, Status.AVAILABLE))

    def operator(self, name: str) -> dict[str, object]:
        return next(each for each in self.dispatcher.snapshot(self.now)["operators"] if each["name"] == name)

    def queue(self, name: str = "cards") -> dict[str, object]:
        return next(each for each in self.dispatcher.snapshot(self.now)["queues"] if each["name"] == name)

    def counts(self, name: str = "cards") -> tuple[object, ...]:
        queue = self.queue(name)
        return tuple(queue[kind] for kind in ("offered", "answered", "abandoned", "overflow", "waiting"))
