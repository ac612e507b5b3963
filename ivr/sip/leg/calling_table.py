"""What may happen to a leg that we dial, and what follows: the events and rows of `calling`.

`call` goes to OFFER_DUE instead of CALLING where the next candidate wants an offer that the user has not made yet.
"""


from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.commands import AcknowledgeLeg, AnswerLeg, HangUpLeg, OfferLeg, ProgressLeg, RejectLeg, RingLeg
from ivr.sip.leg.invite_session import (
    COMMON,
    ByeReceived,
    ForkSucceeded,
    PeerLost,
    State,
    Succeeded,
    SucceededAgain,
    SucceededWithOffer,
)
from ivr.sip.message.message import Request, Response
from ivr.sip.transport.flow import Flow


@frozen
class CandidatesFound:
    """Where the INVITE may go, best first; not empty."""

    flows: tuple[Flow, ...]


@frozen
class NobodyFound:
    """The name has no address, or we no socket of its transport."""

    reason: str


@frozen
class Provisional:
    request: Request
    response: Response
    flow: Flow


@frozen
class ReliableReceived:
    """The 1xx that is due of those that want a PRACK (RFC 3262 §4)."""

    request: Request
    response: Response
    flow: Flow


@frozen
class Failed:
    """3xx to 6xx, or `by` the network: 408 for silence, 503 if it could not be sent."""

    status: int
    reason: str
    by: str


@frozen
class CandidateFailed:
    """As Failed by the network, and there is another candidate."""


@frozen
class CandidateSilent:
    """Timer: nothing came from this candidate, and there is another one."""


@frozen
class OfferRefused:
    """A final response that speaks of our offer alone, and the user has another one."""


@frozen
class OfferLimit:
    """Timer: the user did not bring the offer that LegRouted asked for."""


@frozen
class LeftRang:
    """A candidate that we have left sends a 1xx after all."""

    invite: Request
    flow: Flow


@frozen
class LeftLimit:
    """Timer: the CANCEL of a candidate that we left brought no final response (§9.1)."""


@frozen
class InviteChallenged:
    """401, 407 or 422 that we can answer: `renewed` has the credentials, or the longer interval."""

    renewed: Request
    flow: Flow
    attempts: int


@frozen
class RingLimit:
    """Timer: it has rung long enough."""


@frozen
class CancelLimit:
    """Timer: the CANCEL brought no final response in 64 * T1 (§9.1)."""


R, Q, K, P, W, D, G, C, L, B, X = (
    State.RESOLVING, State.OFFER_DUE, State.CALLING, State.PROCEEDING, State.CANCEL_OWED, State.CANCELLED,
    State.ACK_OWED, State.CONFIRMED, State.BYE_HELD, State.BYE_SENT, State.ENDED)
