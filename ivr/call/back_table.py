"""Rows of the call machine's table: what those who wait do instead, and calls of ours to who is to be called back."""

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.call import back_events as back
from ivr.call import events as e
from ivr.call.sorted_events import CallerEnded, PartnerEnded, PhoneAnswered, RingingEnded
from ivr.call.state import CallState


# --- events as the table sees them: those of a call that calls somebody back ----------------------------------------
@frozen
class BackAssigned(e.Assigned):
    """An operator is there for a callback: now the caller can be rung."""


@frozen
class BackUnserved(e.Overflowed):
    """The queue of a callback is gone."""


S = CallState
FOUND = (S.QUEUED, S.CONNECTING, S.BRIEFING)     # an operator is sought, rung, or told of the call
WAITING = (S.QUEUED, S.CONNECTING)

BACK_ROWS: Table = {
    **{(state, back.ComfortDue): (state, ("say_comfort",)) for state in FOUND},
    **{(state, e.KeyPressed): (state, ("key_while_waiting",)) for state in WAITING},

    **{(state, BackAssigned): (S.CALLING_BACK, ("dial_back",)) for state in FOUND},
    **{(state, BackUnserved): (S.CLOSING, ("back_unserved",)) for state in FOUND},
    (S.CALLING_BACK, back.BackRung): (S.CALLING_BACK, ("ring_back",)),
    (S.CALLING_BACK, back.BackRefused): (S.CALLING_BACK, ("back_refused",)),
    (S.CALLING_BACK, e.LegRinging): (S.CALLING_BACK, ("back_rings",)),
    (S.CALLING_BACK, PhoneAnswered): (S.BRIDGED, ("back_answered",)),
    (S.CALLING_BACK, RingingEnded): (S.CALLING_BACK, ("back_failed",)),
    (S.CALLING_BACK, e.RingTimeOver): (S.CALLING_BACK, ("back_unanswered",)),
    (S.CALLING_BACK, PartnerEnded): (S.CLOSING, ("operator_gave_up",)),

    (S.FETCHING, back.OperatorFetched): (S.FETCHING, ("ring_fetched",)),
    (S.FETCHING, PhoneAnswered): (S.BRIDGED, ("fetched",)),
    (S.FETCHING, RingingEnded): (S.FETCHING, ("fetch_failed",)),
    (S.FETCHING, e.RingTimeOver): (S.FETCHING, ("fetch_unanswered",)),
    (S.FETCHING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    # What comes as the call ends.
    **{(state, event): (state, ()) for state in (S.CLOSING, S.ENDED) for event in (back.BackRefused, BackUnserved)},
    **{(S.CLOSING, event): (S.CLOSING, ("end_late_offer",)) for event in (back.BackRung, back.OperatorFetched)},
    (S.CLOSING, BackAssigned): (S.CLOSING, ("release_late",)),
}
