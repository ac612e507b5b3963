"""What an interpreter plays, and its one timer."""

from collections.abc import Mapping
from typing import Any

from ivr.menu import steps
from ivr.menu.expressions.values import Value
from ivr.menu.facts import Facts
from ivr.menu.memory import Memory, Phase
from ivr.menu.model import Choice, Menu
from ivr.menu.prompting import Piece, languages_of, pieces
from ivr.menu.steps import Step

MAX_EARLY = 32          # keys typed ahead beyond these are dropped


class PlayingPart:
    """The data of an interpreter, and what it does with plays, the timer and keys that come too early."""

    menu: Menu
    facts: Facts
    memory: Memory
    state: Phase

    @property
    def choice(self) -> Choice:
        """The menu in which the caller is."""
        return self.menu.choices[self.memory.path[-1]]

    def pieces(self, prompts: tuple[str, ...], now: float) -> list[Piece]:
        """What has to be played to say these prompts now."""
        languages = languages_of(self.menu, self.choice, self.memory.language)
        return pieces(self.menu, prompts, languages, lambda: self.values(now))

    def values(self, now: float) -> Mapping[str, Value]:
        """What names stand for, in expressions and in prompts."""
        return {**self.facts.values(now), "language": self.memory.language, **self.memory.variables}

    def mask(self, active: bool) -> list[Step]:
        """From here on the caller is asked for a secret, or no longer."""
        if self.memory.secret is active:
            return []
        self.memory.secret = active
        return [steps.SecretInput(active)]

    def play(self, said: list[Piece], now: float) -> list[Step]:
        """Play these; what a key may interrupt is left out once one has been typed ahead, with all that follows."""
        memory = self.memory
        taken: list[Step] = []
        for barge_in, clips, words in said:
            if barge_in and memory.early:
                break
            taken.append(steps.Play(memory.next_play_id, clips, barge_in, words))
            memory.plays.append(memory.next_play_id)
            if not barge_in:
                memory.guarded.append(memory.next_play_id)
            memory.next_play_id += 1
        memory.play_began_at = now
        return taken

    def set_timer(self, at: float | None) -> list[Step]:
        """Want the timer at `at`, or not at all."""
        if at is None and self.memory.timer_at is None:
            return []
        self.memory.timer_at = at
        return [steps.SetTimer(at)]

    # --- actions of the table ----------------------------------------------------------------------------------------
    def stop_playback(self, event: Any, now: float) -> list[Step]:
        playing = self.memory.plays
        self.memory.plays, self.memory.guarded = [], []
        return [steps.StopPlayback()] if playing else []

    def cancel_timer(self, event: Any, now: float) -> list[Step]:
        return self.set_timer(None)

    def keep_key(self, event: Any, now: float) -> None:
        if len(self.memory.early) < MAX_EARLY:
            self.memory.early += event.digit
