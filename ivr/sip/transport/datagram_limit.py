"""Requests of a dialog that are too large for a datagram go over TCP (RFC 3261 §18.1.1)."""

from ivr.sip.composer import Composer
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask
from ivr.sip.message.printer import to_bytes
from ivr.sip.transaction.transactions import Outbound
from ivr.sip.transport.networks import OwnAddresses

MAX_DATAGRAM_BYTES = 1300       # larger ones are cut up on the way, and NATs and firewalls drop the pieces
CERTAINLY_SMALL_BYTES = 500     # of body; what else we write takes less than the rest, and need not be counted
BYTES_OF_A_ROUTE = 100
REFUSAL_REMEMBERED = 3600.0     # s; a phone does not learn TCP during a call, and each try may cost 5 s
MAX_REFUSALS = 1000             # peers remembered; at the bound the one that was added first is tried again

Remote = tuple[str, int]


class DatagramLimit:
    """Chooses TCP, and comes back to UDP where that is refused."""

    def __init__(self, own: OwnAddresses, composer: Composer) -> None:
        self._own = own
        self._composer = composer
        self._refused: dict[Remote, float] = {}

    def fitted(self, ask: Ask, dialog: Dialog | None, now: float) -> Ask:
        """`ask`, or the same over TCP. Not to who is met behind a NAT, whom no connection reaches; nor where the URI
        names its transport; nor for the INVITE that makes the dialog, which chooses for itself."""
        request, flow = ask.request, ask.flow
        if (dialog is None or flow.transport != "udp" or ask.purpose == "invite"
                or len(request.body) + BYTES_OF_A_ROUTE * len(dialog.route_set) < CERTAINLY_SMALL_BYTES):
            return ask
        if (dialog.pinned or dialog.next_hop().parameter("transport") or self._is_refused(flow.remote, now)
                or len(to_bytes(request)) <= MAX_DATAGRAM_BYTES):
            return ask
        stream = self._own.flow("tcp", flow.remote)
        if stream is None:
            return ask
        return Ask(self._composer.over(request, stream), stream, ask.purpose, ask.attempts, flow)

    def over_udp(self, sent: Outbound, now: float) -> Ask:
        """A request again that could not be sent over TCP."""
        assert sent.fallback is not None
        if len(self._refused) >= MAX_REFUSALS:
            del self._refused[next(iter(self._refused))]
        self._refused[sent.fallback.remote] = now + REFUSAL_REMEMBERED
        return Ask(self._composer.over(sent.request, sent.fallback), sent.fallback, sent.purpose, sent.attempts)

    def _is_refused(self, remote: Remote, now: float) -> bool:
        return self._refused.get(remote, 0.0) > now
