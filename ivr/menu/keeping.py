"""A request is left by the caller (a callback, a message): nobody is told that it is taken before it is safe.

    LeaveRequest     1 s           RequestKept
    │~~~ silence ~~~~│ meanwhile ~~│ done, the next action      (not kept: on_failure)

Keys pressed meanwhile count after it.
"""

from typing import Any, ClassVar, Protocol, cast

from ivr.base.machine import Table
from ivr.menu import classified, steps
from ivr.menu.actions.action import Action
from ivr.menu.asking import AskingPart, fail
from ivr.menu.classified import PromptsEnded, WaitEnded
from ivr.menu.events import RequestKept
from ivr.menu.memory import Phase
from ivr.menu.prompting import in_one
from ivr.menu.steps import Step

LONG = 1.0              # s of silence, then the caller hears that something goes on
MOST_LEFT = 5           # requests that one call may leave: each is work for somebody

P = Phase


class Leaving(Protocol):
    """What an action says of the request that it leaves; `failed_block` as in `Collect.on_failure`."""

    kind: ClassVar[Any]

    @property
    def queue(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def meanwhile(self) -> tuple[str, ...]: ...
    @property
    def done(self) -> tuple[str, ...]: ...
    @property
    def on_failure(self) -> str: ...


class KeepingPart(AskingPart):
    """Waits until a request is kept."""

    keeping_rows: ClassVar[Table] = {
        (P.KEEPING, classified.KeyTaken): (P.KEEPING, ("keep_key",)),
        (P.KEEPING, classified.KeyKept): (P.KEEPING, ("keep_key",)),
        (P.KEEPING, WaitEnded): (P.KEEPING, ("bridge_the_wait",)),
        (P.KEEPING, PromptsEnded): (P.KEEPING, ("bridge_the_wait",)),
        (P.KEEPING, RequestKept): (P.RUNNING, ("end_waiting", "take_kept")),
    }

    def under_way(self) -> Action:
        """The action that was begun last: the interpreter knows."""
        raise NotImplementedError

    def mask_ahead(self) -> list[Step]:
        """Keys that are pressed meanwhile may be a secret's: the interpreter knows."""
        raise NotImplementedError

    def leave_request(self, step: steps.LeaveRequest, now: float) -> list[Step]:
        """Have a request kept, unless the call has left too many."""
        if self.memory.left >= MOST_LEFT:
            return self.not_left("this call has left enough of them", now)
        self.memory.left += 1
        self.state = Phase.KEEPING
        return [*self.mask_ahead(), step, *self.set_timer(now + LONG)]

    def not_left(self, reason: str, now: float) -> list[Step]:
        """There will be no such request: what the action, or the menu, does then."""
        action = self._leaving()
        told = steps.RequestLeft(self.choice.name, action.kind, action.queue, reason)
        return [told, *fail(self, action.on_failure, now)]

    # --- actions of the table ----------------------------------------------------------------------------------------
    def bridge_the_wait(self, event: Any, now: float) -> list[Step]:
        """The action's own words again and again, or the music of the queue."""
        said = in_one(self.pieces(self._leaving().meanwhile, now))
        if said:
            # What takes no time is not said again: it would take none for ever.
            again = isinstance(event, PromptsEnded) and now <= self.memory.play_began_at
            return [] if again else self.play(said, now)
        self.memory.music = True
        return [steps.PlayMusic(self._leaving().queue)]

    def end_waiting(self, event: RequestKept, now: float) -> list[Step]:
        music, self.memory.music = self.memory.music, False
        stopped = self.stop_playback(event, now)
        return [*(stopped or ([steps.StopPlayback()] if music else [])), *self.set_timer(None)]

    def take_kept(self, event: RequestKept, now: float) -> list[Step]:
        if not event.kept:
            return self.not_left("no room for the request", now)
        memory, action = self.memory, self._leaving()
        memory.chosen, memory.idle = True, 0
        return [steps.RequestLeft(self.choice.name, action.kind, action.queue), *self.tell_done(action.done, now)]

    def tell_done(self, prompts: tuple[str, ...], now: float) -> list[Step]:
        """Say that all is done, then go on: the interpreter knows how."""
        raise NotImplementedError

    def _leaving(self) -> Leaving:
        return cast(Leaving, self.under_way())
