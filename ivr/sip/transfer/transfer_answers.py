"""What responses to our REFERs and NOTIFYs mean (RFC 3515, RFC 5057 §5.1)."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.sip.composer import Composer
from ivr.sip.leg.invite_session import OutcomeHeard, State
from ivr.sip.leg.leg_effects import Ask, DialogLost
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.message.message import Request, Response
from ivr.sip.message.refer_to import wants_no_subscription
from ivr.sip.transaction.transactions import Outbound
from ivr.sip.transfer.transfer_received import SubscriberLost
from ivr.sip.transfer.transfer_sent import ReferAccepted, ReferChallenged, ReferLost, ReferRefused, ReferUnfollowed

ENDS_SUBSCRIPTION = frozenset((405, 408, 480, 481, 489, 501))
ENDS_DIALOG = frozenset((404, 410, 416, 482, 483, 484, 485, 502, 604))
MAX_REPEATS = 3         # of a NOTIFY that another request of ours had overtaken


class TransferAnswers:
    """Takes the final responses."""

    def __init__(self, legs: Legs, composer: Composer) -> None:
        self._legs = legs
        self._composer = composer

    def refer_answered(self, leg: Leg, sent: Outbound, response: Response, now: float) -> list[Any]:
        if not _is_current(leg, sent.request):
            return []
        event: Any = ReferRefused(response.status)
        if response.status < 300:
            event = ReferUnfollowed(response.status) if _is_silent(response) else ReferAccepted()
        return self._legs.run(leg, leg.transfer_sent, event, now)

    def refer_challenged(self, leg: Leg, renewed: Request, sent: Outbound, now: float) -> list[Any]:
        event = ReferChallenged(renewed, sent.flow, sent.attempts + 1)
        return self._legs.run(leg, leg.transfer_sent, event, now) if _is_current(leg, sent.request) else []

    def refer_failed(self, leg: Leg, sent: Outbound, status: int, now: float) -> list[Any]:
        return self._legs.run(leg, leg.transfer_sent, ReferLost(status), now) if _is_current(leg, sent.request) else []

    def notify_answered(self, leg: Leg, sent: Outbound, status: int, now: float) -> list[Any]:
        """`status` 408 also for silence and for a NOTIFY that could not be sent."""
        again = self._notify_again(leg, sent, now) if status == 500 else []
        if again:
            return again
        out = self._outcome_heard(leg, sent.request, now)
        if status not in ENDS_SUBSCRIPTION | ENDS_DIALOG or leg.session.ended:
            return out
        if leg.transfer_received is not None and sent.request.headers.get("Event") == leg.transfer_received.event:
            out += self._legs.run(leg, leg.transfer_received, SubscriberLost(), now)
        if status in ENDS_DIALOG:
            out += self._legs.apply(leg, [DialogLost("the peer has lost the dialog")], now)
        return out

    def _outcome_heard(self, leg: Leg, notify: Request, now: float) -> list[Any]:
        machine = leg.transfer_received
        if machine is None or not machine.is_last(notify):
            return []
        machine.unheard = ""
        return self._legs.run(leg, leg.session, OutcomeHeard(), now)

    def _notify_again(self, leg: Leg, sent: Outbound, now: float) -> list[Any]:
        """500 says that a later request of ours came first (RFC 3261 §12.2.2): the newest NOTIFY is then still to be
        told, under a new number; an older one is not."""
        dialog, machine = leg.dialog, leg.transfer_received
        if dialog is None or machine is None or sent.attempts >= MAX_REPEATS:
            return []
        if leg.session.ended and leg.session.state is not State.BYE_HELD:
            return []
        if machine.newest_notify is not sent.request:
            return []
        renewed = self._composer.renewed(sent.request, sent.flow, dialog.next_sequence(), ())
        machine.newest_notify = renewed
        return self._legs.apply(leg, [Ask(renewed, sent.flow, "notify", sent.attempts + 1)], now)


def _is_current(leg: Leg, refer: Request) -> bool:
    return leg.transfer_sent is not None and leg.transfer_sent.is_current(refer)


def _is_silent(response: Response) -> bool:
    try:
        return wants_no_subscription(response.headers.all("Refer-Sub"))
    except PeerError:
        return False
