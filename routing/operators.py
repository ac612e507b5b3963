"""Operators: what the person chose, what the engine does with them, and whether their phone can be reached.

Three things that others mix up are kept apart. `status` is the person's, and the engine never writes over it; `state`
is the engine's; `reachable` is the phone's. Who is available, idle and reachable serves the queues that name them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ivr.base.machine import IllegalEvent
from routing.queue import TimerKey


class Status(StrEnum):
    """What the person set."""

    LOGGED_OUT = "logged_out"
    AVAILABLE = "available"
    ON_BREAK = "on_break"


class State(StrEnum):
    """What the engine does with them."""

    IDLE = "idle"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"


NEXT: Mapping[State, frozenset[State]] = {
    State.IDLE: frozenset({State.RINGING, State.ON_CALL}),      # on a call: one that no queue offered
    State.RINGING: frozenset({State.ON_CALL, State.IDLE}),      # idle: the offer failed or was withdrawn
    State.ON_CALL: frozenset({State.WRAP_UP, State.IDLE}),
    State.WRAP_UP: frozenset({State.IDLE, State.ON_CALL}),
}


@dataclass(frozen=True)
class OperatorSettings:
    """What an admin sets for an operator; `status` is the one they begin with, `skills` have a level each."""

    name: str
    status: Status = Status.LOGGED_OUT
    skills: Mapping[str, int] = field(default_factory=dict)


class Operator:
    """One operator as plain data; the dispatcher changes it."""

    def __init__(self, settings: OperatorSettings, order: int, now: float) -> None:
        self.name = settings.name
        self.order = order
        """Place among the settings' operators: settles ties."""
        self.status = settings.status
        self.reason = ""
        self.status_since = now
        self.state = State.IDLE
        self.state_since = now
        self.idle_since = now
        """When they last became free; a caller who hangs up while their phone rings leaves it as it was."""
        self.reachable = False
        self.removed = False
        """No longer in the settings, but still on a call."""
        self.call: str | None = None
        """The call they are rung for, or on: of several the first."""
        self.calls: list[str] = []
        """Every call they are on: assigned by us, or one that they dialled, took over, or got by a transfer."""
        self.wrap_up = 0.0
        """Wrap-up that the present call will have."""
        self.timer: TimerKey | None = None
        """End of the ring time or of the wrap-up."""
        self.rest_timer: TimerKey | None = None
        self.rest_until = 0.0
        self.serves: tuple[str, ...] = ()
        """Queues that name them."""
        self.listed = False
        """Stands in the `idle` list of those queues."""
        self.counted = False
        """Counted in `serving` of those queues."""
        self.answered = 0
        self.missed = 0

    @property
    def is_ready(self) -> bool:
        """Can be offered a call now."""
        return (self.state is State.IDLE and self.status is Status.AVAILABLE and self.reachable
                and self.rest_timer is None and not self.removed)

    @property
    def in_service(self) -> bool:
        """Callers may hope for them: available, or busy with a call whatever they chose for after it; and reachable."""
        busy = self.state is State.RINGING or self.state is State.ON_CALL
        return self.reachable and not self.removed and (busy or self.status is Status.AVAILABLE)

    def enter(self, state: State, now: float) -> None:
        """Change the state. Raises IllegalEvent, with nothing changed, where NEXT has no such step."""
        if state not in NEXT[self.state]:
            raise IllegalEvent(f"operator {self.name}: {self.state} to {state}")
        self.state = state
        self.state_since = now

    def set_status(self, status: Status, reason: str, now: float) -> None:
        """Take over the person's choice; idle time counts from when they became available."""
        if status is not self.status:
            self.status_since = now
            if status is Status.AVAILABLE and self.state is State.IDLE:
                self.idle_since = now
        self.status = status
        self.reason = reason

    def condition(self) -> str:
        """In a few words what keeps them from taking a call, or "free"."""
        if self.state is not State.IDLE:
            return {State.RINGING: "being rung", State.ON_CALL: "on a call", State.WRAP_UP: "in wrap-up"}[self.state]
        if self.status is not Status.AVAILABLE:
            return "on break" if self.status is Status.ON_BREAK else "logged out"
        if not self.reachable:
            return "without a registered phone"
        return "resting after a missed call" if self.rest_timer else "free"

    def snapshot(self, now: float) -> dict[str, Any]:
        """Plain data for screens and metrics; times are seconds until `now`."""
        return {
            "name": self.name, "status": str(self.status), "reason": self.reason, "state": str(self.state),
            "reachable": self.reachable, "condition": self.condition(), "call": self.call, "queues": list(self.serves),
            "status_time": now - self.status_since, "state_time": now - self.state_since,
            "idle_time": now - self.idle_since if self.is_ready else 0.0,
            "rest_time": max(self.rest_until - now, 0.0) if self.rest_timer else 0.0,
            "answered": self.answered, "missed": self.missed,
        }
