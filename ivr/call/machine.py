"""The call machine: one caller's visit from offer to end (states and events in the table below).

Events come in with `now`, effects go out; the call touches no SIP, no media, no database. `handle` first sorts events
by the leg they concern (the caller's, the partner's, a ringing one), so that no row needs an `if`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.call import events as e
from ivr.call.in_menu import MenuPart
from ivr.call.state import CallState


# --- events as the table sees them: sorted by leg -------------------------------------------------------------------
@dataclass(frozen=True)
class Started:
    """The call was let in: a menu and a media stream are ready."""


@dataclass(frozen=True)
class CallerEnded(e.LegEnded):
    """The caller's leg is over."""


@dataclass(frozen=True)
class PartnerEnded(e.LegEnded):
    """The leg the caller talks with (or was about to) is over."""


@dataclass(frozen=True)
class RingingEnded(e.LegEnded):
    """A phone we were ringing said no, or nothing."""


@dataclass(frozen=True)
class OtherEnded(e.LegEnded):
    """A leg that plays no part any more is over."""


@dataclass(frozen=True)
class PhoneAnswered(e.LegAnswered):
    """A phone we are ringing was taken up."""


@dataclass(frozen=True)
class LateAnswered(e.LegAnswered):
    """A phone was taken up that we no longer ring."""


@dataclass(frozen=True)
class Stray:
    """A key, a hold or the like of a leg that plays no part (any more): only the caller's keys are for the menu."""


S = CallState
ALIVE = (S.OFFERED, S.IN_MENU, S.REGISTERING, S.QUEUED, S.CONNECTING, S.TRANSFERRING, S.BRIDGED, S.FAREWELL)
# Late but legal: what was under way when the state changed.
LATE = (e.KeyPressed, e.KeyReleased, e.PlaybackFinished, e.InputTimeout, e.RingTimeOver, e.StoreTimeout, e.LegRinging,
        e.LegConfirmed, e.LegHeld, e.LegResumed, e.RequestDurable, e.RequestRefused, e.PlaceDue, e.OfferWithdrawn,
        OtherEnded, Stray)

