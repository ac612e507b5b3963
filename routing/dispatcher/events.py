"""What the dispatcher is told."""

from dataclasses import dataclass
from typing import Literal

from routing.operators import OperatorSettings, Status
from routing.queue import Ending, QueueSettings, TimerKey


@dataclass(frozen=True)
class Settings:
    """Queues and operators; among operators who are free equally long the earlier goes first."""

    queues: tuple[QueueSettings, ...] = ()
    operators: tuple[OperatorSettings, ...] = ()
    priority_step: float = 600.0
    """Seconds of waiting that one step of priority counts for."""


@dataclass(frozen=True)
class CallQueued:
    """A caller entered a queue. Steps of `priority` count as waiting done already (Settings.priority_step). `skills`:
    those that the operator must have, with the least level of each."""

    call: str
    queue: str
    language: str = ""
    priority: int = 0
    skills: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CallLeft:
    """The caller is gone from the queue: hung up, or taken out (then `outcome` says how the stay is counted)."""

    call: str
    outcome: Ending = "abandoned"


@dataclass(frozen=True)
class OfferAccepted:
    """The operator's phone answered. If no AssignCall follows, the call had just left: hang that leg up."""

    call: str
    operator: str


@dataclass(frozen=True)
class OfferFailed:
    """The operator's phone did not take the call."""

    call: str
    operator: str
    reason: Literal["no_answer", "busy", "refused", "unreachable", "failed"]


@dataclass(frozen=True)
class CallTaken:
    """An operator took the call that waits or rings: nobody offered it to them. They are engaged in it from now on."""

    call: str
    operator: str


@dataclass(frozen=True)
class OperatorEngaged:
    """The operator is on a call that no queue gave them: dialled, taken over, or transferred to them.

    Said again for the same call it changes nothing; OperatorReleased ends it. Said of the operator to whom the call was
    assigned, the call may be queued again while they stay on it. A phone of theirs that rings for a caller stops, and
    the caller goes on to the next operator.
    """

    operator: str
    call: str


@dataclass(frozen=True)
class OperatorReleased:
    """The operator's part in the call is over, whoever ended it."""

    operator: str
    call: str


@dataclass(frozen=True)
class StatusSet:
    """The person (or a supervisor) chose a status; a break chosen during an offer or a call applies after it."""

    operator: str
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class ReachabilityChanged:
    """The operator's first phone registered, or the last one is gone."""

    operator: str
    reachable: bool


@dataclass(frozen=True)
class TimerFired:
    """A timer of StartTimer is due. One that was cancelled, or fires twice, does nothing."""

    key: TimerKey


@dataclass(frozen=True)
class SettingsReplaced:
    """New settings. Waiting callers and their deadlines, statuses, offers that ring and counts stay as they are.

    Callers of a queue that is gone overflow; an operator who is gone finishes their call.
    """

    settings: Settings


Event = (CallQueued | CallLeft | OfferAccepted | OfferFailed | CallTaken | OperatorEngaged | OperatorReleased
         | StatusSet | ReachabilityChanged | TimerFired | SettingsReplaced)
