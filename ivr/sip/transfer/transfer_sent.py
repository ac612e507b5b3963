"""A REFER of ours, and what its NOTIFYs tell (RFC 3515): the transferor's side.

```
        TransferOrdered          2xx, a NOTIFY               the last NOTIFY
   IDLE ----------------> ASKING --------------> FOLLOWING --------------------> IDLE
                            | refused, silence       | 2xx to 6xx in a NOTIFY,    ^
                            v                        | yet not the last           |
                          IDLE                       +----------> TOLD -----------+
```
Each order is answered by exactly one TransferProgressed that is final. The NOTIFY may overtake the 202.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.sip.composer import Composer
from ivr.sip.events import TransferProgressed
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask, Respond, StartTimer, StopTimers
from ivr.sip.leg.offers import LegClosed
from ivr.sip.message.message import Request
from ivr.sip.settings import Timing
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow

MAX_WAIT = 300.0            # between two NOTIFYs; a peer may say it goes on for days
TRYING = 100


class State(Enum):
    IDLE = auto()
    ASKING = auto()         # our REFER is out
    FOLLOWING = auto()      # accepted; NOTIFYs tell how it goes
    TOLD = auto()           # the outcome is known, but the subscription not said to be over
    CLOSED = auto()         # the leg has ended


@dataclass(frozen=True)
class TransferOrdered:
    """Our user wants a transfer: the headers of the REFER."""

    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReferAccepted:
    """2xx."""


@dataclass(frozen=True)
class ReferUnfollowed:
    """2xx with Refer-Sub: false: the peer tries, and will tell nothing (RFC 4488)."""

    status: int


@dataclass(frozen=True)
class ReferRefused:
    status: int


@dataclass(frozen=True)
class ReferLost:
    """No answer: 408, or 503 if it could not be sent."""

    status: int


@dataclass(frozen=True)
class ReferChallenged:
    """401 or 407 that we can answer: `renewed` has the credentials."""

    renewed: Request
    flow: Flow
    attempts: int


@dataclass(frozen=True)
class Notified:
    """A NOTIFY with a 1xx, or with no fragment (`status` None)."""

    inbound: Inbound
    status: int | None
    expires: int | None


@dataclass(frozen=True)
class NotifiedOutcome:
    """A NOTIFY with a 2xx to 6xx that doesn't end the subscription, as some phones forget to."""

    inbound: Inbound
    status: int


@dataclass(frozen=True)
class NotifiedEnd:
    """A NOTIFY that ends the subscription."""

    inbound: Inbound
    status: int | None


@dataclass(frozen=True)
class NotifyLimit:
    """Timer: no NOTIFY, or not the next one."""


N, A, F, T, X = State.IDLE, State.ASKING, State.FOLLOWING, State.TOLD, State.CLOSED
NOTIFIED = (Notified, NotifiedOutcome, NotifiedEnd)
TABLE: Table = {
    (N, TransferOrdered): (A, ("ask",)),
    (T, TransferOrdered): (A, ("stop_timer", "ask")),
    **{(state, TransferOrdered): (state, ("refuse_user",)) for state in (A, F)},
    (A, ReferAccepted):   (F, ("await_notify",)),
    (A, ReferUnfollowed): (N, ("tell_refusal",)),
    (A, ReferRefused):    (N, ("tell_refusal",)),
    (A, ReferLost):       (N, ("tell_refusal",)),
    (A, ReferChallenged): (A, ("ask_renewed",)),
    (F, ReferRefused):    (N, ("stop_timer", "tell_refusal")),
    (F, ReferChallenged): (F, ()),                              # it has begun all the same
    **{(F, kind): (F, ()) for kind in (ReferAccepted, ReferUnfollowed, ReferLost)},     # a NOTIFY was first
    **{(state, Notified): (F, ("accept_notify", "tell_progress", "await_next")) for state in (A, F)},
    **{(state, NotifiedOutcome): (T, ("accept_notify", "tell_outcome", "await_end")) for state in (A, F)},
    **{(state, NotifiedEnd): (N, ("accept_notify", "stop_timer", "tell_outcome")) for state in (A, F)},
    **{(T, kind): (T, ("accept_notify",)) for kind in (Notified, NotifiedOutcome)},
    (T, NotifiedEnd):     (N, ("accept_notify", "stop_timer")),
    **{(state, kind): (state, ("refuse_notify",)) for state in (N, X) for kind in NOTIFIED},
    (F, NotifyLimit):     (N, ("tell_silence",)),
    (T, NotifyLimit):     (N, ()),
    **{(state, LegClosed): (X, ("stop_timer", "tell_closed")) for state in (A, F)},
    **{(state, LegClosed): (X, ("stop_timer",)) for state in (N, T, X)},
    **{(state, kind): (state, ()) for state in (N, T, X)
       for kind in (ReferAccepted, ReferUnfollowed, ReferRefused, ReferLost, ReferChallenged)},
    (X, TransferOrdered): (X, ()),
}


