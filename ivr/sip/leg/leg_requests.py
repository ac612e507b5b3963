"""Requests that come inside dialogs: ACK, BYE, CANCEL, re-INVITE, UPDATE, INFO, OPTIONS (RFC 3261 §12.2.2)."""

from collections.abc import Callable
from typing import Any

from ivr.base.ids import Ids
from ivr.sip.composer import Composer, Fields
from ivr.sip.events import DigitByInfo, Traced
from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.invite_session import UNANSWERED, AckReceived, ByeReceived, CancelReceived, State
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.leg.offers import InviteReceived, OfferCancelled, RefreshReceived, UpdateReceived
from ivr.sip.leg.offers import State as OfferState
from ivr.sip.leg.reliable import PrackReceived
from ivr.sip.leg.reoffer import Reoffer
from ivr.sip.message.bodies import PLAIN, RELAY, read_key, sdp_of
from ivr.sip.message.message import Request, Response
from ivr.sip.tracing import line_of
from ivr.sip.transaction.transactions import Inbound, ServerTransaction
from ivr.sip.transfer.transfer_requests import TransferRequests
from ivr.sip.transport.flow import Flow

IN_EARLY_DIALOGS = frozenset(("UPDATE", "INFO", "OPTIONS"))


class LegRequests:
    """Brings a request to the machine of its leg, or answers it here."""

    def __init__(self, legs: Legs, composer: Composer, ids: Ids) -> None:
        self._legs = legs
        self._composer = composer
        self._ids = ids
        transfers = TransferRequests(legs, composer)
        self._answers: dict[str, Callable[[Leg, Inbound, float], list[Any]]] = {
            "INVITE": self._offer, "UPDATE": self._update, "INFO": self._info, "OPTIONS": self._options,
            "PRACK": self._prack, "REFER": transfers.refer, "NOTIFY": transfers.notify,
            "SUBSCRIBE": transfers.subscribe}

    def receive(self, inbound: Inbound, now: float) -> list[Any]:
        """A request with a To tag that has passed the screening."""
        request = inbound.request
        leg = self._legs.of_dialog(request)
        met = leg.dialog_with(request.from_.tag) if leg is not None else None
        if leg is None or met is None:
            return self._legs.transactions.respond(inbound, self._composer.response(request, 481), now)
        inbound.transaction.leg = leg.name
        out: list[Any] = [Traced(leg.name, "in", line_of(request))]
        if not met[0].accept_sequence(request.cseq.number):
            return out + self._reply(inbound, 500, now)
        if leg.dialog is not None and leg.dialog is not met[0]:
            # another phone than the one that was answered: our BYE to it may cross its own, nothing else is left to say
            return out + self._reply(inbound, 200 if request.method == "BYE" else 481, now)
        if leg.dialog is None and request.method not in IN_EARLY_DIALOGS:
            # our INVITE is not answered: a second one meets it (§14.2), and a callee has nothing to end by BYE (§15)
            return out + self._reply(inbound, 491 if request.method == "INVITE" else 481, now)
        if request.method == "BYE":
            return out + self._legs.run(leg, leg.session, ByeReceived(inbound), now)
        if leg.session.ended:
            return out + self._reply(inbound, 481, now)
        return out + self._answers[request.method](leg, inbound, now)

    def acknowledge(self, request: Request, flow: Flow, now: float) -> list[Any]:
        """An ACK for a 2xx of ours; any other is passed over."""
        number = request.cseq.number
        leg = self._legs.of_dialog(request) or self._leg_despite_tag(request, flow)
        if leg is None:
            return []
        out: list[Any] = [Traced(leg.name, "in", line_of(request))]
        if isinstance(leg.session, AnsweringSession) and leg.session.awaits_ack == number:
            return out + self._legs.run(leg, leg.session, AckReceived(request), now)
        if leg.reoffer is not None and leg.reoffer.awaits_ack == number:
            return out + self._legs.run(leg, leg.reoffer, AckReceived(request), now)
        return out

    def _leg_despite_tag(self, request: Request, flow: Flow) -> Leg | None:
        """The leg of an ACK with a wrong To tag, which some phones send: only of phones that have authenticated and of
        trunks, from where the INVITE came, with its From tag, and if exactly one leg waits."""
        waiting = [session for session in self._legs.call_ids.sessions(request.sip_call_id)
                   if isinstance(session, AnsweringSession)
                   and session.dialog.remote.tag == request.from_.tag
                   and session.awaits_ack == request.cseq.number
                   and (session.account is not None or session.trunk is not None)
                   and session.inbound.source.remote == flow.remote]
        return self._legs.get(waiting[0].leg) if len(waiting) == 1 else None

    def cancel(self, inbound: Inbound, target: ServerTransaction | None, now: float) -> list[Any]:
        """A CANCEL; `target` is the transaction of the INVITE that it means (§9.2)."""
        if target is None:
            return self._reply(inbound, 481, now)
        leg = self._legs.get(target.leg) if target.leg is not None else None
        if leg is None or leg.dialog is None:
            return self._reply(inbound, 200, now)
        inbound.transaction.leg = leg.name
        out: list[Any] = [Traced(leg.name, "in", line_of(inbound.request))]
        response = self._composer.response(inbound.request, 200, leg.dialog.local.tag)
        out += self._legs.transactions.respond(inbound, response, now)
        session = leg.session
        if isinstance(session, AnsweringSession) and session.inbound.transaction is target:
            return out + self._legs.run(leg, session, CancelReceived(), now)
        pending = leg.reoffer.pending if leg.reoffer is not None else None
        if pending is not None and pending.transaction is target:
            return out + self._legs.run(leg, leg.reoffer, OfferCancelled(), now)
        return out

    def _offer(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        if leg.session.state is not State.CONFIRMED:
            return self._too_early(leg, inbound, now)
        offers = self._met(leg, inbound, now)[1]
        event = RefreshReceived(inbound) if offers.is_refresh(inbound.request) else InviteReceived(inbound)
        return self._legs.run(leg, offers, event, now)

    def _update(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        dialog, offers = self._met(leg, inbound, now)
        body = sdp_of(inbound.request)
        if body is None:
            return self._refreshed(leg, inbound, dialog, offers, now)
        if leg.session.state is State.ANSWERED:
            return self._too_early(leg, inbound, now)
        if OfferState.THEIRS in [other.state for other in leg.live_offers if other is not offers]:
            return self._reply(inbound, 500, now, self._soon())      # another phone's offer waits for the user
        event = RefreshReceived(inbound) if offers.is_refresh(inbound.request) else UpdateReceived(inbound)
        return self._legs.run(leg, offers, event, now)

    def _refreshed(self, leg: Leg, inbound: Inbound, dialog: Dialog, offers: Reoffer, now: float) -> list[Any]:
        """An UPDATE without an offer: a session refresh, or a new target (RFC 3311 §5.2, RFC 4028 §9)."""
        dialog.refresh_target(inbound.request, inbound.transaction.flow)
        fields, agreed = offers.timer.answer(inbound.request)
        response = self._composer.in_dialog_response(inbound.request, 200, dialog, b"", fields)
        return [*self._legs.transactions.respond(inbound, response, now), *self._legs.run(leg, leg.timer, agreed, now)]

    def _prack(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        """RFC 3262 §3: one for nothing that is out gets 481."""
        session = leg.session
        if not isinstance(session, AnsweringSession) or not session.awaits(inbound.request):
            return self._reply(inbound, 481, now)
        return self._legs.run(leg, session, PrackReceived(inbound), now)

    def _met(self, leg: Leg, inbound: Inbound, now: float) -> tuple[Dialog, Reoffer]:
        met = leg.dialog_with(inbound.request.from_.tag)
        assert met is not None
        return met[0], met[1] or self._legs.machines.reoffer(leg, now)

    def _too_early(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        """Before our answer: 500 with Retry-After (§14.2, RFC 3311 §5.2). After it, while the ACK is missing: 491, as
        an offer of ours may be in that 2xx."""
        if leg.session.state in UNANSWERED:
            return self._reply(inbound, 500, now, self._soon())
        return self._reply(inbound, 491, now)

    def _soon(self) -> Fields:
        return [("Retry-After", str(self._ids.uint16() % 11))]

    def _info(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        if request.headers.get("Info-Package") is not None:
            return self._reply(inbound, 469, now, [("Recv-Info", "")])      # RFC 6086 §4.2.2: we know no package
        if not request.body:
            return self._reply(inbound, 200, now)
        kind = request.content_type
        if kind not in (RELAY, PLAIN):
            return self._reply(inbound, 415, now, [("Accept", f"{RELAY}, {PLAIN}")])
        key = read_key(kind, request.body)
        if key is None:
            return self._reply(inbound, 400, now)
        return [*self._reply(inbound, 200, now), DigitByInfo(leg.name, *key)]

    def _options(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        return self._send(inbound, self._composer.capabilities(inbound.request), now)

    def _reply(self, inbound: Inbound, status: int, now: float, headers: Fields = ()) -> list[Any]:
        return self._send(inbound, self._composer.response(inbound.request, status, None, headers), now)

    def _send(self, inbound: Inbound, response: Response, now: float) -> list[Any]:
        return self._legs.transactions.respond(inbound, response, now)
