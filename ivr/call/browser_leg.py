"""One browser phone: a page that is to everybody else a phone like any other.

It takes the commands of SIP for its leg and answers with SIP's events (`ivr.sip.commands`, `ivr.sip.events`); what
people do in the page comes as the events below, and what the page must know leaves as `PageTold`. Its descriptions are
those of the web process, which speaks plain RTP with the plane for it; so holds, codecs and streams need no second way.

    page -> WebSocket -> web process -> RTP, G.711 mu-law -> plane
"""

from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.errors import PeerError
from ivr.base.machine import Machine, Table
from ivr.base.values import frozen
from ivr.sdp.offer_answer import Direction, LocalMedia, make_answer, make_offer, read_answer
from ivr.sip import commands as c
from ivr.sip import events as e
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow

TRANSPORT = "browser"            # of the Flow of a page; what SIP's flows have is udp, tcp or tls
CODEC = "PCMU"                   # what pages speak: 160 octets each 20 ms
BUSY, GONE, CANCELLED, DECLINED, PENDING, NOT_ACCEPTABLE = 486, 408, 487, 603, 491, 488
Address = tuple[str, int]


# --- what happens in the page ---------------------------------------------------------------------------------------
@frozen
class PageDials:
    """Somebody calls `number` from the page: a new leg."""

    leg: str
    number: str


@frozen
class PageAnswers:
    """They take the call that rings."""


@frozen
class PageHangsUp:
    """They end the call, or refuse the one that rings."""


@frozen
class PageHolds:
    """They let the other side wait, or take it back."""

    held: bool


@frozen
class PageMoved:
    """The page is back, or its web process another one: its audio is wanted at `remote` from now on."""

    remote: Address


@frozen
class PageLeft:
    """The page will not come back."""

    reason: str = "the page is gone"


# --- what it must know ----------------------------------------------------------------------------------------------
@frozen
class PageTold:
    """`kind` "state": `fields` has state, number, name, held, rings (whom we call does) and plane: where audio of this
    leg is taken, None before that. "ended": status and reason."""

    phone: str
    leg: str
    kind: str
    fields: tuple[tuple[str, Any], ...]


class PhoneState(Enum):
    """What the phone in the page does."""

    IDLE = auto()
    CALLING = auto()         # the page called, and nobody has answered yet
    RINGING = auto()
    TALKING = auto()


S = PhoneState
IN_CALL = (S.CALLING, S.RINGING, S.TALKING)
OF_LEGS = (c.RingLeg, c.ProgressLeg, c.AnswerLeg, c.AcknowledgeLeg, c.RejectLeg, c.OfferLeg, c.HangUpLeg, c.ReofferLeg,
           c.AnswerOffer, c.RejectOffer, c.ProbeLeg, c.SendInfoDigit, c.AcceptTransfer, c.RejectTransfer,
           c.ReportTransfer, c.TransferLeg)
TABLE: Table = {
    # What makes no sense as things stand, or is of a call that has ended meanwhile, does nothing.
    **{(state, event): (state, ()) for state in S for event in (*OF_LEGS, PageAnswers, PageHangsUp, PageHolds)},
    **{(state, c.DialLeg): (state, ("busy",)) for state in IN_CALL},
    **{(state, PageDials): (state, ("one_call_at_a_time",)) for state in IN_CALL},
    **{(state, c.HangUpLeg): (S.IDLE, ("house_cancels",)) for state in (S.CALLING, S.RINGING)},
    (S.TALKING, c.HangUpLeg): (S.IDLE, ("house_ends",)),
    **{(state, PageLeft): (S.IDLE, ("page_left",)) for state in IN_CALL},
    **{(state, c.ProbeLeg): (state, ("alive",)) for state in IN_CALL},      # a page that is gone tells by itself
    **{(state, c.TransferLeg): (state, ("no_transfer",)) for state in IN_CALL},

    (S.IDLE, PageDials): (S.CALLING, ("call",)),
    (S.IDLE, c.DialLeg): (S.RINGING, ("ring",)),
    (S.IDLE, PageMoved): (S.IDLE, ("move",)),
    (S.IDLE, PageLeft): (S.IDLE, ()),

    (S.CALLING, c.RingLeg): (S.CALLING, ("other_rings",)),
    (S.CALLING, c.ProgressLeg): (S.CALLING, ("hear_early",)),
    (S.CALLING, c.AnswerLeg): (S.TALKING, ("other_answers",)),
    (S.CALLING, c.RejectLeg): (S.IDLE, ("other_refuses",)),
    (S.CALLING, PageHangsUp): (S.IDLE, ("cancel",)),
    (S.CALLING, PageMoved): (S.CALLING, ("move", "describe")),
    (S.CALLING, c.AnswerOffer): (S.CALLING, ("described",)),
    (S.CALLING, c.ReofferLeg): (S.CALLING, ("not_now",)),

    (S.RINGING, PageAnswers): (S.TALKING, ("answer",)),
    (S.RINGING, PageHangsUp): (S.IDLE, ("decline",)),
    (S.RINGING, PageMoved): (S.RINGING, ("move",)),
    (S.RINGING, c.ReofferLeg): (S.RINGING, ("not_now",)),

    (S.TALKING, PageHangsUp): (S.IDLE, ("hang_up",)),
    (S.TALKING, PageHolds): (S.TALKING, ("hold",)),
    (S.TALKING, PageMoved): (S.TALKING, ("move", "describe")),
    (S.TALKING, c.AnswerOffer): (S.TALKING, ("described",)),
    (S.TALKING, c.RejectOffer): (S.TALKING, ("as_before",)),
    (S.TALKING, c.ReofferLeg): (S.TALKING, ("take_offer",)),
}


