"""A caller who waits comes out of the queue into a menu, by a key or as nobody can serve them; and hears now and then
that they may."""

from typing import Any

from ivr.call.effects import LeaveQueue, Note, SetTimer, StopClips
from ivr.call.in_menu import MenuPart
from ivr.call.state import CallState
from ivr.menu import events
from ivr.menu.notices import clips_said

AFTER_PLACE = 6.0        # s in which the place has been said: what comforts does not cut it short


class WhileWaitingPart(MenuPart):
    """Actions of the states `queued` and `connecting`."""

    def key_while_waiting(self, event: Any, now: float) -> list[Any]:
        """Into the menu that the queue has for this key; the place in line is kept in case they come back. Once an
        operator has answered no key counts: they are connected in this very moment."""
        queue = self.visit.call.queue
        menu = self.settings.while_waiting.get(queue, {}).get(event.digit)
        if menu is None or self.partner_leg or not self.interpreter.may_come_into(menu):
            return []
        self.places[queue] = self.queued_since
        self.in_queue, self.operator = False, ""
        self.overflow_hops = 0
        self.offered.clear()
        self.visit.wait_came(now, "other")
        self.visit.entry(now, "queue_left", queue=queue, keys=event.digit, menu=menu)
        left = [*self.stop_ringing(), SetTimer("comfort", None), LeaveQueue("transferred"),
                StopClips(self.caller_leg), Note(f"key {event.digit}: out of {queue} into menu {menu}")]
        return [*left, *self._into(menu, now)]

    def overflow_into(self, menu: str, queue: str, now: float) -> list[Any]:
        """The queue gave up; who comes back into it out of the menu has the old place."""
        self.places[queue] = self.queued_since
        self.operator = ""
        return [SetTimer("comfort", None), StopClips(self.caller_leg), *self._into(menu, now)]

    def _into(self, menu: str, now: float) -> list[Any]:
        self.state = CallState.IN_MENU
        self.visit.waits_no_more(now)
        return [*self.take_steps(self.interpreter.handle(events.CameInto(menu), now), now), *self.write()]

    def say_comfort(self, event: Any, now: float) -> list[Any]:
        """Said over the music, also while phones ring: whoever bridges the call cuts it short."""
        names, every = self.settings.comfort.get(self.visit.call.queue, ((), 0.0))
        clips = clips_said(self.settings.menu, self.settings.announcements, names, self.language)
        if not clips:
            return []
        if self.partner_leg or now - self.place_said_at < AFTER_PLACE:     # an operator may still not take the call
            return [SetTimer("comfort", now + AFTER_PLACE)]
        return [self.play(clips, replace=True), self.music(replace=False), SetTimer("comfort", now + every)]
