"""Runs dialogue tests in virtual time, and tells what happened in each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ivr.base.errors import Fault
from ivr.menu.dialogue import Dialogue
from ivr.menu.model import Menu
from ivr.menu.testing.model import TEXT, VOICE, CannotBeDone, Circumstances, DialogueTest, Step
from ivr.menu.testing.outcome import where
from ivr.menu.testing.surroundings import NOWHERE, Asked, Surroundings, facts_of
from ivr.menu.text_dialogue import TextDialogue

DIALOGUES: Mapping[str, type[Dialogue]] = {VOICE: Dialogue, TEXT: TextDialogue}


@dataclass(frozen=True)
class Did:
    """A step that was done, and how many of the dialogue's steps had been taken before it."""

    step: Step
    at: float
    taken: int


@dataclass(frozen=True)
class Went:
    """A dialogue as it went; no `failures`: everything came as expected. `on`: voice or text."""

    test: DialogueTest
    dialogue: Dialogue
    did: tuple[Did, ...]
    failures: tuple[Fault, ...]
    on: str = VOICE

    @property
    def passed(self) -> bool:
        return not self.failures


def run_all(tests: Iterable[DialogueTest], menu: Menu, lengths: Mapping[str, float],
            around: Surroundings = NOWHERE, on: Collection[str] = (VOICE,)) -> list[Went]:
    """Each of them, as a call of its own, once for each of `on` that it is for."""
    return [run(test, menu, lengths, around, way) for test in tests for way in test.on if way in on]


def run(test: DialogueTest, menu: Menu, lengths: Mapping[str, float], around: Surroundings, on: str = VOICE) -> Went:
    """One dialogue. After the last step the caller listens, until the menu waits for a key or is left."""
    asked = Asked(test.circumstances.lookups, test.circumstances.pins)
    dialogue = begin(test.circumstances, menu, lengths, around, asked, DIALOGUES[on])
    did: list[Did] = []
    for step in test.steps:
        did.append(Did(step, dialogue.now, len(dialogue.taken)))
        if failure := _do(step, dialogue):
            return Went(test, dialogue, tuple(did), (failure,), on)
    dialogue.settle()
    differing = [Fault(expected.place, f"expected `{expected.key}: {expected.wanted}`, but {differs}",
                       code="expected-differs")
                 for expected in test.expected if (differs := expected.differs(dialogue))]
    return Went(test, dialogue, tuple(did), (*_unanswered(test, asked), *differing), on)


def begin(circumstances: Circumstances, menu: Menu, lengths: Mapping[str, float], around: Surroundings,
          asked: Asked | None = None, kind: type[Dialogue] = Dialogue) -> Dialogue:
    """The call as it is answered."""
    return kind(menu, lengths, circumstances.language, facts_of(circumstances, around),
                asked.answers() if asked else None, asked.house() if asked else None, circumstances.keeps)


def _unanswered(test: DialogueTest, asked: Asked) -> list[Fault]:
    return [Fault(test.place, f"the menu looked up `{name}`, and the dialogue does not say what is answered",
                  f"add `lookups: {{{name}: ...}}` with its values, or `{name}: fails`", code="look-up-unanswered")
            for name in dict.fromkeys(asked.unanswered)] + [
        Fault(test.place, f"the menu asked register `{name}` of PINs, and the dialogue does not say who is in it",
              f'add `pins: {{{name}: {{"4711": "2468"}}}}`, or `{name}: fails`', code="register-unanswered")
        for name in dict.fromkeys(asked.unregistered)]


def _do(step: Step, dialogue: Dialogue) -> Fault | None:
    """Do a step; why it could not be done."""
    if (dialogue.end is not None or dialogue.hung_up) and not step.at_any_time:
        return Fault(step.place, f"`{step.word}` comes too late: the caller {where(dialogue)}",
                     "take this step and those behind it out, or change those before it", code="step-late")
    try:
        step.do(dialogue)
    except CannotBeDone as error:
        return Fault(step.place, str(error), error.remedy, code="step-impossible")
    return None
