"""The caller is recorded: what is said first, a beep, the caller, and whether they have said anything.

    prompts     beep   RecordCaller                              RecordingEnded
    ~~~~~~~~~~~~~~│▪▪▪│ the caller speaks ... silence, key, most │ too little: noinput, and again from the prompts
         ▼ a key skips the words          ▼ an end key: what sounds of it is cut off
"""

from typing import Any, ClassVar, Literal, Protocol, cast

from ivr.base.machine import Table
from ivr.menu import steps
from ivr.menu.asking import fail
from ivr.menu.classified import GuardPassed, KeyKept, KeyTaken, PromptsCut, PromptsEnded, WaitEnded
from ivr.menu.events import RecordingEnded
from ivr.menu.keeping import KeepingPart
from ivr.menu.memory import Phase
from ivr.menu.model import Taper
from ivr.menu.prompting import Piece, due
from ivr.menu.steps import Step

BEEP = "music/beep.wav"
KEY_CUT = 0.15          # s before a key is told in which its tones already sound: in the audio it takes so long to know
CLOSING = 5.0           # s for the file to be closed
READING = 30.0          # s for a file to be read; what is not over then was lost with the phone that heard it
MOST_TAKES = 20         # of one call: each is a file

P = Phase


class Taking(Protocol):
    """What an action says of its recording. Times in seconds; `least` must be spoken, `most` is the longest."""

    why: ClassVar[Literal["menu", "voicemail"]]

    @property
    def queue(self) -> str: ...
    @property
    def prompts(self) -> tuple[str, ...]: ...
    @property
    def beep(self) -> bool: ...
    @property
    def silence(self) -> float: ...
    @property
    def least(self) -> float: ...
    @property
    def most(self) -> float: ...
    @property
    def end_keys(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def noinput(self) -> tuple[Taper, ...]: ...
    @property
    def on_failure(self) -> str: ...

    def recorded(self, menu: Any, now: float) -> list[Step]:
        """What follows once something was said."""


class TakingPart(KeepingPart):
    """Records the caller."""

    taking_rows: ClassVar[Table] = {
        (P.LEADING, KeyTaken): (P.BEEPING, ("stop_playback", "beep_first")),
        (P.LEADING, GuardPassed): (P.BEEPING, ("stop_playback", "beep_first")),
        (P.LEADING, PromptsCut): (P.BEEPING, ("stop_playback", "beep_first")),
        (P.LEADING, PromptsEnded): (P.BEEPING, ("beep_first",)),
        (P.BEEPING, PromptsEnded): (P.RECORDING, ("begin_take",)),
        (P.BEEPING, PromptsCut): (P.RECORDING, ("stop_playback", "begin_take")),
        (P.RECORDING, KeyTaken): (P.RECORDING, ("take_end_key",)),
        (P.RECORDING, WaitEnded): (P.STOPPING, ("end_take",)),
        (P.RECORDING, RecordingEnded): (P.RUNNING, ("cancel_timer", "weigh_take")),
        (P.REHEARING, KeyTaken): (P.COLLECTING, ("stop_playback", "cancel_timer", "take_key")),
        (P.REHEARING, PromptsEnded): (P.PROMPTING, ("cancel_timer", "ask_again")),
        (P.REHEARING, PromptsCut): (P.WAITING, ("stop_playback", "cancel_timer", "await_key")),
        (P.REHEARING, WaitEnded): (P.PROMPTING, ("stop_playback", "ask_again")),
        (P.STOPPING, KeyTaken): (P.STOPPING, ("keep_key",)),
        (P.STOPPING, KeyKept): (P.STOPPING, ("keep_key",)),
        (P.STOPPING, RecordingEnded): (P.RUNNING, ("cancel_timer", "weigh_take")),
        (P.STOPPING, WaitEnded): (P.RUNNING, ("lose_take",)),
    }

    @property
    def speaks(self) -> bool:
        """Whether the caller is leaving a message right now: who hangs up then has left it."""
        return self.state in (P.RECORDING, P.STOPPING) and self._taking().why == "voicemail"

    @property
    def longest_take(self) -> float:
        """How long the caller may speak at most, in seconds."""
        return self._taking().most

    def said_enough(self, event: RecordingEnded) -> bool:
        """Whether the recording holds a message."""
        return not event.failed and event.spoken >= self._taking().least

    def lead(self, before: tuple[str, ...], now: float) -> list[Step]:
        """Say what is said before the recording, and `before` that."""
        self.memory.taken = ""
        self.memory.early = ""      # typed before anybody knew that it is time to speak
        self.state = Phase.LEADING
        # A mask would mute all that the caller says; one is left where the question that it was for is not reached.
        unmasked = self.mask(False)
        taken = self.play(self.pieces(before + self._taking().prompts, now), now)
        return [*unmasked, *(taken or self.beep_first(None, now))]

    # --- actions of the table ----------------------------------------------------------------------------------------
    def beep_first(self, event: Any, now: float) -> list[Step]:
        if not self._taking().beep:
            return self.begin_take(event, now)
        self.state = Phase.BEEPING
        return self.play([Piece(False, (BEEP,))], now)

    def begin_take(self, event: Any, now: float) -> list[Step]:
        memory, action = self.memory, self._taking()
        if memory.take >= MOST_TAKES:
            return self._no_take("this call has made enough of them", now)
        memory.take += 1
        self.state = Phase.RECORDING
        recorded = steps.RecordCaller(memory.take, action.why, action.silence, action.queue)
        return [recorded, *self.set_timer(now + self.longest_take)]

    def take_end_key(self, event: KeyTaken, now: float) -> list[Step]:
        """Other keys are part of what is recorded."""
        if event.digit not in self._taking().end_keys:
            return []
        self.state = Phase.STOPPING
        return [steps.EndRecording(self.memory.take, KEY_CUT), *self.set_timer(now + CLOSING)]

    def end_take(self, event: WaitEnded, now: float) -> list[Step]:
        return [steps.EndRecording(self.memory.take), *self.set_timer(now + CLOSING)]

    def rehear(self, now: float) -> list[Step]:
        """Play what the caller has said; keys are answers to what is asked of it."""
        memory = self.memory
        memory.early, memory.typed = "", ""
        self.state = Phase.REHEARING
        played = steps.PlayRecording(memory.next_play_id, memory.take)
        memory.plays.append(memory.next_play_id)
        memory.next_play_id += 1
        memory.play_began_at = now
        return [played, *self.set_timer(now + self.longest_take + READING)]

    def ask_again(self, event: PromptsEnded | WaitEnded, now: float) -> list[Step]:
        return self.prompt(self.question.prompts, now)

    def weigh_take(self, event: RecordingEnded, now: float) -> list[Step]:
        """Who has said too little is asked again, as who pressed nothing."""
        memory, action = self.memory, self._taking()
        if event.failed:
            return self._no_take(event.reason, now)
        if self.said_enough(event):
            memory.taken, memory.chosen, memory.idle = event.recording, True, 0
            told = steps.CallerRecorded(self.choice.name, event.recording, event.spoken)
            return [told, *action.recorded(self, now)]
        memory.noinput += 1
        counted = steps.NoInputCounted(self.choice.name, memory.noinput)
        if memory.noinput < action.attempts:
            return [counted, *self.lead(due(action.noinput, memory.noinput), now)]
        return [counted, *fail(self, action.on_failure, now)]

    def lose_take(self, event: WaitEnded, now: float) -> list[Step]:
        return self._no_take("its file was not closed in time", now)

    def _no_take(self, reason: str, now: float) -> list[Step]:
        told = steps.CallerRecorded(self.choice.name, "", 0.0, reason)
        return [told, *fail(self, self._taking().on_failure, now)]

    def _taking(self) -> Taking:
        return cast(Taking, self.under_way())
