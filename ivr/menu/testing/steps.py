"""What a caller can do in a dialogue test: one row each, from the word in the file to what happens.

A new step is a row here; `docs/dialogues.md` tells admins of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping, Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.base.suggestions import guess
from ivr.menu.asking import Question
from ivr.menu.collection import Entry
from ivr.menu.dialogue import Dialogue
from ivr.menu.steps import EnterQueue, HangUp
from ivr.menu.testing.model import CannotBeDone, Step
from ivr.menu.text_dialogue import TextDialogue

KEYS = re.compile(r"[0-9*#A-D]+([ ,]+[0-9*#A-D]+)*")
ANY_KEY = "9876543210*#"          # in this order: what is no option is mostly a high digit
MAX_WAIT = 3600.0                 # seconds; no menu waits longer for anything

Read = Callable[[Reader, Node, str], Step | None]


@dataclass(frozen=True)
class Row:
    """How a step is written. `alone`: as a word by itself, without a value."""

    read: Read
    example: str
    alone: bool


def read_steps(reader: Reader, node: Node | None) -> tuple[Step, ...]:
    """The list of steps; those that had a fault are left out."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        reader.fault(node.place, "`steps` must be a list", "write it like [press: \"1\", listen]",
                     code="dialogue-steps")
        return ()
    return tuple(step for item in node.items if (step := _read(reader, item)) is not None)


def wrong_key(question: Question) -> str | None:
    """A key with which no answer to this question begins, or None where every key is one."""
    return next((key for key in ANY_KEY if question.add_key("", key)[0] is Entry.WRONG), None)


def _read(reader: Reader, node: Node) -> Step | None:
    if isinstance(node, Scalar):
        return _named(reader, node.text.strip(), node.place, None)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        word, value = next(iter(node.entries.items()))
        return _named(reader, word, node.key_places[word], value)
    reader.fault(node.place, "one step at a time", f"each in a line of its own that begins with -; {ALLOWED}",
                 code="step-joined")
    return None


def _named(reader: Reader, word: str, place: Place, value: Node | None) -> Step | None:
    row = ROWS.get(word)
    if row is None:
        advice = f'write `press: "{word}"`' if KEYS.fullmatch(word) else f"{guess(word, ROWS)} {ALLOWED}".strip()
        reader.fault(place, f"`{word}` is nothing that a caller does", advice, code="step-unknown")
    elif row.alone and value is not None:
        reader.fault(place, f"`{word}` has nothing after it", f"write `{row.example}` alone", code="step-value")
    elif not row.alone and value is None:
        reader.fault(place, f"`{word}` needs something after it", f"write `{row.example}`", code="step-value")
    else:
        return row.read(reader, value or Scalar("", place), word)
    return None


def _press(reader: Reader, node: Node, word: str) -> Step | None:
    if isinstance(node, Scalar) and not node.text.strip():
        reader.fault(node.place, "`press` names no key", 'keys go in quotes: press: "#"', code="step-keys")
        return None
    keys = reader.text(node, "`press`")
    if keys is None or KEYS.fullmatch(keys):
        pressed = re.sub("[ ,]", "", keys or "")
        return Step(node.place, word, lambda dialogue: dialogue.press(pressed), f"presses {keys}") if keys else None
    reader.fault(node.place, f"`{keys}` can't be pressed", 'keys are digits, * and #, such as "1" or "1 2 0"',
                 code="step-keys")
    return None


def _wait(reader: Reader, node: Node, word: str) -> Step | None:
    seconds = reader.number(node, word, 0, MAX_WAIT)
    if seconds is None:
        return None
    return Step(node.place, word, lambda dialogue: dialogue.wait(seconds), at_any_time=True)


def _speaks(reader: Reader, node: Node, word: str) -> Step | None:
    seconds = reader.number(node, word, 0, MAX_WAIT)
    if seconds is None:
        return None
    return Step(node.place, word, lambda dialogue: _speak(dialogue, seconds), f"speaks for {seconds:g} s")


def _speak(dialogue: Dialogue, seconds: float) -> None:
    """After the words that come before it, and the beep."""
    dialogue.listen()
    if not dialogue.is_recorded:
        raise CannotBeDone("nobody listens: nothing is recorded here",
                           "`speaks_s` stands behind the step that leads to a `voicemail` or `record`")
    dialogue.speak(seconds)


def _types(reader: Reader, node: Node, word: str) -> Step | None:
    text = reader.text(node, f"`{word}`")
    return None if text is None else Step(node.place, word, lambda dialogue: _type(dialogue, text), f"types {text}")


def _type(dialogue: Dialogue, text: str) -> None:
    if not isinstance(dialogue, TextDialogue):
        raise CannotBeDone("nobody types words on a telephone",
                           "write `on: text` into this dialogue, or `press` the keys")
    dialogue.type(text)


def _alone(do: Callable[[Dialogue], object], told: str = "", at_any_time: bool = False) -> Read:
    return lambda reader, node, word: Step(node.place, word, do, told, at_any_time)


def _press_wrong(dialogue: Dialogue) -> None:
    key = wrong_key(dialogue.interpreter.question)
    if key is None:
        raise CannotBeDone(f"every key is an option of menu `{dialogue.interpreter.choice.name}`", "take this step out")
    dialogue.press(key)


def _come_back(dialogue: Dialogue) -> None:
    if dialogue.end is None or isinstance(dialogue.end, HangUp):
        raise CannotBeDone("the caller is in no queue and in no transfer here",
                           "`comes_back` stands behind the step that leads there")
    dialogue.give_back("test")


def _talk_over(reader: Reader, node: Node, word: str) -> Step | None:
    name = reader.text(node, f"`{word}`")
    if name is None:
        return None
    return Step(node.place, word, lambda dialogue: _send_to(dialogue, name), f"is done talking; survey {name}",
                at_any_time=True)


def _send_to(dialogue: Dialogue, name: str) -> None:
    if not isinstance(dialogue.end, EnterQueue):
        raise CannotBeDone("the caller is in no queue here, where an operator could have talked with them",
                           "`talk_over` stands behind the step that leads there")
    if name not in dialogue.menu.choices:
        raise CannotBeDone(f"there is no menu `{name}`", guess(name, dialogue.menu.choices).strip())
    dialogue.send_to(name)


ROWS = {
    "press": Row(_press, 'press: "1 2"', alone=False),
    "listen": Row(_alone(lambda dialogue: dialogue.settle(), at_any_time=True), "listen", alone=True),
    "silence": Row(_alone(lambda dialogue: dialogue.silence()), "silence", alone=True),
    "wait_s": Row(_wait, "wait_s: 3", alone=False),
    "speaks_s": Row(_speaks, "speaks_s: 12", alone=False),
    "wrong_key": Row(_alone(_press_wrong, "presses a key that is no option"), "wrong_key", alone=True),
    "types": Row(_types, "types: for cards", alone=False),
    "comes_back": Row(_alone(_come_back, "comes back into the menu", at_any_time=True), "comes_back", alone=True),
    "hangup": Row(_alone(lambda dialogue: dialogue.hang_up(), "hangs up"), "hangup", alone=True),
    "talk_over": Row(_talk_over, "talk_over: after_call", alone=False),
}
ALLOWED = "allowed: " + "; ".join(row.example for row in ROWS.values())
