"""A REFER that came, and the subscription it makes (RFC 3515, RFC 4488, RFC 7647): the transferee's side.

```
        ReferReceived          AcceptTransfer              TransferFinished
   IDLE --------------> ASKED -----------------> NOTIFYING -----------------> IDLE
                          | Refer-Sub: false         | nobody listens          ^
                          +----------------------> SILENT ---------------------+
```
One transfer at a time: whoever asks for a second one meanwhile gets 491.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.sip.commands import AcceptTransfer, RejectTransfer
from ivr.sip.composer import Composer
from ivr.sip.events import TransferRequested
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask, Respond, StartTimer, StopTimers
from ivr.sip.leg.offers import LegClosed
from ivr.sip.message.message import Request
from ivr.sip.message.sipfrag import CONTENT_TYPE, print_sipfrag
from ivr.sip.message.subscription import print_event
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow

ANSWER_LIMIT = 10.0         # our user answers at once; a REFER left open is given up by its sender after 32 s
TERMINATED = "terminated"
EXPIRES = 300.0             # of a new subscription: longer than anything rings
MAX_EXPIRES = 3600          # of one that is refreshed


class State(Enum):
    IDLE = auto()
    ASKED = auto()          # our user has not decided
    NOTIFYING = auto()      # accepted; the peer is told how it goes
    SILENT = auto()         # accepted; the peer doesn't want to know, or can't be told any more
    CLOSED = auto()         # the leg has ended


@dataclass(frozen=True)
class ReferReceived:
    """A REFER that has been read; `told` is what our user gets to hear of it."""

    inbound: Inbound
    told: TransferRequested
    wants_no_subscription: bool


@dataclass(frozen=True)
class TransferContinued:
    """Our user reports 1xx."""

    status: int
    reason: str


@dataclass(frozen=True)
class TransferFinished:
    """Our user reports 2xx to 6xx."""

    status: int
    reason: str


@dataclass(frozen=True)
class Resubscribed:
    """A SUBSCRIBE for this subscription; `expires` in seconds, above 0."""

    inbound: Inbound
    expires: int


@dataclass(frozen=True)
class Unsubscribed:
    """A SUBSCRIBE with Expires: 0."""

    inbound: Inbound


@dataclass(frozen=True)
class SubscriberLost:
    """A NOTIFY was refused in a way that ends the subscription, or never answered."""


@dataclass(frozen=True)
class DecisionLimit:
    """Timer: our user has not answered the REFER."""


@dataclass(frozen=True)
class SubscriptionLimit:
    """Timer: the subscription has expired."""


N, K, S, Q, X = State.IDLE, State.ASKED, State.NOTIFYING, State.SILENT, State.CLOSED
TABLE: Table = {
    (N, ReferReceived):     (K, ("take",)),
    **{(state, ReferReceived): (state, ("refuse_pending",)) for state in (K, S, Q)},
    (X, ReferReceived):     (X, ("refuse_gone",)),
    (K, AcceptTransfer):    (S, ("stop_timers", "accept")),
    (K, RejectTransfer):    (N, ("stop_timers", "reject")),
    (K, DecisionLimit):     (N, ("reject_undecided",)),
    (K, LegClosed):         (X, ("stop_timers", "reject_closed")),
    **{(state, command): (state, ()) for state in (N, S, Q, X) for command in (AcceptTransfer, RejectTransfer)},
    (S, TransferContinued): (S, ("notify",)),
    (S, TransferFinished):  (N, ("stop_timers", "notify_last")),
    (S, Resubscribed):      (S, ("resubscribe", "repeat_notify")),
    (S, Unsubscribed):      (Q, ("stop_timers", "unsubscribe", "notify_timeout")),
    (S, SubscriptionLimit): (Q, ("notify_timeout",)),
    (S, SubscriberLost):    (Q, ("stop_timers",)),
    (S, LegClosed):         (X, ("stop_timers",)),
    (Q, TransferFinished):  (N, ()),
    **{(state, TransferContinued): (state, ()) for state in (N, K, Q, X)},
    **{(state, TransferFinished): (state, ()) for state in (N, K, X)},
    **{(state, kind): (state, ("refuse_subscribe",)) for state in (N, K, Q, X)
       for kind in (Resubscribed, Unsubscribed)},
    **{(state, SubscriberLost): (state, ()) for state in (N, K, Q, X)},
    **{(state, LegClosed): (X, ()) for state in (N, Q, X)},
}


class TransferReceived(Machine):
    """The REFERs that come in the dialog of one leg."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (DecisionLimit, SubscriptionLimit)

    def __init__(self, dialog: Dialog, composer: Composer, route: Callable[[Dialog], Flow]) -> None:
        self.state: State = State.IDLE
        self.newest_notify: Request | None = None
        self.unheard = ""               # the Event of the newest subscription that ended and whose last NOTIFY is out
        self._dialog = dialog
        self._composer = composer
        self._route = route
        self._pending: ReferReceived | None = None
        self._is_first = True
        self._sequence = 0              # CSeq number of the REFER
        self._identifier: int | None = None
        self._expires_at = 0.0
        self._fragment = b""

    @property
    def event(self) -> str:
        """The Event of the subscription."""
        return print_event(self._identifier)

    def is_named(self, identifier: str) -> bool:
        """Whether an Event with this `id` means the subscription; without one it means that of the first REFER."""
        return (not identifier and self._identifier is None) or identifier == str(self._sequence)

    def take(self, event: ReferReceived, now: float) -> list[Any]:
        self._pending = event
        self._sequence = event.inbound.request.cseq.number
        self._identifier = None if self._is_first else self._sequence
        self._is_first = False
        return [event.told, StartTimer(DecisionLimit(), now + ANSWER_LIMIT)]

    def refuse_pending(self, event: ReferReceived, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 491)]

    def refuse_gone(self, event: ReferReceived, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 481)]

    def refuse_subscribe(self, event: Resubscribed | Unsubscribed, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 481)]

    def reject(self, event: RejectTransfer, now: float) -> list[Any]:
        return [self._refusal(self._finish_pending().inbound, event.status)]

    def reject_undecided(self, event: DecisionLimit, now: float) -> list[Any]:
        return [self._refusal(self._finish_pending().inbound, 500)]

    def reject_closed(self, event: LegClosed, now: float) -> list[Any]:
        return [self._refusal(self._finish_pending().inbound, 487)]         # RFC 3261 §15.1.2

    def _refusal(self, inbound: Inbound, status: int) -> Respond:
        return Respond(inbound, self._composer.response(inbound.request, status))

    def _finish_pending(self) -> ReferReceived:
        pending, self._pending = self._pending, None
        assert pending is not None
        return pending

    def accept(self, event: AcceptTransfer, now: float) -> list[Any]:
        pending = self._finish_pending()
        response = self._composer.in_dialog_response(pending.inbound.request, 202, self._dialog)
        if pending.wants_no_subscription:
            self.state = State.SILENT
            response.headers.add("Refer-Sub", "false")
            return [Respond(pending.inbound, response)]
        return [Respond(pending.inbound, response), self._start_subscription(EXPIRES, now),
                self._notify(print_sipfrag(100), now)]

    def resubscribe(self, event: Resubscribed, now: float) -> list[Any]:
        expires = min(event.expires, MAX_EXPIRES)
        response = self._composer.in_dialog_response(event.inbound.request, 200, self._dialog)
        response.headers.add("Expires", str(expires))
        return [Respond(event.inbound, response), self._start_subscription(expires, now)]

    def unsubscribe(self, event: Unsubscribed, now: float) -> list[Any]:
        response = self._composer.in_dialog_response(event.inbound.request, 200, self._dialog)
        response.headers.add("Expires", "0")
        return [Respond(event.inbound, response)]

    def _start_subscription(self, expires: float, now: float) -> StartTimer:
        self._expires_at = now + expires
        return StartTimer(SubscriptionLimit(), self._expires_at)

    def notify(self, event: TransferContinued, now: float) -> list[Any]:
        return [self._notify(print_sipfrag(event.status, event.reason), now)]

    def repeat_notify(self, event: Resubscribed, now: float) -> list[Any]:
        return [self._notify(self._fragment, now)]      # RFC 6665 §4.2.1.2: at once after every SUBSCRIBE

    def notify_last(self, event: TransferFinished, now: float) -> list[Any]:
        return [self._ask_last("noresource", print_sipfrag(event.status, event.reason))]

    def notify_timeout(self, event: Any, now: float) -> list[Any]:
        return [self._ask_last("timeout", self._fragment)]

    def _ask_last(self, reason: str, fragment: bytes) -> Ask:
        self.unheard = self.event
        return self._ask(f"{TERMINATED};reason={reason}", fragment)

    def is_last(self, notify: Request) -> bool:
        """Whether that is the NOTIFY that `unheard` means, also with credentials or by another way."""
        return self.unheard != "" and notify.headers.get("Event") == self.unheard and (
            notify.headers.get("Subscription-State") or "").startswith(TERMINATED)

    def _notify(self, fragment: bytes, now: float) -> Ask:
        self._fragment = fragment
        return self._ask(f"active;expires={max(0, round(self._expires_at - now))}", fragment)

    def _ask(self, state: str, fragment: bytes) -> Ask:
        flow = self._route(self._dialog)
        headers = [("Event", self.event), ("Subscription-State", state), ("Content-Type", CONTENT_TYPE)]
        self.newest_notify = self._composer.in_dialog(self._dialog, "NOTIFY", flow, headers, fragment)
        return Ask(self.newest_notify, flow, "notify")

    def stop_timers(self, event: Any, now: float) -> list[Any]:
        return [StopTimers(self.timers)]
