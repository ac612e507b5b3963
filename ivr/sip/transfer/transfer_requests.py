"""REFER, NOTIFY and SUBSCRIBE inside dialogs: read, and brought to the machines of a leg (RFC 3515, RFC 6665)."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.sip.composer import Composer, Fields
from ivr.sip.events import TransferRequested
from ivr.sip.leg.invite_session import State
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.message.message import Request
from ivr.sip.message.refer_to import ReferTo, parse_refer_to, wants_no_subscription
from ivr.sip.message.referred_by import referred_by
from ivr.sip.message.sipfrag import KIND, parse_sipfrag
from ivr.sip.message.subscription import ALLOW_EVENTS, event_id, parse_subscription_state
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transfer.replacing import may_replace
from ivr.sip.transfer.transfer_received import MAX_EXPIRES, ReferReceived, Resubscribed, Unsubscribed
from ivr.sip.transfer.transfer_sent import Notified, NotifiedEnd, NotifiedOutcome
from ivr.sip.transport.flow import Flow


class TransferRequests:
    """Each verb takes a request in the dialog of a leg that lives, and answers one that can't be read."""

    def __init__(self, legs: Legs, composer: Composer) -> None:
        self._legs = legs
        self._composer = composer

    def refer(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        """A REFER. Before the call is confirmed there is nobody to transfer: 491, as for an offer."""
        if leg.session.state is not State.CONFIRMED:
            return self._refuse(inbound, 491, now)
        headers = inbound.request.headers
        try:
            wanted = parse_refer_to(headers.all("Refer-To"))
            silent = wants_no_subscription(headers.all("Refer-Sub"))
            replaced = self._replaced(leg, wanted, inbound.source)
        except PeerError as error:
            return self._refuse(inbound, error.status, now)
        told = TransferRequested(leg.name, wanted.uri, wanted.replaces, replaced, referred_by(headers))
        machine = self._legs.machines.transfer_received(leg)
        return self._legs.run(leg, machine, ReferReceived(inbound, told, silent), now)

    def _replaced(self, leg: Leg, wanted: ReferTo, source: Flow) -> str | None:
        """The leg of ours that the Replaces names. Raises PeerError(400) if it is the very leg that is to be
        transferred, and PeerError(403) if it is somebody else's call."""
        found = self._legs.of_replaces(wanted.replaces) if wanted.replaces is not None else None
        if found is None or found.session.ended:
            return None
        if found is leg:
            raise PeerError(400, "A call can't replace itself")
        if not may_replace(found, leg.session.account, leg.session.trunk, source):
            raise PeerError(403, "Not a call of yours")
        return found.name

    def notify(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        """A NOTIFY. Those that no REFER of ours asked for get 481 (RFC 6665 §4.1.3)."""
        try:
            identifier = event_id(inbound.request)
            if leg.transfer_sent is None or not leg.transfer_sent.is_named(identifier):
                return self._refuse(inbound, 481, now)
            event = _notified(inbound)
        except PeerError as error:
            return self._refuse(inbound, error.status, now)
        return self._legs.run(leg, leg.transfer_sent, event, now)

    def subscribe(self, leg: Leg, inbound: Inbound, now: float) -> list[Any]:
        """A SUBSCRIBE that prolongs the subscription of a REFER, or ends it; no other can be had in a dialog."""
        request = inbound.request
        try:
            identifier = event_id(request)
        except PeerError as error:
            return self._refuse(inbound, error.status, now)
        if leg.transfer_received is None or not leg.transfer_received.is_named(identifier):
            return self._refuse(inbound, 481, now)
        expires = MAX_EXPIRES if request.expires is None else request.expires
        event = Resubscribed(inbound, expires) if expires else Unsubscribed(inbound)
        return self._legs.run(leg, leg.transfer_received, event, now)

    def _refuse(self, inbound: Inbound, status: int, now: float) -> list[Any]:
        headers: Fields = {489: [ALLOW_EVENTS], 415: [("Accept", KIND)]}.get(status, [])
        return self._legs.transactions.respond(inbound, self._composer.response(inbound.request, status, None, headers),
                                               now)


def _notified(inbound: Inbound) -> Notified | NotifiedOutcome | NotifiedEnd:
    request = inbound.request
    state = parse_subscription_state(request.headers.all("Subscription-State"))
    status = _fragment_status(request)
    if state.is_terminated:
        return NotifiedEnd(inbound, status)
    if status is not None and status >= 200:
        return NotifiedOutcome(inbound, status)
    return Notified(inbound, status, state.expires)


def _fragment_status(request: Request) -> int | None:
    if not request.body:
        return None
    if request.content_type != KIND:
        raise PeerError(415, "Only sipfrag tells of a transfer")
    return parse_sipfrag(request.body)
