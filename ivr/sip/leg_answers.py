"""What responses to our requests mean for their legs (RFC 3261 §13.2.2, §14.1, §15.1.1, §22.2)."""

from typing import Any

from ivr.sip.calling import CallingSession, CandidateFailed, Failed, InviteChallenged, Provisional
from ivr.sip.composer import Composer
from ivr.sip.credentials import Credentials, without_realms
from ivr.sip.events import ProbeAnswered
from ivr.sip.flow import Flow
from ivr.sip.invite_session import ByeFinished, ForkSucceeded, Succeeded, SucceededAgain
from ivr.sip.leg_effects import Ask
from ivr.sip.legs import Leg, Legs
from ivr.sip.message import Request, Response
from ivr.sip.reoffer import Glared, OfferAccepted, OfferChallenged, OfferLost, OfferRefused
from ivr.sip.transactions import Outbound

GONE = (408, 481)       # §12.2.1.2: the peer has no such dialog any more


class LegAnswers:
    """The TransactionUser of the endpoint."""

    def __init__(self, legs: Legs, composer: Composer, credentials: Credentials) -> None:
        self._legs = legs
        self._composer = composer
        self._credentials = credentials

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is None:
            return []
        if response.status in (401, 407) and leg.session.may_authenticate:
            fields = self._credentials.answer(sent.request, response, sent.attempts)
            if fields:
                return self._ask_again(leg, sent, fields, now)
        if sent.purpose == "invite":
            return self._legs.run(leg, leg.session, self._of_invite(leg, sent, response, flow), now)
        if response.status < 200:
            return []
        if sent.purpose == "reinvite":
            return self._reinvite_answered(leg, sent, response, now)
        if sent.purpose == "probe":
            return self._probed(leg, response.status not in GONE)
        return self._legs.run(leg, leg.session, ByeFinished(), now) if sent.purpose == "bye" else []

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is None:
            return []
        session = leg.session
        if sent.purpose == "invite" and isinstance(session, CallingSession):
            event = CandidateFailed() if session.has_candidates else Failed(status, reason, "network")
            return self._legs.run(leg, session, event, now)
        if sent.purpose == "reinvite":
            lost = OfferLost(status) if status in GONE else OfferRefused(status)
            return self._legs.run(leg, leg.reoffer, lost, now)
        if sent.purpose == "probe":
            return self._probed(leg, alive=False)
        return self._legs.run(leg, session, ByeFinished(), now) if sent.purpose == "bye" else []

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        leg = self._legs.get(sent.leg)
        if leg is not None:
            self._legs.request_over(leg)
        return []

    def _of_invite(self, leg: Leg, sent: Outbound, response: Response, flow: Flow) -> Any:
        """Classify a response to the INVITE that began the leg."""
        if response.status < 200:
            return Provisional(response)
        if response.status >= 300:
            return Failed(response.status, response.reason, "peer")
        # over UDP the peer is met where we sent to, whichever socket it answers from
        flow = flow if flow.reliable else sent.flow
        dialog = leg.dialog
        if dialog is None:
            return Succeeded(sent.request, response, flow)
        if (response.to.tag or "") == (dialog.remote.tag or ""):
            return SucceededAgain(response)
        return ForkSucceeded(sent.request, response, flow)

    def _reinvite_answered(self, leg: Leg, sent: Outbound, response: Response, now: float) -> list[Any]:
        event: Any
        if response.status < 300:
            if leg.dialog is not None and not leg.session.ended:
                leg.dialog.refresh_target(response, leg.dialog.flow)
            event = OfferAccepted(sent.request, response)
        elif response.status == 491:
            event = Glared()
        else:
            event = OfferLost(response.status) if response.status in GONE else OfferRefused(response.status)
        return self._legs.run(leg, leg.reoffer, event, now)

    def _probed(self, leg: Leg, alive: bool) -> list[Any]:
        return [] if leg.session.ended else [ProbeAnswered(leg.name, alive)]

    def _ask_again(self, leg: Leg, sent: Outbound, fields: list[tuple[str, str]], now: float) -> list[Any]:
        """The request once more with credentials; the sequence goes on in the dialog that the request is in."""
        request = self._renewed(leg, sent, fields)
        attempts = sent.attempts + 1
        if sent.purpose == "invite":
            return self._legs.run(leg, leg.session, InviteChallenged(request, sent.flow, attempts), now)
        if sent.purpose == "reinvite":
            return self._legs.run(leg, leg.reoffer, OfferChallenged(request, sent.flow, attempts), now)
        return self._legs.apply(leg, [Ask(request, sent.flow, sent.purpose, attempts)], now)

    def _renewed(self, leg: Leg, sent: Outbound, fields: list[tuple[str, str]]) -> Request:
        sequence = sent.request.cseq.number + 1
        dialog = leg.dialog
        if dialog is not None and sent.request.to.tag == dialog.remote.tag:
            sequence = dialog.next_sequence()
        return without_realms(self._composer.renewed(sent.request, sent.flow, sequence, fields), fields)
