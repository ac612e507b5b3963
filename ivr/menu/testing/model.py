"""A dialogue test as frozen values: who calls, what they do, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.base.errors import Place
from ivr.menu.dialogue import Dialogue


class CannotBeDone(Exception):
    """A step that makes no sense where the caller stands; `remedy` says what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True)
class Step:
    """Something that the caller does. `told`: how it stands in the story, "" where the story shows it anyhow.

    `at_any_time`: it may also come when the menu has been left, since it only lets time pass.
    """

    place: Place
    word: str
    do: Callable[[Dialogue], object]
    told: str = ""
    at_any_time: bool = False


@dataclass(frozen=True)
class Expectation:
    """One line of `expect`. `differs` says what came instead, "" when it came as expected."""

    place: Place
    key: str
    wanted: str
    differs: Callable[[Dialogue], str]


@dataclass(frozen=True)
class Circumstances:
    """Of the call: what was dialled, by whom (and in which groups of callers they are), when (by the clock of the
    line), and the language it begins in.

    `hours`: schedules that are open or closed whatever they say; `lookups`: what other systems answer, by the `into` of
    the look-up and the name of the value, as text; None: it fails. `pins`: by register, the PIN of each number; None:
    the register gives no answer. `keeps`: requests that the caller leaves are kept.
    """

    line: str = ""
    caller: str = ""
    at: datetime | None = None
    language: str | None = None
    hours: Mapping[str, bool] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    pins: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    keeps: bool = True


VOICE, TEXT = "voice", "text"
BOTH = (VOICE, TEXT)        # on what a dialogue can be held


@dataclass(frozen=True)
class DialogueTest:
    """One dialogue of a file; `on`: VOICE, TEXT or both."""

    name: str
    place: Place
    circumstances: Circumstances = Circumstances()
    steps: tuple[Step, ...] = ()
    expected: tuple[Expectation, ...] = field(default=())
    on: tuple[str, ...] = BOTH