TABLE: Table = {
    **{(state, event): (state, ()) for state in ALIVE for event in LATE},
    **{(state, LateAnswered): (state, ("end_late_leg",)) for state in ALIVE},
    **{(state, e.LegConfirmed): (state, ("confirm",)) for state in ALIVE},
    **{(state, e.PlaneLost): (S.CLOSING, ("plane_lost",)) for state in ALIVE},
    **{(state, e.EndOrdered): (S.CLOSING, ("end_ordered",)) for state in ALIVE},

    (S.OFFERED, Started): (S.OFFERED, ("ring_or_answer",)),
    (S.OFFERED, e.RingTimeOver): (S.OFFERED, ("answer",)),
    (S.OFFERED, CallerEnded): (S.CLOSING, ("caller_left_menu",)),

    (S.IN_MENU, e.KeyPressed): (S.IN_MENU, ("menu_key",)),
    (S.IN_MENU, e.KeyReleased): (S.IN_MENU, ("menu_key_released",)),
    (S.IN_MENU, e.PlaybackFinished): (S.IN_MENU, ("menu_playback",)),
    (S.IN_MENU, e.InputTimeout): (S.IN_MENU, ("menu_timeout",)),
    (S.IN_MENU, CallerEnded): (S.CLOSING, ("caller_left_menu",)),

    (S.REGISTERING, e.LegConfirmed): (S.REGISTERING, ("confirm", "queue_if_ready")),
    (S.REGISTERING, e.RequestDurable): (S.REGISTERING, ("mark_durable", "queue_if_ready")),
    (S.REGISTERING, e.RequestRefused): (S.REGISTERING, ("refuse_request",)),
    (S.REGISTERING, e.StoreTimeout): (S.REGISTERING, ("refuse_request",)),
    (S.REGISTERING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.QUEUED, e.OfferMade): (S.CONNECTING, ("ring_phones",)),
    (S.QUEUED, e.PlaceDue): (S.QUEUED, ("say_place",)),
    (S.QUEUED, e.Overflowed): (S.QUEUED, ("overflow",)),
    (S.QUEUED, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.CONNECTING, e.LegRinging): (S.CONNECTING, ("phone_rings",)),
    (S.CONNECTING, PhoneAnswered): (S.CONNECTING, ("accept",)),
    (S.CONNECTING, e.Assigned): (S.BRIDGED, ("bridge_operator",)),
    (S.CONNECTING, RingingEnded): (S.CONNECTING, ("phone_failed",)),
    (S.CONNECTING, PartnerEnded): (S.CONNECTING, ("partner_lost",)),
    (S.CONNECTING, e.OfferWithdrawn): (S.QUEUED, ("withdraw",)),
    (S.CONNECTING, e.PlaceDue): (S.CONNECTING, ("say_place",)),
    (S.CONNECTING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.TRANSFERRING, e.LegRinging): (S.TRANSFERRING, ("phone_rings",)),
    (S.TRANSFERRING, PhoneAnswered): (S.BRIDGED, ("bridge_target",)),
    (S.TRANSFERRING, RingingEnded): (S.TRANSFERRING, ("transfer_failed", "return_to_menu")),
    (S.TRANSFERRING, e.RingTimeOver): (S.TRANSFERRING, ("transfer_failed", "return_to_menu")),
    (S.TRANSFERRING, CallerEnded): (S.CLOSING, ("caller_left_waiting",)),

    (S.BRIDGED, e.LegHeld): (S.BRIDGED, ("hold",)),
    (S.BRIDGED, e.LegResumed): (S.BRIDGED, ("resume",)),
    (S.BRIDGED, CallerEnded): (S.CLOSING, ("caller_left_bridge",)),
    (S.BRIDGED, PartnerEnded): (S.CLOSING, ("partner_left",)),
    (S.BRIDGED, e.EndOrdered): (S.CLOSING, ("end_talk_ordered",)),

    (S.FAREWELL, e.PlaybackFinished): (S.FAREWELL, ("goodbye_over",)),
    (S.FAREWELL, CallerEnded): (S.CLOSING, ("caller_left_farewell",)),
    (S.FAREWELL, e.EndOrdered): (S.CLOSING, ("end_farewell_ordered",)),

    # The outcome is written. Legs still say goodbye; a phone may answer in this very moment.
    **{(S.CLOSING, event): (S.CLOSING, ()) for event in (*LATE, e.PlaneLost, e.EndOrdered, e.Overflowed)},
    (S.CLOSING, e.OfferMade): (S.CLOSING, ("end_late_offer",)),
    (S.CLOSING, e.Assigned): (S.CLOSING, ("release_late",)),
    **{(S.CLOSING, event): (S.CLOSING, ("over_if_done",))
       for event in (CallerEnded, PartnerEnded, RingingEnded, OtherEnded)},
    **{(S.CLOSING, event): (S.CLOSING, ("end_late_leg",)) for event in (PhoneAnswered, LateAnswered)},
    **{(S.ENDED, event): (S.ENDED, ()) for event in (*LATE, e.PlaneLost, e.EndOrdered)},
}


class Call(MenuPart, Machine):
    """One visit. Feed it events with `handle`; it says `CallOver` when it is done for good."""

    table: ClassVar[Table] = TABLE

    def start(self, now: float) -> list[Any]:
        """Ring or answer, and begin the menu."""
        return self.handle(Started(), now)

    def handle(self, event: Any, now: float) -> list[Any]:
        """One event in, effects out. Raises IllegalEvent for an event no row allows (a bug of ours)."""
        return super().handle(self._sort(event), now)

    def _sort(self, event: Any) -> Any:
        match event:
            case e.LegEnded():
                return self._sort_ended(event)
            case e.LegAnswered(leg):
                return PhoneAnswered(leg) if leg in self.ringing else LateAnswered(leg)
            case e.KeyPressed(leg) | e.KeyReleased(leg) | e.PlaybackFinished(leg):
                return event if leg == self.caller_leg else Stray()
            case e.LegHeld(leg) | e.LegResumed(leg):
                return event if leg in (self.caller_leg, self.partner_leg) else Stray()
            case e.LegRinging(leg):
                return event if leg in self.ringing else Stray()
        return event

    def _sort_ended(self, event: e.LegEnded) -> Any:
        kind: type[e.LegEnded] = OtherEnded
        if event.leg == self.caller_leg:
            kind, self.caller_alive = CallerEnded, False
        elif event.leg in self.ringing:
            kind = RingingEnded
        elif event.leg == self.partner_leg:
            kind = PartnerEnded
        self.ringing.discard(event.leg)
        self.others.discard(event.leg)
        return kind(event.leg, event.by, event.status, event.reason)

    def confirm(self, event: Any, now: float) -> list[Any]:
        self.confirmed = self.confirmed or event.leg == self.caller_leg
        return []
