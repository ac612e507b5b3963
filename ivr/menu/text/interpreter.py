"""Walks a visitor through a menu by messages: the same menus, rules and table as for callers, other ways in and out.

    words ──▶ options ──▶ Typed ──────▶ the keys it stands for, or nomatch
                    │ patience, minutes ▶ noinput

A play is over as soon as its words are handed over: whoever carries the messages answers each `Play` and
`PlayRecording` with PlaybackFinished at once, so nothing is ever interrupted. A `RecordCaller` is answered with
RecordingEnded after the visitor's next message, whose `spoken` is more than 0 where it holds anything, or with 0 after
an `EndRecording`; the beep before it has no words.
"""

from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.menu.classified import PromptsEnded, Started, WaitEnded
from ivr.menu.events import Event, RecordingEnded
from ivr.menu.expressions.values import Value
from ivr.menu.facts import Facts
from ivr.menu.interpreter import NOBODY, Interpreter
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.prompting import Piece, languages_of
from ivr.menu.steps import Step
from ivr.menu.text import labels, typed, written
from ivr.menu.text.events import Typed

P = Phase
PATIENCE = 600.0        # s that an answer is awaited unless the channel says otherwise


class TextInterpreter(Interpreter):
    """The menu of one chat. `patience` (s) is how long an answer is awaited, and the longest that a message may take
    where a caller would be recorded."""

    table: ClassVar[Table] = {
        **Interpreter.table,
        **{(phase, Typed): (phase, ()) for phase in Phase},
        (P.PROMPTING, Typed): (P.RUNNING, ("stop_playback", "take_message")),
        (P.WAITING, Typed): (P.RUNNING, ("cancel_timer", "take_message")),
        (P.COLLECTING, Typed): (P.RUNNING, ("cancel_timer", "take_message")),
    }

    def __init__(self, menu: Menu, language: str | None = None, facts: Facts = NOBODY,
                 patience: float = PATIENCE) -> None:
        super().__init__(menu, language, facts)
        self.patience = patience

    def handle(self, event: Event | Typed | Started, now: float) -> list[Step]:
        """Take one event; any event may come at any time, and one that is stale gives no steps."""
        return super().handle(event, now)       # type: ignore[arg-type]

    @property
    def first_wait(self) -> float:
        return self.patience

    @property
    def longest_take(self) -> float:
        return self.patience

    def said_enough(self, event: RecordingEnded) -> bool:
        """A message that holds anything is one: nobody types for so many seconds."""
        return not event.failed and event.spoken > 0

    def pieces(self, prompts: tuple[str, ...], now: float) -> list[Piece]:
        """All of it in one, as nothing is interrupted here."""
        return self._written(prompts, now, frozenset())

    def asked_pieces(self, prompts: tuple[str, ...], now: float) -> list[Piece]:
        """Without the sentences that name keys, which are offered beside the words."""
        return self._written(prompts, now, labels.told_by_keys(self.question))

    def _written(self, prompts: tuple[str, ...], now: float, offered: frozenset[str]) -> list[Piece]:
        languages = languages_of(self.menu, self.choice, self.memory.language)
        values: dict[str, Value] = dict(self.values(now))
        return written.pieces(self.menu, prompts, languages, values, offered)

    # --- actions of the table ----------------------------------------------------------------------------------------
    def take_message(self, event: Typed, now: float) -> list[Step]:
        """What stands for nothing that is asked is a wrong key, and stands in no step."""
        self.memory.typed = self.memory.early = ""
        keys = typed.answer(self, event.text)
        return self.count_nomatch("", now) if keys is None else self.asker.answered(self, keys, now)

    def say_again(self, event: PromptsEnded, now: float) -> list[Step]:
        """What has been written stands there."""
        return []

    def bridge_the_wait(self, event: Any, now: float) -> list[Step]:
        return super().bridge_the_wait(event, now) if isinstance(event, WaitEnded) else []