LATE = (RingLeg, ProgressLeg, AnswerLeg, RejectLeg)      # for offered legs only; for ours they mean nothing
TABLE: Table = {
    **COMMON,
    (R, CandidatesFound):  (K, ("take_candidates", "call", "start_ring_limit")),
    (R, NobodyFound):      (X, ("end_unreachable",)),
    (R, HangUpLeg):        (X, ("end_given_up",)),
    (Q, OfferLeg):         (K, ("take_offer", "send_invite")),
    (Q, HangUpLeg):        (X, ("stop_limit", "end_given_up")),     # no INVITE is out but those that we have left
    (Q, RingLimit):        (X, ("stop_limit", "end_unanswered")),
    (Q, OfferLimit):       (X, ("stop_limit", "end_without_offer")),
    (Q, CandidateSilent):  (Q, ()),                                 # of the candidate before
    (K, Provisional):      (P, ("ringing",)),
    (K, ReliableReceived): (P, ("acknowledge_early", "ringing")),
    (K, Succeeded):        (C, ("stop_limit", "establish", "tell_answer")),
    (K, SucceededWithOffer): (G, ("stop_limit", "take_dialog", "tell_answer")),
    (K, Failed):           (X, ("stop_limit", "end_failed")),
    (K, CandidateFailed):  (K, ("call",)),
    (K, CandidateSilent):  (K, ("leave_candidate", "call")),
    (K, InviteChallenged): (K, ("call_again",)),
    (K, OfferRefused):     (Q, ("ask_for_another",)),
    (K, HangUpLeg):        (W, ("stop_limit", "end_given_up")),
    (K, RingLimit):        (W, ("end_unanswered",)),
    (P, Provisional):      (P, ("ringing",)),
    (P, ReliableReceived): (P, ("acknowledge_early", "ringing")),
    (P, Succeeded):        (C, ("stop_limit", "establish", "tell_answer")),
    (P, SucceededWithOffer): (G, ("stop_limit", "take_dialog", "tell_answer")),
    (P, Failed):           (X, ("stop_limit", "end_failed")),
    (P, CandidateFailed):  (K, ("call",)),
    (P, OfferRefused):     (Q, ("ask_for_another",)),
    (P, InviteChallenged): (K, ("call_again",)),
    (P, HangUpLeg):        (D, ("stop_limit", "send_cancel", "end_given_up")),
    (P, RingLimit):        (D, ("send_cancel", "end_unanswered")),
    (W, Provisional):      (D, ("send_cancel",)),
    (W, ReliableReceived): (D, ("acknowledge_early", "send_cancel")),
    (W, Succeeded):        (B, ("establish", "send_bye")),
    (W, SucceededWithOffer): (B, ("establish", "send_bye")),
    (W, Failed):           (X, ()),
    (W, CandidateFailed):  (X, ()),
    (W, InviteChallenged): (X, ()),
    (W, OfferRefused):     (X, ()),
    (D, Provisional):      (D, ()),
    (D, ReliableReceived): (D, ("acknowledge_early",)),
    (D, Succeeded):        (B, ("stop_limit", "establish", "send_bye")),    # the answer crossed our CANCEL
    (D, SucceededWithOffer): (B, ("stop_limit", "establish", "send_bye")),
    (D, Failed):           (X, ("stop_limit",)),                    # 487, or whatever was on its way
    (D, CandidateFailed):  (X, ("stop_limit",)),
    (D, InviteChallenged): (X, ("stop_limit",)),
    (D, OfferRefused):     (X, ("stop_limit",)),
    (D, CancelLimit):      (X, ("abandon",)),
    **{(state, CandidateSilent): (state, ()) for state in (P, W, D, G, C, L, B, X)},    # something has come since
    **{(state, ForkSucceeded): (state, ("drop_fork",)) for state in (Q, K, P, W, D)},      # of a candidate we have left
    **{(state, LeftRang): (state, ("cancel_left",)) for state in (Q, K, P, W, D, G, C, L, B, X)},
    **{(state, LeftLimit): (state, ("abandon_left",)) for state in (Q, K, P, W, D, G, C, L, B, X)},
    (G, AcknowledgeLeg):   (C, ("establish_with_answer",)),
    (G, HangUpLeg):        (B, ("acknowledge_alone", "send_bye", "end_by_us")),
    (G, PeerLost):         (B, ("acknowledge_alone", "send_bye", "end_lost")),
    (G, ByeReceived):      (X, ("acknowledge_alone", "accept_bye", "end_by_peer")),
    (G, SucceededAgain):   (G, ()),                                 # the user is being asked
    (G, ForkSucceeded):    (G, ("drop_fork",)),
    (C, SucceededAgain):   (C, ("acknowledge_again",)),
    (C, ForkSucceeded):    (C, ("drop_fork",)),
    (L, SucceededAgain):   (L, ("acknowledge_again",)),
    (L, ForkSucceeded):    (L, ("drop_fork",)),
    (B, SucceededAgain):   (B, ("acknowledge_again",)),
    (B, ForkSucceeded):    (B, ("drop_fork",)),
    (X, SucceededAgain):   (X, ("acknowledge_again",)),
    (X, ForkSucceeded):    (X, ("drop_fork",)),
    **{(state, HangUpLeg): (state, ()) for state in (W, D)},
    **{(state, PeerLost): (state, ()) for state in (R, Q, K, P, W, D)},
    **{(state, command): (state, ()) for state in (R, Q, K, P, W, D, G, C) for command in LATE},
    **{(state, AcknowledgeLeg): (state, ()) for state in (R, Q, K, P, W, D, C)},
    **{(state, OfferLeg): (state, ()) for state in (R, K, P, W, D, G, C)},              # nobody has asked for it
}
