"""What the dispatcher wants done."""

from dataclasses import dataclass
from typing import Literal

from routing.operators import CALL, Medium, State, Status
from routing.queue import Ending, OverflowReason, TimerKey

WithdrawReason = Literal["caller_left", "no_answer", "unreachable", "logged_out", "removed", "max_wait",
                         "nobody_logged_in", "nobody_able", "no_queue", "taken", "engaged", "answered_elsewhere"]
OfferEnding = Literal["answered", "busy", "refused", "failed"] | WithdrawReason


@dataclass(frozen=True)
class OfferCall:
    """Ring the operator's phones for the call. The dispatcher itself ends it after `ring_time`."""

    call: str
    operator: str
    ring_time: float


@dataclass(frozen=True)
class WithdrawOffer:
    """Stop ringing the operator for the call."""

    call: str
    operator: str
    reason: WithdrawReason


@dataclass(frozen=True)
class AssignCall:
    """Bridge caller and operator. Say OperatorReleased when the operator's part is over, whatever happened."""

    call: str
    operator: str


@dataclass(frozen=True)
class OverflowCall:
    """The stay is over without an operator: do with the call what the queue's overflow says."""

    call: str
    queue: str
    reason: OverflowReason


@dataclass(frozen=True)
class AnnouncePlace:
    """Tell the caller their place; 1 is next."""

    call: str
    place: int


@dataclass(frozen=True)
class OperatorChanged:
    """Tell screens and the record: status or state is another now."""

    operator: str
    status: Status
    state: State
    reason: str = ""
    """Of the status: why they are on break."""
    by: str = ""
    """Who set the status: "" for the person, else a supervisor's name, or "hotline"."""
    medium: Medium = CALL
    """Whose state it is: what they do in chats, where that is more than what they do in calls (routing.seats)."""


@dataclass(frozen=True)
class OfferEnded:
    """For the record: the phones of one operator ring no longer for the call. Comes once for each OfferCall."""

    call: str
    operator: str
    how: OfferEnding
    rang: float
    """Seconds."""


@dataclass(frozen=True)
class StayEnded:
    """For the record: what became of one stay. Comes once for each call that a queue was offered."""

    call: str
    queue: str
    ending: Ending
    wait: float
    """Seconds; 0 for who was not let in."""
    operator: str = ""
    """Who answered."""
    reason: str = ""
    """Of an overflow."""
    virtual: bool = False
    """Nobody held the line (CallQueued)."""


@dataclass(frozen=True)
class LeaseLost:
    """An alarm: the operator was held busy by a call that is gone. They are free again."""

    operator: str
    call: str


@dataclass(frozen=True)
class StartTimer:
    """Send TimerFired(key) at `at`."""

    key: TimerKey
    at: float


@dataclass(frozen=True)
class CancelTimer:
    """That timer is not needed any more."""

    key: TimerKey


Effect = (OfferCall | WithdrawOffer | AssignCall | OverflowCall | AnnouncePlace | StartTimer | CancelTimer
          | OperatorChanged | OfferEnded | StayEnded | LeaseLost)
