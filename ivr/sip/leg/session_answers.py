"""What responses to UPDATE and to refreshes mean, and what follows a 422 (RFC 3311 §5.1, RFC 4028 §7.2, §7.3)."""

from typing import Any

from ivr.sip.leg.leg_effects import DialogLost
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.leg.offers import Glared, OfferLost, OfferRefused, UpdateAccepted
from ivr.sip.leg.session_timer import RefreshRefused, UpdateUnknown
from ivr.sip.message.message import Request, Response
from ivr.sip.message.session_interval import Fields, lengthened
from ivr.sip.transaction.transactions import Outbound

GONE = (408, 481)           # §12.2.1.2: the peer has no such dialog any more
UNKNOWN = (405, 501)
MAX_LENGTHENED = 4          # attempts, credentials included; who asks for more and more is not obeyed for ever
WITH_INTERVAL = frozenset(("invite", "reinvite", "update", "refresh"))


class SessionAnswers:
    """Part of the TransactionUser: sorts what came into events of the dialog's machines."""

    def __init__(self, legs: Legs) -> None:
        self._legs = legs

    def lengthened(self, sent: Outbound, response: Response) -> Fields:
        """The fields that the request needs after a 422; none if that would bring nothing."""
        if response.status != 422 or sent.purpose not in WITH_INTERVAL or sent.attempts >= MAX_LENGTHENED:
            return []
        return lengthened(sent.request, response)

    def update_answered(self, leg: Leg, sent: Outbound, response: Response, now: float) -> list[Any]:
        met = leg.dialog_with(sent.request.to.tag)
        if met is None:
            return []
        if response.status < 300:
            self._move(leg, sent, response)
            return self._legs.run(leg, met[1], UpdateAccepted(sent.request, response), now)
        return self._legs.run(leg, met[1], refusal(response.status), now)

    def update_failed(self, leg: Leg, sent: Outbound, status: int, now: float) -> list[Any]:
        met = leg.dialog_with(sent.request.to.tag)
        return self._legs.run(leg, met[1], refusal(status), now) if met is not None else []

    def refresh_answered(self, leg: Leg, sent: Outbound, response: Response, now: float) -> list[Any]:
        if leg.timer is None or leg.session.ended:
            return []
        if response.status < 300:
            self._move(leg, sent, response)
            return self._legs.run(leg, leg.timer, leg.timer.answered(sent.request, response), now)
        return self.refresh_failed(leg, response.status, now)

    def refresh_failed(self, leg: Leg, status: int, now: float) -> list[Any]:
        if status in GONE:
            return self.dialog_lost(leg, now)
        event = UpdateUnknown() if status in UNKNOWN else RefreshRefused()
        return self._legs.run(leg, leg.timer, event, now)

    def dialog_lost(self, leg: Leg, now: float) -> list[Any]:
        """§12.2.1.2: 408 or 481 to a request inside a dialog, or silence."""
        return self._legs.apply(leg, [DialogLost("the peer has lost the dialog")], now)

    def _move(self, leg: Leg, sent: Outbound, response: Response) -> None:
        met = leg.dialog_with(sent.request.to.tag)
        if met is not None and not leg.session.ended:
            met[0].refresh_target(response, met[0].flow)


def refusal(status: int) -> Any:
    """A final response to an offer of ours that is no 2xx, as its machine knows it."""
    if status == 491:
        return Glared()
    return OfferLost(status) if status in GONE else OfferRefused(status)


def with_fields(request: Request, fields: Fields) -> Request:
    """`request` with these fields in place of those of the same name."""
    made = Request(request.method, request.request_uri, request.headers.copy(), request.body)
    for name, value in fields:
        made.headers.set(name, value)
    return made
