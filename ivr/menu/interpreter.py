"""Walks a caller through a menu: keys, ends of prompts and timeouts in, steps out. One per call; no I/O, no clock.

The rules are VoiceXML's, and so are the words (noinput, nomatch, barge-in, interdigit, term_char):

    prompts      end   first_key    noinput 1: its prompt, then the menu's prompts again
    ~~~~~~~~~~~~~~│────────────────▶noinput 2 ... noinput `attempts`: on_failure instead of a prompt
         ▼down  ▲up
         └──────┘│ interdigit ─────▶what was typed is all that comes
         └ the prompt stops; if no longer option begins with these keys, the menu acts at once

Keys count at their start. Those that come during a `say` end it and are kept for the menu after it. A prompt that
forbids barge-in is heard to its end: keys during it are dropped, keys from before it count after it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.menu import classified, model, steps
from ivr.menu.classified import GuardPassed, KeyKept, KeyTaken, KeyUp, PromptsCut, PromptsEnded, Started, WaitEnded
from ivr.menu.collection import Entry, add_key, close
from ivr.menu.events import Event, Returned
from ivr.menu.memory import Memory, Phase
from ivr.menu.model import ON_FAILURE, Actions, Choice, Menu, Taper
from ivr.menu.prompting import Piece, due, languages_of, pieces
from ivr.menu.steps import Step

HELD_AT_MOST = 20.0     # a key whose end was lost counts as up after this; nobody holds one longer on purpose
CUT_BY_KEY = 0.5        # a player that stops by itself reports its key within this
MAX_EARLY = 32          # keys typed ahead beyond these are dropped
MAX_RETURNS = 3         # a caller whom queues gave back this often, with no key between, is not there any more

P = Phase
EVENTS = (KeyTaken, KeyKept, KeyUp, GuardPassed, PromptsEnded, PromptsCut, WaitEnded, Returned)


class Interpreter(Machine):
    """The menu of one call.

    `language` is the one to begin in; if it is None or not in the file, the file's first. `memory` and `state` are
    all it knows besides the menu.
    """

    state: Phase
    table: ClassVar[Table] = {
        # What comes late (a release after its key has acted, a queue's return after the end) changes nothing.
        **{(phase, event): (phase, ()) for phase in Phase for event in EVENTS},

        (P.READY, Started): (P.RUNNING, ("begin",)),
        (P.PROMPTING, KeyTaken): (P.COLLECTING, ("stop_playback", "take_key")),
        (P.PROMPTING, KeyKept): (P.PROMPTING, ("keep_key",)),
        (P.PROMPTING, GuardPassed): (P.WAITING, ("stop_playback", "await_key")),
        (P.PROMPTING, PromptsEnded): (P.WAITING, ("await_key",)),
        (P.PROMPTING, PromptsCut): (P.WAITING, ("stop_playback", "await_key")),
        (P.WAITING, KeyTaken): (P.COLLECTING, ("cancel_timer", "take_key")),
        (P.WAITING, WaitEnded): (P.RUNNING, ("count_noinput",)),
        (P.COLLECTING, KeyTaken): (P.COLLECTING, ("cancel_timer", "take_key")),
        (P.COLLECTING, KeyUp): (P.COLLECTING, ("await_more",)),
        (P.COLLECTING, WaitEnded): (P.RUNNING, ("close_entry",)),
        (P.SAYING, KeyTaken): (P.RUNNING, ("stop_playback", "cancel_timer", "keep_key", "go_on")),
        (P.SAYING, KeyKept): (P.SAYING, ("keep_key",)),
        (P.SAYING, GuardPassed): (P.RUNNING, ("stop_playback", "go_on")),
        (P.SAYING, PromptsEnded): (P.RUNNING, ("note_served", "go_on")),
        (P.SAYING, PromptsCut): (P.SAYING, ("stop_playback", "await_cutting_key")),
        (P.SAYING, WaitEnded): (P.RUNNING, ("go_on",)),
        (P.AWAY, Returned): (P.RUNNING, ("come_back",)),
    }
    # Action of the model → the method that does it. A new action is a row here and one in `actions`.
    performers: ClassVar[Mapping[type[model.Action], str]] = {
        model.Say: "say", model.Goto: "goto", model.Enqueue: "enqueue", model.Transfer: "transfer",
        model.Speak: "speak", model.Repeat: "repeat", model.Back: "back", model.Hangup: "hang_up",
    }

    def __init__(self, menu: Menu, language: str | None = None) -> None:
        self.menu = menu
        self.state = Phase.READY
        self.memory = Memory(language if language in menu.languages and language else menu.languages[0])

    @property
    def language(self) -> str:
        """The language that the caller hears."""
        return self.memory.language

    @property
    def served(self) -> bool:
        """Whether a `say` was heard to its end or a `hangup` reached: then a hang-up is no longer abandonment.

        What is said on the way to an operator, or because the caller did not manage to choose, does not count.
        """
        return self.memory.served

    @property
    def choice(self) -> Choice:
        """The menu in which the caller is."""
        return self.menu.choices[self.memory.path[-1]]

    def start(self, now: float) -> list[Step]:
        """Begin, once, when the call is answered."""
        return self.handle(Started(), now)

    def handle(self, event: Event | Started, now: float) -> list[Step]:
        """Take one event; any event may come at any time, and one that is stale gives no steps."""
        known = classified.classify(event, self.memory, now)
        return [] if known is None else super().handle(known, now)

    def written(self) -> dict[str, Any]:
        """The whole state as values that JSON can carry; the menu itself is named by its version."""
        return {"version": self.menu.version, "state": self.state.name, "memory": self.memory.written()}

    @classmethod
    def read_back(cls, menu: Menu, written: Mapping[str, Any]) -> "Interpreter":
        """The interpreter that was `written`, over the same version of the menu."""
        interpreter = cls(menu)
        interpreter.state = Phase[written["state"]]
        interpreter.memory = Memory(**written["memory"])
        return interpreter

    # --- actions of the table ----------------------------------------------------------------------------------------
    def begin(self, event: Started, now: float) -> list[Step]:
        return self._enter(self.menu.start, now)

    def stop_playback(self, event: Any, now: float) -> list[Step]:
        playing = self.memory.plays
        self.memory.plays, self.memory.guarded = [], []
        return [steps.StopPlayback()] if playing else []

    def cancel_timer(self, event: Any, now: float) -> list[Step]:
        return self._set_timer(None)

    def keep_key(self, event: KeyTaken | KeyKept, now: float) -> None:
        if len(self.memory.early) < MAX_EARLY:
            self.memory.early += event.digit

    def take_key(self, event: KeyTaken, now: float) -> list[Step]:
        return self._read(event.digit, now)

    def await_key(self, event: PromptsEnded | PromptsCut | GuardPassed, now: float) -> list[Step]:
        """The wait runs from the end of the last prompt."""
        return self._read_early(now) if self.memory.early else self._set_timer(now + self.choice.first_key)

    def await_more(self, event: KeyUp, now: float) -> list[Step]:
        """The interdigit time runs from the end of the last key."""
        last = self.memory.pressed_at + HELD_AT_MOST if self.memory.held else self.memory.released_at
        return self._set_timer(last + self.choice.interdigit)

    def await_cutting_key(self, event: PromptsCut, now: float) -> list[Step]:
        return self._set_timer(now + CUT_BY_KEY)

    def count_noinput(self, event: WaitEnded, now: float) -> list[Step]:
        self.memory.noinput += 1
        count = self.memory.noinput
        return [steps.NoInputCounted(self.choice.name, count), *self._correct(self.choice.noinput, count, now)]

    def close_entry(self, event: WaitEnded, now: float) -> list[Step]:
        typed = self.memory.typed
        return self._decide(close(self.choice.options, typed), typed, now)

    def note_served(self, event: PromptsEnded, now: float) -> None:
        after = self._actions()[-1]
        if self.memory.slot != ON_FAILURE and not isinstance(after, model.Enqueue | model.Transfer):
            self.memory.served = True

    def go_on(self, event: Any, now: float) -> list[Step]:
        """Do the actions of the current slot until something must be waited for; after the last, the menu again."""
        self.state = Phase.RUNNING
        taken: list[Step] = []
        while self.state is Phase.RUNNING:
            actions = self._actions()
            if self.memory.position == len(actions):
                return taken + self._enter(self.choice.name, now)
            action = actions[self.memory.position]
            self.memory.position += 1
            taken += getattr(self, self.performers[type(action)])(action, now)
        return taken

    def come_back(self, event: Returned, now: float) -> list[Step]:
        self.memory.returns += 1
        return self._end() if self.memory.returns > MAX_RETURNS else self._enter(self.choice.name, now)

    # --- one method per action of the model --------------------------------------------------------------------------
    def say(self, action: model.Say, now: float) -> list[Step]:
        """Before a hangup no key may interrupt it: the call would end on the caller in mid-sentence."""
        last_words = isinstance(self._actions()[-1], model.Hangup)
        said = [(barge_in and not last_words, clips) for barge_in, clips in self._pieces(action.prompts)]
        taken = self._play(said, now)
        self.state = Phase.SAYING if taken else Phase.RUNNING
        return taken

    def goto(self, action: model.Goto, now: float) -> list[Step]:
        return self._enter(action.menu, now)

    def enqueue(self, action: model.Enqueue, now: float) -> list[Step]:
        return self._leave(steps.EnterQueue(action.queue, action.subject))

    def transfer(self, action: model.Transfer, now: float) -> list[Step]:
        return self._leave(steps.TransferTo(action.target))

    def speak(self, action: model.Speak, now: float) -> list[Step]:
        self.memory.language = action.language
        return [steps.LanguageChosen(action.language)]

    def repeat(self, action: model.Repeat, now: float) -> list[Step]:
        """The menu is not left: its counts stay."""
        return self._prompt(self.choice.prompts, now)

    def back(self, action: model.Back, now: float) -> list[Step]:
        path = self.memory.path
        return self._enter(path[-2] if len(path) > 1 else self.menu.start, now)

    def hang_up(self, action: model.Hangup, now: float) -> list[Step]:
        self.memory.served |= self.memory.slot != ON_FAILURE
        return self._end()

    # --- what they are made of ---------------------------------------------------------------------------------------
    def _actions(self) -> Actions:
        return self.choice.actions(self.memory.slot)

    def _enter(self, name: str, now: float) -> list[Step]:
        """Come into a menu, be it the same one again. A menu on the way here is gone back to, so no way is endless."""
        memory = self.memory
        way = memory.path
        memory.path = [*(way[:way.index(name)] if name in way else way), name]
        memory.noinput = memory.nomatch = 0
        greeting = () if name in memory.greeted else self.choice.greeting
        if greeting:
            memory.greeted.append(name)
        return [steps.MenuEntered(name), *self._prompt(greeting + self.choice.prompts, now)]

    def _prompt(self, prompts: tuple[str, ...], now: float) -> list[Step]:
        """Play, then take a key; what was typed ahead is taken at once, before anything that it may interrupt."""
        taken = self._play(self._pieces(prompts), now)
        self.state = Phase.PROMPTING
        return taken or self._read_early(now)

    def _pieces(self, prompts: tuple[str, ...]) -> list[Piece]:
        return pieces(self.menu, prompts, languages_of(self.menu, self.choice, self.memory.language))

    def _play(self, said: list[Piece], now: float) -> list[Step]:
        memory = self.memory
        taken: list[Step] = []
        for barge_in, clips in said:
            if barge_in and memory.early:
                break
            taken.append(steps.Play(memory.next_play_id, clips, barge_in))
            memory.plays.append(memory.next_play_id)
            if not barge_in:
                memory.guarded.append(memory.next_play_id)
            memory.next_play_id += 1
        memory.play_began_at = now
        return taken

    def _read_early(self, now: float) -> list[Step]:
        digit, self.memory.early = self.memory.early[0], self.memory.early[1:]
        return self._read(digit, now)

    def _read(self, digit: str, now: float) -> list[Step]:
        entry, keys = add_key(self.choice.options, self.choice.term_char, self.memory.typed, digit)
        if entry is not Entry.OPEN:
            return self._decide(entry, keys, now)
        self.memory.typed = keys
        self.state = Phase.COLLECTING
        return self._read_early(now) if self.memory.early else self.await_more(KeyUp(), now)

    def _decide(self, entry: Entry, keys: str, now: float) -> list[Step]:
        memory, choice = self.memory, self.choice
        memory.typed = ""
        if entry is Entry.CHOSEN:
            memory.slot, memory.position, memory.returns = keys, 0, 0
            option = ", ".join(str(action) for action in self._actions())
            return [steps.KeysTaken(choice.name, keys, option), *self.go_on(None, now)]
        memory.early = ""       # it was meant for a menu that the caller did not reach
        memory.nomatch += 1
        count = memory.nomatch
        return [steps.NoMatchCounted(choice.name, count, keys), *self._correct(choice.nomatch, count, now)]

    def _correct(self, tapers: tuple[Taper, ...], count: int, now: float) -> list[Step]:
        if count < self.choice.attempts:
            return self._prompt(due(tapers, count) + self.choice.prompts, now)
        self.memory.slot, self.memory.position = ON_FAILURE, 0
        return self.go_on(None, now)

    def _set_timer(self, at: float | None) -> list[Step]:
        if at is None and self.memory.timer_at is None:
            return []
        self.memory.timer_at = at
        return [steps.SetTimer(at)]

    def _leave(self, step: Step) -> list[Step]:
        self.memory.early = ""
        self.state = Phase.AWAY
        return [step]

    def _end(self) -> list[Step]:
        self.state = Phase.ENDED
        return [steps.HangUp("self_served" if self.served else "abandoned")]
