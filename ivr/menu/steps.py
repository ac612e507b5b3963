"""What the interpreter asks for, in order; those from LanguageChosen on say what happened and are for the record."""

from dataclasses import field
from typing import Literal

from ivr.base.values import frozen
from ivr.menu.requests import Request


@frozen
class Play:
    """Play these clips one after the other, after what already plays. Answered by one PlaybackFinished.

    `words`: what a channel of text writes instead, one prompt each; voice has none. There the clips say no more than
    which prompts these are, and a prompt may have clips and nothing to write.
    """

    play_id: int
    clips: tuple[str, ...]
    barge_in: bool
    words: tuple[str, ...] = ()


@frozen
class StopPlayback:
    """Silence at once; what waits to be played is forgotten."""


@frozen
class SetTimer:
    """The one timer of input: InputTimeout is wanted at `at`; None: not at all. Replaces the one before."""

    at: float | None


@frozen
class SecretInput:
    """From here on (`active`) the caller is asked for a secret, or no longer: nothing that listens in may keep it.

    It comes before the prompt that asks, as callers press keys while they hear it.
    """

    active: bool


@frozen
class EnterQueue:
    """The caller wants an operator. A step of `priority` counts as ten minutes of waiting done already. `skills`: those
    that the operator must have, with the least level of each. The interpreter rests until `Returned`."""

    queue: str
    subject: str
    priority: int = 0
    skills: tuple[tuple[str, int], ...] = ()


@frozen
class TransferTo:
    """The caller is to be connected to a configured number. The interpreter rests until `Returned`."""

    target: str


@frozen
class LookUp:
    """Ask another system. Answered by one LookUpAnswered with this number; the interpreter waits no longer than its own
    timer."""

    number: int
    request: Request


@frozen
class Verify:
    """Ask a register whether it knows this `customer` with this `pin`. Answered by one LookUpAnswered with this number:
    the name of who it is, or why not; the interpreter waits no longer than its own timer."""

    number: int
    register: str
    customer: str = field(repr=False)
    pin: str = field(repr=False)


@frozen
class Order:
    """Order something for lines ("all": every line), or take it back (not `given`). Answered by one LookUpAnswered with
    this number: the name of who ordered it, or why nothing was. `lasts` in seconds."""

    number: int
    lines: tuple[str, ...]
    kind: Literal["announcement", "closure"]
    given: bool
    prompt: str
    lasts: float | None


@frozen
class RecordCaller:
    """Record what the caller says from now on, until they have been quiet for `silence` seconds. Answered by one
    RecordingEnded with this number; `why` and `queue` as in the row of a recording."""

    number: int
    why: Literal["menu", "voicemail"]
    silence: float
    queue: str = ""


@frozen
class EndRecording:
    """No more of this recording, nor of its last `cut` seconds."""

    number: int
    cut: float = 0.0


@frozen
class PlayRecording:
    """Play what was recorded under this number. Answered by one PlaybackFinished; a key may interrupt it."""

    play_id: int
    number: int


@frozen
class LeaveRequest:
    """The caller leaves a request instead of waiting: to be called back at `number`, or with the `recording` of what
    they said. Answered by one RequestKept, once it will survive whatever dies or there is no room for it."""

    kind: Literal["callback", "voicemail"]
    queue: str
    subject: str
    number: str = field(default="", repr=False)
    recording: str = ""


@frozen
class PlayMusic:
    """The music of this queue, until StopPlayback."""

    queue: str


@frozen
class HangUp:
    """End the call. Nothing comes after it."""

    outcome: Literal["self_served", "abandoned", "closed"]


@frozen
class LanguageChosen:
    """From now on the caller hears this language."""

    language: str


@frozen
class MenuEntered:
    """The caller came into a menu."""

    menu: str


@frozen
class KeysTaken:
    """The caller chose an option: its keys, and in words what it leads to, such as "queue cards"."""

    menu: str
    keys: str
    option: str


@frozen
class NoInputCounted:
    """The caller pressed nothing in time, for the `count`-th time in this menu."""

    menu: str
    count: int


@frozen
class NoMatchCounted:
    """The caller pressed what no option has, for the `count`-th time in this menu."""

    menu: str
    count: int
    keys: str


@frozen
class ValueTaken:
    """The caller gave a value for the variable `name`; the value itself is for no record."""

    menu: str
    name: str


@frozen
class FieldsFilled:
    """The menu knows what stands in these fields of the request: personal data, for whoever works on it."""

    menu: str
    filled: tuple[tuple[str, str], ...] = field(repr=False)


@frozen
class SurveyAsked:
    """The caller hears a question of a survey."""

    menu: str
    survey: str
    question: str


@frozen
class SurveyAnswered:
    """The caller answered a question of a survey: a mark from "1" to "5", or "yes" or "no"."""

    menu: str
    survey: str
    question: str
    answer: str


@frozen
class RequestLeft:
    """The request is safe, and the caller may be told so; or why it is not there."""

    menu: str
    kind: Literal["callback", "voicemail"]
    queue: str
    reason: str = ""


@frozen
class CallerRecorded:
    """The caller has said something, and it is kept; or why it is not there."""

    menu: str
    recording: str
    spoken: float
    reason: str = ""


@frozen
class LookedUp:
    """The other system at `host` has answered, or why there is no answer."""

    menu: str
    host: str
    reason: str = ""


@frozen
class Verified:
    """A register knows the caller; or `reason` says why not, and never whether it was the number or the PIN."""

    menu: str
    register: str
    reason: str = ""


@frozen
class Ordered:
    """What was ordered for lines, in words, `by` whom; or `reason` says why nothing was."""

    menu: str
    order: str
    by: str
    reason: str = ""


Step = (Play | PlayMusic | StopPlayback | SetTimer | SecretInput | EnterQueue | TransferTo | LookUp | Verify | Order
        | RecordCaller | EndRecording | PlayRecording | LeaveRequest | HangUp | LanguageChosen | LookedUp | Verified
        | Ordered | CallerRecorded | RequestLeft | MenuEntered | KeysTaken | ValueTaken | FieldsFilled | SurveyAsked
        | SurveyAnswered | NoInputCounted | NoMatchCounted)
