"""Operators: what the person chose, what the engine does with them, and whether their phone can be reached.

Three things that others mix up are kept apart. `status` is the person's, and the engine never writes over it; `state`
is the engine's; `reachable` is the phone's. Who is available, idle and reachable serves the queues that name them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from ivr.base.machine import IllegalEvent
from routing.queue import Offer, TimerKey
from routing.skills import Profile

HOTLINE = "hotline"     # who set a status that no person set
Medium = Literal["call", "chat"]
CALL: Medium = "call"
CHAT: Medium = "chat"


class Words(NamedTuple):
    """What keeps somebody from a call, or from a chat."""

    ringing: str
    busy: str
    wrap_up: str
    unreachable: str


WORDS: Mapping[Medium, Words] = {
    CALL: Words("being rung", "on a call", "in wrap-up", "without a registered phone"),
    CHAT: Words("being offered a chat", "in as many chats as they may have", "writing up a chat",
                "without a desk that answers chats"),
}
BARRED = "on a call, and takes no chats beside it"
MOST_OWED = 100         # calls to write up after the last: for who is never off the telephone


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
    # idle: the offer failed or was withdrawn; wrap-up: that of the call before, which the offer came to overlap with
    State.RINGING: frozenset({State.ON_CALL, State.IDLE, State.WRAP_UP}),
    State.ON_CALL: frozenset({State.WRAP_UP, State.IDLE, State.RINGING}),   # ringing: for one more, of several
    State.WRAP_UP: frozenset({State.IDLE, State.ON_CALL}),
}


@dataclass(frozen=True)
class OperatorSettings:
    """What an admin sets for an operator; `status` is the one they begin with, `skills` have a level each."""

    name: str
    status: Status = Status.LOGGED_OUT
    skills: Mapping[str, int] = field(default_factory=dict)
    """Levels by skill, from 1 on."""
    languages: tuple[str, ...] = ()
    """Languages spoken; none named: all."""
    capacity: int = 1
    """Calls they may have at one time, those that ring included."""
    chats: int = 0
    """Chats they may have beside these; 0: none ever."""
    chats_during_call: bool = True
    """Whether they are offered chats while a call rings at them, while they are on one, and in its wrap-up."""
    medium: Medium = CALL
    """What a dispatcher gives them (routing.seats)."""


@dataclass(frozen=True)
class Owed:
    """The wrap-up of one call: `length` s, or at most so long where saving its request ends it."""

    length: float
    until_saved: bool


class Operator:
    """One operator as plain data; the dispatcher changes it."""

    profile: Profile
    """Skills and languages, of `settings`."""

    def __init__(self, settings: OperatorSettings, order: int, now: float) -> None:
        self.settings = settings
        self.name = settings.name
        self.order = order
        """Place among the settings' operators: settles ties."""
        self.status = settings.status
        self.reason = ""
        self.set_by = ""
        """Who set the status: "" for the person, else a supervisor's name, or HOTLINE."""
        self.status_since = now
        self.state = State.IDLE
        self.state_since = now
        self.idle_since = now
        """When they last became free; a caller who hangs up while their phone rings leaves it as it was."""
        self.reachable = False
        self.barred = False
        """What they do in the other medium keeps them from this one now."""
        self.removed = False
        """No longer in the settings, but still on a call."""
        self.calls: list[str] = []
        """Every call they are on: assigned by us, or one that they dialled, took over, or got by a transfer."""
        self.offers: dict[str, Offer] = {}
        """Calls that ring at them."""
        self.owed: dict[str, Owed] = {}
        """By call, the latest last: the wrap-ups that follow the present calls, or run, all of them side by side."""
        self.wraps_up_since = 0.0
        """They run since then."""
        self.noted = ""
        """The call whose request the wrap-up is for: of several that with the longest, of these the latest."""
        self.wrap_up_timer: TimerKey | None = None
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
        self.missed_in_a_row = 0
        """Since they answered, or somebody set their status."""
        self.taken = 0
        """Calls from queues since they logged in."""
        self.talked = 0.0
        """Seconds on calls since they logged in; the present one counts at its end."""

    @property
    def call(self) -> str | None:
        """The call they are on, or rung for: of several the first."""
        return self.calls[0] if self.calls else next(iter(self.offers), None)

    @property
    def load(self) -> int:
        return len(self.calls) + len(self.offers)

    @property
    def has_room(self) -> bool:
        """The engine could give them one more call."""
        return self.state is not State.WRAP_UP and len(self.calls) + len(self.offers) < self.settings.capacity

    @property
    def is_ready(self) -> bool:
        """Can be offered a call now."""
        return (self.status is Status.AVAILABLE and self.reachable and self.rest_timer is None and not self.removed
                and not self.barred and self.has_room)

    @property
    def in_service(self) -> bool:
        """Callers may hope for them: available, or busy with a call whatever they chose for after it; and reachable."""
        busy = self.state is State.RINGING or self.state is State.ON_CALL
        return self.reachable and not self.removed and (busy or self.status is Status.AVAILABLE)

    @property
    def wrap_up(self) -> float:
        """Seconds of wrap-up in all."""
        return max((each.length for each in self.owed.values()), default=0.0)

    @property
    def until_saved(self) -> bool:
        """Saving the request of `noted` ends its wrap-up."""
        return self.noted in self.owed and self.owed[self.noted].until_saved

    def owe(self, call: str, owed: Owed) -> None:
        """After their calls they write up this one too, however long; what they owed for it before is forgotten."""
        self.owed.pop(call, None)
        self.noted = call
        if owed.length > 0:
            self.owed[call] = owed
        if len(self.owed) > MOST_OWED:
            del self.owed[next(iter(self.owed))]
        self._note()

    def forgo(self, calls: Iterable[str]) -> None:
        """Nothing is owed for these calls any more; for one for which nothing was, that is no error."""
        for call in calls:
            self.owed.pop(call, None)
        self._note()

    def interrupt(self, now: float) -> None:
        """A call comes into the wrap-up that runs: what is left of it is owed after that call."""
        passed = now - self.wraps_up_since
        self.owed = {call: replace(each, length=each.length - passed) for call, each in self.owed.items()
                     if each.length > passed}
        self._note()

    def _note(self) -> None:
        if self.owed:
            self.noted = max(reversed(self.owed), key=lambda call: self.owed[call].length)

    def enter(self, state: State, now: float) -> None:
        """Change the state. Raises IllegalEvent, with nothing changed, where NEXT has no such step."""
        if state not in NEXT[self.state]:
            raise IllegalEvent(f"operator {self.name}: {self.state} to {state}")
        if self.state is State.ON_CALL:
            self.talked += now - self.state_since
        self.state = state
        self.state_since = now

    def set_status(self, status: Status, reason: str, now: float, by: str = "") -> None:
        """Take over a choice. Idle time counts from becoming available, `taken` and `talked` from the log-in."""
        self.missed_in_a_row = 0
        self.set_by = by
        if status is not self.status:
            self.status_since = now
            if self.status is Status.LOGGED_OUT:
                self.taken, self.talked = 0, 0.0
            if status is Status.AVAILABLE and self.state is State.IDLE:
                self.idle_since = now
        self.status = status
        self.reason = reason

    def condition(self) -> str:
        """In a few words what keeps them from taking a call, or "free"."""
        words = WORDS[self.settings.medium]
        if not self.has_room:
            return {State.RINGING: words.ringing, State.ON_CALL: words.busy}.get(self.state, words.wrap_up)
        if self.status is not Status.AVAILABLE:
            return "on break" if self.status is Status.ON_BREAK else "logged out"
        if not self.reachable:
            return words.unreachable
        if self.barred:
            return BARRED
        return "resting after a missed call" if self.rest_timer else "free"

    def snapshot(self, now: float) -> dict[str, Any]:
        """Plain data for screens and metrics; times are seconds until `now`."""
        return {
            "name": self.name, "status": str(self.status), "reason": self.reason, "set_by": self.set_by,
            "state": str(self.state), "reachable": self.reachable, "condition": self.condition(), "call": self.call,
            "queues": list(self.serves),
            "status_time": now - self.status_since, "state_time": now - self.state_since,
            "idle_time": now - self.idle_since if self.is_ready else 0.0,
            "rest_time": max(self.rest_until - now, 0.0) if self.rest_timer else 0.0,
            "answered": self.answered, "missed": self.missed,
        }
