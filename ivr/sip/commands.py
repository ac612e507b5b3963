"""What the user of the endpoint may ask. A command for a leg that has ended meanwhile does nothing."""

from dataclasses import field
from enum import Enum, auto
from typing import Literal

from ivr.base.values import frozen
from ivr.sip.message.uri import Uri
from ivr.sip.pager.way_back import WayBack
from ivr.sip.registrar.binding import Binding


@frozen
class RingLeg:
    """Send 180."""

    leg: str


@frozen
class ProgressLeg:
    """Send 183 with `body`, our answer: what we play now is heard before the call is answered (early media).

    An offerless INVITE gets our offer by it, if the peer takes reliable responses; their answer comes as LegReanswered.
    Where the peer has got it reliably, the `body` of AnswerLeg is not sent any more: say the same there.
    """

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class AnswerLeg:
    """Send 200 with `body`: our answer, or our offer if LegOffered had no body."""

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class AcknowledgeLeg:
    """Send the ACK with `body`, our answer, for a leg that was dialled without an offer: LegAnswered had theirs."""

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class RejectLeg:
    """Refuse an offered leg with 3xx to 6xx."""

    leg: str
    status: int
    reason: str = ""
    retry_after: int | None = None


class Later(Enum):
    """In the place of an offer."""

    WHEN_ROUTED = auto()        # LegRouted asks for it, each time that the INVITE takes another way


WHEN_ROUTED = Later.WHEN_ROUTED


@frozen
class DialLeg:
    """Send an INVITE under a leg id that the user chose.

    A Binding is reached over its own flow with its Contact as Request-URI; a `sip:` or `sips:` Uri by its host, port
    and transport; a `tel:` Uri through the trunks, by priority, the next one where one fails.

    `body` is the offer. WHEN_ROUTED: it depends on the way (the trunk, the peer's address, TLS or not), so LegRouted
    asks for it and OfferLeg brings it. None asks the peer for the offer: LegAnswered brings it and AcknowledgeLeg
    answers it. A 3xx ends the leg with that status: where its Contacts point, a stranger has chosen, and a call there
    might cost money.
    """

    leg: str
    target: Uri | Binding
    body: bytes | Literal[Later.WHEN_ROUTED] | None = field(repr=False)           # may carry keys of SRTP
    caller_number: str
    caller_name: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@frozen
class OfferLeg:
    """The offer that a LegRouted asks for. `has_another`: should the peer refuse this one (415, 488, 606), LegRouted
    asks once more, for another one."""

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP
    has_another: bool = False


@frozen
class HangUpLeg:
    """End a leg, whatever its state: BYE, CANCEL or 480. A `reason` becomes the text of a Reason header."""

    leg: str
    reason: str = ""


@frozen
class ReofferLeg:
    """Make a new offer: by re-INVITE, or by UPDATE before the answer, if the peer knows UPDATE and the first offer is
    settled; answered by LegReanswered, with 491 if it can't be made now."""

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class AnswerOffer:
    """Accept a LegReoffered."""

    leg: str
    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class RejectOffer:
    """Refuse a LegReoffered, 488 for instance; the dialog stays as it was."""

    leg: str
    status: int


@frozen
class ProbeLeg:
    """Ask with OPTIONS in the dialog whether the peer still has it; answered by ProbeAnswered."""

    leg: str


@frozen
class SendInfoDigit:
    """Send a key as INFO with application/dtmf-relay."""

    leg: str
    digit: str
    duration_ms: int = 160


@frozen
class AcceptTransfer:
    """Accept a TransferRequested: 202, and a NOTIFY that we try."""

    leg: str


@frozen
class RejectTransfer:
    """Refuse a TransferRequested: 403, 404, 603."""

    leg: str
    status: int


@frozen
class ReportTransfer:
    """Tell the peer of an accepted transfer how it goes (NOTIFY with a sipfrag); a status from 200 on is the last."""

    leg: str
    status: int
    reason: str = ""


@frozen
class TransferLeg:
    """Ask the peer to call somebody else (REFER); answered by TransferProgressed.

    `replaced_leg`: a leg of ours with the transfer target, which the peer's new call shall replace (attended).
    """

    leg: str
    refer_to: Uri
    replaced_leg: str | None = None
    referred_by: str = ""


@frozen
class SendMessage:
    """Send `text` as a MESSAGE from the number of ours that they wrote to (`Endpoint.send_message`); MessageSent with
    this name tells what became of it. `leg`: in whose ladder it stands. `aside`: not to where the phone of their
    account is registered, but to where they wrote from: a connection may be gone that the registrar has."""

    message: str
    way: WayBack
    number: str
    sip_call_id: str
    sequence: int
    text: str = field(repr=False)
    leg: str = ""
    aside: bool = False


Command = (RingLeg | ProgressLeg | AnswerLeg | AcknowledgeLeg | RejectLeg | DialLeg | OfferLeg | HangUpLeg
           | ReofferLeg | AnswerOffer | RejectOffer | ProbeLeg | SendInfoDigit | AcceptTransfer | RejectTransfer
           | ReportTransfer | TransferLeg)
