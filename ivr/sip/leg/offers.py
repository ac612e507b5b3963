"""What may happen to offers inside a dialog, and what follows: the events and rows of `reoffer`."""

from dataclasses import field
from enum import Enum, auto

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.commands import AnswerOffer, RejectOffer
from ivr.sip.leg.invite_session import AckReceived
from ivr.sip.message.message import Request, Response
from ivr.sip.transaction.transactions import Inbound
from ivr.sip.transport.flow import Flow


class State(Enum):
    FIRST = auto()          # the offer of the INVITE that began the dialog is not answered reliably
    IDLE = auto()
    THEIRS = auto()         # their offer waits for our user
    ACK_DUE = auto()        # our 2xx waits for its ACK
    OURS = auto()           # our re-INVITE or UPDATE is out
    RETRY_DUE = auto()      # it met theirs (491) and goes out again soon
    CLOSED = auto()         # the leg has ended


@frozen
class FirstAgreed:
    """The first offer has its answer: what we said and what they said. `we_answered`: the offer was theirs."""

    local: bytes | None
    remote: bytes | None
    we_answered: bool


@frozen
class InviteReceived:
    inbound: Inbound


@frozen
class UpdateReceived:
    """An offer that no ACK follows: in an UPDATE, or in a PRACK (RFC 3262 §5)."""

    inbound: Inbound


@frozen
class RefreshReceived:
    """The very offer we have answered last, with Session-Expires: it refreshes the session and changes nothing."""

    inbound: Inbound


@frozen
class AskByInvite:
    """The user's ReofferLeg in a confirmed dialog."""

    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class AskByUpdate:
    """The user's ReofferLeg before the answer (RFC 3311 §5.1)."""

    body: bytes = field(repr=False)           # may carry keys of SRTP


@frozen
class RefreshAsked:
    """The session timer wants a re-INVITE that changes nothing (RFC 4028 §7.4)."""


@frozen
class OfferCancelled:
    """A CANCEL for their re-INVITE; the 200 to it is sent."""


@frozen
class OfferAccepted:
    """2xx to our re-INVITE `request`."""

    request: Request
    response: Response


@frozen
class OlderAccepted:
    """2xx, sent again, to a re-INVITE `request` before the one that is out: our ACK to it was lost (§13.2.2.4)."""

    request: Request


@frozen
class UpdateAccepted:
    """2xx to our UPDATE."""

    request: Request
    response: Response


@frozen
class OfferRefused:
    """3xx to 6xx; the dialog stays as it was (§14.1)."""

    status: int


@frozen
class OfferLost:
    """408, 481 or silence: the dialog is gone (§12.2.1.2)."""

    status: int


@frozen
class OfferChallenged:
    """401, 407 or 422 that we can answer: `renewed` has the credentials, or the longer interval."""

    renewed: Request
    flow: Flow
    attempts: int


@frozen
class Glared:
    """491: both sides offered at once."""


@frozen
class LegClosed:
    """The leg has ended."""


@frozen
class OtherAnswered:
    """Another phone was answered: this dialog was early and is over, the leg goes on without it (§13.2.2.4)."""


@frozen
class RetryDue:
    """Timer: ask again after a 491."""


@frozen
class AskLimit:
    """Timer: the leg ended while our re-INVITE was out, and no final response has come since; none may ever come, as
    the peer sends its 2xx no more once it knows of the BYE."""


@frozen
class AnswerDue:
    """Timer: our 2xx to their re-INVITE is to be sent again."""


@frozen
class AnswerLost:
    """Timer: 64 * T1 without an ACK to it."""


F, N, T, A, S, R, X = (State.FIRST, State.IDLE, State.THEIRS, State.ACK_DUE, State.OURS, State.RETRY_DUE, State.CLOSED)
RECEIVED = (InviteReceived, UpdateReceived, RefreshReceived)
ASKED = (AskByInvite, AskByUpdate)


