"""We call somebody back: an operator is found as for a caller who waits in the queue, and the caller is dialled.

      queue      call             operator              caller         (operator first)
        │ OfferMade │── INVITE ──────▶│                     │
        │◀── Accept │◀───────── 200 ──│                     │
        │ Assigned  │── whisper, music ▶                    │
        │           │── INVITE ────────────────────────────▶│  ring_time at most
        │           │◀──────────────────────────────── 200 ─│  bridged

Caller first, the operator is kept (assigned at once), the caller dialled, greeted, and the operator's phones ring then.
Until the caller has answered, `caller_leg` is nobody's. Who made the request is rung by nobody else meanwhile: a
request has one call at a time.
"""

from typing import Any

from ivr.call.effects import (
    DialBack,
    DialOperator,
    FetchOperator,
    JoinLegs,
    Note,
    PlayClips,
    SetTimer,
    StopClips,
)
from ivr.call.in_queue import QueuePart
from ivr.call.record import Outcome
from ivr.call.settings import OWN_RING_TIME, RETURNED_PRIORITY
from ivr.call.state import CallingBack, CallState


class CallingBackPart(QueuePart):
    """Actions of the states `calling_back` and `fetching`."""

    @property
    def wish(self) -> CallingBack:
        """What the caller asked for."""
        assert self.back is not None, "no row of a call that calls nobody back leads here"
        return self.back

    # --- the caller is rung -----------------------------------------------------------------------------------------
    def dial_back(self, event: Any, now: float) -> list[Any]:
        """An operator is there: on the line, or kept."""
        self.operator, self.in_queue = event.operator, False
        self.offered.clear()
        self.engaged.add(event.operator)
        self.visit.change(operator=event.operator)
        self.visit.entry(now, "callback_begun", request=self.wish.request.id, operator=event.operator,
                         attempt=self.wish.attempt)
        return [*self._tell_operator(), Note(f"{event.operator} is there: the caller is called back"),
                DialBack(self.wish.number, event.operator), *self.write()]

    def _tell_operator(self) -> list[Any]:
        """That this is a callback, then the music of the queue until the caller answers."""
        if not self.partner_leg:
            return []
        said, music = self.play(self.wish.whisper), self.music(replace=False)
        plays = [said, music] if self.wish.whisper else [music]
        return [PlayClips(self.partner_leg, play.play_id, play.clips, loop=play.loop) for play in plays]

    def ring_back(self, event: Any, now: float) -> list[Any]:
        self.ringing, self.transfer_target, self.dialled_back = set(event.legs), event.target, True
        self.others |= self.ringing
        self.visit.change(dialled=event.target)
        self.visit.entry(now, "callback_dialled", to=event.target)
        return [SetTimer("ring", now + self.wish.ring_time), *(DialOperator(leg) for leg in event.legs), *self.write()]

    def back_rings(self, event: Any, now: float) -> list[Any]:
        return [Note("the caller's phone rings")]

    def back_answered(self, event: Any, now: float) -> list[Any]:
        """The caller is there, and from here on a caller like any other."""
        self.caller_leg, self.caller_alive, self.confirmed = event.leg, True, True
        self.ringing.discard(event.leg)
        self.others.discard(event.leg)
        if not self.beside:
            self.visit.request = self.wish.request
        self.visit.answered(now)
        return [SetTimer("ring", None), *(self._talk_back(now) if self.partner_leg else self._fetch(now))]

    def _talk_back(self, now: float) -> list[Any]:
        self.back = None
        self.visit.bridged(now, self.operator)
        joined = self.partner_leg not in self.holding
        heard = [JoinLegs(self.caller_leg, self.partner_leg)] if joined else [self.music()]
        return [StopClips(self.partner_leg), *heard, Note(f"bridged with {self.operator}"), *self.write()]

    # --- the caller is not reached ----------------------------------------------------------------------------------
    def back_refused(self, event: Any, now: float) -> list[Any]:
        return self._not_reached(event.reason, now)

    def back_failed(self, event: Any, now: float) -> list[Any]:
        if event.by != "peer":
            self.dialled_back = False
            self.visit.change(dialled="")        # no trunk, no port, no answer from either: their phone never rang
        return self._not_reached(f"{event.status} {event.reason}".strip(), now)

    def back_unanswered(self, event: Any, now: float) -> list[Any]:
        return [*self.stop_ringing(), *self._not_reached("no answer", now)]

    def _not_reached(self, reason: str, now: float) -> list[Any]:
        """The operator is told, if words for it are there, and is free."""
        self.visit.entry(now, "callback_not_reached", request=self.wish.request.id, reason=reason)
        if not (self.partner_leg and self.wish.not_reached):
            return self.hang_up_all(now, Outcome.REFUSED, "target", reason)
        # The operator stands where a caller hears last words.
        self.caller_leg, self.partner_leg, self.caller_alive = self.partner_leg, "", True
        self.others.discard(self.caller_leg)
        return [SetTimer("ring", None), *self.say_last(self.wish.not_reached, Outcome.REFUSED, reason)]

    def operator_gave_up(self, event: Any, now: float) -> list[Any]:
        """The operator hung up, or was lost, while the caller's phone rang: it stops."""
        self.visit.entry(now, "callback_not_reached", request=self.wish.request.id, reason="the operator hung up")
        by = "network" if event.by == "network" else "operator"
        return self.hang_up_all(now, Outcome.ABANDONED, by, event.reason)

    def back_unserved(self, event: Any, now: float) -> list[Any]:
        self.in_queue = False
        return self.hang_up_all(now, Outcome.FAILED, "hotline", f"no queue {event.queue}")

    # --- caller first: the operator is fetched ----------------------------------------------------------------------
    def _fetch(self, now: float) -> list[Any]:
        self.state = CallState.FETCHING
        greeting = [self.play(self.wish.greeting, replace=True)] if self.wish.greeting else []
        return [*greeting, self.music(replace=not greeting), FetchOperator(self.operator), *self.write()]

    def ring_fetched(self, event: Any, now: float) -> list[Any]:
        if not event.legs:
            return self.operator_lost("unreachable", now)
        self.ringing = set(event.legs)
        self.others |= self.ringing
        self.visit.entry(now, "operator_offered", operator=self.operator)
        return [SetTimer("ring", now + OWN_RING_TIME / 2), *(DialOperator(leg) for leg in event.legs), *self.write()]

    def fetched(self, event: Any, now: float) -> list[Any]:
        self.ringing.discard(event.leg)
        self.partner_leg, self.back = event.leg, None
        self.visit.bridged(now, self.operator)
        return [SetTimer("ring", None), *self.stop_ringing("answered elsewhere"), *self.join(),
                Note(f"bridged with {self.operator}"), *self.write()]

    def fetch_failed(self, event: Any, now: float) -> list[Any]:
        return [] if self.ringing else self.operator_lost(f"{event.status} {event.reason}".strip(), now)

    def fetch_unanswered(self, event: Any, now: float) -> list[Any]:
        return [*self.stop_ringing(), *self.operator_lost("no_answer", now)]

    def operator_lost(self, reason: str, now: float) -> list[Any]:
        """Whom we called waits for the next operator now, before everybody else."""
        operator, self.operator = self.operator, ""
        subject = self.wish.request.subject
        queue = self.wish.request.queue
        self.visit.entry(now, "offer_failed", operator=operator, reason=reason)
        self.back, self.priority = None, RETURNED_PRIORITY
        return [SetTimer("ring", None), *self.release(operator, in_vain=True),
                *self.register(queue, subject, now)]
