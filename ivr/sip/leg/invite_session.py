"""The life of a leg once its INVITE is answered, whoever sent it; `answering` and `calling` say how it comes to that.

```
 answering:  OFFERED <-> PRACK_DUE -> ANSWER_HELD
                +------------> ANSWERED ----------+--> CONFIRMED --> BYE_SENT --> ENDED
                                  |               |        +-> BYE_HELD -^
                                  +-> BYE_OWED ---|--------------------^
 calling:    RESOLVING -> CALLING -> PROCEEDING --+ (or ACK_OWED)                    |
                 |        ^  +-> CANCEL_OWED -> CANCELLED -------------+   (2xx after our CANCEL: ACK, BYE)
                 +-> OFFER_DUE   (and back to it for another way)
```
LegEnded is told at once when the end is certain (a hang-up of ours, a BYE, a final answer); the session stays until
the last message that belongs to it is answered.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.base.values import frozen
from ivr.sip.commands import AcknowledgeLeg, AnswerLeg, HangUpLeg, OfferLeg, ProgressLeg, RejectLeg, RingLeg
from ivr.sip.composer import Composer
from ivr.sip.events import LegEnded
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask, Respond, StartTimer, StopTimers
from ivr.sip.message.message import Request, Response
from ivr.sip.settings import EndpointSettings
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow


class State(Enum):
    OFFERED = auto()        # an INVITE came
    PRACK_DUE = auto()      # a reliable 1xx of ours waits for its PRACK
    ANSWER_HELD = auto()    # so does our 2xx, as that 1xx carries an offer or answer (RFC 3262 §3)
    ANSWERED = auto()       # our 2xx waits for its ACK
    BYE_OWED = auto()       # we hung up meanwhile; RFC 3261 §15 lets us say BYE only after the ACK
    RESOLVING = auto()      # our INVITE waits for an address
    OFFER_DUE = auto()      # the way of our INVITE is known, and the user owes the offer for it
    CALLING = auto()        # our INVITE is out, nothing came
    PROCEEDING = auto()     # 1xx came
    CANCEL_OWED = auto()    # we gave up before a 1xx; only after one may the CANCEL go (§9.1)
    CANCELLED = auto()      # the CANCEL is out
    ACK_OWED = auto()       # the 2xx to our INVITE carries an offer; our answer goes with the ACK
    CONFIRMED = auto()
    BYE_HELD = auto()       # we hung up while the last NOTIFY of a transfer is not answered
    BYE_SENT = auto()
    ENDED = auto()          # the session waits for its transactions to be over


# an INVITE of theirs has no final response
UNANSWERED = frozenset((State.OFFERED, State.PRACK_DUE, State.ANSWER_HELD))


@frozen
class ByeReceived:
    inbound: Inbound


@frozen
class CancelReceived:
    """A CANCEL for the INVITE; the 200 to it is sent."""


@frozen
class AckReceived:
    request: Request


@frozen
class Succeeded:
    """The first 2xx to our INVITE `request`."""

    request: Request
    response: Response
    flow: Flow


@frozen
class SucceededWithOffer:
    """The first 2xx to our INVITE that had no offer: the peer makes it, our answer goes with the ACK (§13.2.2.4)."""

    request: Request
    response: Response
    flow: Flow


@frozen
class SucceededAgain:
    """The 2xx of the dialog that we have, once more."""

    response: Response


@frozen
class ForkSucceeded:
    """A 2xx with another To tag: a proxy has forked and a second phone was answered (§13.2.2.4)."""

    request: Request
    response: Response
    flow: Flow


@frozen
class HangUpHeld:
    """HangUpLeg while the last NOTIFY of a transfer is not answered. A proxy or UDP may let our BYE overtake it, and
    the peer would never hear how its transfer ended."""

    reason: str


@frozen
class OutcomeHeard:
    """That NOTIFY was answered, or never will be."""


@frozen
class HoldLimit:
    """Timer: that NOTIFY has had its time."""


@frozen
class ByeFinished:
    """Our BYE was answered, or never will be: either way the dialog is over (§15.1.1)."""


@frozen
class PeerLost:
    """408 or 481 inside the dialog, or no ACK for a re-INVITE's 2xx: we say BYE (§12.2.1.2)."""

    reason: str


