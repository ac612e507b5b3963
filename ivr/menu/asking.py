"""The caller is asked, by a menu or by a `collect`: prompts, the wait for keys, noinput and nomatch."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ivr.menu import steps
from ivr.menu.classified import GuardPassed, KeyTaken, KeyUp, PromptsCut, PromptsEnded, WaitEnded
from ivr.menu.collection import Entry
from ivr.menu.memory import Phase
from ivr.menu.model import ON_FAILURE, Taper
from ivr.menu.playing import PlayingPart
from ivr.menu.prompting import Piece, due
from ivr.menu.steps import Step

HELD_AT_MOST = 20.0     # a key whose end was lost counts as up after this; nobody holds one longer on purpose


class Question(Protocol):
    """What is asked: a menu, a `collect` or its confirmation. Times in seconds."""

    @property
    def prompts(self) -> tuple[str, ...]: ...
    @property
    def first_key(self) -> float: ...
    @property
    def interdigit(self) -> float: ...
    @property
    def attempts(self) -> int: ...
    @property
    def noinput(self) -> tuple[Taper, ...]: ...
    @property
    def nomatch(self) -> tuple[Taper, ...]: ...

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]: ...
    def close(self, typed: str) -> Entry: ...


@dataclass(frozen=True)
class Asker:
    """Who asks: which question of an interpreter, what becomes of the keys that answer it, and of the last attempt."""

    question: Callable[[Any], Question]
    answered: Callable[[Any, str, float], list[Step]]
    failed: Callable[[Any, float], list[Step]]
    shows_keys: bool = False        # they are an option's, and no value of the caller's


class AskingPart(PlayingPart):
    """Prompts, then keys. Who asks is one of `askers`, by the name in memory."""

    askers: ClassVar[Mapping[str, Asker]]

    @property
    def asker(self) -> Asker:
        return self.askers[self.memory.asked]

    @property
    def question(self) -> Question:
        return self.asker.question(self)

    @property
    def first_wait(self) -> float:
        """How long an answer is awaited once all is said, in seconds."""
        return self.question.first_key

    @abstractmethod
    def go_on(self, event: Any, now: float) -> list[Step]:
        """What follows an answer: the interpreter knows."""

    # --- actions of the table ----------------------------------------------------------------------------------------
    def take_key(self, event: KeyTaken, now: float) -> list[Step]:
        return self._read(event.digit, now)

    def await_key(self, event: PromptsEnded | PromptsCut | GuardPassed, now: float) -> list[Step]:
        """The wait runs from the end of the last prompt."""
        return self._read_early(now) if self.memory.early else self.set_timer(now + self.first_wait)

    def await_more(self, event: KeyUp, now: float) -> list[Step]:
        """The interdigit time runs from the end of the last key."""
        last = self.memory.pressed_at + HELD_AT_MOST if self.memory.held else self.memory.released_at
        return self.set_timer(last + self.question.interdigit)

    def count_noinput(self, event: WaitEnded, now: float) -> list[Step]:
        self.memory.noinput += 1
        count = self.memory.noinput
        return [steps.NoInputCounted(self.choice.name, count), *self._correct(self.question.noinput, count, now)]

    def close_entry(self, event: WaitEnded, now: float) -> list[Step]:
        typed = self.memory.typed
        return self._decide(self.question.close(typed), typed, now)

    # --- what they are made of ---------------------------------------------------------------------------------------
    def ask(self, asker: str, now: float, before: tuple[str, ...] = ()) -> list[Step]:
        """Ask a question from the beginning: nothing is counted yet."""
        self.memory.asked = asker
        self.memory.noinput = self.memory.nomatch = 0
        return self.prompt(before + self.question.prompts, now)

    def prompt(self, prompts: tuple[str, ...], now: float) -> list[Step]:
        """Play, then take a key; what was typed ahead is taken at once, before anything that it may interrupt."""
        taken = self.play(self.asked_pieces(prompts, now), now)
        self.state = Phase.PROMPTING
        if taken:
            return taken
        return self._read_early(now) if self.memory.early else self._wait(now)

    def asked_pieces(self, prompts: tuple[str, ...], now: float) -> list[Piece]:
        """What has to be played to ask."""
        return self.pieces(prompts, now)

    def count_nomatch(self, keys: str, now: float) -> list[Step]:
        """What was typed is nothing that was asked for."""
        self.memory.early = ""       # it was meant for what the caller did not reach
        self.memory.nomatch += 1
        count = self.memory.nomatch
        shown = keys if self.asker.shows_keys else ""
        return [steps.NoMatchCounted(self.choice.name, count, shown), *self._correct(self.question.nomatch, count, now)]

    def _wait(self, now: float) -> list[Step]:
        self.state = Phase.WAITING
        return self.set_timer(now + self.first_wait)

    def _read_early(self, now: float) -> list[Step]:
        digit, self.memory.early = self.memory.early[0], self.memory.early[1:]
        return self._read(digit, now)

    def _read(self, digit: str, now: float) -> list[Step]:
        entry, keys = self.question.add_key(self.memory.typed, digit)
        if entry not in (Entry.OPEN, Entry.ANEW):
            return self._decide(entry, keys, now)
        self.memory.typed = keys
        if self.memory.early:
            return self._read_early(now)
        if entry is Entry.ANEW:
            return self._wait(now)
        self.state = Phase.COLLECTING
        return self.await_more(KeyUp(), now)

    def _decide(self, entry: Entry, keys: str, now: float) -> list[Step]:
        self.memory.typed = ""
        return self.asker.answered(self, keys, now) if entry is Entry.CHOSEN else self.count_nomatch(keys, now)

    def _correct(self, tapers: tuple[Taper, ...], count: int, now: float) -> list[Step]:
        question = self.question
        if count < question.attempts:
            return self.prompt(due(tapers, count) + question.prompts, now)
        return self.asker.failed(self, now)


def take_option(menu: AskingPart, keys: str, now: float) -> list[Step]:
    """The caller chose an option of a menu."""
    memory = menu.memory
    memory.stack, memory.returns, memory.idle = [[keys, 0]], 0, 0
    memory.chosen, memory.failing = True, False
    option = ", ".join(str(action) for action in menu.choice.actions(keys))
    return [steps.KeysTaken(menu.choice.name, keys, option), *menu.go_on(None, now)]


def give_up(menu: AskingPart, now: float) -> list[Step]:
    """The caller could not choose: the menu's `on_failure`."""
    return fail(menu, "", now)


def fail(menu: AskingPart, block: str, now: float) -> list[Step]:
    """Something did not work: do an action's own `on_failure` block and then what stands after the action, or with ""
    the menu's instead."""
    memory = menu.memory
    if block:
        memory.stack.append([block, 0])
    else:
        memory.stack, memory.failing = [[ON_FAILURE, 0]], True
    return menu.go_on(None, now)


MENU = Asker(lambda menu: menu.choice, take_option, give_up, shows_keys=True)
