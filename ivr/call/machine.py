"""The call machine: one caller's visit from offer to end (states and events in the table below).

Events come in with `now`, effects go out; the call touches no SIP, no media, no database. `handle` first sorts events
by the leg they concern (the caller's, the partner's, a ringing one), so that no row needs an `if`. The rows of what
comes before and after a talk stand in `talk_table`, those of callbacks in `back_table`.
"""

from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.call import consult_events as c
from ivr.call import events as e
from ivr.call.back_events import ComfortDue
from ivr.call.back_table import BACK_ROWS, BackAssigned, BackUnserved
from ivr.call.beside import BESIDE_ROWS, BesidePart
from ivr.call.briefing import BriefingPart
from ivr.call.consulting import ConsultPart
from ivr.call.effects import ConferLegs, JoinLegs, PlayClips, StopClips
from ivr.call.own_calls import OwnCallPart
from ivr.call.sorted_events import (
    CallerEnded,
    CallerTaken,
    ConsultedEnded,
    LateAnswered,
    OtherEnded,
    PartnerEnded,
    PartnerPlayed,
    PartnerPressed,
    PartnerTaken,
    PhoneAnswered,
    RingingEnded,
    RingingTaken,
    Started,
    Stray,
)
from ivr.call.state import CallState
from ivr.call.surveying import SurveyPart
from ivr.call.taken import TAKEN_ROWS, TakenPart
from ivr.call.taking import TakenOut
from ivr.call.talk_table import TALK_ROWS
from ivr.call.while_waiting import WhileWaitingPart

__all__ = ["Call", "Started"]

S = CallState
ALIVE = (S.OFFERED, S.NOTICED, S.IN_MENU, S.REGISTERING, S.QUEUED, S.CONNECTING, S.BRIEFING, S.TRANSFERRING,
         S.DIALLING, S.REFERRED, S.CALLING_BACK, S.FETCHING, S.BRIDGED, S.CONSULTING, S.CONFERENCE, S.SURVEYING,
         S.FAREWELL, S.LEAVING)
TAKEN = (e.LegTaken, RingingTaken, PartnerTaken, CallerTaken)
# Late but legal: what was under way when the state changed.
LATE = (e.KeyPressed, e.KeyReleased, e.TextTyped, e.PlaybackFinished, e.InputTimeout, e.LookUpAnswered,
        e.RecordingEnded, e.RingTimeOver, e.StoreTimeout, e.LegRinging, e.LegConfirmed, e.LegHeld, e.LegResumed,
        e.RequestDurable, e.RequestRefused, e.PlaceDue, e.OfferWithdrawn, ComfortDue, OtherEnded, PartnerPlayed,
        PartnerPressed, Stray)
WISHES = (c.ConsultEnded, c.ConferenceAsked, c.HandOverAsked, c.ReturnMade)      # nothing where nobody is asked
MOVABLE = (S.NOTICED, S.IN_MENU, S.REGISTERING, S.QUEUED, S.CONNECTING, S.BRIEFING, S.TRANSFERRING, S.REFERRED,
           S.BRIDGED, S.CONSULTING, S.SURVEYING, S.FAREWELL)

