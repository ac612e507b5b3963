"""A leg that we dial: INVITE, 1xx, 2xx, ACK, and CANCEL with its races (RFC 3261 §9, §13.2)."""

from collections.abc import Callable
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.sip.commands import AcknowledgeLeg, DialLeg, HangUpLeg, OfferLeg
from ivr.sip.composer import Composer
from ivr.sip.events import LegAnswered, LegRinging
from ivr.sip.leg.calling_table import (
    TABLE,
    CancelLimit,
    CandidatesFound,
    CandidateSilent,
    Failed,
    InviteChallenged,
    LeftLimit,
    LeftRang,
    NobodyFound,
    OfferLimit,
    OfferRefused,
    Provisional,
    ReliableReceived,
    RingLimit,
)
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.early import EarlyDialogs, note, rseq_of
from ivr.sip.leg.invite_session import (
    ForkSucceeded,
    InviteSession,
    State,
    Succeeded,
    SucceededAgain,
    SucceededWithOffer,
)
from ivr.sip.leg.leg_effects import (
    Abandon,
    Acknowledge,
    Ask,
    EarlyDialogMade,
    StartTimer,
    StopRepeating,
    StopTimers,
    ToOffers,
    ToTimer,
)
from ivr.sip.leg.offer_due import OFFER_LIMIT, OfferDue
from ivr.sip.leg.offers import FirstAgreed
from ivr.sip.leg.session_timer import SessionAgreed
from ivr.sip.message.bodies import sdp_of
from ivr.sip.message.message import Request
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.session_interval import terms_as_client
from ivr.sip.message.uri import Uri
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.left_candidates import LeftCandidates
from ivr.sip.trunk.trunk_events import LegRouted

MAX_DATAGRAM_BYTES = 1300       # RFC 3261 §18.1.1: larger requests go over TCP, or are cut up on the way
MAX_FORKS = 8                   # phones answered at once by one INVITE; a 2xx of one more is not acknowledged
# How long one of several candidates may be silent: RFC 3261's 64 * T1 would be 32 s each, and people hang up. Over UDP
# the INVITE has by then been sent at 0, 0.5, 1.5 and 3.5 s; a stream takes up to 5 s to open, and TLS as much again.
SILENCE_UDP = 8                 # times T1
SILENCE_STREAM = 24


