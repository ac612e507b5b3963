"""What the dispatcher is told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from routing.lasting import OperatorLasts, QueueLasts
from routing.operators import CALL, Medium, OperatorSettings, Status
from routing.queue import Ending, TimerKey
from routing.queue_settings import QueueSettings
from routing.skills import Skills


@dataclass(frozen=True)
class Settings:
    """Queues and operators; among operators who are free equally long the earlier goes first."""

    queues: tuple[QueueSettings, ...] = ()
    operators: tuple[OperatorSettings, ...] = ()
    priority_step: float = 600.0
    """Seconds of waiting that one step of priority counts for."""
    auto_break_after_missed: int = 0
    """After so many offers in a row that came to nothing the operator is on break; 0: never."""


@dataclass(frozen=True)
class CallQueued:
    """A caller entered a queue. Steps of `priority` count as waiting done already (Settings.priority_step), and so does
    the time from `since` (s) on, for one who has waited before. `skills`: those that the operator must have, with the
    least level of each."""

    call: str
    queue: str
    language: str = ""
    priority: int = 0
    skills: Skills = ()
    """What the operator must have, with the level of each, from 1 on."""
    preferred: str = ""
    """Whom the caller talked with last: waited for a while (QueueSettings.sticky)."""
    since: float | None = None
    """When the caller came, if that was before now: their place is of then."""
    virtual: bool = False
    """Nobody holds the line: someone who is to be called back. Such a stay is matched as any other, hears no
    announcement, takes no caller's room (`max_waiting`) and waits for as long as it takes."""
    passed: tuple[str, ...] = ()
    """Operators who can't take it today: as if tried in vain, so everybody else is rung before."""
    returned: bool = False
    """They waited here when an earlier process ended, and so are let in; who serves them may still be on the way."""
    medium: Medium = CALL
    """For the seats alone, as in the events below: a dispatcher does not ask."""


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
    medium: Medium = CALL


@dataclass(frozen=True)
class OperatorEngaged:
    """The operator is on a call that no queue gave them: dialled, taken over, or transferred to them.

    Said again for the same call it changes nothing; OperatorReleased ends it. Said of the operator to whom the call was
    assigned, the call may be queued again while they stay on it. A phone of theirs that rings for a caller stops, and
    the caller goes on to the next operator.

    A wrap-up that runs goes on after the call, for what was left of it, unless they say by the call that they have
    `written_up`.
    """

    operator: str
    call: str
    medium: Medium = CALL
    written_up: bool = False


@dataclass(frozen=True)
class CallerOwned:
    """The operator answers for a caller of this queue, whom no offer of it gave them: a colleague sent them on, or they
    took the caller over. They are on the call already; they write it up as the queue has it. Changes nothing else.
    """

    operator: str
    call: str
    queue: str


@dataclass(frozen=True)
class OperatorReleased:
    """The operator's part in the call is over, whoever ended it.

    `in_vain`: nobody was ever on the line with them. Such a call is none that they answered, and leaves nothing to
    wrap up. `asked`: a colleague called their queue, which nobody writes up.
    """

    operator: str
    call: str
    in_vain: bool = False
    asked: bool = False


@dataclass(frozen=True)
class StatusSet:
    """The person (or a supervisor, `by`) chose a status; one chosen during an offer or a call applies after it, and
    nothing that the engine does overwrites it. Logging out stops the phones that ring."""

    operator: str
    status: Status
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class WrapUpDone:
    """The request of a call is saved (`call`), or the operator says so of whatever they wrap up (""). It ends the
    wrap-up of queues that wait for it, or forestalls it if the call still goes on."""

    operator: str
    call: str = ""


@dataclass(frozen=True)
class LegsAlive:
    """Which calls have a leg of which operator that lives. Who is held busy by any other call is released from it.

    Being on a call is a lease of the call's: should OperatorReleased ever be lost, this ends it. To be told now and
    then, in the same turn in which it was looked up.
    """

    calls: Mapping[str, Collection[str]]
    """By operator; who is not in it has none."""


@dataclass(frozen=True)
class ReachabilityChanged:
    """The operator's first phone registered, or the last one is gone; of `chat`: their desk answers, or no longer.
    `back_within`: s in which they are expected back, and for which nobody of its medium is sent away because nobody
    serves: calls and chats have a dispatcher each (`routing.seats`)."""

    operator: str
    reachable: bool
    medium: Medium = CALL
    back_within: float = 0.0


@dataclass(frozen=True)
class SeatBarred:
    """What the operator does in the other medium keeps them from this one, or no longer. What is offered to them stops
    and goes on to the next; what they have, they keep."""

    operator: str
    barred: bool


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


@dataclass(frozen=True)
class Resumed:
    """What an earlier dispatcher kept of operators and queues: the first that a new one is told, before any call or
    phone. Settings are the new one's. `shift` (s) added to a time of the earlier clock gives one of this."""

    operators: Sequence[OperatorLasts]
    queues: Sequence[QueueLasts]
    shift: float = 0.0


Event = (CallQueued | CallLeft | OfferAccepted | OfferFailed | CallTaken | OperatorEngaged | CallerOwned
         | OperatorReleased | StatusSet | WrapUpDone | LegsAlive | ReachabilityChanged | SeatBarred | TimerFired
         | SettingsReplaced | Resumed)
