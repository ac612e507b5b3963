"""Our 1xx sent reliably: again and again until its PRACK comes (RFC 3262 §3). One is out at a time."""

from typing import Any
from zlib import crc32

from ivr.base.values import frozen
from ivr.sip.leg.leg_effects import Respond, StartTimer, StopTimers
from ivr.sip.message.grammar import WS
from ivr.sip.message.message import Request, Response
from ivr.sip.settings import Timing
from ivr.sip.transaction.transactions import Inbound

RELIABLE = "100rel"
FIRST_RSEQ_SPAN = 2**31 - 1     # the first number is at most this, so that counting on never meets the end (§3)


@frozen
class PrackReceived:
    """A PRACK for the 1xx that is out."""

    inbound: Inbound


@frozen
class ProvisionalDue:
    """Timer: the 1xx is to be sent again."""


@frozen
class NoPrack:
    """Timer: 64 * T1 without a PRACK; the INVITE is refused."""


class ReliableProvisional:
    """The reliable responses to one INVITE. `described`: the one that is out carries an offer or answer."""

    timers = (ProvisionalDue, NoPrack)

    def __init__(self, timing: Timing, tag: str) -> None:
        """`tag`, ours, is as random as the first number shall be."""
        self._timing = timing
        self._rseq = crc32(tag.encode()) % FIRST_RSEQ_SPAN
        self._interval = 0.0
        self._sent: Respond | None = None
        self.described = False

    def send(self, inbound: Inbound, response: Response, now: float) -> list[Any]:
        self._rseq += 1
        response.headers.add("Require", RELIABLE)
        response.headers.add("RSeq", str(self._rseq))
        self._sent, self._interval, self.described = Respond(inbound, response), self._timing.t1, bool(response.body)
        return [self._sent, StartTimer(ProvisionalDue(), now + self._interval),
                StartTimer(NoPrack(), now + self._timing.limit)]

    def repeat(self, now: float) -> list[Any]:
        """Doubling without an upper bound but the end: 64 * T1 (§3)."""
        assert self._sent is not None
        self._interval *= 2
        return [self._sent, StartTimer(ProvisionalDue(), now + self._interval)]

    def stop(self) -> list[Any]:
        """No more repeating; the PRACK may still come."""
        return [StopTimers(self.timers)]

    def acknowledged(self) -> list[Any]:
        self._sent = None
        return self.stop()

    def is_out(self, prack: Request) -> bool:
        """Whether `prack` acknowledges the response that is out: RAck names its RSeq and the CSeq of the INVITE."""
        if self._sent is None:
            return False
        words = (prack.headers.get("RAck") or "").strip(WS).split()
        invite = self._sent.inbound.request.cseq
        numbers = [word.lstrip("0") for word in words[:2]]
        return len(words) == 3 and numbers == [str(self._rseq), str(invite.number)] and words[2] == "INVITE"
