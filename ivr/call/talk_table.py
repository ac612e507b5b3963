"""Rows of the call machine's table: what an operator hears before the talk, whom they ask during it, and what the
caller is asked after it."""

from ivr.base.machine import Table
from ivr.call import consult_events as c
from ivr.call import events as e
from ivr.call.sorted_events import (
    CallerEnded,
    ConsultedEnded,
    PartnerEnded,
    PartnerPlayed,
    PartnerPressed,
    PhoneAnswered,
    RingingEnded,
)
from ivr.call.state import CallState

S = CallState
TALK_ROWS: Table = {
    (S.CONNECTING, e.RingTimeOver): (S.CONNECTING, ("offer_unanswered",)),

    (S.BRIEFING, e.OfferMade): (S.BRIEFING, ("ring_phones",)),
    (S.BRIEFING, PhoneAnswered): (S.BRIEFING, ("taken_up_too",)),
    (S.BRIEFING, RingingEnded): (S.BRIEFING, ("phone_failed",)),
    (S.BRIEFING, PartnerPlayed): (S.BRIEFING, ("briefing_heard",)),
    (S.BRIEFING, PartnerPressed): (S.BRIEFING, ("briefing_key",)),
    (S.BRIEFING, e.RingTimeOver): (S.BRIEFING, ("briefing_too_long",)),
    (S.BRIEFING, e.Assigned): (S.BRIDGED, ("bridge_operator",)),
    (S.BRIEFING, PartnerEnded): (S.QUEUED, ("not_accepted",)),
    (S.BRIEFING, e.OfferWithdrawn): (S.BRIEFING, ("withdraw",)),
    (S.BRIEFING, e.PlaceDue): (S.BRIEFING, ("say_place",)),
    (S.BRIEFING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.OFFERED, c.QueueCalled): (S.REGISTERING, ("call_queue",)),
    (S.BRIDGED, c.ConsultAsked): (S.CONSULTING, ("consult",)),
    (S.BRIDGED, c.ConferenceGiven): (S.CONFERENCE, ("confer_given",)),
    (S.CONSULTING, e.LegRinging): (S.CONSULTING, ("consulted_rings",)),
    (S.CONSULTING, PhoneAnswered): (S.CONSULTING, ("consulted_answered",)),
    (S.CONSULTING, RingingEnded): (S.CONSULTING, ("consulted_failed",)),
    (S.CONSULTING, e.RingTimeOver): (S.CONSULTING, ("consulted_unanswered",)),
    (S.CONSULTING, ConsultedEnded): (S.BRIDGED, ("consulted_left",)),
    (S.CONSULTING, c.ConsultEnded): (S.BRIDGED, ("back_to_caller",)),
    (S.CONSULTING, c.ConferenceAsked): (S.CONSULTING, ("confer",)),
    (S.CONSULTING, c.HandOverAsked): (S.BRIDGED, ("hand_over",)),
    (S.CONSULTING, PartnerEnded): (S.BRIDGED, ("consultant_left",)),
    (S.CONSULTING, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.CONSULTING, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),

    (S.CONFERENCE, ConsultedEnded): (S.BRIDGED, ("consulted_left",)),
    (S.CONFERENCE, c.ConsultEnded): (S.BRIDGED, ("back_to_caller",)),
    (S.CONFERENCE, c.HandOverAsked): (S.BRIDGED, ("hand_over",)),
    (S.CONFERENCE, PartnerEnded): (S.BRIDGED, ("consultant_left",)),
    (S.CONFERENCE, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.CONFERENCE, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),

    (S.BRIDGED, e.OperatorLost): (S.BRIDGED, ("partner_lost",)),
    **{(state, e.OperatorLost): (state, ()) for state in S if state is not S.BRIDGED},

    (S.REFERRED, c.ReturnMade): (S.REFERRED, ("return_to_operator",)),

    (S.SURVEYING, e.KeyPressed): (S.SURVEYING, ("menu_key",)),
    (S.SURVEYING, e.KeyReleased): (S.SURVEYING, ("menu_key_released",)),
    (S.SURVEYING, e.TextTyped): (S.SURVEYING, ("menu_text",)),
    (S.SURVEYING, e.PlaybackFinished): (S.SURVEYING, ("menu_playback",)),
    (S.SURVEYING, e.InputTimeout): (S.SURVEYING, ("menu_timeout",)),
    (S.SURVEYING, e.LookUpAnswered): (S.SURVEYING, ("menu_answer",)),
    (S.SURVEYING, e.RequestDurable): (S.SURVEYING, ("menu_request_kept",)),
    **{(S.SURVEYING, event): (S.SURVEYING, ("menu_request_refused",)) for event in (e.RequestRefused, e.StoreTimeout)},
    (S.SURVEYING, e.RecordingEnded): (S.SURVEYING, ("menu_recorded",)),
    (S.SURVEYING, CallerEnded): (S.CLOSING, ("caller_left_menu",)),
    (S.SURVEYING, e.EndOrdered): (S.CLOSING, ("leave_reviewed", "end_talk_ordered")),
    (S.SURVEYING, e.PlaneLost): (S.CLOSING, ("leave_reviewed", "plane_lost")),
}
