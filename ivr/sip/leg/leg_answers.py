"""What responses to our requests mean for their legs (RFC 3261 §13.2.2, §14.1, §15.1.1, §22.2)."""

from typing import Any

from ivr.sip.access.credentials import Credentials, without_realms
from ivr.sip.composer import Composer
from ivr.sip.events import ProbeAnswered
from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.calling_table import (
    CandidateFailed,
    Failed,
    InviteChallenged,
    LeftRang,
    OfferRefused,
    Provisional,
    ReliableReceived,
)
from ivr.sip.leg.early import is_next, is_reliable
from ivr.sip.leg.invite_session import ByeFinished, ForkSucceeded, Succeeded, SucceededAgain, SucceededWithOffer
from ivr.sip.leg.leg_effects import Ask
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.leg.offers import OfferAccepted, OfferChallenged, OlderAccepted
from ivr.sip.leg.session_answers import GONE, SessionAnswers, refusal, with_fields
from ivr.sip.message.message import Request, Response
from ivr.sip.transaction.transactions import Outbound
from ivr.sip.transfer.transfer_answers import TransferAnswers
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.reconnecting import over_new_connection
from ivr.sip.trunk.trunks import Trunks


class LegAnswers:
    """The TransactionUser of the endpoint."""

    def __init__(self, legs: Legs, composer: Composer, credentials: Credentials) -> None:
        self._legs = legs
        self._composer = composer
        self._credentials = credentials
        self._transfers = TransferAnswers(legs, composer)
        self._sessions = SessionAnswers(legs)
        self.trunks: Trunks | None = None        # set right after both are made

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is None:
            return []
        if isinstance(leg.session, CallingSession) and sent.request in leg.session.left:
            return self._left_answered(leg, leg.session, sent, response, flow, now)
        if response.status in (401, 407) and leg.session.may_authenticate:
            fields = self._proof(leg, sent, response)
            if fields:
                return self._ask_again(leg, sent, self._renewed(leg, sent, fields), now)
        longer = self._sessions.lengthened(sent, response)
        if longer:
            return self._ask_again(leg, sent, with_fields(self._renewed(leg, sent, []), longer), now)
        if sent.purpose == "invite":
            event = self._of_invite(leg, sent, response, flow)
            return self._legs.run(leg, leg.session, event, now) if event is not None else []
        if response.status < 200:
            return []
        if sent.purpose == "reinvite":
            return self._reinvite_answered(leg, sent, response, now)
        if sent.purpose == "update":
            return self._sessions.update_answered(leg, sent, response, now)
        if sent.purpose == "refresh":
            return self._sessions.refresh_answered(leg, sent, response, now)
        if sent.purpose == "key" and response.status in GONE:
            return self._sessions.dialog_lost(leg, now)
        if sent.purpose == "probe":
            return self._probed(leg, response.status not in GONE)
        if sent.purpose == "refer":
            return self._transfers.refer_answered(leg, sent, response, now)
        if sent.purpose == "notify":
            return self._transfers.notify_answered(leg, sent, response.status, now)
        return self._legs.run(leg, leg.session, ByeFinished(), now) if sent.purpose == "bye" else []

    def _proof(self, leg: Leg, sent: Outbound, response: Response) -> list[tuple[str, str]]:
        """Our credentials for a request that was challenged; not where it went to a Contact beyond whom we called or
        were called by: there a stranger may be, who names the right realm and tries passwords on our answer."""
        line = self.trunks.get(leg.session.trunk) if self.trunks is not None else None
        address = sent.flow.remote[0]
        if address not in leg.session.peers and not (line is not None and line.is_home(address)):
            return []
        known = line.credentials if line is not None else self._credentials
        return known.answer(sent.request, response, sent.attempts)

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is None:
            return []
        session = leg.session
        if sent.fallback is not None and status == 503:
            return self._legs.apply(leg, [self._legs.limit.over_udp(sent, now)], now)
        met = leg.dialog_with(sent.request.to.tag) if status == 503 and sent.purpose != "invite" else None
        again = over_new_connection(sent, met[0], self._legs.route, self._composer) if met is not None else None
        if again is not None:
            return self._legs.apply(leg, [again], now)
        if sent.purpose == "invite" and isinstance(session, CallingSession):
            if sent.request in session.left:
                return []
            event = CandidateFailed() if session.has_candidates else Failed(status, reason, "network")
            return self._legs.run(leg, session, event, now)
        if sent.purpose == "reinvite":
            return self._legs.run(leg, leg.reoffer, refusal(status), now)
        if sent.purpose == "update":
            return self._sessions.update_failed(leg, sent, status, now)
        if sent.purpose == "refresh":
            return self._sessions.refresh_failed(leg, status, now)
        if sent.purpose == "key" and status in GONE:
            return self._sessions.dialog_lost(leg, now)
        if sent.purpose == "probe":
            return self._probed(leg, alive=False)
        if sent.purpose == "refer":
            return self._transfers.refer_failed(leg, sent, status, now)
        if sent.purpose == "notify":
            return self._transfers.notify_answered(leg, sent, 408, now)
        return self._legs.run(leg, session, ByeFinished(), now) if sent.purpose == "bye" else []

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is not None:
            self._legs.request_over(leg)
        return []

    def _left_answered(self, leg: Leg, session: CallingSession, sent: Outbound, response: Response, flow: Flow,
                       now: float) -> list[Any]:
        """A candidate that was silent for too long speaks after all: nobody there must go on ringing, or be alone."""
        if response.status < 200:
            return self._legs.run(leg, session, LeftRang(sent.request, sent.flow), now)
        if response.status >= 300:
            return []
        flow = flow if flow.reliable else sent.flow
        return self._legs.run(leg, session, ForkSucceeded(sent.request, response, flow), now)

    def _of_invite(self, leg: Leg, sent: Outbound, response: Response, flow: Flow) -> Any:
        """Classify a response to the INVITE that began the leg; None for one to be passed over."""
        session = leg.session
        assert isinstance(session, CallingSession)
        if response.status >= 300:
            if session.goes_on_after(response.status):
                return CandidateFailed()
            if session.our_offer.has_another(response.status):
                return OfferRefused()
            return Failed(response.status, response.reason, "peer")
        # over UDP the peer is met where we sent to, whichever socket it answers from
        flow = flow if flow.reliable else sent.flow
        if response.status < 200:
            if not is_reliable(response):
                return Provisional(sent.request, response, flow)
            is_due = is_next(session.early.get(response.to.tag), response)
            return ReliableReceived(sent.request, response, flow) if is_due else None
        dialog = leg.dialog
        if dialog is None:
            kind = SucceededWithOffer if session.offerless else Succeeded
            return kind(sent.request, response, flow)
        if (response.to.tag or "") == (dialog.remote.tag or ""):
            return SucceededAgain(response)
        return ForkSucceeded(sent.request, response, flow)

    def _reinvite_answered(self, leg: Leg, sent: Outbound, response: Response, now: float) -> list[Any]:
        event: Any
        if response.status < 300 and leg.reoffer is not None and not leg.reoffer.is_out(sent.request):
            event = OlderAccepted(sent.request)
        elif response.status < 300:
            if leg.dialog is not None and not leg.session.ended:
                leg.dialog.refresh_target(response, leg.dialog.flow)
            event = OfferAccepted(sent.request, response)
        else:
            event = refusal(response.status)
        return self._legs.run(leg, leg.reoffer, event, now)

    def _probed(self, leg: Leg, alive: bool) -> list[Any]:
        return [] if leg.session.ended else [ProbeAnswered(leg.name, alive)]

    def _ask_again(self, leg: Leg, sent: Outbound, request: Request, now: float) -> list[Any]:
        """The request once more, with credentials or a longer interval."""
        attempts = sent.attempts + 1
        if sent.purpose == "invite":
            return self._legs.run(leg, leg.session, InviteChallenged(request, sent.flow, attempts), now)
        met = leg.dialog_with(request.to.tag)
        if sent.purpose in ("reinvite", "update") and met is not None:
            return self._legs.run(leg, met[1], OfferChallenged(request, sent.flow, attempts), now)
        if sent.purpose == "refer":
            return self._transfers.refer_challenged(leg, request, sent, now)
        return self._legs.apply(leg, [Ask(request, sent.flow, sent.purpose, attempts)], now)

    def _renewed(self, leg: Leg, sent: Outbound, fields: list[tuple[str, str]]) -> Request:
        """The sequence goes on in the dialog that the request is in."""
        met = leg.dialog_with(sent.request.to.tag)
        sequence = met[0].next_sequence() if met is not None else sent.request.cseq.number + 1
        return without_realms(self._composer.renewed(sent.request, sent.flow, sequence, fields), fields)
