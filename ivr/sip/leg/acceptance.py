"""Our 2xx to an INVITE: sent again until the ACK comes, over TCP too, since a proxy may go on over UDP (RFC 3261
§13.3.1.4). The INVITE and the re-INVITE share this."""

from typing import Any

from ivr.base.values import frozen
from ivr.sip.leg.leg_effects import Respond, StartTimer, StopTimers
from ivr.sip.message.message import Response
from ivr.sip.settings import Timing
from ivr.sip.transaction.transactions import Inbound


@frozen
class SuccessDue:
    """Timer: the 2xx is to be sent again."""


@frozen
class NoAck:
    """Timer: 64 * T1 without an ACK; the dialog ends with a BYE."""


SUCCESS_DUE, NO_ACK = SuccessDue(), NoAck()


class Acceptance:
    """One 2xx on its way to be acknowledged. `due` and `lost` are the timer events of the machine that uses it."""

    def __init__(self, timing: Timing, due: Any = SUCCESS_DUE, lost: Any = NO_ACK) -> None:
        self._timing = timing
        self._due = due
        self._lost = lost
        self._interval = 0.0
        self._ends_at = 0.0
        self._sent: Respond | None = None

    @property
    def sequence(self) -> int | None:
        """The CSeq number whose ACK is awaited."""
        return self._sent.inbound.request.cseq.number if self._sent else None

    def send(self, inbound: Inbound, response: Response, now: float) -> list[Any]:
        self._sent = Respond(inbound, response)
        self._interval = self._timing.t1
        self._ends_at = now + self._timing.limit
        return [self._sent, self._next_timer(now)]

    def repeat(self, now: float) -> list[Any]:
        self._interval = min(2 * self._interval, self._timing.t2)
        return [self._sent, self._next_timer(now)]

    def _next_timer(self, now: float) -> StartTimer:
        at = now + self._interval
        return StartTimer(self._due, at) if at < self._ends_at else StartTimer(self._lost, self._ends_at)

    def finish(self) -> list[Any]:
        self._sent = None
        return [StopTimers((type(self._due), type(self._lost)))]
