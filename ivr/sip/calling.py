"""A leg that we dial: INVITE, 1xx, 2xx, ACK, and CANCEL with its races (RFC 3261 §9, §13.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.sip.bodies import sdp_of
from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg, RejectLeg, RingLeg
from ivr.sip.composer import Composer
from ivr.sip.dialog import Dialog, dialog_as_client
from ivr.sip.events import LegAnswered, LegRinging
from ivr.sip.flow import Flow
from ivr.sip.invite_session import (
    COMMON,
    ForkSucceeded,
    InviteSession,
    PeerLost,
    State,
    Succeeded,
    SucceededAgain,
)
from ivr.sip.leg_effects import Abandon, Acknowledge, Ask, StartTimer, StopTimers
from ivr.sip.message import Request, Response
from ivr.sip.printer import to_bytes
from ivr.sip.settings import EndpointSettings
from ivr.sip.uri import Uri

MAX_DATAGRAM_BYTES = 1300       # RFC 3261 §18.1.1: larger requests go over TCP, or are cut up on the way
MAX_FORKS = 8                   # phones answered at once by one INVITE; a 2xx of one more is not acknowledged


@dataclass(frozen=True)
class CandidatesFound:
    """Where the INVITE may go, best first; not empty."""

    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class NobodyFound:
    """The name has no address, or we no socket of its transport."""

    reason: str


@dataclass(frozen=True)
class Provisional:
    response: Response


@dataclass(frozen=True)
class Failed:
    """3xx to 6xx, or `by` the network: 408 for silence, 503 if it could not be sent."""

    status: int
    reason: str
    by: str


@dataclass(frozen=True)
class CandidateFailed:
    """As Failed by the network, and there is another candidate."""


@dataclass(frozen=True)
class InviteChallenged:
    """401 or 407 that we can answer: `renewed` has the credentials."""

    renewed: Request
    flow: Flow
    attempts: int


@dataclass(frozen=True)
class RingLimit:
    """Timer: it has rung long enough."""


@dataclass(frozen=True)
class CancelLimit:
    """Timer: the CANCEL brought no final response in 64 * T1 (§9.1)."""


R, K, P, W, D, C, B, X = (State.RESOLVING, State.CALLING, State.PROCEEDING, State.CANCEL_OWED, State.CANCELLED,
                          State.CONFIRMED, State.BYE_SENT, State.ENDED)
LATE = (RingLeg, AnswerLeg, RejectLeg)      # for offered legs only; for ours they mean nothing
TABLE: Table = {
    **COMMON,
    (R, CandidatesFound):  (K, ("take_candidates", "call", "start_ring_limit")),
    (R, NobodyFound):      (X, ("end_unreachable",)),
    (R, HangUpLeg):        (X, ("end_given_up",)),
    (K, Provisional):      (P, ("ringing",)),
    (K, Succeeded):        (C, ("stop_limit", "establish", "tell_answer")),
    (K, Failed):           (X, ("stop_limit", "end_failed")),
    (K, CandidateFailed):  (K, ("call",)),
    (K, InviteChallenged): (K, ("call_again",)),
    (K, HangUpLeg):        (W, ("stop_limit", "end_given_up")),
    (K, RingLimit):        (W, ("end_unanswered",)),
    (P, Provisional):      (P, ("ringing",)),
    (P, Succeeded):        (C, ("stop_limit", "establish", "tell_answer")),
    (P, Failed):           (X, ("stop_limit", "end_failed")),
    (P, CandidateFailed):  (K, ("call",)),
    (P, InviteChallenged): (K, ("call_again",)),
    (P, HangUpLeg):        (D, ("stop_limit", "send_cancel", "end_given_up")),
    (P, RingLimit):        (D, ("send_cancel", "end_unanswered")),
    (W, Provisional):      (D, ("send_cancel",)),
    (W, Succeeded):        (B, ("establish", "send_bye")),
    (W, Failed):           (X, ()),
    (W, CandidateFailed):  (X, ()),
    (W, InviteChallenged): (X, ()),
    (D, Provisional):      (D, ()),
    (D, Succeeded):        (B, ("stop_limit", "establish", "send_bye")),    # the answer crossed our CANCEL
    (D, Failed):           (X, ("stop_limit",)),                    # 487, or whatever was on its way
    (D, CandidateFailed):  (X, ("stop_limit",)),
    (D, InviteChallenged): (X, ("stop_limit",)),
    (D, CancelLimit):      (X, ("abandon",)),
    (C, SucceededAgain):   (C, ("acknowledge_again",)),
    (C, ForkSucceeded):    (C, ("drop_fork",)),
    (B, SucceededAgain):   (B, ("acknowledge_again",)),
    (B, ForkSucceeded):    (B, ("drop_fork",)),
    (X, SucceededAgain):   (X, ("acknowledge_again",)),
    (X, ForkSucceeded):    (X, ("drop_fork",)),
    **{(state, HangUpLeg): (state, ()) for state in (W, D)},
    **{(state, PeerLost): (state, ()) for state in (R, K, P, W, D)},
    **{(state, command): (state, ()) for state in (R, K, P, W, D, C) for command in LATE},
}


class CallingSession(InviteSession):
    """A leg whose INVITE is ours. `pinned`: it goes over the flow of a registration."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RingLimit, CancelLimit)

    def __init__(self, command: DialLeg, target: Uri, pinned: bool, sip_call_id: str, tag: str, composer: Composer,
                 settings: EndpointSettings, route: Callable[[Dialog], Flow],
                 tcp_flow: Callable[[Flow], Flow | None]) -> None:
        super().__init__(command.leg, composer, settings, route)
        self.state = State.RESOLVING
        self.may_authenticate = not pinned
        self.invite: Request | None = None
        self._command = command
        self.target = target
        self._pinned = pinned
        self._sip_call_id = sip_call_id
        self._tag = tag
        self._tcp_flow = tcp_flow
        self._flow: Flow | None = None
        self._candidates: list[Flow] = []
        self._acknowledgements: dict[str, Acknowledge] = {}

    @property
    def has_candidates(self) -> bool:
        return bool(self._candidates)

    def take_candidates(self, event: CandidatesFound, now: float) -> list[Any]:
        self._candidates = list(event.flows)
        return []

    def call(self, event: Any, now: float) -> list[Any]:
        flow = self._candidates.pop(0)
        invite = self._invite(flow)
        larger = None
        if flow.transport == "udp" and not self._pinned and self.target.parameter("transport") is None:
            larger = self._tcp_flow(flow) if len(to_bytes(invite)) > MAX_DATAGRAM_BYTES else None
        if larger is not None and (self._flow is None or self._flow.remote != flow.remote):
            self._candidates.insert(0, flow)        # §18.1.1: if TCP is refused, UDP after all
            flow, invite = larger, self._invite(larger)
        self._flow, self.invite = flow, invite
        return [Ask(invite, flow, "invite")]

    def _invite(self, flow: Flow) -> Request:
        command = self._command
        return self._composer.invite(self._sip_call_id, self.target, flow, self._tag, command.caller_number,
                                     command.caller_name, command.body, command.headers)

    def call_again(self, event: InviteChallenged, now: float) -> list[Any]:
        self._flow, self.invite = event.flow, event.renewed
        return [Ask(event.renewed, event.flow, "invite", event.attempts)]

    def start_ring_limit(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(RingLimit(), now + self._settings.ring_limit)]

    def stop_limit(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RingLimit, CancelLimit))]

    def ringing(self, event: Provisional, now: float) -> list[Any]:
        if event.response.status == 100:
            return []
        return [LegRinging(self.leg, event.response.status, sdp_of(event.response))]

    def establish(self, event: Succeeded, now: float) -> list[Any]:
        self.dialog = dialog_as_client(event.request, event.response, event.flow, self._pinned)
        return [self._acknowledge(self.dialog, event.request)]

    def _acknowledge(self, dialog: Dialog, invite: Request) -> Acknowledge:
        flow = self._route(dialog)
        effect = Acknowledge(self._composer.acknowledge(dialog, invite, flow), flow)
        self._acknowledgements[dialog.remote.tag or ""] = effect
        return effect

    def tell_answer(self, event: Succeeded, now: float) -> list[Any]:
        return [LegAnswered(self.leg, sdp_of(event.response))]

    def acknowledge_again(self, event: SucceededAgain, now: float) -> list[Any]:
        return [self._acknowledgements[event.response.to.tag or ""]]

    def drop_fork(self, event: ForkSucceeded, now: float) -> list[Any]:
        """ACK and BYE for a phone that was answered too late; a repeated 2xx of it gets the ACK alone."""
        known = self._acknowledgements.get(event.response.to.tag or "")
        if known is not None:
            return [known]
        if len(self._acknowledgements) >= MAX_FORKS:
            return []
        dialog = dialog_as_client(event.request, event.response, event.flow, self._pinned)
        return [self._acknowledge(dialog, event.request), self._bye(dialog, "fork", [])]

    def send_cancel(self, event: Any, now: float) -> list[Any]:
        assert self.invite is not None
        assert self._flow is not None
        reason = self._composer.reason(event.reason) if isinstance(event, HangUpLeg) else []
        return [Ask(self._composer.cancel(self.invite, reason), self._flow, "cancel"),
                StartTimer(CancelLimit(), now + self._settings.timing.limit)]

    def abandon(self, event: CancelLimit, now: float) -> list[Any]:
        assert self.invite is not None
        return [Abandon(self.invite)]

    def end_given_up(self, event: HangUpLeg, now: float) -> list[Any]:
        return self.end("us", 487, event.reason or "cancelled")

    def end_unanswered(self, event: RingLimit, now: float) -> list[Any]:
        return self.end("us", 408, "nobody answered in time")

    def end_unreachable(self, event: NobodyFound, now: float) -> list[Any]:
        return self.end("network", 503, event.reason)

    def end_failed(self, event: Failed, now: float) -> list[Any]:
        return self.end(event.by, event.status, event.reason)
