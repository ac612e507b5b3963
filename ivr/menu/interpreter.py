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

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from ivr.base.machine import Machine, Table
from ivr.menu import classified, steps
from ivr.menu.actions import collect, confirmation, say, survey, voicemail
from ivr.menu.actions.action import Action
from ivr.menu.actions.table import PERFORMERS, WAITERS
from ivr.menu.ahead import secrets_next
from ivr.menu.asking import MENU, Asker
from ivr.menu.classified import GuardPassed, KeyKept, KeyTaken, KeyUp, PromptsCut, PromptsEnded, Started, WaitEnded
from ivr.menu.events import CameInto, Event, LookUpAnswered, RecordingEnded, RequestKept, Returned, SentTo
from ivr.menu.expressions.values import Value
from ivr.menu.facts import Facts
from ivr.menu.memory import Memory, Phase
from ivr.menu.model import DO, ON_FAILURE, Actions, Menu
from ivr.menu.steps import Step
from ivr.menu.taking import TakingPart
from ivr.menu.waiting import UNANSWERED, Waiter, say_meanwhile

CUT_BY_KEY = 0.5        # a player that stops by itself reports its key within this
MAX_RETURNS = 3         # a caller whom queues gave back this often, with no key between, is not there any more
MAX_IDLE = 20           # menus entered without any key between: they lead round in a circle
NOBODY = Facts()

P = Phase
EVENTS = (KeyTaken, KeyKept, KeyUp, GuardPassed, PromptsEnded, PromptsCut, WaitEnded, Returned, SentTo, CameInto,
          LookUpAnswered, RequestKept, RecordingEnded)


