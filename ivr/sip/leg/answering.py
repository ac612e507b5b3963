"""A leg that was offered to us: INVITE, 180, 200, ACK (RFC 3261 §13.3)."""

from collections.abc import Callable
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.commands import AcknowledgeLeg, AnswerLeg, HangUpLeg, OfferLeg, ProgressLeg, RejectLeg, RingLeg
from ivr.sip.composer import Composer
from ivr.sip.events import LegConfirmed, LegReanswered
from ivr.sip.leg.acceptance import Acceptance, NoAck, SuccessDue
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.invite_session import (
    COMMON,
    AckReceived,
    ByeReceived,
    CancelReceived,
    HoldLimit,
    InviteSession,
    PeerLost,
    State,
)
from ivr.sip.leg.leg_effects import Respond, StartTimer, StopTimers, ToOffers, ToTimer
from ivr.sip.leg.offers import FirstAgreed, UpdateReceived
from ivr.sip.leg.reliable import RELIABLE, NoPrack, PrackReceived, ProvisionalDue, ReliableProvisional
from ivr.sip.leg.session_timer import SessionAgreed
from ivr.sip.message.bodies import sdp_of
from ivr.sip.message.message import Request, Response
from ivr.sip.message.session_interval import fields_as_server, terms_as_server
from ivr.sip.settings import EndpointSettings
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow


@frozen
class RingDue:
    """Timer: the 180 is to be sent again, lest a proxy gives the call up (§13.3.1.1)."""


@frozen
class InviteExpired:
    """Timer: the Expires of the INVITE has run out before the answer (§13.3.1)."""


F, U, H, A, W, C, L, B, X = (State.OFFERED, State.PRACK_DUE, State.ANSWER_HELD, State.ANSWERED, State.BYE_OWED,
                             State.CONFIRMED, State.BYE_HELD, State.BYE_SENT, State.ENDED)
ENDING: Table = {       # while nothing final is sent, however far the 1xx have come
    (F, RejectLeg):      (X, ("stop_ringing", "reject")),
    (F, HangUpLeg):      (X, ("stop_ringing", "withdraw")),
    (F, InviteExpired):  (X, ("stop_ringing", "expire")),
    (F, CancelReceived): (X, ("stop_ringing", "end_cancelled")),
    (F, ByeReceived):    (X, ("stop_ringing", "accept_bye", "end_cancelled")),      # §15: instead of a CANCEL
    (F, AckReceived):    (F, ()),
}
TABLE: Table = {
    **COMMON,
    **ENDING,
    **{(state, event): (state if there is F else there, actions)
       for state in (U, H) for (_, event), (there, actions) in ENDING.items()},
    (F, RingLeg):        (F, ("ring", "start_ring")),               # PRACK_DUE if the 1xx is reliable
    (F, ProgressLeg):    (F, ("progress", "start_ring")),
    (F, RingDue):        (F, ("repeat_ring", "start_ring")),
    (F, AnswerLeg):      (A, ("stop_ringing", "answer")),
    (U, RingLeg):        (U, ("keep",)),
    (U, ProgressLeg):    (U, ("keep",)),
    (U, RingDue):        (U, ("start_ring",)),
    (U, ProvisionalDue): (U, ("repeat_provisional",)),
    (U, NoPrack):        (X, ("stop_ringing", "end_no_prack")),
    (U, PrackReceived):  (F, ("accept_prack", "provide_kept")),
    (U, AnswerLeg):      (H, ("stop_ringing_alone", "hold_or_answer")),     # ANSWERED if nothing was described
    (H, ProvisionalDue): (H, ("repeat_provisional",)),
    (H, NoPrack):        (X, ("stop_ringing", "end_no_prack")),
    (H, PrackReceived):  (A, ("accept_prack", "answer_held")),
    (H, RingDue):        (H, ()),
    **{(H, command): (H, ()) for command in (RingLeg, ProgressLeg, AnswerLeg)},
    **{(state, PrackReceived): (state, ("accept_prack",)) for state in (A, W, C, L, B, X)},  # of a 180 without SDP
    **{(state, PeerLost): (state, ()) for state in (F, U, H)},
    **{(state, command): (state, ()) for state in (A, C) for command in (RingLeg, ProgressLeg)},
    **{(state, command): (state, ()) for state in (F, U, H, A, W, C) for command in (AcknowledgeLeg, OfferLeg)},
    (A, AckReceived):    (C, ("stop_repeating", "confirm")),
    (A, SuccessDue):     (A, ("repeat_answer",)),
    (A, NoAck):          (B, ("stop_repeating", "send_bye", "end_no_ack")),
    (A, HangUpLeg):      (W, ("end_by_us",)),
    (A, ByeReceived):    (X, ("stop_repeating", "accept_bye", "end_by_peer")),      # overtook its ACK
    (A, CancelReceived): (A, ()),                       # too late: the peer must ACK our 2xx and say BYE
    (A, PeerLost):       (A, ()),                       # the missing ACK decides
    (W, AckReceived):    (B, ("stop_repeating", "send_bye")),
    (W, SuccessDue):     (W, ("repeat_answer",)),
    (W, NoAck):          (B, ("stop_repeating", "send_bye")),
    (W, ByeReceived):    (X, ("stop_repeating", "accept_bye")),
    (W, CancelReceived): (W, ()),
    (W, PeerLost):       (W, ()),
    **{(W, command): (W, ()) for command in (RingLeg, ProgressLeg, AnswerLeg, RejectLeg, HangUpLeg)},
}


