"""Rows of the call machine's table: what an operator hears before the talk, and what the caller is asked after it."""

from ivr.base.machine import Table
from ivr.call import events as e
from ivr.call.sorted_events import CallerEnded, PartnerEnded, PartnerPlayed, PartnerPressed
from ivr.call.state import CallState

S = CallState
TALK_ROWS: Table = {
    (S.CONNECTING, e.RingTimeOver): (S.CONNECTING, ("offer_unanswered",)),

    (S.BRIEFING, PartnerPlayed): (S.BRIEFING, ("briefing_heard",)),
    (S.BRIEFING, PartnerPressed): (S.BRIEFING, ("briefing_key",)),
    (S.BRIEFING, e.RingTimeOver): (S.BRIEFING, ("briefing_too_long",)),
    (S.BRIEFING, e.Assigned): (S.BRIDGED, ("bridge_operator",)),
    (S.BRIEFING, PartnerEnded): (S.QUEUED, ("not_accepted",)),
    (S.BRIEFING, e.OfferWithdrawn): (S.QUEUED, ("withdraw",)),
    (S.BRIEFING, e.PlaceDue): (S.BRIEFING, ("say_place",)),
    (S.BRIEFING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.SURVEYING, e.KeyPressed): (S.SURVEYING, ("menu_key",)),
    (S.SURVEYING, e.KeyReleased): (S.SURVEYING, ("menu_key_released",)),
    (S.SURVEYING, e.PlaybackFinished): (S.SURVEYING, ("menu_playback",)),
    (S.SURVEYING, e.InputTimeout): (S.SURVEYING, ("menu_timeout",)),
    (S.SURVEYING, e.LookUpAnswered): (S.SURVEYING, ("menu_answer",)),
    (S.SURVEYING, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.SURVEYING, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),
}
