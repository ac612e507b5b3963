"""A call beside a chat: who writes speaks with the same operator, and goes on writing meanwhile.

      page or telephone          call                       operator            the chat
        │── in the page ─────────▶│ FETCHING: kept for it    │                    │ goes on
        │◀── music ───────────────│── INVITE ───────────────▶│ (once they have    │
        │                         │◀─────────────────── 200 ─│  no other call)    │
        │◀──────── talk ──────────┼─────────────────────────▶│                    │

To a telephone the operator is rung first, who has asked for it, and then the visitor, as in any callback. Who waits in
a queue by writing waits there by voice from the same moment on. The request is the chat's: this call makes none, and
leaves nothing to write up.
"""

from typing import Any

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.call import events as e
from ivr.call.calling_back import CallingBackPart
from ivr.call.effects import AnswerLeg, FetchOperator, LeaveQueue, Note, SetTimer
from ivr.call.record import Outcome
from ivr.call.state import CallState
from ivr.menu.notices import clips_said

WAIT = 900.0             # s that a visitor waits for an operator who is in another call


@frozen
class BesideOperator:
    """The operator has the chat, or takes it just now."""

    operator: str


@frozen
class BesideQueue:
    """The chat waits in this queue since then (s)."""

    queue: str
    since: float


@frozen
class OperatorFree:
    """The operator whom the call waits for is in no other one now."""


S = CallState
BESIDE_ROWS: Table = {
    (S.OFFERED, BesideOperator): (S.FETCHING, ("fetch_beside",)),
    (S.OFFERED, BesideQueue): (S.REGISTERING, ("queue_beside",)),
    (S.QUEUED, BesideOperator): (S.FETCHING, ("fetch_from_queue",)),
    (S.FETCHING, OperatorFree): (S.FETCHING, ("operator_free",)),
    **{(state, BesideOperator): (state, ()) for state in S if state not in (S.OFFERED, S.QUEUED)},
    **{(state, OperatorFree): (state, ()) for state in S if state is not S.FETCHING},
}


class BesidePart(CallingBackPart):
    """Actions of a call that has a chat beside it."""

    def fetch_beside(self, event: BesideOperator, now: float) -> list[Any]:
        """Whose talk may be recorded hears so first, as before any queue."""
        kept = [*self._answer(now), *self._keep(event, now)]
        notice = self.settings.recording_notices.get(self.visit.call.queue, "")
        clips = clips_said(self.settings.menu, self.settings.announcements, [notice], self.language)
        if not clips or not self.caller_leg:
            return [*kept, *self.fetch_kept(now)]
        self.told.add(notice)
        return [*kept, *self.say_first(clips, now)]

    def fetch_kept(self, now: float) -> list[Any]:
        """Ring the operator; who is in another call is rung once `OperatorFree`."""
        self.state = S.FETCHING
        music = [self.music()] if self.caller_leg else []
        return [*music, SetTimer("ring", now + WAIT), FetchOperator(self.operator)]

    def queue_beside(self, event: BesideQueue, now: float) -> list[Any]:
        """In the place of the chat."""
        self.places[event.queue] = event.since
        return [*self._answer(now), *self.register(event.queue, "", now)]

    def fetch_from_queue(self, event: BesideOperator, now: float) -> list[Any]:
        """The chat has found its operator first: the voice follows."""
        self.in_queue = False
        self.visit.waits_no_more(now)
        self.visit.entry(now, "queue_left", queue=self.visit.call.queue, to=event.operator)
        return [SetTimer("comfort", None), LeaveQueue("transferred"), *self._keep(event, now),
                *self.fetch_kept(now)]

    def _answer(self, now: float) -> list[Any]:
        """Who is there already; nobody yet where a telephone is rung."""
        if not self.caller_leg:
            return []
        self.visit.entry(now, "offered", dialled=self.visit.call.dialled)
        self.visit.answered(now)
        return [AnswerLeg(self.caller_leg)]

    def _keep(self, event: BesideOperator, now: float) -> list[Any]:
        """The operator is kept for this call from now on: nobody else is put through to them."""
        self.operator = event.operator
        self.visit.change(operator=event.operator)
        self.visit.entry(now, "beside_chat", operator=event.operator)
        return [*self.engage(event.operator), Note(f"beside a chat with {event.operator}"), *self.write()]

    def operator_free(self, event: Any, now: float) -> list[Any]:
        return [] if self.ringing else [FetchOperator(self.operator)]

    def fetched(self, event: Any, now: float) -> list[Any]:
        """To a telephone: the operator is there, now the visitor is rung."""
        if not self.beside or self.caller_leg:
            return super().fetched(event, now)
        self.ringing.discard(event.leg)
        self.partner_leg, self.state = event.leg, S.CALLING_BACK
        return [SetTimer("ring", None), *self.stop_ringing("answered elsewhere"),
                *self.dial_back(e.Assigned(self.operator), now)]

    def operator_lost(self, reason: str, now: float) -> list[Any]:
        """They do not take it: the chat has them still, and nobody else is rung."""
        if not self.beside:
            return super().operator_lost(reason, now)
        self.visit.entry(now, "offer_failed", operator=self.operator, reason=reason)
        return self.hang_up_all(now, Outcome.REFUSED, "operator", reason)
