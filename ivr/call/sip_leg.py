"""One SIP leg of a call: bodies of SDP in and out, what the media plane shall do, and whether the peer holds us."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from ivr.base.errors import PeerError
from ivr.sdp.offer_answer import LocalMedia, Negotiated, make_answer, make_offer, read_answer


class Waiting(Enum):
    """Whose description is outstanding (RFC 3264 §4: never two at once)."""

    NOTHING = auto()
    ANSWER = auto()          # our offer is out


@dataclass
class SipLeg:
    """The media side of one dialog.

    `negotiated` is what the plane was told last, None before the first agreement. A changed description takes the next
    version number (RFC 3264 §8).
    """

    leg: str
    local: LocalMedia
    check: Callable[[Negotiated], None]               # raises PeerError for an address that we must not send audio to
    negotiated: Negotiated | None = None
    waiting: Waiting = Waiting.NOTHING
    body: bytes = field(default=b"", repr=False)      # the description to send with our next 2xx

    def take_offer(self, offer: bytes | None) -> None:
        """The peer's INVITE: prepare `body` for our 2xx; without an offer, our 2xx carries one (RFC 3261 §13.2.1).

        Raises PeerError when there is nothing to agree on; then nothing has changed.
        """
        if offer is None:
            self.body = make_offer(self.local)
            self.waiting = Waiting.ANSWER
            return
        body, negotiated = make_answer(offer, self.local)
        self.check(negotiated)
        self.body = body
        self._agree(negotiated)

    def offer(self) -> bytes:
        """The description for our INVITE."""
        self.waiting = Waiting.ANSWER
        return make_offer(self.local)

    @property
    def has_plain_offer(self) -> bool:
        """Whether our offer asks for SRTP, and plain RTP would do."""
        return self.local.offer_srtp and self.local.srtp == "offered"

    def take_answer(self, answer: bytes | None) -> bool:
        """The peer's answer to our offer; True if it was awaited. Raises PeerError(488) when it does not fit."""
        if self.waiting is not Waiting.ANSWER:
            return False
        if answer is None:
            raise PeerError(488, "our offer was not answered")
        negotiated = read_answer(answer, self.local)
        self.check(negotiated)
        self._agree(negotiated)
        self.waiting = Waiting.NOTHING
        return True

    def awaits_answer(self) -> None:
        """An answer before the peer's 2xx was no more than a promise: that of the 2xx counts."""
        self.waiting = Waiting.ANSWER

    def take_reoffer(self, offer: bytes | None) -> None:
        """A re-INVITE or UPDATE: `body` is our answer, or a new offer of ours where the peer sent none.

        Raises PeerError and keeps what was agreed before (RFC 3261 §14.2).
        """
        changed = replace(self.local, version=self.local.version + 1)
        if offer is None:
            self.local = changed
            self.body = make_offer(changed)
            self.waiting = Waiting.ANSWER
            return
        body, negotiated = make_answer(offer, changed)
        self.check(negotiated)
        self.local, self.body = changed, body
        self._agree(negotiated)

    def _agree(self, negotiated: Negotiated) -> None:
        """Keep what was agreed. Later offers of ours ask for SRTP exactly if there is SRTP now: no phone of a call in
        progress should have to change."""
        self.negotiated = negotiated
        if self.local.offer_srtp != (negotiated.crypto is not None):
            self.local = replace(self.local, offer_srtp=negotiated.crypto is not None)

    @property
    def held(self) -> bool:
        """True while the peer does not want to hear us (RFC 3264 §8.4; both dialects end as one direction here)."""
        return self.negotiated is not None and self.negotiated.direction in ("recvonly", "inactive")
