"""One row per event: what the dispatcher does about it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from routing.dispatcher.at_desk import AtDesk, at_desk
from routing.dispatcher.callers import (
    announcement_due,
    call_left,
    call_queued,
    grace_over,
    max_wait_over,
    round_over,
    step_over,
    sticky_over,
)
from routing.dispatcher.effects import Effect
from routing.dispatcher.engaging import (
    call_taken,
    caller_owned,
    legs_alive,
    operator_engaged,
    operator_released,
    wrap_up_done,
    wrap_up_over,
)
from routing.dispatcher.events import (
    CallerOwned,
    CallLeft,
    CallQueued,
    CallTaken,
    Event,
    LegsAlive,
    OfferAccepted,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    Resumed,
    SeatBarred,
    Settings,
    SettingsReplaced,
    StatusSet,
    TimerFired,
    WrapUpDone,
)
from routing.dispatcher.lasting import operators_last, queues_last, resume
from routing.dispatcher.matching import Matching
from routing.dispatcher.offering import (
    offer_accepted,
    offer_failed,
    reachability_changed,
    rest_over,
    ring_time_over,
    seat_barred,
    status_set,
)
from routing.dispatcher.reload import replace_settings
from routing.dispatcher.why import explain_operator, explain_stay, why
from routing.lasting import OperatorLasts, QueueLasts
from routing.operators import Operator, State
from routing.queue import TimerKey


class Dispatcher:
    """Matches callers and operators. Nothing polls: the event that frees one side looks for the other."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._matching = Matching(settings)
        replace_settings(self._matching, settings, now)

    def handle(self, event: Event, now: float) -> list[Effect]:
        """Apply one event; the effects are in the order in which they are to be carried out.

        Raises IllegalEvent, with nothing changed, if a call is queued that waits or is assigned already.
        """
        self._matching.effects = []
        ROWS[type(event)](self._matching, event, now)
        return self._matching.effects

    def snapshot(self, now: float) -> dict[str, Any]:
        """Queues and operators as plain data for screens and metrics (Queue.snapshot, Operator.snapshot)."""
        return {"queues": [queue.snapshot(now) for queue in self._matching.queues.values()],
                "operators": [operator.snapshot(now) for operator in self._matching.operators.values()]}

    def lasting(self, now: float, *, come_again: bool = False) -> tuple[list[OperatorLasts], list[QueueLasts]]:
        """What outlives the calls (routing.dispatcher.lasting); `Resumed` takes it up. `come_again` as there."""
        return operators_last(self._matching, now), queues_last(self._matching, come_again=come_again)

    @property
    def timers(self) -> dict[TimerKey, float]:
        """The timers that are alive, with when each is due."""
        return dict(self._matching.timers)

    def can_be_rung(self, operator: str) -> bool:
        """Whether somebody may ring the operator past the queues: their phone is there and they are on no call."""
        known = self._matching.operators.get(operator)
        return (known is not None and known.reachable and not known.removed
                and known.state in (State.IDLE, State.WRAP_UP))

    def has_room(self, operator: str) -> bool:
        """Whether somebody may give the operator one more past the queues: they are there, and have room for it."""
        known = self._matching.operators.get(operator)
        return (known is not None and known.reachable and not known.removed and not known.barred
                and known.load < known.settings.capacity)

    def operator(self, name: str) -> Operator | None:
        """To be looked at; also one who is no longer in the settings, while they are on a call."""
        return self._matching.operators.get(name)

    @property
    def operators(self) -> Iterable[Operator]:
        """All of them, in the order of the settings."""
        return self._matching.operators.values()

    def has(self, call: str) -> bool:
        """Whether the call waits here, or is assigned."""
        return call in self._matching.stays or call in self._matching.assigned

    def place(self, queue: str, call: str) -> int | None:
        """The place of a call in its queue, 1 is next; None if it waits in no such queue."""
        known = self._matching.queues.get(queue)
        return known.place(call) if known is not None and call in known.stays else None

    def at_desk(self, operator: str, now: float) -> AtDesk:
        """What the operator's own screen shows."""
        return at_desk(self._matching, operator, now)

    def why(self, operator: str, call: str, now: float) -> str:
        """One sentence: why this operator is, or is not, getting this call."""
        return why(self._matching, operator, call, now)

    def why_operator(self, operator: str, now: float) -> str:
        """One sentence: why this operator is not getting a call."""
        known = self._matching.operators.get(operator)
        if known is None:
            return f"{operator} is not among the operators."
        return explain_operator(known, [self._matching.queues[name] for name in known.serves], now)

    def why_call(self, call: str) -> str:
        """One sentence: why this call waits."""
        if stay := self._matching.stays.get(call):
            return explain_stay(stay, self._matching.queues[stay.queue], self._matching.operators)
        if operator := self._matching.assigned.get(call):
            return f"Call {call} is with {operator}."
        return f"Call {call} is in no queue."


def settings_replaced(matching: Matching, event: SettingsReplaced, now: float) -> None:
    replace_settings(matching, event.settings, now)


def timer_fired(matching: Matching, event: TimerFired, now: float) -> None:
    """A key that is not alive was cancelled or has fired, so whatever a living key names is still there."""
    if event.key in matching.timers:
        del matching.timers[event.key]
        TIMER_ROWS[event.key[0]](matching, event.key[1], now)


TIMER_ROWS: Mapping[str, Callable[[Matching, str, float], None]] = {
    "max_wait": max_wait_over,
    "announce": announcement_due,
    "round": round_over,
    "step": step_over,
    "sticky": sticky_over,
    "empty": grace_over,
    "ring": ring_time_over,
    "rest": rest_over,
    "wrap_up": wrap_up_over,
}
ROWS: Mapping[type, Callable[[Matching, Any, float], None]] = {
    CallQueued: call_queued,
    CallLeft: call_left,
    OfferAccepted: offer_accepted,
    OfferFailed: offer_failed,
    CallTaken: call_taken,
    OperatorEngaged: operator_engaged,
    CallerOwned: caller_owned,
    OperatorReleased: operator_released,
    StatusSet: status_set,
    WrapUpDone: wrap_up_done,
    LegsAlive: legs_alive,
    ReachabilityChanged: reachability_changed,
    SeatBarred: seat_barred,
    TimerFired: timer_fired,
    SettingsReplaced: settings_replaced,
    Resumed: resume,
}