STOP_RINGING = StopTimers((RingDue, InviteExpired))


class AnsweringSession(InviteSession):
    """A leg whose INVITE came to us."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RingDue, InviteExpired, SuccessDue, NoAck, ProvisionalDue, NoPrack, HoldLimit)

    def __init__(self, leg: str, inbound: Inbound, dialog: Dialog, composer: Composer, settings: EndpointSettings,
                 route: Callable[[Dialog], Flow]) -> None:
        super().__init__(leg, composer, settings, route)
        self.state = State.OFFERED
        self.dialog: Dialog = dialog
        self.inbound = inbound
        self.sip_call_id = dialog.sip_call_id
        self.offer = sdp_of(inbound.request)
        self.offerless = self.offer is None
        self._acceptance = Acceptance(settings.timing)
        self._ringing: Response | None = None
        self._reliable: ReliableProvisional | None = None       # made when the first is sent
        self._kept: RingLeg | ProgressLeg | None = None         # the newest 1xx that waits for the PRACK of the last
        self._body = b""
        self._held: AnswerLeg | None = None
        self._described = False         # the peer has our description reliably; nothing more may be said in responses

    @property
    def peers(self) -> tuple[str, ...]:
        """The addresses that the INVITE came from, and through."""
        return self.inbound.source.remote[0], self.inbound.met.remote[0]

    def start(self, now: float) -> list[Any]:
        expires = self.inbound.request.expires
        return [] if not expires else [StartTimer(InviteExpired(), now + expires)]

    @property
    def awaits_ack(self) -> int | None:
        """The CSeq number of the INVITE whose 2xx is not acknowledged."""
        return self._acceptance.sequence

    def ring(self, event: RingLeg, now: float) -> list[Any]:
        return self._provide(180, b"", now)

    def progress(self, event: ProgressLeg, now: float) -> list[Any]:
        return self._provide(183, event.body, now)

    def _provide(self, status: int, body: bytes, now: float) -> list[Any]:
        """A 1xx; reliable if the peer requires that of all, or takes it and this one says something that must arrive
        (RFC 3262 §3). An offer of ours may stand in a reliable one alone, and then in the first (RFC 3261 §13.2.1)."""
        request = self.inbound.request
        required = RELIABLE in request.require
        reliable = required or (bool(body) and RELIABLE in request.supported)
        if self._described or (self.offerless and not reliable):
            body = b""
        if self.offerless and required and not body and not self._described:
            return []
        reliable = reliable and (required or bool(body))
        response = self._composer.in_dialog_response(request, status, self.dialog, body)
        if not reliable:
            self._ringing = response
            return [Respond(self.inbound, response)]
        if self._reliable is None:
            self._reliable = ReliableProvisional(self._settings.timing, self.dialog.local.tag or "")
        self.state = State.PRACK_DUE
        self._body = body or self._body
        return self._reliable.send(self.inbound, response, now)

    def keep(self, event: RingLeg | ProgressLeg, now: float) -> list[Any]:
        self._kept = event
        return []

    def provide_kept(self, event: PrackReceived, now: float) -> list[Any]:
        kept, self._kept = self._kept, None
        if isinstance(kept, ProgressLeg):
            return self.progress(kept, now)
        return self.ring(kept, now) if kept is not None else []

    def repeat_provisional(self, event: ProvisionalDue, now: float) -> list[Any]:
        assert self._reliable is not None
        return self._reliable.repeat(now)

    def awaits(self, prack: Request) -> bool:
        """Whether a PRACK is for the reliable 1xx that is out."""
        return self._reliable is not None and self._reliable.is_out(prack)

    def accept_prack(self, event: PrackReceived, now: float) -> list[Any]:
        """With it come the answer to our offer, or an offer once the first one is settled (RFC 3262 §5)."""
        assert self._reliable is not None
        body, first = sdp_of(event.inbound.request), self._reliable.described and not self._described
        self._described = self._described or self._reliable.described
        accepted = Respond(event.inbound, self._composer.response(event.inbound.request, 200))
        out = self._reliable.acknowledged()
        if first and self.offerless:
            answer = [LegReanswered(self.leg, 200, body)]
            return [*out, accepted, ToOffers(FirstAgreed(self._body, body, we_answered=False)), *answer]
        if first:
            out.append(ToOffers(FirstAgreed(self._body, self.offer, we_answered=True)))
        return [*out, accepted] if body is None else [*out, ToOffers(UpdateReceived(event.inbound))]

    def repeat_ring(self, event: RingDue, now: float) -> list[Any]:
        """A reliable one has arrived and is not told again: a 180 with a new number is (RFC 3262 §3)."""
        return [Respond(self.inbound, self._ringing)] if self._ringing is not None else self.ring(RingLeg(""), now)

    def start_ring(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(RingDue(), now + self._settings.ring_repeat)]

    def stop_ringing(self, event: Any, now: float) -> list[Any]:
        repeating = self._reliable.stop() if self._reliable is not None else []
        return [STOP_RINGING, *repeating]

    def stop_ringing_alone(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RingDue,))]

    def hold_or_answer(self, event: AnswerLeg, now: float) -> list[Any]:
        """RFC 3262 §3: a 2xx may pass a 1xx that is not acknowledged unless that one has a description."""
        assert self._reliable is not None
        if self._reliable.described:
            self._held = event
            return []
        self.state = State.ANSWERED
        return [*self.stop_ringing(event, now), *self.answer(event, now)]

    def answer_held(self, event: PrackReceived, now: float) -> list[Any]:
        assert self._held is not None
        return [*self.stop_ringing(event, now), *self.answer(self._held, now)]

    def answer(self, event: AnswerLeg, now: float) -> list[Any]:
        request = self.inbound.request
        body = b"" if self._described else event.body
        self._body = body or self._body
        terms = terms_as_server(request, self._settings, None)
        response = self._composer.in_dialog_response(request, 200, self.dialog, body, fields_as_server(request, terms))
        return [*self._acceptance.send(self.inbound, response, now), ToTimer(SessionAgreed(terms))]

    def repeat_answer(self, event: SuccessDue, now: float) -> list[Any]:
        return self._acceptance.repeat(now)

    def stop_repeating(self, event: Any, now: float) -> list[Any]:
        return self._acceptance.finish()

    def confirm(self, event: AckReceived, now: float) -> list[Any]:
        """An offerless INVITE gets its answer in the ACK, unless it came in a PRACK."""
        asked = self.offerless and not self._described
        answer = sdp_of(event.request) if asked else None
        theirs = answer if asked else self.offer
        return [ToOffers(FirstAgreed(self._body, theirs, not self.offerless)), LegConfirmed(self.leg, answer)]

    def reject(self, event: RejectLeg, now: float) -> list[Any]:
        headers = [("Retry-After", str(event.retry_after))] if event.retry_after is not None else []
        return [self._final(event.status, event.reason, headers),
                *self.end("us", event.status, event.reason or "refused")]

    def withdraw(self, event: HangUpLeg, now: float) -> list[Any]:
        return [self._final(480), *self.end("us", 480, event.reason or "hung up")]

    def expire(self, event: InviteExpired, now: float) -> list[Any]:
        return [self._final(487), *self.end("network", 487, "the INVITE expired")]

    def end_cancelled(self, event: Any, now: float) -> list[Any]:
        return [self._final(487), *self.end("peer", 487, "cancelled")]

    def end_no_prack(self, event: NoPrack, now: float) -> list[Any]:
        return [self._final(504), *self.end("network", 504, "no PRACK")]

    def end_no_ack(self, event: NoAck, now: float) -> list[Any]:
        return self.end("network", 408, "no ACK")

    def _final(self, status: int, reason: str = "", headers: list[tuple[str, str]] | None = None) -> Respond:
        response = self._composer.response(self.inbound.request, status, self.dialog.local.tag, headers or (), reason)
        return Respond(self.inbound, response)
