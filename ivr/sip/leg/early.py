"""Early dialogs of an INVITE of ours: one per phone that a proxy forked it to and that has answered with a 1xx
(RFC 3261 §12.1, §13.2.2.1), each with its own numbers of reliable responses (RFC 3262 §4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.sip.leg.dialog import Dialog, contact_of, dialog_as_client
from ivr.sip.leg.reoffer import Reoffer
from ivr.sip.message.bodies import sdp_of
from ivr.sip.message.grammar import WS
from ivr.sip.message.message import Request, Response
from ivr.sip.transport.flow import Flow

MAX_EARLY_DIALOGS = 8       # phones that ring at once; a 1xx of one more is passed over
RELIABLE = "100rel"
MAX_RSEQ = 2**32 - 1


@dataclass(eq=False)
class EarlyDialog:
    """`invite`: ours, that it belongs to; with its failure it is over. `rseq`: of the last reliable response, 0 before
    the first. `description`: what the peer said last, `agreed` if it came reliably. `told`: status and description that
    the user knows."""

    dialog: Dialog
    invite: Request
    rseq: int = 0
    description: bytes | None = None
    agreed: bool = False
    told: tuple[int, bytes | None] | None = None
    offers: Reoffer | None = None


class EarlyDialogs:
    """By remote tag."""

    def __init__(self) -> None:
        self._by_tag: dict[str, EarlyDialog] = {}

    def __iter__(self) -> Iterator[EarlyDialog]:
        return iter(self._by_tag.values())

    def get(self, tag: str | None) -> EarlyDialog | None:
        return self._by_tag.get(tag or "")

    def open(self, request: Request, response: Response, flow: Flow, pinned: bool) -> EarlyDialog | None:
        """The early dialog a 1xx belongs to; a new one if it is the first. None for a 1xx without a To tag, and for
        one phone too many."""
        tag = response.to.tag
        if tag is None:
            return None
        early = self._by_tag.get(tag)
        if early is None and len(self._by_tag) < MAX_EARLY_DIALOGS:
            early = self._by_tag[tag] = EarlyDialog(
                dialog_as_client(request, response, flow, pinned), request)
        return early

    def confirm(self, request: Request, response: Response, flow: Flow, pinned: bool) -> Dialog:
        """The dialog that a 2xx makes: the route set and the target are its own (§13.2.2.4), the sequence goes on where
        PRACK and UPDATE have left it."""
        made = dialog_as_client(request, response, flow, pinned)
        early = self.get(response.to.tag)
        if early is None:
            return made
        target = contact_of(response)
        early.dialog.remote_target = made.remote_target if target is not None else early.dialog.remote_target
        early.dialog.route_set, early.dialog.flow = made.route_set, flow
        early.dialog.allow = made.allow or early.dialog.allow
        return early.dialog

    def answer_of(self, response: Response) -> bytes | None:
        """What the phone of a 2xx has said last: reliably before it, where that then says nothing (§13.2.1)."""
        early = self.get(response.to.tag)
        if early is None:
            return sdp_of(response)
        if early.agreed:
            return early.offers.remote if early.offers is not None else early.description
        return sdp_of(response) or early.description


def is_reliable(response: Response) -> bool:
    """Whether a 1xx asks for a PRACK (RFC 3262 §4)."""
    return RELIABLE in response.require and response.to.tag is not None and rseq_of(response) is not None


def rseq_of(response: Response) -> int | None:
    """Its RSeq; None if it is missing or faulty."""
    text = (response.headers.get("RSeq") or "").strip(WS)
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    return int(text) if 0 < int(text) <= MAX_RSEQ else None


def is_next(early: EarlyDialog | None, response: Response) -> bool:
    """Whether a reliable 1xx is the one that is due: the first of its dialog, or one above the last. Repeated ones and
    those that have overtaken others are dropped; they come again (RFC 3262 §4)."""
    rseq = rseq_of(response)
    return early is None or early.rseq == 0 or rseq == early.rseq + 1


def note(early: EarlyDialog, response: Response, reliable: bool) -> tuple[bytes | None, bool]:
    """Remember what a 1xx says: its description, and whether that settles the first offer. What comes after the first
    reliable one is no description (§13.2.1)."""
    body = sdp_of(response)
    if body is None or early.agreed:
        return None, False
    early.description, early.agreed = body, reliable
    return body, reliable
