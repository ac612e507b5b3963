"""Offers inside a dialog, by INVITE, UPDATE and PRACK: one is open at a time, in either direction (RFC 3261 §14,
RFC 3311 §5, RFC 3262 §5, RFC 3264 §4).

```
  FIRST: the offer of the INVITE itself is open; FirstAgreed --> IDLE
            InviteReceived, UpdateReceived             AnswerOffer (INVITE)
   IDLE ---------------------------------> THEIRS --------------------------> ACK_DUE --> IDLE
     |   AskByInvite, AskByUpdate            2xx, refusal
     +-------------> OURS -------------------------------------------------> IDLE
                      +--491--> RETRY_DUE --> OURS
```
"""

from collections.abc import Callable
from typing import Any, ClassVar

from ivr.base.ids import Ids
from ivr.base.machine import Machine, Table
from ivr.sip.commands import AnswerOffer, RejectOffer
from ivr.sip.composer import Composer, Fields
from ivr.sip.events import LegReanswered, LegReoffered
from ivr.sip.leg.acceptance import Acceptance
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.invite_session import AckReceived
from ivr.sip.leg.leg_effects import Abandon, Acknowledge, Ask, DialogLost, Respond, StartTimer, StopTimers, ToTimer
from ivr.sip.leg.offers import (
    TABLE,
    AnswerDue,
    AnswerLost,
    AskByInvite,
    AskByUpdate,
    AskLimit,
    FirstAgreed,
    Glared,
    InviteReceived,
    LegClosed,
    OfferAccepted,
    OfferChallenged,
    OfferLost,
    OfferRefused,
    OlderAccepted,
    RefreshAsked,
    RefreshReceived,
    RetryDue,
    State,
    UpdateAccepted,
    UpdateReceived,
)
from ivr.sip.leg.session_timer import RefreshRefused, SessionTimer
from ivr.sip.message.bodies import SDP, sdp_of
from ivr.sip.message.message import Request, Response
from ivr.sip.settings import Timing
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow

MAX_GLARES = 4      # 491 in a row; then the user is told, who may ask again