class BrowserPhone(Machine):
    """`phone` names it, `remote` is where its web process takes RTP. One leg at a time; it ends with one LegEnded."""

    table: ClassVar[Table] = TABLE

    def __init__(self, phone: str, account: str | None, name: str, remote: Address, session_id: int) -> None:
        self.state: Enum = S.IDLE
        self.phone, self.account, self.name = phone, account, name
        self.remote = remote
        self.leg = ""
        self.number, self.other_name = "", ""        # the other side
        self.held, self.rings = False, False
        self.plane: Address | None = None
        self.offer = b""                             # the house's, until the page answers
        self._session_id, self._version = session_id, 1

    @property
    def flow(self) -> Flow:
        return Flow(TRANSPORT, self.remote, self.remote)

    def shown(self) -> tuple[tuple[str, Any], ...]:
        """The fields of a PageTold of its state."""
        state = "held" if self.held else self.state.name.lower()
        return (("state", state), ("number", self.number), ("name", self.other_name), ("held", self.held),
                ("rings", self.rings), ("plane", self.plane))

    def _local(self) -> LocalMedia:
        return LocalMedia(*self.remote, self._session_id, self._version, (CODEC,))

    def _tell(self) -> list[Any]:
        return [PageTold(self.phone, self.leg, "state", self.shown())]

    # --- the page calls ---------------------------------------------------------------------------------------------
    def call(self, event: PageDials, now: float) -> list[Any]:
        self.leg, self.number = event.leg, event.number
        uri = Uri("sip", event.number, None, self.remote[0])
        # Told first: what the house does about it, and tells of it, follows the offer.
        return [*self._tell(),
                e.LegOffered(event.leg, f"{event.leg}@{TRANSPORT}", uri, self.account or "", self.name, event.number,
                             make_offer(self._local()), self.flow, self.account),
                e.Traced(event.leg, "in", "page calls")]

    def one_call_at_a_time(self, event: PageDials, now: float) -> list[Any]:
        """The page knows; it is shown where it stands."""
        return self._tell()

    def other_rings(self, event: c.RingLeg, now: float) -> list[Any]:
        self.rings = True
        return [e.Traced(self.leg, "out", "180 to the page"), *self._tell()]

    def hear_early(self, event: c.ProgressLeg, now: float) -> list[Any]:
        return [e.Traced(self.leg, "out", "183 to the page"), *self._tell()] if self._agree(event.body) else []

    def other_answers(self, event: c.AnswerLeg, now: float) -> list[Any]:
        """There is no network between us and the page's process: what is said is heard."""
        if not self._agree(event.body):
            return self._end("us", NOT_ACCEPTABLE, "Not Acceptable Here")
        return [e.Traced(self.leg, "out", "200 to the page"), *self._tell(), e.LegConfirmed(self.leg, None)]

    def other_refuses(self, event: c.RejectLeg, now: float) -> list[Any]:
        return self._end("us", event.status, event.reason)

    def cancel(self, event: PageHangsUp, now: float) -> list[Any]:
        return self._end("peer", CANCELLED, "the page hung up")

    # --- the page is called -----------------------------------------------------------------------------------------
    def ring(self, event: c.DialLeg, now: float) -> list[Any]:
        self.leg, self.number, self.other_name = event.leg, event.caller_number, event.caller_name
        self.offer = event.body if isinstance(event.body, bytes) else b""
        return [e.Traced(event.leg, "out", "the page rings"), *self._tell(), e.LegRinging(event.leg, 180, None)]

    def busy(self, event: c.DialLeg, now: float) -> list[Any]:
        return [e.LegEnded(event.leg, "peer", BUSY, "busy")]

    def answer(self, event: PageAnswers, now: float) -> list[Any]:
        try:
            body, agreed = make_answer(self.offer, self._local())
        except PeerError as error:
            return self._end("peer", error.status or NOT_ACCEPTABLE, error.reason)
        self.plane = agreed.remote
        return [e.Traced(self.leg, "in", "page answers"), *self._tell(), e.LegAnswered(self.leg, body)]

    def decline(self, event: PageHangsUp, now: float) -> list[Any]:
        return self._end("peer", DECLINED, "declined in the page")

    # --- in a call --------------------------------------------------------------------------------------------------
    def hold(self, event: PageHolds, now: float) -> list[Any]:
        if event.held == self.held:
            return self._tell()
        self.held = event.held
        return self._describe()

    def move(self, event: PageMoved, now: float) -> list[Any]:
        self.remote = event.remote
        return []

    def describe(self, event: PageMoved, now: float) -> list[Any]:
        return self._describe()

    def _describe(self) -> list[Any]:
        """Our side anew, as a re-INVITE would."""
        self._version += 1
        direction: Direction = "sendonly" if self.held else "sendrecv"
        return [e.LegReoffered(self.leg, make_offer(self._local(), direction)),
                e.Traced(self.leg, "in", "page holds" if self.held else "page listens")]

    def described(self, event: c.AnswerOffer, now: float) -> list[Any]:
        self._agree(event.body)
        return self._tell()

    def as_before(self, event: c.RejectOffer, now: float) -> list[Any]:
        """What the page wanted is not to be had: nothing else but a hold is ever asked for."""
        self.held = False
        return self._tell()

    def take_offer(self, event: c.ReofferLeg, now: float) -> list[Any]:
        self._version += 1
        try:
            body, agreed = make_answer(event.body, self._local(), hold=self.held)
        except PeerError as error:
            return [e.LegReanswered(self.leg, error.status or NOT_ACCEPTABLE, None)]
        self.plane = agreed.remote
        return [*self._tell(), e.LegReanswered(self.leg, 200, body)]

    def not_now(self, event: c.ReofferLeg, now: float) -> list[Any]:
        return [e.LegReanswered(self.leg, PENDING, None)]

    def alive(self, event: c.ProbeLeg, now: float) -> list[Any]:
        return [e.ProbeAnswered(self.leg, True)]

    def no_transfer(self, event: c.TransferLeg, now: float) -> list[Any]:
        return [e.TransferProgressed(self.leg, 501, True)]

    def _agree(self, body: bytes) -> bool:
        """The house's answer to a description of ours."""
        try:
            self.plane = read_answer(body, self._local()).remote
        except PeerError:
            return False
        return True

    # --- the end ----------------------------------------------------------------------------------------------------
    def hang_up(self, event: PageHangsUp, now: float) -> list[Any]:
        return self._end("peer", 200, "the page hung up")

    def house_ends(self, event: c.HangUpLeg, now: float) -> list[Any]:
        return self._end("us", 200, event.reason)

    def house_cancels(self, event: c.HangUpLeg, now: float) -> list[Any]:
        return self._end("us", CANCELLED, event.reason)

    def page_left(self, event: PageLeft, now: float) -> list[Any]:
        """A stranger who closes a page has hung up, as people do there; of whoever answers here the line was cut."""
        return self._end("network" if self.account else "peer", GONE, event.reason)

    def _end(self, by: Any, status: int, reason: str) -> list[Any]:
        leg = self.leg
        self.state = S.IDLE
        self.leg = self.number = self.other_name = ""
        self.held, self.rings, self.plane, self.offer = False, False, None, b""
        ours = by == "us"
        text = f"{status} to the page" if ours else reason
        told = PageTold(self.phone, leg, "ended", (("status", status), ("reason", reason)))
        return [e.Traced(leg, "out" if ours else "in", text), told, e.LegEnded(leg, by, status, reason)]
