"""Who is to be called back: each open request once, in the place in line of when the caller came.

    opened ──▶ waiting ──offered──▶ tried ──reached──▶ (gone)
                  ▲                   │ not reached, and attempts are left
                  └────── paused ◀────┘ (also outside the hours, and while the caller waits in the queue in person)

While it waits a callback has a *stay*: in the dispatcher, as a caller has, with nobody on the line. A request has one
stay or none, so it is never tried twice at one time; and an attempt begins with an operator who was found for it, so
there are never more attempts than free operators.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

MOST_OPEN = 5_000        # some 5 MB; further requests stay open in the record, for people to look at


@dataclass(frozen=True)
class CallbackRules:
    """What an admin sets for the callbacks of a queue. Times in seconds."""

    first: Literal["operator", "caller"] = "operator"
    """Who is rung first."""
    attempts: int = 3
    """How often the caller is dialled."""
    retry_after: float = 600.0
    """From one attempt that did not reach the caller to the next."""
    ring_time: float = 40.0
    """How long the caller's phone rings."""


class Phase(StrEnum):
    """Where a callback stands."""

    WAITING = "waiting"      # in its place in the queue
    PAUSED = "paused"        # until a time
    HELD = "held"            # while the caller is here in person
    TRIED = "tried"          # an operator is there for it


@dataclass
class Callback:
    """One. `what` is for whoever opened it; `number` is the caller's, to recognise them by, and goes nowhere."""

    request: str
    queue: str
    since: float
    """When the caller came."""
    language: str = ""
    number: str = field(default="", repr=False)
    attempts: int = 0
    """How often the caller was dialled in vain."""
    what: Any = field(default=None, repr=False)
    phase: Phase = Phase.PAUSED
    stay: str = ""
    """The id of the stay, which is that of the call once there is one."""
    until: float | None = None
    """End of the pause."""
    held_by: str = ""
    """The call in which the caller is here."""


@dataclass(frozen=True)
class EnterLine:
    """Let it wait in its queue."""

    callback: Callback


@dataclass(frozen=True)
class LeaveLine:
    """Take this stay out of its queue."""

    stay: str


@dataclass(frozen=True)
class Pause:
    """Say `due` of it at `until`."""

    request: str
    until: float


@dataclass(frozen=True)
class GaveUp:
    """The last attempt was made in vain."""

    callback: Callback


Effect = EnterLine | LeaveLine | Pause | GaveUp


