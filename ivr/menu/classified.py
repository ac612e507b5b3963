"""Sorts events before the table sees them: what is stale or dropped ends here, the rest gets a type of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.base.values import frozen
from ivr.menu.events import InputTimeout, KeyPressed, KeyReleased, LookUpAnswered, PlaybackFinished, RecordingEnded
from ivr.menu.memory import Memory

# A driver's clock may be a little before ours when it fires; a timer replaced in so short a time does no harm.
TIMER_SLACK = 0.02


@frozen
class Started:
    """The call begins."""


@frozen
class KeyTaken:
    """A key that counts now; it interrupts what plays."""

    digit: str


@frozen
class KeyKept:
    """A key pressed before the prompt that may not be interrupted began: it counts after it."""

    digit: str


@frozen
class KeyUp:
    """The last key pressed is up again."""


@frozen
class GuardPassed:
    """A prompt that may not be interrupted is over, a kept key has waited for it, and what follows may be skipped."""


@frozen
class PromptsEnded:
    """All that was to be played has been heard to its end."""


@frozen
class PromptsCut:
    """The player stopped by itself: a key is on its way to us, or the sound was lost."""


@frozen
class WaitEnded:
    """The time for input is over."""


def classify(event: Any, memory: Memory, now: float) -> Any | None:
    """The event as the table knows it, or None when it changes nothing. Keeps plays, held key and timer in `memory`."""
    sort = SORTS.get(type(event))
    return sort(event, memory, now) if sort else event


def _pressed(event: KeyPressed, memory: Memory, now: float) -> KeyTaken | KeyKept | None:
    memory.held, memory.pressed_at = event.digit, event.at
    if not memory.plays or memory.plays[0] not in memory.guarded:
        return KeyTaken(event.digit)
    return KeyKept(event.digit) if event.at < memory.play_began_at else None


def _released(event: KeyReleased, memory: Memory, now: float) -> KeyUp | None:
    if event.digit != memory.held:
        return None
    memory.held, memory.released_at = "", event.at
    return KeyUp()


def _played(event: PlaybackFinished, memory: Memory, now: float) -> PromptsEnded | PromptsCut | GuardPassed | None:
    if event.play_id not in memory.plays:
        return None         # stopped by us some time ago, or not a play of ours
    memory.plays = [play_id for play_id in memory.plays if play_id > event.play_id]
    if memory.plays:
        memory.play_began_at = now
    if event.stopped:
        return PromptsCut()
    if not memory.plays:
        return PromptsEnded()
    return GuardPassed() if memory.early and memory.plays[0] not in memory.guarded else None


def _timed_out(event: InputTimeout, memory: Memory, now: float) -> WaitEnded | None:
    if memory.timer_at is None or now < memory.timer_at - TIMER_SLACK:
        return None
    memory.timer_at = None
    return WaitEnded()


def _answered(event: LookUpAnswered, memory: Memory, now: float) -> LookUpAnswered | None:
    return event if event.number == memory.look_up else None


def _recorded(event: RecordingEnded, memory: Memory, now: float) -> RecordingEnded | None:
    return event if event.number == memory.take else None


SORTS: Mapping[type, Callable[[Any, Memory, float], Any]] = {
    KeyPressed: _pressed,
    KeyReleased: _released,
    PlaybackFinished: _played,
    InputTimeout: _timed_out,
    LookUpAnswered: _answered,
    RecordingEnded: _recorded,
}
