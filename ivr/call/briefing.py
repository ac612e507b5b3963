"""The operator has picked up and hears what the call is about; the caller hears music on, and is joined after it.

    operator's phone        call                          caller
       |<--- INVITE ----------|                              |~ music ~
       |---- 200 ------------>|                              |
       |<=== "Cards. Two minutes." ===                       |~ music ~
       |==== key 1 ==========>|   where it has to be taken   |
       |<========================= talk ====================>|

Until then the offer stands as one that rings: a caller who hangs up ends it, an operator who hangs up or presses no key
in time has not taken it, and somebody else is rung. So the voice mailbox of a mobile phone never gets a caller.
"""

from datetime import timedelta
from typing import Any

from ivr.call.effects import AcceptOffer, EndLeg, Note, PlayClips, SetTimer, StopClips
from ivr.call.in_queue import QueuePart
from ivr.call.settings import Briefing
from ivr.call.state import CallState
from ivr.menu.notices import clips_saying

ACCEPT = "1"        # the key that takes a call
MINUTE = 60.0


class BriefingPart(QueuePart):
    """Actions of the states `connecting` and `briefing`."""

    def take_up(self, event: Any, now: float) -> list[Any]:
        """A phone of the operator's was taken up: they hear of the call, or have it at once. Others who are rung for it
        are rung on, until somebody has it."""
        briefing = self.settings.briefings.get(self.visit.call.queue)
        clips = self._said(briefing, now) if briefing is not None else ()
        if briefing is None or not (clips or briefing.accepts):
            return self.accept(event, now)
        self.state = CallState.BRIEFING
        self.partner_leg, self.operator = event.leg, self.offered[event.leg]
        stopped = sorted(leg for leg in self.ringing if self.offered[leg] == self.operator and leg != event.leg)
        self.ringing -= {event.leg, *stopped}
        self.visit.entry(now, "operator_briefed", operator=self.operator, prompt=briefing.prompt)
        return [*(EndLeg(leg, "answered elsewhere") for leg in stopped), SetTimer("ring", now + briefing.time),
                *([self._say(clips, now)] if clips else []),
                Note(f"{self.operator} hears {briefing.prompt or 'nothing, and has to press a key'}"), *self.write()]

    def taken_up_too(self, event: Any, now: float) -> list[Any]:
        """Somebody else picks up while one is told of the call: it is no longer theirs to have."""
        self.ringing.discard(event.leg)
        operator = self.offered.pop(event.leg)
        self.refusal = "busy"
        failed = [] if operator in self.offered.values() else self.fail_offer(operator, now)
        return [EndLeg(event.leg, "answered elsewhere"), *failed]

    def _said(self, briefing: Briefing, now: float) -> tuple[str, ...]:
        """In the caller's language: it tells the operator in which to greet."""
        # Who is called back waits since they asked for it, who came back out of a menu since they came first.
        since = min(self.visit.queued_at or self.queued_since, self.queued_since or now)
        values = {**self.interpreter.values(now), "wait": timedelta(seconds=_spoken(now - since if since else 0.0))}
        return clips_saying(self.settings.menu, self.settings.announcements, briefing.prompt, self.language, values)

    def _say(self, clips: tuple[str, ...], now: float) -> PlayClips:
        self.last_play += 1
        self.briefing_play, self.briefing_began, self.briefing_clips = self.last_play, now, clips
        return PlayClips(self.partner_leg, self.last_play, clips, replace=True)

    def briefing_heard(self, event: Any, now: float) -> list[Any]:
        """All was said: the caller comes, or it is said again until a key is pressed. What takes no time is not."""
        if event.play_id != self.briefing_play:
            return []
        if not self.settings.briefings[self.visit.call.queue].accepts:
            return self._connect()
        return [self._say(self.briefing_clips, now)] if now > self.briefing_began else []

    def briefing_key(self, event: Any, now: float) -> list[Any]:
        """Without a rule that it has to be taken, any key cuts it short."""
        accepts = self.settings.briefings[self.visit.call.queue].accepts
        return self._connect() if not accepts or event.digit == ACCEPT else []

    def briefing_too_long(self, event: Any, now: float) -> list[Any]:
        if not self.settings.briefings[self.visit.call.queue].accepts:
            return self._connect()
        self.refusal = "no_answer"
        return self._give_up(EndLeg(self.partner_leg), now=now)

    def _connect(self) -> list[Any]:
        return [SetTimer("ring", None), *self.stop_ringing("answered elsewhere"), StopClips(self.partner_leg),
                AcceptOffer(self.operator)]

    def not_accepted(self, event: Any, now: float) -> list[Any]:
        """They hung up on hearing it: the caller keeps the place, somebody else is tried."""
        self.refusal = "failed" if event.by == "network" else "refused"
        return self._give_up(now=now)

    def _give_up(self, *ends: Any, now: float) -> list[Any]:
        """This operator does not have the call; who is rung beside them still may."""
        operator, self.partner_leg = self.operator, ""
        return [SetTimer("ring", None), *ends, *self.fail_offer(operator, now)]

    def offer_unanswered(self, event: Any, now: float) -> list[Any]:
        """Where a briefing follows, the dispatcher gives an offer more time than phones ring: their end is ours."""
        if self.visit.call.queue not in self.settings.briefings or self.partner_leg:
            return []
        self.refusal = "no_answer"
        operators = dict.fromkeys(self.offered.values())
        return [*self.stop_ringing(), *(effect for one in operators for effect in self.fail_offer(one, now))]


def _spoken(wait: float) -> float:
    """Nobody wants the seconds of three minutes; below one, tens of them say enough."""
    return wait // MINUTE * MINUTE if wait >= MINUTE else max(wait // 10 * 10, 10.0)