class CallingSession(InviteSession):
    """A leg whose INVITE is ours. `pinned`: it goes over the flow of a registration."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RingLimit, CancelLimit, CandidateSilent, LeftLimit, OfferLimit)

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
        self.sip_call_id = sip_call_id
        self._tag = tag
        self._tcp_flow = tcp_flow
        self._flow: Flow | None = None
        self._candidates: list[Flow] = []
        self.left = LeftCandidates()
        self._acknowledgements: dict[str, Acknowledge] = {}
        self.offerless = command.body is None
        self.our_offer = OfferDue(command.body)
        self._sequence = 1
        self._offer: bytes | None = None
        self.early = EarlyDialogs()

    @property
    def has_candidates(self) -> bool:
        return bool(self._candidates)

    @property
    def trunk_name(self) -> str | None:
        """The trunk that the next INVITE goes through."""
        return None

    @property
    def peers(self) -> tuple[str, ...]:
        """The address that the INVITE went to last."""
        return (self._flow.remote[0],) if self._flow is not None else ()

    @property
    def flow(self) -> Flow | None:
        """Where the INVITE went last."""
        return self._flow

    def goes_on_after(self, status: int) -> bool:
        """Whether a 3xx to 6xx that came makes us try the next candidate (RFC 3263 §4.3)."""
        return status == 503 and self.has_candidates

    def take_candidates(self, event: CandidatesFound, now: float) -> list[Any]:
        self._candidates = list(event.flows)
        return []

    def call(self, event: Any, now: float) -> list[Any]:
        """The INVITE to the next candidate, or first the question for its offer."""
        if self.our_offer.turn_to(self.trunk_name, self._candidates[0]):
            return self.send_invite(event, now)
        return self._ask_for_offer(now)

    def _ask_for_offer(self, now: float) -> list[Any]:
        self.state = State.OFFER_DUE
        routed = LegRouted(self.leg, self.trunk_name, self._candidates[0], True, self.our_offer.refused)
        return [StartTimer(OfferLimit(), now + OFFER_LIMIT), routed]

    def ask_for_another(self, event: OfferRefused, now: float) -> list[Any]:
        """For the candidate that refused; to it the next INVITE is a later request of the same call (§8.1.3.5)."""
        assert self.invite is not None
        assert self._flow is not None
        self.our_offer.refused = True
        self._sequence = self.invite.cseq.number + 1
        self._candidates.insert(0, self._flow)
        return self._ask_for_offer(now)

    def take_offer(self, event: OfferLeg, now: float) -> list[Any]:
        self.our_offer.take(event)
        return [StopTimers((OfferLimit,))]

    def send_invite(self, event: Any, now: float) -> list[Any]:
        flow = self._candidates.pop(0)
        invite = self._invite(flow)
        larger = None
        if flow.transport == "udp" and not self._pinned and self.target.parameter("transport") is None:
            larger = self._tcp_flow(flow) if len(to_bytes(invite)) > MAX_DATAGRAM_BYTES else None
        if larger is not None and (self._flow is None or self._flow.remote != flow.remote):
            self._candidates.insert(0, flow)        # §18.1.1: if TCP is refused, UDP after all
            flow, invite = larger, self._invite(larger)
        self._flow, self.invite = flow, invite
        return [Ask(invite, flow, "invite"), self._watch(flow, now)]

    def _watch(self, flow: Flow, now: float) -> StartTimer | StopTimers:
        """The last candidate has the time that its transaction gives it."""
        if not self.has_candidates:
            return StopTimers((CandidateSilent,))
        patience = SILENCE_STREAM if flow.reliable else SILENCE_UDP
        return StartTimer(CandidateSilent(), now + patience * self._settings.timing.t1)

    def leave_candidate(self, event: CandidateSilent, now: float) -> list[Any]:
        assert self.invite is not None
        self.left.add(self.invite)
        return [StopRepeating(self.invite)]

    def cancel_left(self, event: LeftRang, now: float) -> list[Any]:
        if not self.left.cancel(event.invite):
            return []
        return [Ask(self._composer.cancel(event.invite), event.flow, "cancel"),
                StartTimer(LeftLimit(), now + self._settings.timing.limit)]

    def abandon_left(self, event: LeftLimit, now: float) -> list[Any]:
        return [Abandon(invite) for invite in self.left.cancelled]

    def _invite(self, flow: Flow) -> Request:
        command = self._command
        return self._composer.invite(self.sip_call_id, self.target, flow, self._tag, command.caller_number,
                                     command.caller_name, self.our_offer.body, command.headers, self._sequence)

    def call_again(self, event: InviteChallenged, now: float) -> list[Any]:
        self._flow, self.invite = event.flow, event.renewed
        return [Ask(event.renewed, event.flow, "invite", event.attempts), self._watch(event.flow, now)]

    def start_ring_limit(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(RingLimit(), now + self._settings.ring_limit)]

    def stop_limit(self, event: Any, now: float) -> list[Any]:
        return [StopTimers((RingLimit, CancelLimit, CandidateSilent, OfferLimit))]

    def ringing(self, event: Provisional | ReliableReceived, now: float) -> list[Any]:
        """Tell each change of each phone once."""
        response = event.response
        if response.status == 100:
            return []
        early = self.early.open(event.request, response, event.flow, self._pinned)
        if early is None:
            return [LegRinging(self.leg, response.status, sdp_of(response))]
        made: list[Any] = [EarlyDialogMade(early)] if early.offers is None else []
        body, agrees = note(early, response, isinstance(event, ReliableReceived))
        if agrees:
            made.append(ToOffers(FirstAgreed(self.our_offer.body, body, we_answered=False), early))
        if early.told == (response.status, body):
            return made
        early.told = response.status, body
        return [*made, LegRinging(self.leg, response.status, body, response.to.tag or "")]

    def acknowledge_early(self, event: ReliableReceived, now: float) -> list[Any]:
        """PRACK (RFC 3262 §4); it is sent again by its transaction, so a 1xx that comes again brings no other."""
        early = self.early.open(event.request, event.response, event.flow, self._pinned)
        rseq, cseq = rseq_of(event.response), event.request.cseq.number
        if early is None or rseq is None:
            return []
        early.rseq = rseq
        flow = self._route(early.dialog)
        prack = self._composer.in_dialog(early.dialog, "PRACK", flow, [("RAck", f"{rseq} {cseq} INVITE")])
        return [Ask(prack, flow, "prack")]

    def take_dialog(self, event: Succeeded | SucceededWithOffer, now: float) -> list[Any]:
        self.dialog = self.early.confirm(event.request, event.response, event.flow, self._pinned)
        return [ToTimer(SessionAgreed(terms_as_client(event.request, event.response, self._settings)))]

    def establish(self, event: Succeeded | SucceededWithOffer, now: float) -> list[Any]:
        agreed = self.take_dialog(event, now)
        assert self.dialog is not None
        ack = self._acknowledge(self.dialog, event.request)
        if self.ended:
            return [ack]
        first = FirstAgreed(self.our_offer.body, self.early.answer_of(event.response), we_answered=False)
        return [ack, *agreed, ToOffers(first)]

    def establish_with_answer(self, event: AcknowledgeLeg, now: float) -> list[Any]:
        assert self.dialog is not None
        assert self.invite is not None
        ack = self._acknowledge(self.dialog, self.invite, event.body)
        return [ack, ToOffers(FirstAgreed(event.body, self._offer, we_answered=True))]

    def acknowledge_alone(self, event: Any, now: float) -> list[Any]:
        """The call ends before the user has answered their offer; the 2xx must be acknowledged all the same."""
        assert self.dialog is not None
        assert self.invite is not None
        return [self._acknowledge(self.dialog, self.invite)]

    def _acknowledge(self, dialog: Dialog, invite: Request, body: bytes = b"") -> Acknowledge:
        flow = self._route(dialog)
        effect = Acknowledge(self._composer.acknowledge(dialog, invite, flow, body), flow)
        self._acknowledgements[dialog.remote.tag or ""] = effect
        return effect

    def tell_answer(self, event: Succeeded | SucceededWithOffer, now: float) -> list[Any]:
        self._offer = self.early.answer_of(event.response)
        return [LegAnswered(self.leg, self._offer)]

    def acknowledge_again(self, event: SucceededAgain, now: float) -> list[Any]:
        return [self._acknowledgements[event.response.to.tag or ""]]

    def drop_fork(self, event: ForkSucceeded, now: float) -> list[Any]:
        """ACK and BYE for a phone that was answered too late; a repeated 2xx of it gets the ACK alone."""
        known = self._acknowledgements.get(event.response.to.tag or "")
        if known is not None:
            return [known]
        if len(self._acknowledgements) >= MAX_FORKS:
            return []
        dialog = self.early.confirm(event.request, event.response, event.flow, self._pinned)
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

    def end_without_offer(self, event: OfferLimit, now: float) -> list[Any]:
        return self.end("us", 500, "no offer was made")

    def end_unreachable(self, event: NobodyFound, now: float) -> list[Any]:
        return self.end("network", 503, event.reason)

    def end_failed(self, event: Failed, now: float) -> list[Any]:
        return self.end(event.by, event.status, event.reason)
