"""Walks a menu in virtual time: what would this caller hear, and where would they end?"""

from collections import ChainMap, deque
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, cast

from ivr.menu.actions.action import Action
from ivr.menu.events import (
    Event,
    InputTimeout,
    KeyPressed,
    KeyReleased,
    LookUpAnswered,
    PlaybackFinished,
    RecordingEnded,
    RequestKept,
    Returned,
    SentTo,
)
from ivr.menu.facts import Facts
from ivr.menu.interpreter import NOBODY
from ivr.menu.memory import Phase
from ivr.menu.model import Menu, texts
from ivr.menu.steps import (
    EndRecording,
    EnterQueue,
    HangUp,
    LeaveRequest,
    LookUp,
    Order,
    Play,
    PlayRecording,
    RecordCaller,
    SetTimer,
    Step,
    StopPlayback,
    TransferTo,
    Verify,
)
from ivr.menu.takes import Take, said
from ivr.menu.watched import Watched

# What another system answers to an action of the menu (JSON), and why there is no answer ("" if there is one).
Answers = Callable[[Action], tuple[Any, str]]
# What the house says to what a menu asks of it: who a caller is, and by whom lines are ordered about.
Asks = Verify | Order
House = Callable[[Asks], tuple[Any, str]]


@dataclass(frozen=True)
class Heard:
    """A clip that the caller heard from `at` on; `cut` when not to its end."""

    at: float
    clip: str
    cut: bool


