"""The talk is over: where the queue has a survey, the caller stays and is asked how it went.

    operator            call                          caller
       |---- BYE -------->|
       |                  |---- menu of the survey ----->|   the operator is free already
       |                  |<--- keys --------------------|
       |                  |---- goodbye, BYE ----------->|

A caller who hangs up first is asked nothing. A caller is asked once in a call, so that a survey which leads back into a
queue leads there once.
"""

from typing import Any

from ivr.call.effects import Note, SeparateLegs, StopClips
from ivr.call.in_menu import MenuPart
from ivr.call.state import CallState
from ivr.menu.events import SentTo


class SurveyPart(MenuPart):
    """Actions of the end of a talk."""

    def talk_over(self, event: Any, now: float) -> list[Any]:
        """Whom the caller talked with is gone: the survey, if there is one, else the end of the call."""
        menu = self._survey()
        asked = self.interpreter.handle(SentTo(menu), now) if menu else []
        return self._ask(menu, asked, event, now) if asked else self.partner_left(event, now)

    def _survey(self) -> str:
        """The menu that follows this talk; "" for none, as after a talk with somebody who is no operator of ours."""
        call = self.visit.call
        if self.surveyed or not self.operator or not self.caller_alive or call.direction != "inbound":
            return ""
        menu = self.settings.surveys.get(call.queue, "")
        return menu if menu in self.settings.menu.choices else ""       # the call's version may lack it

    def _ask(self, menu: str, asked: list[Any], event: Any, now: float) -> list[Any]:
        operator, leg = self.operator, self.partner_leg
        self.operator = self.partner_leg = ""
        self.state, self.surveyed = CallState.SURVEYING, True
        self.visit.parted(now)
        self.visit.entry(now, "survey_begun", menu=menu, queue=self.visit.call.queue, operator=operator,
                         left_by="network" if event.by == "network" else "operator")
        return [SeparateLegs(self.caller_leg, leg), *self.release(operator), StopClips(self.caller_leg),
                Note(f"{operator} is off the call; survey {menu}"), *self.write(), *self.take_steps(asked, now)]