def _none(states: tuple[State, ...], *kinds: type) -> Table:
    return {(state, kind): (state, ()) for state in states for kind in kinds}


TABLE: Table = {
    (F, FirstAgreed):    (N, ("note_first",)),
    **_none((N, T, A, S, R, X), FirstAgreed),                       # agreed early, and now the ACK came
    **{(F, kind): (F, ("refuse_first",)) for kind in RECEIVED},
    (N, InviteReceived): (T, ("take",)),
    (N, UpdateReceived): (T, ("take",)),
    (N, RefreshReceived): (A, ("answer_refresh",)),                 # IDLE if it is an UPDATE
    **{(T, kind): (T, ("refuse_second",)) for kind in RECEIVED},    # §14.2: the first has no final response yet
    **{(A, kind): (A, ("refuse_pending",)) for kind in RECEIVED},
    **{(S, kind): (S, ("refuse_pending",)) for kind in RECEIVED},   # §14.2: ours is on its way
    (R, InviteReceived): (T, ("give_up", "take")),
    (R, UpdateReceived): (T, ("give_up", "take")),
    (R, RefreshReceived): (A, ("give_up", "answer_refresh")),
    **{(X, kind): (X, ("refuse_gone",)) for kind in RECEIVED},
    (N, AskByInvite):    (S, ("ask_by_invite",)),
    (N, AskByUpdate):    (S, ("ask_by_update",)),
    **{(state, kind): (state, ("refuse_user",)) for state in (F, T, A, S, R) for kind in ASKED},
    **_none((X,), *ASKED),
    (N, RefreshAsked):   (S, ("ask_refresh",)),
    **{(state, RefreshAsked): (state, ("postpone_refresh",)) for state in (F, T, A, S, R)},
    **_none((X,), RefreshAsked),
    (T, AnswerOffer):    (A, ("answer",)),
    (T, RejectOffer):    (N, ("reject",)),
    (T, OfferCancelled): (N, ("cancel",)),
    (T, LegClosed):      (X, ("cancel",)),
    **_none((F, N, A, S, R, X), AnswerOffer, RejectOffer),          # their offer was cancelled meanwhile
    **_none((F, N, A, S, R, X), OfferCancelled),                    # too late
    (A, AckReceived):    (N, ("acknowledged",)),
    (A, AnswerDue):      (A, ("repeat_answer",)),
    (A, AnswerLost):     (N, ("stop_repeating", "lose_dialog")),
    (A, LegClosed):      (X, ("stop_repeating",)),
    **_none((F, N, T, S, R, X), AckReceived),                       # for a 2xx that was sent twice
    (S, OfferAccepted):  (N, ("acknowledge", "tell_answer")),
    (S, UpdateAccepted): (N, ("tell_answer",)),
    (S, OfferRefused):   (N, ("tell_refusal",)),
    (S, OfferLost):      (N, ("tell_refusal", "lose_dialog")),
    (S, OfferChallenged): (S, ("ask_renewed",)),
    (S, Glared):         (R, ("wait_or_tell",)),
    (S, LegClosed):      (X, ("start_limit",)),
    (R, RetryDue):       (S, ("ask_again",)),
    (R, LegClosed):      (X, ("stop_retry",)),
    **{(state, OfferAccepted): (state, ("acknowledge",)) for state in (N, T, A, R, X)},     # again, or too late
    **{(state, OlderAccepted): (state, ("acknowledge",)) for state in State},
    **_none((X,), OfferChallenged, OfferRefused, OfferLost, Glared, UpdateAccepted, LegClosed),
    **{(state, LegClosed): (X, ()) for state in (F, N)},
    (X, AskLimit):       (X, ("abandon",)),
    (T, OtherAnswered):  (X, ("cancel",)),
    (S, OtherAnswered):  (X, ("refuse_user",)),
    (R, OtherAnswered):  (X, ("stop_retry", "refuse_user")),
    **{(state, OtherAnswered): (X, ()) for state in (F, N, A, X)},
}