class Reoffer(Machine):
    """The offers of one dialog. `owns_call_id`: the first INVITE was ours; decides who yields (§14.1)."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RetryDue, AskLimit, AnswerDue, AnswerLost)

    def __init__(self, leg: str, dialog: Dialog, owns_call_id: bool, composer: Composer, ids: Ids, timing: Timing,
                 route: Callable[[Dialog], Flow], timer: SessionTimer) -> None:
        self.state: State = State.FIRST
        self._leg = leg
        self.dialog = dialog
        self._owns_call_id = owns_call_id
        self.first_is_ours = owns_call_id       # the first offer; not so in an offerless INVITE
        self._composer = composer
        self._ids = ids
        self._route = route
        self._timing = timing
        self.timer = timer
        self._acceptance = Acceptance(timing, AnswerDue(), AnswerLost())
        self.pending: Inbound | None = None
        self._offerless = False
        self._asked: Request | None = None
        self._method = "INVITE"
        self._refreshing = False        # what we ask is the session timer's wish, not the user's
        self._body = b""
        self._glares = 0
        self._local: bytes | None = None        # what we said last, and what they said
        self.remote: bytes | None = None
        self._we_answered = False
        self._acknowledgement: tuple[int, Acknowledge] | None = None

    @property
    def awaits_ack(self) -> int | None:
        """The CSeq number of the re-INVITE whose 2xx is not acknowledged."""
        return self._acceptance.sequence

    def is_out(self, request: Request) -> bool:
        """Whether `request` is the newest re-INVITE of ours."""
        return self._asked is not None and self._asked.cseq == request.cseq

    def is_refresh(self, request: Request) -> bool:
        """Whether an offer keeps the session alive and is the very one that we have answered last."""
        return "Session-Expires" in request.headers and self._we_answered and sdp_of(request) == self.remote

    def note_first(self, event: FirstAgreed, now: float) -> list[Any]:
        self._local, self.remote, self._we_answered = event.local, event.remote, event.we_answered
        return []

    def take(self, event: InviteReceived | UpdateReceived, now: float) -> list[Any]:
        request = event.inbound.request
        body = sdp_of(request)
        self.pending, self._offerless = event.inbound, body is None
        trying = [Respond(event.inbound, self._composer.response(request, 100))] if request.method == "INVITE" else []
        return [*trying, LegReoffered(self._leg, body)]

    def answer_refresh(self, event: RefreshReceived, now: float) -> list[Any]:
        self.pending, self._offerless = event.inbound, False
        return self.answer(AnswerOffer(self._leg, self._local or b""), now)

    def refuse_first(self, event: Any, now: float) -> list[Any]:
        """RFC 3311 §5.2: 491 if the open offer is ours, 500 if it is theirs."""
        return self.refuse_pending(event, now) if self.first_is_ours else self.refuse_second(event, now)

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
        self._local, self._we_answered = event.body, not self._offerless
        if self._we_answered:
            self.remote = sdp_of(inbound.request)
        fields, refreshed = self.timer.answer(inbound.request)
        if inbound.request.method == "PRACK":       # refreshes nothing
            self.state = State.IDLE
            return [Respond(inbound, self._success(inbound, event.body))]
        response = self._success(inbound, event.body, fields)
        if inbound.request.method == "INVITE":
            return [*self._acceptance.send(inbound, response, now), ToTimer(refreshed)]
        self.state = State.IDLE         # an UPDATE has no ACK
        return [Respond(inbound, response), ToTimer(refreshed)]

    def _success(self, inbound: Inbound, body: bytes, fields: Fields = ()) -> Response:
        """Only what is accepted moves the peer (RFC 6141 §4.6)."""
        if inbound.request.method != "PRACK":
            self.dialog.refresh_target(inbound.request, inbound.transaction.flow)
        return self._composer.in_dialog_response(inbound.request, 200, self.dialog, body, fields)

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
        if not self._offerless:
            return self._acceptance.finish()
        self.remote = sdp_of(event.request)
        return [*self._acceptance.finish(), LegReanswered(self._leg, 200, self.remote)]

    def lose_dialog(self, event: Any, now: float) -> list[Any]:
        return [DialogLost("no ACK" if isinstance(event, AnswerLost) else "the peer has lost the dialog")]

    def ask_by_invite(self, event: AskByInvite, now: float) -> list[Any]:
        return self._ask("INVITE", event.body, refreshing=False)

    def ask_by_update(self, event: AskByUpdate, now: float) -> list[Any]:
        return self._ask("UPDATE", event.body, refreshing=False)

    def ask_refresh(self, event: RefreshAsked, now: float) -> list[Any]:
        """The same description with the same version (RFC 4028 §7.4, RFC 3264 §8)."""
        return self._ask("INVITE", self._local or b"", refreshing=True)

    def _ask(self, method: str, body: bytes, refreshing: bool) -> list[Any]:
        self._method, self._body, self._refreshing, self._glares = method, body, refreshing, 0
        return self.ask_again(None, 0)

    def ask_again(self, event: Any, now: float) -> list[Any]:
        flow = self._route(self.dialog)
        fields = [*self.timer.fields_as_client(), ("Content-Type", SDP)]
        self._asked = self._composer.in_dialog(self.dialog, self._method, flow, fields, self._body)
        return [self._request(self._asked, flow)]

    def _request(self, request: Request, flow: Flow, attempts: int = 0) -> Ask:
        return Ask(request, flow, "reinvite" if self._method == "INVITE" else "update", attempts)

    def postpone_refresh(self, event: RefreshAsked, now: float) -> list[Any]:
        return [ToTimer(RefreshRefused())]

    def ask_renewed(self, event: OfferChallenged, now: float) -> list[Any]:
        self._asked = event.renewed
        return [self._request(event.renewed, event.flow, event.attempts)]

    def start_limit(self, event: LegClosed, now: float) -> list[Any]:
        return [StartTimer(AskLimit(), now + self._timing.limit)] if self._method == "INVITE" else []

    def abandon(self, event: AskLimit, now: float) -> list[Any]:
        assert self._asked is not None
        return [Abandon(self._asked)]

    def refuse_user(self, event: Any, now: float) -> list[Any]:
        return [LegReanswered(self._leg, 491, None)]

    def acknowledge(self, event: OfferAccepted | OlderAccepted, now: float) -> list[Any]:
        number = event.request.cseq.number
        if self._acknowledgement is None or self._acknowledgement[0] != number:
            flow = self._route(self.dialog)
            ack = Acknowledge(self._composer.acknowledge(self.dialog, event.request, flow), flow)
            self._acknowledgement = number, ack
        return [self._acknowledgement[1]]

    def tell_answer(self, event: OfferAccepted | UpdateAccepted, now: float) -> list[Any]:
        """Also what a mere refresh has brought, if the peer took it to change something."""
        answer, refreshed = sdp_of(event.response), ToTimer(self.timer.answered(event.request, event.response))
        if self._refreshing and answer in (None, self.remote):
            return [refreshed]
        self._local, self.remote, self._we_answered = self._body, answer, False
        return [refreshed, LegReanswered(self._leg, event.response.status, answer)]

    def tell_refusal(self, event: OfferRefused | OfferLost, now: float) -> list[Any]:
        return self._give_up(event.status)

    def _give_up(self, status: int) -> list[Any]:
        return [ToTimer(RefreshRefused())] if self._refreshing else [LegReanswered(self._leg, status, None)]

    def wait_or_tell(self, event: Glared, now: float) -> list[Any]:
        """§14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms."""
        self._glares += 1
        if self._glares > MAX_GLARES:
            self.state = State.IDLE
            return self._give_up(491)
        steps = 210 + self._ids.uint16() % 191 if self._owns_call_id else self._ids.uint16() % 201
        return [StartTimer(RetryDue(), now + steps / 100)]

    def give_up(self, event: Any, now: float) -> list[Any]:
        return [*self.stop_retry(event, now), *self._give_up(491)]

    def stop_retry(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RetryDue,))]
