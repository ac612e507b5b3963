"""What the interpreter is told. `at` is when it happened (s), which may be a little before it is told."""

from dataclasses import field
from typing import Any

from ivr.base.values import frozen


@frozen
class KeyPressed:
    """A key went down: it counts now, however long it is held. `digit` is one of 0-9 * # A-D."""

    digit: str
    at: float


@frozen
class KeyReleased:
    """The key that was down is up again."""

    digit: str
    at: float


@frozen
class PlaybackFinished:
    """A `Play` step is over: heard to its end, or `stopped`."""

    play_id: int
    stopped: bool


@frozen
class InputTimeout:
    """The time that the last `SetTimer` named has come."""


@frozen
class Returned:
    """A queue or a transfer gives the caller back; `reason` is for the record alone."""

    reason: str


@frozen
class SentTo:
    """The caller, who was away, is sent into a menu of the file: what they had chosen before counts no more."""

    menu: str


@frozen
class CameInto:
    """A caller who waits in a queue has taken a key that leads into this menu."""

    menu: str


@frozen
class LookUpAnswered:
    """The answer to the `LookUp` of this number: what JSON says, its fractions as Decimal; or why there is none."""

    number: int
    answer: Any = field(default=None, repr=False)
    reason: str = ""


@frozen
class RequestKept:
    """What became of the last `LeaveRequest`: it will survive whatever dies, or (not `kept`) nothing took it."""

    kept: bool


@frozen
class RecordingEnded:
    """The recording of this number is over, whoever ended it: what it is called in the record, and for how many seconds
    something was heard of the caller; `failed` for `reason`."""

    number: int
    recording: str
    spoken: float
    failed: bool = False
    reason: str = ""


Event = (KeyPressed | KeyReleased | PlaybackFinished | InputTimeout | Returned | SentTo | CameInto | LookUpAnswered
         | RequestKept | RecordingEnded)