class Dialogue:
    """One caller at one menu. `lengths` has the length in seconds of every clip; `facts` is what the menu may know of
    the call; `answers` and those of the `house` are given at once: without them look-ups run into their timeouts.
    Requests that the caller leaves are kept at once, or (not `keeps`) refused.

    Plays what the interpreter wants as the media plane does, keeps its timer, and writes down everything: `heard`,
    and `taken`, the interpreter's steps with their times. `end` is the step that took the caller out of the menu, and
    `hung_up` says that they left it themselves.
    """

    def __init__(self, menu: Menu, lengths: Mapping[str, float], language: str | None = None,
                 facts: Facts = NOBODY, answers: Answers | None = None, house: House | None = None,
                 keeps: bool = True) -> None:
        self.menu = menu
        self._said: dict[str, float] = {}       # what was recorded, by its name, in seconds
        self.lengths = ChainMap(self._said, cast(MutableMapping[str, float], lengths))
        self.answers = answers
        self.house = house
        self.keeps = keeps
        self.interpreter = self.new_interpreter(menu, language, facts)
        self.now = 0.0
        self.heard: list[Heard] = []
        self.taken: list[tuple[float, Step]] = []
        self.end: EnterQueue | TransferTo | HangUp | None = None
        self.hung_up = False
        self._playing: deque[Play] = deque()
        self._began_at = 0.0
        self._timer_at: float | None = None
        self._take: Take | None = None
        self._do(self.interpreter.start(self.now))

    def new_interpreter(self, menu: Menu, language: str | None, facts: Facts) -> Watched:
        """Who walks the caller through the menu."""
        return Watched(menu, language, facts)

    # --- what a caller can do ----------------------------------------------------------------------------------------
    def press(self, keys: str, hold: float = 0.1, pause: float = 0.1) -> "Dialogue":
        """Press keys one after the other, each held and followed by a pause (s)."""
        for digit in keys:
            self.down(digit).wait(hold).up(digit).wait(pause)
        return self

    def down(self, digit: str) -> "Dialogue":
        """Begin to press a key."""
        return self.tell(KeyPressed(digit, self.now))

    def up(self, digit: str) -> "Dialogue":
        """Let a key go."""
        return self.tell(KeyReleased(digit, self.now))

    def speak(self, seconds: float) -> "Dialogue":
        """Say something for so long. Nobody hears it where nothing is recorded."""
        if self._take is not None:
            self._take.speech.append((self.now, self.now + seconds))
            self._take.quiet_from = self.now + seconds
        return self.wait(seconds)

    def wait(self, seconds: float) -> "Dialogue":
        """Let time pass."""
        until = self.now + seconds
        while (at := self.next_at()) is not None and at <= until:
            self._advance(at)
        self.now = until
        return self

    def listen(self) -> "Dialogue":
        """Hear out all that plays, until the menu waits. What is said while another system is asked ends when the menu
        no longer waits for its answer."""
        while self._playing and (at := self.next_at()) is not None:
            self._advance(at)
        return self

    def silence(self) -> "Dialogue":
        """Hear all out, then press nothing until the menu has waited long enough."""
        self.listen()
        if self._take is not None:
            self._advance(self.next_at() or self.now)
        elif self._timer_at is not None:
            self._advance(self._timer_at)
        return self

    def settle(self) -> "Dialogue":
        """Press nothing more and hear out what there is to hear, until the menu waits for a key or is left."""
        while self._playing or self._goes_on():
            self._advance(self.next_at() or self.now)
        return self

    def hang_up(self) -> "Dialogue":
        """Nothing more is heard, and nothing comes any more. Who has said enough in a message has left it."""
        self._stop()
        ended = self._take.over(self.now, "the call ended") if self._take is not None else None
        if (message := self.interpreter.message(ended)) is not None:
            self.taken.append((self.now, message))
        self._timer_at, self._take, self.hung_up = None, None, True
        return self

    def give_back(self, reason: str) -> "Dialogue":
        """The queue or the transfer sends the caller back into the menu; no other end can be taken back."""
        if isinstance(self.end, EnterQueue | TransferTo):
            self.end = None
        return self.tell(Returned(reason))

    def send_to(self, name: str) -> "Dialogue":
        """The talk with an operator is over, and the survey of the queue sends the caller into a menu."""
        self.end = None
        return self.tell(SentTo(name))

    def tell(self, event: Event) -> "Dialogue":
        """Let the interpreter have any event."""
        self._do(self.interpreter.handle(event, self.now))
        return self

    # --- what came of it ---------------------------------------------------------------------------------------------
    @property
    def clips(self) -> list[str]:
        """What was heard, in order."""
        return [heard.clip for heard in self.heard]

    @property
    def speaking(self) -> Heard | None:
        """The clip that is to be heard now, from when it began; the last one when several have no length."""
        at, found = self._began_at, None
        for clip in self._playing[0].clips if self._playing else ():
            if at > self.now:
                break
            found = Heard(at, clip, cut=False)
            at += self.lengths[clip]
        return found

    def next_at(self) -> float | None:
        """When something happens by itself: a play ends or the time for input is over. None: only keys bring more."""
        ends = [self._play_ends_at()] if self._playing else []
        quiet = self._take.ends_at if self._take is not None else None
        return min([*ends, *(at for at in (quiet, self._timer_at) if at is not None)], default=None)

    @property
    def is_waiting(self) -> bool:
        """Whether the menu waits for the first key, with nothing playing."""
        return self.interpreter.state is Phase.WAITING

    @property
    def is_recorded(self) -> bool:
        """Whether what the caller says now is recorded."""
        return self._take is not None

    def story(self) -> str:
        """The dialogue as lines of text: what was said, and what the menu did."""
        said = texts(self.menu)
        lines = [(heard.at, f"says {heard.clip}: {said.get(heard.clip, ('', ''))[1]}{' [cut]' if heard.cut else ''}")
                 for heard in self.heard]
        lines += [(at, str(step)) for at, step in self.taken if not isinstance(step, Play | StopPlayback | SetTimer)]
        return "\n".join(f"{at:8.2f}  {line}" for at, line in sorted(lines, key=lambda line: line[0]))

    # --- the player and the clock ------------------------------------------------------------------------------------
    def _do(self, taken: list[Step]) -> None:
        stopped: list[Play] = []
        answered: list[Event] = []
        for step in taken:
            self.taken.append((self.now, step))
            if isinstance(step, PlayRecording):
                step = Play(step.play_id, (said(step.number),), barge_in=True)
            if isinstance(step, Play):
                self._began_at = self._began_at if self._playing else self.now
                self._playing.append(step)
            elif isinstance(step, StopPlayback):
                stopped = self._stop()
            elif isinstance(step, SetTimer):
                self._timer_at = step.at
            elif isinstance(step, LookUp) and self.answers is not None:
                answered.append(LookUpAnswered(step.number, *self.answers(self.interpreter.under_way())))
            elif isinstance(step, Asks) and self.house is not None:
                answered.append(LookUpAnswered(step.number, *self.house(step)))
            elif isinstance(step, RecordCaller):
                self._take = Take(step, self.now)
            elif isinstance(step, EndRecording) and self._take is not None:
                answered.append(self._end_take(self._take, "the menu ended it"))
            elif isinstance(step, LeaveRequest):
                answered.append(RequestKept(self.keeps))
            elif isinstance(step, EnterQueue | TransferTo | HangUp):
                self.end = step
        for play in stopped:
            self.tell(PlaybackFinished(play.play_id, stopped=True))
        for answer in answered:
            self.tell(answer)

    def _end_take(self, take: Take, reason: str) -> RecordingEnded:
        ended, self._take = take.over(self.now, reason), None
        self._said[ended.recording] = ended.spoken
        return ended

    def _stop(self) -> list[Play]:
        stopped = list(self._playing)
        if stopped:
            self._write_heard(stopped[0], self.now)
        self._playing.clear()
        return stopped

    def _write_heard(self, play: Play, until: float) -> None:
        at = self._began_at
        for clip in play.clips:
            if at >= until:
                return
            ends = at + self.lengths[clip]
            self.heard.append(Heard(at, clip, cut=ends > until + 1e-9))
            at = ends

    def _play_ends_at(self) -> float:
        return self._began_at + sum(self.lengths[clip] for clip in self._playing[0].clips)

    def _goes_on(self) -> bool:
        """Whether keys were typed and the menu waits for more of them, or another system is asked."""
        return self.interpreter.state in (Phase.COLLECTING, Phase.LOOKING_UP, Phase.RECORDING) and (
            self._timer_at is not None)

    def _advance(self, at: float) -> None:
        """Let the next thing happen: a play ends or the timer fires."""
        self.now = max(self.now, at)
        if self._playing and self._play_ends_at() <= at:
            play = self._playing[0]
            self._write_heard(play, self.now)
            self._playing.popleft()
            self._began_at = self.now
            self.tell(PlaybackFinished(play.play_id, stopped=False))
        elif self._take is not None and self._take.ends_at is not None and self._take.ends_at <= at:
            self.tell(self._end_take(self._take, "silence"))
        elif self._timer_at is not None and self._timer_at <= at:
            self._timer_at = None
            self.tell(InputTimeout())
