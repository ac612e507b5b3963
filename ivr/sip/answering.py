"""A leg that was offered to us: INVITE, 180, 200, ACK (RFC 3261 §13.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.sip.acceptance import Acceptance, NoAck, SuccessDue
from ivr.sip.bodies import sdp_of
from ivr.sip.commands import AnswerLeg, HangUpLeg, RejectLeg, RingLeg
from ivr.sip.composer import Composer
from ivr.sip.dialog import Dialog
from ivr.sip.events import LegConfirmed
from ivr.sip.flow import Flow
from ivr.sip.invite_session import (
    COMMON,
    AckReceived,
    ByeReceived,
    CancelReceived,
    InviteSession,
    PeerLost,
    State,
)
from ivr.sip.leg_effects import Respond, StartTimer, StopTimers
from ivr.sip.message import Response
from ivr.sip.settings import EndpointSettings
from ivr.sip.transactions import Inbound


@dataclass(frozen=True)
class RingDue:
    """Timer: the 180 is to be sent again, lest a proxy gives the call up (§13.3.1.1)."""


@dataclass(frozen=True)
class InviteExpired:
    """Timer: the Expires of the INVITE has run out before the answer (§13.3.1)."""


F, A, W, C, B, X = (State.OFFERED, State.ANSWERED, State.BYE_OWED, State.CONFIRMED, State.BYE_SENT, State.ENDED)
TABLE: Table = {
    **COMMON,
    (F, RingLeg):        (F, ("ring", "start_ring")),
    (F, RingDue):        (F, ("repeat_ring", "start_ring")),
    (F, AnswerLeg):      (A, ("stop_ringing", "answer")),
    (F, RejectLeg):      (X, ("stop_ringing", "reject")),
    (F, HangUpLeg):      (X, ("stop_ringing", "withdraw")),
    (F, InviteExpired):  (X, ("stop_ringing", "expire")),
    (F, CancelReceived): (X, ("stop_ringing", "end_cancelled")),
    (F, ByeReceived):    (X, ("stop_ringing", "accept_bye", "end_cancelled")),      # §15: instead of a CANCEL
    (F, AckReceived):    (F, ()),
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
    **{(W, command): (W, ()) for command in (RingLeg, AnswerLeg, RejectLeg, HangUpLeg)},
}


class AnsweringSession(InviteSession):
    """A leg whose INVITE came to us."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RingDue, InviteExpired, SuccessDue, NoAck)

    def __init__(self, leg: str, inbound: Inbound, dialog: Dialog, composer: Composer, settings: EndpointSettings,
                 route: Callable[[Dialog], Flow]) -> None:
        super().__init__(leg, composer, settings, route)
        self.state = State.OFFERED
        self.dialog: Dialog = dialog
        self.inbound = inbound
        self.offerless = sdp_of(inbound.request) is None
        self._acceptance = Acceptance(settings.timing)
        self._ringing: Response | None = None

    def start(self, now: float) -> list[Any]:
        expires = self.inbound.request.expires
        return [] if not expires else [StartTimer(InviteExpired(), now + expires)]

    @property
    def awaits_ack(self) -> int | None:
        """The CSeq number of the INVITE whose 2xx is not acknowledged."""
        return self._acceptance.sequence

    def ring(self, event: RingLeg, now: float) -> list[Any]:
        self._ringing = self._composer.in_dialog_response(self.inbound.request, 180, self.dialog)
        return [Respond(self.inbound, self._ringing)]

    def repeat_ring(self, event: RingDue, now: float) -> list[Any]:
        assert self._ringing is not None
        return [Respond(self.inbound, self._ringing)]

    def start_ring(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(RingDue(), now + self._settings.ring_repeat)]

    def stop_ringing(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RingDue, InviteExpired))]

    def answer(self, event: AnswerLeg, now: float) -> list[Any]:
        response = self._composer.in_dialog_response(self.inbound.request, 200, self.dialog, event.body)
        return self._acceptance.send(self.inbound, response, now)

    def repeat_answer(self, event: SuccessDue, now: float) -> list[Any]:
        return self._acceptance.repeat(now)

    def stop_repeating(self, event: Any, now: float) -> list[Any]:
        return self._acceptance.finish()

    def confirm(self, event: AckReceived, now: float) -> list[Any]:
        return [LegConfirmed(self.leg, sdp_of(event.request) if self.offerless else None)]

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

    def end_no_ack(self, event: NoAck, now: float) -> list[Any]:
        return self.end("network", 408, "no ACK")

    def _final(self, status: int, reason: str = "", headers: list[tuple[str, str]] | None = None) -> Respond:
        response = self._composer.response(self.inbound.request, status, self.dialog.local.tag, headers or (), reason)
        return Respond(self.inbound, response)