class Callbacks:
    """All that are open, by request. `opens_at` is always when the queue's callbacks may begin: `now`, or later."""

    def __init__(self) -> None:
        self.open: dict[str, Callback] = {}
        self._of_stay: dict[str, str] = {}
        self._of_number: dict[tuple[str, str], str] = {}     # number and queue
        self._held: dict[str, set[str]] = {}                 # by the call in which the caller is here; one a queue

    def __len__(self) -> int:
        return len(self.open)

    def of_stay(self, stay: str) -> Callback | None:
        """The callback whose stay, or call, this is."""
        return self.open.get(self._of_stay.get(stay, ""))

    def of_caller(self, number: str, queue: str) -> Callback | None:
        """What somebody who calls from this number has asked of this queue before."""
        return self.open.get(self._of_number.get((number, queue), "")) if number else None

    # --- it comes and goes ------------------------------------------------------------------------------------------
    def begin(self, callback: Callback, stay: str, now: float, opens_at: float) -> list[Effect]:
        """A new one; nothing if it is known, or if there are too many. `stay` is an id that was never used."""
        if callback.request in self.open or len(self.open) >= MOST_OPEN:
            return []
        self.open[callback.request] = callback
        if callback.number:
            self._of_number[callback.number, callback.queue] = callback.request
        return self.due(callback.request, stay, now, opens_at)

    def due(self, request: str, stay: str, now: float, opens_at: float) -> list[Effect]:
        """The pause is over, or somebody says so: it waits in line under `stay`, unless the hours forbid it."""
        callback = self.open.get(request)
        if callback is None or callback.phase is not Phase.PAUSED:
            return []
        if opens_at > now:
            return self._pause(callback, opens_at)
        callback.phase, callback.until, callback.stay = Phase.WAITING, None, stay
        self._of_stay[stay] = request
        return [EnterLine(callback)]

    def forget(self, request: str) -> list[Effect]:
        """It is not wanted any more. An attempt that goes on is for whoever calls this to end."""
        callback = self.open.pop(request, None)
        if callback is None:
            return []
        if callback.held_by:
            self._held[callback.held_by].discard(request)
        if self._of_number.get((callback.number, callback.queue)) == request:
            del self._of_number[callback.number, callback.queue]
        return self._leave(callback)

    def take_all_out(self) -> list[Effect]:
        """None is to begin any more: the service ends. They stay open in the record."""
        return [effect for callback in self.open.values() if callback.phase is Phase.WAITING
                for effect in self._pause(callback, float("inf"))]

    # --- an attempt -------------------------------------------------------------------------------------------------
    def tried(self, stay: str) -> Callback | None:
        """An operator is offered to it; None if it is no callback, or not one that waits."""
        callback = self.of_stay(stay)
        if callback is None or callback.phase is not Phase.WAITING:
            return None
        callback.phase = Phase.TRIED
        return callback

    def not_now(self, stay: str, until: float) -> list[Effect]:
        """No attempt can begin at present, for a reason that is not the caller's."""
        callback = self.of_stay(stay)
        return self._pause(callback, until) if callback is not None else []

    def attempt_over(self, stay: str, rules: CallbackRules, now: float, *, dialled: bool, reached: bool,
                     ) -> list[Effect]:
        """The call of an attempt is over. Who was dialled in vain as often as allowed is given up."""
        callback = self.of_stay(stay)
        if callback is None:
            return []
        del self._of_stay[stay]
        callback.stay = ""
        if reached:
            return self.forget(callback.request)
        callback.attempts += dialled
        if callback.attempts >= rules.attempts:
            return [*self.forget(callback.request), GaveUp(callback)]
        return self._pause(callback, now + rules.retry_after)

    # --- the caller is here in person -------------------------------------------------------------------------------
    def hold(self, number: str, queue: str, call: str) -> tuple[Callback | None, list[Effect]]:
        """The caller waits in this queue in person, in the place of their callback, which waits for how that goes.
        None if there is none, or if it is tried already, or another call holds it."""
        callback = self.of_caller(number, queue)
        if callback is None or (callback.phase not in (Phase.WAITING, Phase.PAUSED) and callback.held_by != call):
            return None, []
        effects = self._leave(callback)
        callback.phase, callback.held_by, callback.until = Phase.HELD, call, None
        self._held.setdefault(call, set()).add(callback.request)
        return callback, effects

    def let_go(self, call: str, new_stay: Callable[[], str], now: float, opens_at: float) -> list[Effect]:
        """That call is over, and nobody has talked with the caller, who may have been in several queues."""
        effects: list[Effect] = []
        for request in sorted(self._held.pop(call, ())):
            callback = self.open[request]
            callback.phase, callback.held_by = Phase.PAUSED, ""
            effects += self.due(request, new_stay(), now, opens_at)
        return effects

    # --- moves ------------------------------------------------------------------------------------------------------
    def _pause(self, callback: Callback, until: float) -> list[Effect]:
        effects = self._leave(callback)
        callback.phase, callback.until = Phase.PAUSED, until
        return [*effects, Pause(callback.request, until)]

    def _leave(self, callback: Callback) -> list[Effect]:
        """It has no stay any more; one that waits, or is tried, is still known to the dispatcher."""
        stay, callback.stay = callback.stay, ""
        if not stay:
            return []
        del self._of_stay[stay]
        return [LeaveLine(stay)]