class Interpreter(TakingPart, Machine):
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
        (P.LOOKING_UP, KeyTaken): (P.LOOKING_UP, ("keep_key",)),
        (P.LOOKING_UP, KeyKept): (P.LOOKING_UP, ("keep_key",)),
        (P.LOOKING_UP, PromptsEnded): (P.LOOKING_UP, ("say_again",)),
        (P.LOOKING_UP, LookUpAnswered): (P.RUNNING, ("stop_playback", "cancel_timer", "take_answer")),
        (P.LOOKING_UP, WaitEnded): (P.RUNNING, ("stop_playback", "give_up_answer")),
        (P.AWAY, Returned): (P.RUNNING, ("come_back",)),
        (P.AWAY, SentTo): (P.RUNNING, ("come_anew",)),
        (P.AWAY, CameInto): (P.RUNNING, ("come_into",)),
        **TakingPart.keeping_rows,
        **TakingPart.taking_rows,
    }
    askers: ClassVar[Mapping[str, Asker]] = {
        "": MENU, collect.NAME: collect.ASKER, confirmation.NAME: collect.CONFIRMER,
        survey.NAME: survey.ASKER, voicemail.NAME: voicemail.ASKER}

    def __init__(self, menu: Menu, language: str | None = None, facts: Facts = NOBODY) -> None:
        self.menu = menu
        self.facts = facts
        self.state = Phase.READY
        self.memory = Memory(language if language in menu.languages and language else menu.languages[0])
        self.memory.variables = {name: variable.default for name, variable in menu.variables.items()
                                 if variable.default is not None}

    @property
    def language(self) -> str:
        """The language that the caller hears."""
        return self.memory.language

    @property
    def served(self) -> bool:
        """Whether a `say` was heard to its end or a `hangup` reached: then a hang-up is no longer abandonment.

        What is said before the caller has chosen anything, on the way to an operator, or because the caller did not
        manage to choose, does not count.
        """
        return self.memory.served

    def message(self, event: RecordingEnded | None = None) -> steps.LeaveRequest | None:
        """What a caller who is gone has left: the message that ended with this event, or one that they were still asked
        about. None if they had said too little, or nothing at all."""
        action = self.under_way() if self.memory.stack else None
        if not isinstance(action, voicemail.Voicemail):
            return None
        said = self.memory.taken if self.memory.asked == voicemail.NAME else ""
        if event is not None and event.number == self.memory.take and self.said_enough(event):
            said = event.recording
        return action.message(said) if said else None

    def start(self, now: float) -> list[Step]:
        """Begin, once, when the call is answered."""
        return self.handle(Started(), now)

    def handle(self, event: Event | Started, now: float) -> list[Step]:
        """Take one event; any event may come at any time, and one that is stale gives no steps."""
        known = classified.classify(event, self.memory, now)
        return [] if known is None else super().handle(known, now)

    # --- actions of the table ----------------------------------------------------------------------------------------
    def begin(self, event: Started, now: float) -> list[Step]:
        return self._run(self.enter(self.menu.start, now), now)

    def await_cutting_key(self, event: PromptsCut, now: float) -> list[Step]:
        return self.set_timer(now + CUT_BY_KEY)

    def note_served(self, event: PromptsEnded, now: float) -> None:
        memory = self.memory
        last = self.last_action()
        if memory.chosen and not self.failing and not (last is not None and last.hands_over):
            memory.served = True

    def say_again(self, event: PromptsEnded, now: float) -> list[Step]:
        """What takes no time is not said again: it would take none for ever."""
        if now <= self.memory.play_began_at:
            return []
        return say_meanwhile(self, self._waiter.meanwhile(self.under_way()), now)

    def take_answer(self, event: LookUpAnswered, now: float) -> list[Step]:
        return self._waiter.answered(self, event, now)

    def give_up_answer(self, event: WaitEnded, now: float) -> list[Step]:
        return self._waiter.answered(self, LookUpAnswered(self.memory.look_up, reason=UNANSWERED), now)

    def tell_done(self, prompts: tuple[str, ...], now: float) -> list[Step]:
        return self._run(say.say(self, prompts, now), now)

    def come_back(self, event: Returned, now: float) -> list[Step]:
        self.memory.returns += 1
        if self.memory.returns > MAX_RETURNS:
            return self.end()
        return self._run(self.enter(self.choice.name, now), now)

    def come_anew(self, event: SentTo, now: float) -> list[Step]:
        memory = self.memory
        memory.path, memory.stack, memory.asked = [], [], ""
        memory.returns, memory.idle, memory.failing = 0, 0, False
        return self._run(self.enter(event.menu, now), now)

    def may_come_into(self, menu: str) -> bool:
        """Whether a caller who waits elsewhere can be brought into this menu."""
        return self.state is Phase.AWAY and menu in self.menu.choices

    def come_into(self, event: CameInto, now: float) -> list[Step]:
        """The caller has done something: what failed or went round before is over."""
        memory = self.memory
        memory.stack, memory.failing, memory.chosen, memory.returns, memory.idle = [], False, True, 0, 0
        return self._run(self.enter(event.menu, now), now)

    def go_on(self, event: Any, now: float) -> list[Step]:
        """Do the actions of the innermost block, then of those around it, until something must be waited for; after
        the last, the menu again."""
        self.state = Phase.RUNNING
        taken: list[Step] = []
        while self.state is Phase.RUNNING:
            action = self._next_action()
            if action is None:
                taken += self.enter(self.choice.name, now)
            else:
                taken += PERFORMERS[type(action)](self, action, now)
        return taken

    @property
    def failing(self) -> bool:
        """Whether what is done now is done because something failed."""
        return self.memory.failing or any(block.endswith(ON_FAILURE) for block, _ in self.memory.stack)

    # --- what actions are made of ------------------------------------------------------------------------------------
    def enter(self, name: str, now: float) -> list[Step]:
        """Come into a menu, be it the same one again. A menu on the way here is gone back to, so no way is endless."""
        memory = self.memory
        memory.idle += 1
        if memory.idle > MAX_IDLE:
            return self.end()
        self._forget(name)
        memory.failing = self.failing
        way = memory.path
        memory.path = [*(way[:way.index(name)] if name in way else way), name]
        greeting = () if name in memory.greeted else self.choice.greeting
        if greeting:
            memory.greeted.append(name)
        if self.choice.do:
            memory.stack, self.state = [[DO, 0]], Phase.RUNNING
            return [steps.MenuEntered(name)]
        memory.stack = []
        # What was to be asked may have failed before: no option is a secret.
        return [steps.MenuEntered(name), *self.mask(False), *self.ask("", now, greeting)]

    def leave(self, step: Step) -> list[Step]:
        """The caller is somewhere else, until `Returned`."""
        self.memory.early = ""
        self.state = Phase.AWAY
        return [*self.mask(False), step]

    def end(self, outcome: Literal["closed"] | None = None) -> list[Step]:
        """The call is over from our side."""
        self.memory.early = ""
        self.state = Phase.ENDED
        return [*self.mask(False), steps.HangUp(outcome or ("self_served" if self.served else "abandoned"))]

    def last_action(self) -> Action | None:
        """The last action of what is done now, as far as that is certain."""
        blocks = self.choice.blocks
        ending = (blocks[block][-1] for block, _ in reversed(self.memory.stack))
        return next((action for action in ending if action.ends(blocks)), None)

    def under_way(self) -> Action:
        """The action that was begun last."""
        position: int = self.memory.stack[-1][1]
        return self.choice.actions(self.memory.stack[-1][0])[position - 1]

    def mask_ahead(self) -> list[Step]:
        """Before something is said or waited for: mask what is typed meanwhile, if a secret alone can be asked next."""
        stack = [(block, position) for block, position in self.memory.stack]
        return self.mask(True) if secrets_next(self.menu, self.choice, stack) == {True} else []

    def opens_at(self, now: float) -> Callable[[str], bool]:
        """Whether a schedule is open now."""
        return self.facts.opens_at(now)

    def assign(self, name: str, value: Value | None) -> None:
        """Give a variable its value; None takes it away."""
        if value is None:
            self.memory.variables.pop(name, None)
        else:
            self.memory.variables[name] = value

    @property
    def _waiter(self) -> Waiter:
        return WAITERS[type(self.under_way())]

    def _run(self, taken: list[Step], now: float) -> list[Step]:
        """Go on where a menu acts instead of asking."""
        return taken + (self.go_on(None, now) if self.state is Phase.RUNNING else [])

    def _next_action(self) -> Action | None:
        stack = self.memory.stack
        while stack:
            actions: Actions = self.choice.actions(stack[-1][0])
            position: int = stack[-1][1]
            if position < len(actions):
                stack[-1][1] += 1
                return actions[position]
            stack.pop()
        return None

    def _forget(self, comes: str) -> None:
        """Variables of the menu that is left begin anew."""
        path = self.memory.path
        for name, variable in self.menu.variables.items() if path and path[-1] != comes else ():
            if variable.scope == "menu":
                self.assign(name, variable.default)
