"""One leg that writes instead of speaking: a visitor in a chat, or an operator at a desk who answers one.

It takes the commands of SIP for a leg and answers with SIP's events, as `browser_leg` does for phones in pages; there
is nothing to describe in it, so no description is ever exchanged. What people do comes as the events below.

    channel or desk -> web process -> control -> the text plane, which knows who reads whom
"""

from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.base.values import frozen
from ivr.call.sip_leg import Waiting
from ivr.sip import commands as c
from ivr.sip import events as e
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow

TRANSPORT = "text"
NOWHERE = Flow(TRANSPORT, ("", 0), ("", 0))
DECLINED, GONE = 603, 408


@frozen
class TextOpens:
    """A visitor writes to the number of a line. `name`: what they call themselves, "" if they don't; `number`: theirs,
    where the channel knows it; `account` and `trunk`: as of a call, where it came by SIP."""

    line: str
    name: str = ""
    number: str = ""
    account: str | None = None
    trunk: str | None = None


@frozen
class TextAccepts:
    """An operator takes the chat that is offered."""


@frozen
class TextLeaves:
    """They leave the chat, or refuse the one that is offered."""

    reason: str = ""
    lost: bool = False          # nobody left: the way to them is cut for good


class TextLegState(Enum):
    """How far a leg is."""

    NEW = auto()
    OPENING = auto()            # a visitor has written, and nobody has taken it up
    OFFERED = auto()            # an operator is asked
    JOINED = auto()
    OVER = auto()


S = TextLegState
ALIVE = (S.OPENING, S.OFFERED, S.JOINED)
IGNORED = (c.RingLeg, c.ProgressLeg, c.AnswerLeg, c.AcknowledgeLeg, c.RejectLeg, c.OfferLeg, c.HangUpLeg, c.ReofferLeg,
           c.AnswerOffer, c.RejectOffer, c.ProbeLeg, c.SendInfoDigit, c.AcceptTransfer, c.RejectTransfer,
           c.ReportTransfer, c.TransferLeg, c.DialLeg)
TABLE: Table = {
    **{(state, event): (state, ()) for state in S for event in (*IGNORED, TextAccepts, TextLeaves)},
    (S.NEW, TextOpens): (S.OPENING, ("open",)),
    (S.NEW, c.DialLeg): (S.OFFERED, ("offer",)),
    (S.OPENING, c.AnswerLeg): (S.JOINED, ("taken_up",)),
    (S.OPENING, c.RejectLeg): (S.OVER, ("refused",)),
    (S.OFFERED, TextAccepts): (S.JOINED, ("accept",)),
    **{(state, c.HangUpLeg): (S.OVER, ("house_ends",)) for state in ALIVE},
    **{(state, TextLeaves): (S.OVER, ("leave",)) for state in ALIVE},
    **{(state, c.ProbeLeg): (state, ("alive",)) for state in ALIVE},
    **{(state, c.ReofferLeg): (state, ("nothing_to_agree",)) for state in ALIVE},
    **{(state, c.TransferLeg): (state, ("no_transfer",)) for state in ALIVE},
}


class TextLeg(Machine):
    """`phone` is who writes: an account, or a visitor of a channel. It ends with one LegEnded."""

    table: ClassVar[Table] = TABLE

    def __init__(self, leg: str, phone: str, account: str | None) -> None:
        self.state: Enum = S.NEW
        self.leg, self.phone, self.account = leg, phone, account

    def open(self, event: TextOpens, now: float) -> list[Any]:
        uri = Uri("sip", event.line, None, TRANSPORT)
        return [e.LegOffered(self.leg, f"{self.leg}@{TRANSPORT}", uri, event.number, event.name, event.line, b"",
                             NOWHERE, event.account, event.trunk),
                e.Traced(self.leg, "in", "writes")]

    def taken_up(self, event: c.AnswerLeg, now: float) -> list[Any]:
        """Whoever has written reads what is answered: nothing need be acknowledged."""
        return [e.Traced(self.leg, "out", "the chat begins"), e.LegConfirmed(self.leg, None)]

    def refused(self, event: c.RejectLeg, now: float) -> list[Any]:
        return self._end("us", event.status, event.reason)

    def offer(self, event: c.DialLeg, now: float) -> list[Any]:
        return [e.Traced(self.leg, "out", "the chat is offered"), e.LegRinging(self.leg, 180, None)]

    def accept(self, event: TextAccepts, now: float) -> list[Any]:
        return [e.Traced(self.leg, "in", "takes the chat"), e.LegAnswered(self.leg, b"")]

    def leave(self, event: TextLeaves, now: float) -> list[Any]:
        return self._end("network" if event.lost else "peer", GONE if event.lost else DECLINED, event.reason)

    def house_ends(self, event: c.HangUpLeg, now: float) -> list[Any]:
        return self._end("us", 200, event.reason)

    def alive(self, event: c.ProbeLeg, now: float) -> list[Any]:
        return [e.ProbeAnswered(self.leg, True)]

    def nothing_to_agree(self, event: c.ReofferLeg, now: float) -> list[Any]:
        return [e.LegReanswered(self.leg, 200, None)]

    def no_transfer(self, event: c.TransferLeg, now: float) -> list[Any]:
        return [e.TransferProgressed(self.leg, 501, True)]

    def _end(self, by: Any, status: int, reason: str) -> list[Any]:
        text = reason or "leaves the chat"
        return [e.Traced(self.leg, "out" if by == "us" else "in", text), e.LegEnded(self.leg, by, status, reason)]


class NoMedia:
    """Stands where a leg that speaks has its side of the descriptions (`sip_leg.SipLeg`): there is nothing to agree."""

    negotiated = None
    waiting = Waiting.NOTHING
    body = b""
    held = False
    has_plain_offer = True          # nothing is settled before the way to a peer is known

    def take_offer(self, offer: bytes | None) -> None:
        """Nothing to agree on."""

    def take_answer(self, answer: bytes | None) -> bool:
        return False

    def take_reoffer(self, offer: bytes | None) -> None:
        """Nothing to agree on."""

    def offer(self) -> bytes:
        return b""

    def awaits_answer(self) -> None:
        """Nothing to agree on."""
