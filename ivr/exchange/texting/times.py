"""Every time in a chat that is of a clock which begins with the machine, moved to that of another machine's run."""

from ivr.exchange.house import OpenCall
from ivr.exchange.texting.keeping import Kept
from ivr.exchange.waiting import Wait
from ivr.menu.memory import Memory

UNSET = 0.0             # what some of them are before there is anything


def move(kept: Kept, shift: float) -> None:
    """Add `shift` (s) to each."""
    if not shift:
        return
    kept.timers = {name: at + shift for name, at in kept.timers.items()}
    _opened(kept.opened, shift)
    _memory(kept.opened.call.interpreter.memory, shift)


def _opened(opened: OpenCall, shift: float) -> None:
    opened.trace.began_at += shift
    if opened.wait is not None:
        opened.wait = Wait(opened.wait.caller, opened.wait.queue, opened.wait.since + shift)
    call, visit = opened.call, opened.call.visit
    call.queued_since = _moved(call.queued_since, shift)
    call.briefing_began = _moved(call.briefing_began, shift)
    call.places = {queue: since + shift for queue, since in call.places.items()}
    call.place_said_at += shift
    visit.moment = None
    visit.queued_at = None if visit.queued_at is None else visit.queued_at + shift
    visit.bridged_at = None if visit.bridged_at is None else visit.bridged_at + shift
    visit.estimated_at = _moved(visit.estimated_at, shift)
    for one in opened.supervisions.values():
        one.joined_at = _moved(one.joined_at, shift)


def _memory(memory: Memory, shift: float) -> None:
    memory.timer_at = None if memory.timer_at is None else memory.timer_at + shift
    memory.pressed_at = _moved(memory.pressed_at, shift)
    memory.released_at = _moved(memory.released_at, shift)
    memory.play_began_at = _moved(memory.play_began_at, shift)


def _moved(at: float, shift: float) -> float:
    return at + shift if at != UNSET else at
