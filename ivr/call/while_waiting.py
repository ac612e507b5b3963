"""A caller who waits takes a key out of the queue, and hears now and then that they may; a queue that can't serve them
may send them into a menu as a key does."""

from typing import Any

from ivr.call.effects import LeaveQueue, Note, SetTimer, StopClips
from ivr.call.in_menu import MenuPart
from ivr.call.settings import OVERFLOW_HOPS
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
        self.offered.clear()
        self.visit.entry(now, "queue_left", queue=queue, keys=event.digit, menu=menu)
        return [*self.stop_ringing(), LeaveQueue("transferred"),
                Note(f"key {event.digit}: out of {queue} into menu {menu}"), *self._into_menu(queue, menu, now)]

    def overflow(self, event: Any, now: float) -> list[Any]:
        """The queue has given the caller up. In a menu they may wait on, in the old place."""
        to = self.settings.overflows.get(event.queue)
        if (to is None or to.kind != "menu" or self.overflow_hops >= OVERFLOW_HOPS or self.visit.consults
                or not self.interpreter.may_come_into(to.target)):
            return super().overflow(event, now)
        self.overflow_hops += 1
        self.sent_away = True
        self.visit.entry(now, "overflowed", queue=event.queue, reason=event.reason)
        return [Note(f"overflow of {event.queue} ({event.reason}) to menu {to.target}"),
                *self._into_menu(event.queue, to.target, now)]

    def _into_menu(self, queue: str, menu: str, now: float) -> list[Any]:
        self.places[queue] = self.queued_since
        self.in_queue, self.operator = False, ""
        self.visit.wait_came(now, "other")
        self.state = CallState.IN_MENU
        return [SetTimer("comfort", None), StopClips(self.caller_leg),
                *self.take_steps(self.interpreter.handle(events.CameInto(menu), now), now), *self.write()]

    def say_comfort(self, event: Any, now: float) -> list[Any]:
        """Said over the music, also while phones ring: whoever bridges the call cuts it short."""
        names, every = self.settings.comfort.get(self.visit.call.queue, ((), 0.0))
        clips = clips_said(self.settings.menu, self.settings.announcements, names, self.language)
        if not clips:
            return []
        if self.partner_leg or now - self.place_said_at < AFTER_PLACE:     # an operator may still not take the call
            return [SetTimer("comfort", now + AFTER_PLACE)]
        return [self.play(clips, replace=True), self.music(replace=False), SetTimer("comfort", now + every)]