TABLE: Table = {
    **{(state, event): (state, ()) for state in ALIVE for event in LATE},
    **{(state, event): (state, ()) for state in ALIVE for event in WISHES},
    **{(state, LateAnswered): (state, ("end_late_leg",)) for state in ALIVE},
    **{(state, e.LegConfirmed): (state, ("confirm",)) for state in ALIVE},
    **{(state, e.PlaneLost): (S.CLOSING, ("plane_lost",)) for state in ALIVE},
    **{(state, e.EndOrdered): (S.CLOSING, ("end_ordered",)) for state in ALIVE},

    **{(state, event): (state, ("refuse_taking",)) for state in (*ALIVE, S.CLOSING, S.ENDED) for event in TAKEN},
    **{(state, CallerTaken): (state, ("replace_caller",)) for state in MOVABLE},
    **{(state, e.TransferRefused): (state, ("note_refused",)) for state in ALIVE},
    **{(state, e.TransferRefused): (state, ()) for state in (S.CLOSING, S.ENDED)},

    (S.OFFERED, Started): (S.OFFERED, ("ring_or_answer",)),
    (S.OFFERED, e.RingTimeOver): (S.OFFERED, ("answer",)),
    (S.OFFERED, CallerEnded): (S.CLOSING, ("caller_left_menu",)),

    (S.OFFERED, e.OwnCallMade): (S.DIALLING, ("dial",)),
    (S.DIALLING, e.LegRinging): (S.DIALLING, ("dialled_rings",)),
    (S.DIALLING, PhoneAnswered): (S.BRIDGED, ("dialled_answered",)),
    (S.DIALLING, RingingTaken): (S.BRIDGED, ("pick_up_dialled",)),
    (S.DIALLING, RingingEnded): (S.DIALLING, ("dialled_failed",)),
    (S.DIALLING, e.RingTimeOver): (S.DIALLING, ("dialled_unanswered",)),
    (S.DIALLING, e.GivenAway): (S.CLOSING, ("give_away",)),
    (S.DIALLING, CallerEnded): (S.CLOSING, ("dialler_left",)),

    (S.NOTICED, e.PlaybackFinished): (S.NOTICED, ("notice_heard",)),
    (S.NOTICED, CallerEnded): (S.CLOSING, ("caller_left_notice",)),

    (S.IN_MENU, e.KeyPressed): (S.IN_MENU, ("menu_key",)),
    (S.IN_MENU, e.KeyReleased): (S.IN_MENU, ("menu_key_released",)),
    (S.IN_MENU, e.TextTyped): (S.IN_MENU, ("menu_text",)),
    (S.IN_MENU, e.PlaybackFinished): (S.IN_MENU, ("menu_playback",)),
    (S.IN_MENU, e.InputTimeout): (S.IN_MENU, ("menu_timeout",)),
    (S.IN_MENU, e.LookUpAnswered): (S.IN_MENU, ("menu_answer",)),
    (S.IN_MENU, e.RequestDurable): (S.IN_MENU, ("menu_request_kept",)),
    **{(S.IN_MENU, event): (S.IN_MENU, ("menu_request_refused",)) for event in (e.RequestRefused, e.StoreTimeout)},
    (S.IN_MENU, e.RecordingEnded): (S.IN_MENU, ("menu_recorded",)),
    (S.IN_MENU, e.EndOrdered): (S.CLOSING, ("end_menu_ordered",)),
    (S.IN_MENU, e.PlaneLost): (S.CLOSING, ("leave_reviewed", "plane_lost")),
    (S.IN_MENU, CallerEnded): (S.CLOSING, ("caller_left_menu",)),

    (S.LEAVING, CallerEnded): (S.LEAVING, ()),
    (S.LEAVING, e.EndOrdered): (S.LEAVING, ()),
    (S.LEAVING, e.RecordingEnded): (S.CLOSING, ("message_closed",)),
    (S.LEAVING, e.InputTimeout): (S.CLOSING, ("message_lost",)),

    (S.REGISTERING, e.LegConfirmed): (S.REGISTERING, ("confirm", "queue_if_ready")),
    (S.REGISTERING, e.RequestDurable): (S.REGISTERING, ("mark_durable", "queue_if_ready")),
    (S.REGISTERING, e.RequestRefused): (S.REGISTERING, ("refuse_request",)),
    (S.REGISTERING, e.StoreTimeout): (S.REGISTERING, ("refuse_request",)),
    (S.REGISTERING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    **{(state, e.OfferMade): (S.CONNECTING, ("ring_phones",)) for state in (S.QUEUED, S.CONNECTING)},
    (S.QUEUED, e.PlaceDue): (S.QUEUED, ("say_place",)),
    (S.QUEUED, e.Overflowed): (S.QUEUED, ("overflow",)),
    (S.QUEUED, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.CONNECTING, e.LegRinging): (S.CONNECTING, ("phone_rings",)),
    (S.CONNECTING, RingingTaken): (S.BRIDGED, ("pick_up",)),
    (S.CONNECTING, PhoneAnswered): (S.CONNECTING, ("take_up",)),
    (S.CONNECTING, e.Assigned): (S.BRIDGED, ("bridge_operator",)),
    (S.CONNECTING, RingingEnded): (S.CONNECTING, ("phone_failed",)),
    (S.CONNECTING, PartnerEnded): (S.CONNECTING, ("partner_lost",)),
    (S.CONNECTING, e.OfferWithdrawn): (S.QUEUED, ("withdraw",)),
    (S.CONNECTING, e.PlaceDue): (S.CONNECTING, ("say_place",)),
    (S.CONNECTING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.TRANSFERRING, e.LegRinging): (S.TRANSFERRING, ("phone_rings",)),
    (S.TRANSFERRING, RingingTaken): (S.BRIDGED, ("pick_up",)),
    (S.TRANSFERRING, PhoneAnswered): (S.BRIDGED, ("bridge_target",)),
    (S.TRANSFERRING, RingingEnded): (S.TRANSFERRING, ("transfer_failed", "return_to_menu")),
    (S.TRANSFERRING, e.RingTimeOver): (S.TRANSFERRING, ("transfer_failed", "return_to_menu")),
    (S.TRANSFERRING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.BRIDGED, e.LegHeld): (S.BRIDGED, ("hold",)),
    (S.BRIDGED, e.LegResumed): (S.BRIDGED, ("resume",)),
    (S.BRIDGED, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.BRIDGED, PartnerEnded): (S.CLOSING, ("talk_over",)),
    (S.BRIDGED, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),
    (S.BRIDGED, PartnerTaken): (S.BRIDGED, ("take_over",)),
    (S.BRIDGED, e.ReferredToPhones): (S.REFERRED, ("refer_to_phones",)),
    (S.BRIDGED, e.ReferredToQueue): (S.BRIDGED, ("refer_to_queue",)),
    (S.BRIDGED, e.ReferredToLine): (S.IN_MENU, ("refer_to_line",)),
    (S.BRIDGED, e.PartnerGiven): (S.BRIDGED, ("join_consulted",)),
    (S.BRIDGED, e.RingingGiven): (S.REFERRED, ("adopt_ringing",)),
    (S.BRIDGED, e.GivenAway): (S.CLOSING, ("give_away",)),

    (S.REFERRED, e.LegRinging): (S.REFERRED, ("referred_rings",)),
    (S.REFERRED, PhoneAnswered): (S.BRIDGED, ("bridge_referred",)),
    (S.REFERRED, RingingTaken): (S.BRIDGED, ("pick_up_referred",)),
    (S.REFERRED, RingingEnded): (S.REFERRED, ("referred_failed",)),
    (S.REFERRED, e.RingTimeOver): (S.REFERRED, ("referred_unanswered",)),
    (S.REFERRED, PartnerEnded): (S.REFERRED, ("transferor_left",)),
    (S.REFERRED, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.REFERRED, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),

    **TALK_ROWS,
    **BACK_ROWS,
    **BESIDE_ROWS,
    **TAKEN_ROWS,

    (S.FAREWELL, e.PlaybackFinished): (S.FAREWELL, ("goodbye_over",)),
    (S.FAREWELL, CallerEnded): (S.CLOSING, ("caller_left_farewell",)),
    (S.FAREWELL, e.EndOrdered): (S.CLOSING, ("end_farewell_ordered",)),

    # The outcome is written. Legs still say goodbye; a phone may answer in this very moment.
    **{(S.CLOSING, event): (S.CLOSING, ()) for event in (*LATE, *WISHES, e.PlaneLost, e.EndOrdered, e.Overflowed)},
    (S.CLOSING, e.OfferMade): (S.CLOSING, ("end_late_offer",)),
    (S.CLOSING, e.Assigned): (S.CLOSING, ("release_late",)),
    **{(S.CLOSING, event): (S.CLOSING, ("over_if_done",))
       for event in (CallerEnded, PartnerEnded, ConsultedEnded, RingingEnded, OtherEnded)},
    **{(S.CLOSING, event): (S.CLOSING, ("end_late_leg",)) for event in (PhoneAnswered, LateAnswered)},
    **{(S.ENDED, event): (S.ENDED, ()) for event in (*LATE, *WISHES, e.PlaneLost, e.EndOrdered)},
}


HEARD = frozenset((PlayClips, StopClips, JoinLegs, ConferLegs))      # change what the caller's leg hears
# An operator acts on their leg of the call.
ACTED = (e.ReferredToPhones, e.ReferredToQueue, e.ReferredToLine, e.PartnerGiven, e.RingingGiven, e.GivenAway,
         c.ConsultAsked, c.ConferenceGiven)


class Call(BriefingPart, SurveyPart, ConsultPart, TakenPart, OwnCallPart, BesidePart, WhileWaitingPart,
           Machine):
    """One visit. Feed it events with `handle`; it says `CallOver` when it is done for good."""

    table: ClassVar[Table] = TABLE

    def handle(self, event: Any, now: float) -> list[Any]:
        """One event in, effects out. Raises IllegalEvent for an event no row allows (a bug of ours)."""
        sort = self.SORTS.get(type(event))
        effects = super().handle(event if sort is None else sort(self, event), now)
        for effect in effects:
            if type(effect) in HEARD:
                self._remember(effect)
        return effects

    def _remember(self, effect: Any) -> None:
        """What the caller's leg was given to hear: a leg that takes its place gets it anew."""
        if isinstance(effect, PlayClips | StopClips) and effect.leg != self.caller_leg:
            return
        if isinstance(effect, JoinLegs) and self.caller_leg not in (effect.first, effect.second):
            return
        if isinstance(effect, PlayClips):
            self.heard = [effect] if effect.replace else [*self.heard, effect]
        else:
            self.heard = []

    # --- whom an event concerns -------------------------------------------------------------------------------------
    def _sort_ended(self, event: e.LegEnded) -> Any:
        kind: type[e.LegEnded] = OtherEnded
        if event.leg == self.caller_leg:
            kind, self.caller_alive = CallerEnded, False
        elif event.leg in self.ringing:
            kind = RingingEnded
        elif event.leg == self.partner_leg:
            kind = PartnerEnded
        elif event.leg == self.consulted_leg:
            kind = ConsultedEnded
        self.ringing.discard(event.leg)
        self.others.discard(event.leg)
        return kind(event.leg, event.by, event.status, event.reason)

    def _sort_answered(self, event: e.LegAnswered) -> Any:
        return PhoneAnswered(event.leg) if event.leg in self.ringing else LateAnswered(event.leg)

    def _sort_ringing(self, event: e.LegRinging) -> Any:
        return event if event.leg in self.ringing else Stray()

    def _sort_key(self, event: e.KeyPressed | e.KeyReleased) -> Any:
        if event.leg == self.partner_leg and isinstance(event, e.KeyPressed):
            return PartnerPressed(event.leg, event.digit)
        return event if event.leg == self.caller_leg else Stray()

    def _sort_playback(self, event: e.PlaybackFinished) -> Any:
        if event.leg != self.caller_leg:
            return PartnerPlayed(event.leg, event.play_id, event.stopped) if event.leg == self.partner_leg else Stray()
        self.heard = [play for play in self.heard if play.play_id != event.play_id]
        return event

    def _sort_kept(self, event: e.RequestDurable | e.RequestRefused) -> Any:
        return event if event.number in (0, self.durable_writes) else Stray()

    def _sort_held(self, event: e.LegHeld) -> Any:
        self.holding.add(event.leg)
        return event if event.leg in (self.caller_leg, self.partner_leg) else Stray()

    def _sort_resumed(self, event: e.LegResumed) -> Any:
        self.holding.discard(event.leg)
        return event if event.leg in (self.caller_leg, self.partner_leg) else Stray()

    def _sort_taken(self, event: e.LegTaken) -> Any:
        kind = e.LegTaken
        if event.replaced in self.ringing and self.back is None:
            kind = RingingTaken
        elif event.replaced == self.caller_leg:
            kind = CallerTaken
        elif event.replaced == self.partner_leg:
            kind = PartnerTaken
        return kind(event.leg, event.replaced, event.operator)

    def _sort_assigned(self, event: e.Assigned) -> Any:
        return event if self.back is None else BackAssigned(event.operator)

    def _sort_overflowed(self, event: e.Overflowed) -> Any:
        return event if self.back is None else BackUnserved(event.queue, event.reason)

    def _sort_acted(self, event: Any) -> Any:
        if event.leg == self.caller_leg and self.state is S.BRIDGED:
            self._swap_sides()
        return event

    def _swap_sides(self) -> None:
        """Both are operators, and it is the called one who acts: they stand where an operator stands."""
        self.caller_leg, self.partner_leg = self.partner_leg, self.caller_leg
        self.operator, self.far_operator = self.far_operator, self.operator
        self.others = (self.others - {self.caller_leg}) | {self.partner_leg}

    SORTS: ClassVar[dict[type, Any]] = {
        e.LegEnded: _sort_ended,
        e.LegAnswered: _sort_answered,
        e.LegRinging: _sort_ringing,
        e.KeyPressed: _sort_key,
        e.KeyReleased: _sort_key,
        e.PlaybackFinished: _sort_playback,
        e.RequestDurable: _sort_kept,
        e.RequestRefused: _sort_kept,
        e.LegHeld: _sort_held,
        e.LegResumed: _sort_resumed,
        e.LegTaken: _sort_taken,
        e.Assigned: _sort_assigned,
        e.Overflowed: _sort_overflowed,
        TakenOut: TakenPart.sort_taken,
        **dict.fromkeys(ACTED, _sort_acted),
    }

    # --- an action of any state -------------------------------------------------------------------------------------
    def confirm(self, event: Any, now: float) -> list[Any]:
        self.confirmed = self.confirmed or event.leg == self.caller_leg
        return []