class TransferSent(Machine):
    """The REFERs that we send in the dialog of one leg."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (NotifyLimit,)

    def __init__(self, leg: str, dialog: Dialog, composer: Composer, timing: Timing,
                 route: Callable[[Dialog], Flow]) -> None:
        self.state: State = State.IDLE
        self._leg = leg
        self._dialog = dialog
        self._composer = composer
        self._timing = timing
        self._route = route
        self._sequences: tuple[int, ...] = ()       # CSeq numbers of the REFER, with and without credentials
        self._status = TRYING

    def is_current(self, refer: Request) -> bool:
        """Whether `refer` is the newest REFER; answers to an older one say nothing any more."""
        return refer.cseq.number == self._sequences[-1]

    def is_named(self, identifier: str) -> bool:
        """Whether an Event with this `id` means the newest REFER; many phones leave it out."""
        return not identifier or identifier in map(str, self._sequences)

    def ask(self, event: TransferOrdered, now: float) -> list[Any]:
        flow = self._route(self._dialog)
        refer = self._composer.in_dialog(self._dialog, "REFER", flow, event.headers)
        self._sequences, self._status = (refer.cseq.number,), TRYING
        return [Ask(refer, flow, "refer")]

    def ask_renewed(self, event: ReferChallenged, now: float) -> list[Any]:
        self._sequences = (*self._sequences, event.renewed.cseq.number)
        return [Ask(event.renewed, event.flow, "refer", event.attempts)]

    def refuse_user(self, event: TransferOrdered, now: float) -> list[Any]:
        return [TransferProgressed(self._leg, 491, True)]

    def await_notify(self, event: ReferAccepted, now: float) -> list[Any]:
        return [self._await(self._timing.limit, now)]       # RFC 6665 §4.1.2.4, timer N

    def await_next(self, event: Notified, now: float) -> list[Any]:
        asked = MAX_WAIT if event.expires is None else float(event.expires)
        return [self._await(min(max(asked, self._timing.limit), MAX_WAIT), now)]

    def await_end(self, event: NotifiedOutcome, now: float) -> list[Any]:
        return [self._await(self._timing.limit, now)]

    def _await(self, span: float, now: float) -> StartTimer:
        return StartTimer(NotifyLimit(), now + span)

    def accept_notify(self, event: Notified | NotifiedOutcome | NotifiedEnd, now: float) -> list[Any]:
        return [Respond(event.inbound, self._composer.in_dialog_response(event.inbound.request, 200, self._dialog))]

    def refuse_notify(self, event: Notified | NotifiedOutcome | NotifiedEnd, now: float) -> list[Any]:
        return [Respond(event.inbound, self._composer.response(event.inbound.request, 481))]

    def tell_progress(self, event: Notified, now: float) -> list[Any]:
        if event.status is None:
            return []
        self._status = event.status
        return [TransferProgressed(self._leg, event.status, False)]

    def tell_outcome(self, event: NotifiedOutcome | NotifiedEnd, now: float) -> list[Any]:
        """The last status; one before 200, if the peer ends the subscription before it knows more."""
        return [TransferProgressed(self._leg, event.status or self._status, True)]

    def tell_refusal(self, event: ReferUnfollowed | ReferRefused | ReferLost, now: float) -> list[Any]:
        return [TransferProgressed(self._leg, event.status, True)]

    def tell_silence(self, event: NotifyLimit, now: float) -> list[Any]:
        return [TransferProgressed(self._leg, 408, True)]

    def tell_closed(self, event: LegClosed, now: float) -> list[Any]:
        return [TransferProgressed(self._leg, 487, True)]

    def stop_timer(self, event: Any, now: float) -> list[Any]:
        return [StopTimers(self.timers)]