# s: over UDP a NOTIFY goes out three times within it (at 0, 0.5 and 1.5), and a transferor that has lost its network
# does not keep a leg, or a service that shuts down, waiting for 32
HOLD_LIMIT = 2.0
C, L, B, X = State.CONFIRMED, State.BYE_HELD, State.BYE_SENT, State.ENDED
# sent by the user before our LegEnded reached it
LATE_COMMANDS = (RingLeg, ProgressLeg, AnswerLeg, RejectLeg, HangUpLeg, AcknowledgeLeg, OfferLeg)
COMMON: Table = {
    (C, HangUpLeg):      (B, ("send_bye", "end_by_us")),
    (C, ByeReceived):    (X, ("accept_bye", "end_by_peer")),
    (C, PeerLost):       (B, ("send_bye", "end_lost")),
    (C, AckReceived):    (C, ()),
    (C, CancelReceived): (C, ()),                               # too late: the 2xx was first
    (C, HangUpHeld):     (L, ("hold_bye", "end_by_us")),
    (L, OutcomeHeard):   (B, ("stop_hold", "send_held_bye")),
    (L, HoldLimit):      (B, ("send_held_bye",)),
    **{(state, OutcomeHeard): (state, ()) for state in (C, B, X)},
    (L, ByeReceived):    (X, ("stop_hold", "accept_bye")),
    (L, PeerLost):       (L, ()),                               # the NOTIFY will not be answered either
    (L, AckReceived):    (L, ()),
    (L, CancelReceived): (L, ()),
    (B, ByeReceived):    (B, ("accept_bye",)),                  # both hang up at once
    (B, ByeFinished):    (X, ()),
    (B, PeerLost):       (B, ()),
    (B, AckReceived):    (B, ()),
    (B, CancelReceived): (B, ()),
    (X, ByeReceived):    (X, ("refuse_bye",)),
    (X, ByeFinished):    (X, ()),
    (X, PeerLost):       (X, ()),
    (X, AckReceived):    (X, ()),
    (X, CancelReceived): (X, ()),
    **{(state, command): (state, ()) for state in (L, B, X) for command in LATE_COMMANDS},
}


class InviteSession(Machine):
    """What both kinds of session share. `route` says over which flow the next request of a dialog goes.

    `may_authenticate`: a 401 or 407 is answered with our credentials; not to strangers, who could try passwords on the
    answer at leisure.
    """

    table: ClassVar[Table] = COMMON
    timers: ClassVar[tuple[type, ...]] = (HoldLimit,)

    def __init__(self, leg: str, composer: Composer, settings: EndpointSettings,
                 route: Callable[[Dialog], Flow]) -> None:
        self.state: State
        self.leg = leg
        self.dialog: Dialog | None = None
        self.account: str | None = None
        self.trunk: str | None = None
        self.may_authenticate = False
        self.ended = False
        self._held_reason = ""          # of a hang-up whose BYE is held
        self._composer = composer
        self._settings = settings
        self._route = route

    def send_bye(self, event: Any, now: float) -> list[Any]:
        assert self.dialog is not None
        reason = self._composer.reason(event.reason) if isinstance(event, HangUpLeg) else []
        return [self._bye(self.dialog, "bye", reason)]

    def hold_bye(self, event: HangUpHeld, now: float) -> list[Any]:
        self._held_reason = event.reason
        return [StartTimer(HoldLimit(), now + HOLD_LIMIT)]

    def stop_hold(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((HoldLimit,))]

    def send_held_bye(self, event: Any, now: float) -> list[Any]:
        assert self.dialog is not None
        return [self._bye(self.dialog, "bye", self._composer.reason(self._held_reason))]

    def _bye(self, dialog: Dialog, purpose: Any, headers: list[tuple[str, str]]) -> Ask:
        flow = self._route(dialog)
        return Ask(self._composer.in_dialog(dialog, "BYE", flow, headers), flow, purpose)

    def accept_bye(self, event: ByeReceived, now: float) -> list[Any]:
        return [Respond(event.inbound, self._composer.response(event.inbound.request, 200))]

    def refuse_bye(self, event: ByeReceived, now: float) -> list[Any]:
        return [Respond(event.inbound, self._composer.response(event.inbound.request, 481))]

    def end_by_peer(self, event: Any, now: float) -> list[Any]:
        return self.end("peer", 200, "hung up")

    def end_by_us(self, event: HangUpLeg | HangUpHeld, now: float) -> list[Any]:
        return self.end("us", 200, event.reason or "hung up")

    def end_lost(self, event: PeerLost, now: float) -> list[Any]:
        return self.end("network", 408, event.reason)

    def end(self, by: Any, status: int, reason: str) -> list[Any]:
        """Tell the end, once."""
        if self.ended:
            return []
        self.ended = True
        return [LegEnded(self.leg, by, status, reason)]
