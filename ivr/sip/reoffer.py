"""Offers inside a dialog: re-INVITE both ways and UPDATE received (RFC 3261 §14, RFC 3311 §5).

```
            InviteReceived, UpdateReceived             AnswerOffer (INVITE)
   IDLE ---------------------------------> THEIRS --------------------------> ACK_DUE --> IDLE
     |   ReofferLeg                          2xx, refusal
     +-------------> OURS -------------------------------------------------> IDLE
                      +--491--> RETRY_DUE --> OURS
```
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.ids import Ids
from ivr.base.machine import Machine, Table
from ivr.sip.acceptance import Acceptance
from ivr.sip.bodies import SDP, sdp_of
from ivr.sip.commands import AnswerOffer, RejectOffer, ReofferLeg
from ivr.sip.composer import Composer
from ivr.sip.dialog import Dialog
from ivr.sip.events import LegReanswered, LegReoffered
from ivr.sip.flow import Flow
from ivr.sip.invite_session import AckReceived
from ivr.sip.leg_effects import Abandon, Acknowledge, Ask, DialogLost, Respond, StartTimer, StopTimers
from ivr.sip.message import Request, Response
from ivr.sip.settings import Timing
from ivr.sip.transactions import Inbound

MAX_GLARES = 4      # 491 in a row; then the user is told, who may ask again


class State(Enum):
    IDLE = auto()
    THEIRS = auto()         # their offer waits for our user
    ACK_DUE = auto()        # our 2xx waits for its ACK
    OURS = auto()           # our re-INVITE is out
    RETRY_DUE = auto()      # it met theirs (491) and goes out again soon
    CLOSED = auto()         # the leg has ended


@dataclass(frozen=True)
class InviteReceived:
    inbound: Inbound


@dataclass(frozen=True)
class UpdateReceived:
    inbound: Inbound


@dataclass(frozen=True)
class OfferCancelled:
    """A CANCEL for their re-INVITE; the 200 to it is sent."""


@dataclass(frozen=True)
class OfferAccepted:
    """2xx to our re-INVITE `request`."""

    request: Request
    response: Response


@dataclass(frozen=True)
class OfferRefused:
    """3xx to 6xx; the dialog stays as it was (§14.1)."""

    status: int


@dataclass(frozen=True)
class OfferLost:
    """408, 481 or silence: the dialog is gone (§12.2.1.2)."""

    status: int


@dataclass(frozen=True)
class OfferChallenged:
    """401 or 407 that we can answer: `renewed` has the credentials."""

    renewed: Request
    flow: Flow
    attempts: int


@dataclass(frozen=True)
class Glared:
    """491: both sides offered at once."""


@dataclass(frozen=True)
class LegClosed:
    """The leg has ended."""


@dataclass(frozen=True)
class RetryDue:
    """Timer: ask again after a 491."""


@dataclass(frozen=True)
class AskLimit:
    """Timer: the leg ended while our re-INVITE was out, and no final response has come since; none may ever come, as
    the peer sends its 2xx no more once it knows of the BYE."""


@dataclass(frozen=True)
class AnswerDue:
    """Timer: our 2xx to their re-INVITE is to be sent again."""


@dataclass(frozen=True)
class AnswerLost:
    """Timer: 64 * T1 without an ACK to it."""


N, T, A, S, R, X = (State.IDLE, State.THEIRS, State.ACK_DUE, State.OURS, State.RETRY_DUE, State.CLOSED)
RECEIVED = (InviteReceived, UpdateReceived)
TABLE: Table = {
    **{(N, kind): (T, ("take",)) for kind in RECEIVED},
    **{(T, kind): (T, ("refuse_second",)) for kind in RECEIVED},    # §14.2: the first has no final response yet
    **{(A, kind): (A, ("refuse_pending",)) for kind in RECEIVED},
    **{(S, kind): (S, ("refuse_pending",)) for kind in RECEIVED},   # §14.2: ours is on its way
    **{(R, kind): (T, ("give_up", "take")) for kind in RECEIVED},
    **{(X, kind): (X, ("refuse_gone",)) for kind in RECEIVED},
    (N, ReofferLeg):     (S, ("ask",)),
    **{(state, ReofferLeg): (state, ("refuse_user",)) for state in (T, A, S, R)},
    (X, ReofferLeg):     (X, ()),
    (T, AnswerOffer):    (A, ("answer",)),
    (T, RejectOffer):    (N, ("reject",)),
    (T, OfferCancelled): (N, ("cancel",)),
    (T, LegClosed):      (X, ("cancel",)),
    **{(state, AnswerOffer): (state, ()) for state in (N, A, S, R, X)},         # their offer was cancelled meanwhile
    **{(state, RejectOffer): (state, ()) for state in (N, A, S, R, X)},
    **{(state, OfferCancelled): (state, ()) for state in (N, A, S, R, X)},      # too late
    (A, AckReceived):    (N, ("acknowledged",)),
    (A, AnswerDue):      (A, ("repeat_answer",)),
    (A, AnswerLost):     (N, ("stop_repeating", "lose_dialog")),
    (A, LegClosed):      (X, ("stop_repeating",)),
    **{(state, AckReceived): (state, ()) for state in (N, T, S, R, X)},         # for a 2xx that was sent twice
    (S, OfferAccepted):  (N, ("acknowledge", "tell_answer")),
    (S, OfferRefused):   (N, ("tell_refusal",)),
    (S, OfferLost):      (N, ("tell_refusal", "lose_dialog")),
    (S, OfferChallenged): (S, ("ask_renewed",)),
    (S, Glared):         (R, ("wait_or_tell",)),
    (S, LegClosed):      (X, ("start_limit",)),
    (R, RetryDue):       (S, ("ask_again",)),
    (R, LegClosed):      (X, ("stop_retry",)),
    **{(state, OfferAccepted): (state, ("acknowledge",)) for state in (N, T, A, R, X)},     # again, or too late
    **{(X, kind): (X, ()) for kind in (OfferChallenged, OfferRefused, OfferLost, Glared, LegClosed)},
    (N, LegClosed):      (X, ()),
    (X, AskLimit):       (X, ("abandon",)),
}


class Reoffer(Machine):
    """The offers of one leg after its first. `owns_call_id`: the first INVITE was ours; decides who yields (§14.1)."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RetryDue, AskLimit, AnswerDue, AnswerLost)

    def __init__(self, leg: str, dialog: Dialog, owns_call_id: bool, composer: Composer, ids: Ids, timing: Timing,
                 route: Callable[[Dialog], Flow]) -> None:
        self.state: State = State.IDLE
        self._leg = leg
        self._dialog = dialog
        self._owns_call_id = owns_call_id
        self._composer = composer
        self._ids = ids
        self._route = route
        self._timing = timing
        self._acceptance = Acceptance(timing, AnswerDue(), AnswerLost())
        self.pending: Inbound | None = None
        self._offerless = False
        self._asked: Request | None = None
        self._body = b""
        self._glares = 0
        self._acknowledgement: tuple[int, Acknowledge] | None = None

    @property
    def awaits_ack(self) -> int | None:
        """The CSeq number of the re-INVITE whose 2xx is not acknowledged."""
        return self._acceptance.sequence

    def take(self, event: InviteReceived | UpdateReceived, now: float) -> list[Any]:
        request = event.inbound.request
        body = sdp_of(request)
        self.pending, self._offerless = event.inbound, body is None
        trying = [Respond(event.inbound, self._composer.response(request, 100))] if request.method == "INVITE" else []
        return [*trying, LegReoffered(self._leg, body)]

    def refuse_second(self, event: InviteReceived | UpdateReceived, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 500, [("Retry-After", str(self._ids.uint16() % 11))])]

    def refuse_pending(self, event: InviteReceived | UpdateReceived, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 491)]

    def refuse_gone(self, event: InviteReceived | UpdateReceived, now: float) -> list[Any]:
        return [self._refusal(event.inbound, 481)]

    def _refusal(self, inbound: Inbound, status: int, headers: list[tuple[str, str]] | None = None) -> Respond:
        return Respond(inbound, self._composer.response(inbound.request, status, None, headers or ()))

    def answer(self, event: AnswerOffer, now: float) -> list[Any]:
        inbound = self._finish_theirs()
        response = self._composer.in_dialog_response(inbound.request, 200, self._dialog, event.body)
        if inbound.request.method == "INVITE":
            return self._acceptance.send(inbound, response, now)
        self.state = State.IDLE         # an UPDATE has no ACK
        return [Respond(inbound, response)]

    def reject(self, event: RejectOffer, now: float) -> list[Any]:
        return [self._refusal(self._finish_theirs(), event.status)]

    def cancel(self, event: Any, now: float) -> list[Any]:
        return [self._refusal(self._finish_theirs(), 487)]

    def _finish_theirs(self) -> Inbound:
        inbound, self.pending = self.pending, None
        assert inbound is not None
        return inbound

    def repeat_answer(self, event: AnswerDue, now: float) -> list[Any]:
        return self._acceptance.repeat(now)

    def stop_repeating(self, event: Any, now: float) -> list[Any]:
        return self._acceptance.finish()

    def acknowledged(self, event: AckReceived, now: float) -> list[Any]:
        answer = [LegReanswered(self._leg, 200, sdp_of(event.request))] if self._offerless else []
        return [*self._acceptance.finish(), *answer]

    def lose_dialog(self, event: Any, now: float) -> list[Any]:
        return [DialogLost("no ACK" if isinstance(event, AnswerLost) else "the peer has lost the dialog")]

    def ask(self, event: ReofferLeg, now: float) -> list[Any]:
        self._body, self._glares = event.body, 0
        return self.ask_again(event, now)

    def ask_again(self, event: Any, now: float) -> list[Any]:
        flow = self._route(self._dialog)
        self._asked = self._composer.in_dialog(self._dialog, "INVITE", flow, [("Content-Type", SDP)], self._body)
        return [Ask(self._asked, flow, "reinvite")]

    def ask_renewed(self, event: OfferChallenged, now: float) -> list[Any]:
        self._asked = event.renewed
        return [Ask(event.renewed, event.flow, "reinvite", event.attempts)]

    def start_limit(self, event: LegClosed, now: float) -> list[Any]:
        return [StartTimer(AskLimit(), now + self._timing.limit)]

    def abandon(self, event: AskLimit, now: float) -> list[Any]:
        assert self._asked is not None
        return [Abandon(self._asked)]

    def refuse_user(self, event: ReofferLeg, now: float) -> list[Any]:
        return [LegReanswered(self._leg, 491, None)]

    def acknowledge(self, event: OfferAccepted, now: float) -> list[Any]:
        number = event.request.cseq.number
        if self._acknowledgement is None or self._acknowledgement[0] != number:
            flow = self._route(self._dialog)
            ack = Acknowledge(self._composer.acknowledge(self._dialog, event.request, flow), flow)
            self._acknowledgement = number, ack
        return [self._acknowledgement[1]]

    def tell_answer(self, event: OfferAccepted, now: float) -> list[Any]:
        return [LegReanswered(self._leg, event.response.status, sdp_of(event.response))]

    def tell_refusal(self, event: OfferRefused | OfferLost, now: float) -> list[Any]:
        return [LegReanswered(self._leg, event.status, None)]

    def wait_or_tell(self, event: Glared, now: float) -> list[Any]:
        """§14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms."""
        self._glares += 1
        if self._glares > MAX_GLARES:
            self.state = State.IDLE
            return [LegReanswered(self._leg, 491, None)]
        steps = 210 + self._ids.uint16() % 191 if self._owns_call_id else self._ids.uint16() % 201
        return [StartTimer(RetryDue(), now + steps / 100)]

    def give_up(self, event: Any, now: float) -> list[Any]:
        return [*self.stop_retry(event, now), LegReanswered(self._leg, 491, None)]

    def stop_retry(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RetryDue,))]
