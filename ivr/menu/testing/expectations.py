"""What a dialogue test can expect: one row each, from the key in the file to what differs."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean
from ivr.menu.actions.survey import ANSWERS, Survey
from ivr.menu.dialogue import Dialogue
from ivr.menu.model import Known, Menu
from ivr.menu.steps import EnterQueue, HangUp, TransferTo
from ivr.menu.testing.model import Expectation
from ivr.menu.testing.outcome import keys_taken, left, opinions, outcome, prompts_heard, prompts_of, told, where

OUTCOMES = ("self_served", "abandoned", "closed", "callback", "voicemail")


@dataclass(frozen=True)
class Names:
    """What the names of an expectation may be."""

    menu: Menu
    known: Known

    @property
    def languages(self) -> Collection[str]:
        return self.menu.languages


Differs = Callable[[Dialogue], str]
Read = Callable[[Reader, Node, Names], tuple[str, Differs] | None]


def read_expectations(reader: Reader, node: Node | None, names: Names) -> tuple[Expectation, ...]:
    """The mapping below `expect`; what had a fault is left out."""
    if node is None:
        return ()
    mapping = reader.mapping(node, "`expect`")
    fields = reader.fields(node, "`expect`", ROWS) if mapping else {}
    expected = []
    for key, value in fields.items():
        if mapping and (read := ROWS[key](reader, value, names)):
            expected.append(Expectation(mapping.key_places[key], key, *read))
    return tuple(expected)


# --- what was heard ---------------------------------------------------------------------------------------------------
def _heard(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    wanted = reader.some_of(node, "prompt", names.menu.prompts)
    return (", ".join(wanted), lambda dialogue: _not_in_order(wanted, dialogue)) if wanted else None


def _not_heard(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    unwanted = reader.some_of(node, "prompt", names.menu.prompts)
    return (", ".join(unwanted), lambda dialogue: _but_heard(unwanted, dialogue)) if unwanted else None


def _not_in_order(wanted: Iterable[str], dialogue: Dialogue) -> str:
    """Others may come between; what was cut off was heard too."""
    heard, before = iter(prompts_heard(dialogue)), ""
    for name in wanted:
        if name not in heard:
            after = f" after `{before}`" if before else ""
            return f"`{name}` was not heard{after}; what was heard: {_list_of(dialogue)}"
        before = name
    return ""


def _but_heard(unwanted: Iterable[str], dialogue: Dialogue) -> str:
    found = [name for name in unwanted if name in prompts_heard(dialogue)]
    return f"`{'`, `'.join(found)}` was heard; what was heard: {_list_of(dialogue)}" if found else ""


def _list_of(dialogue: Dialogue) -> str:
    named = prompts_of(dialogue.menu)
    return ", ".join(told(heard, named) for heard in dialogue.heard) or "nothing"


# --- where it ended ---------------------------------------------------------------------------------------------------
def _menu(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.one_of(node, "menu", names.menu.choices), lambda dialogue: dialogue.interpreter.choice.name)


def _queue(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.one_of(node, "queue", names.known.queues, " in the configuration"),
                 lambda dialogue: dialogue.end.queue if isinstance(dialogue.end, EnterQueue) else "")


def _subject(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.text(node, "`subject`"),
                 lambda dialogue: dialogue.end.subject if isinstance(dialogue.end, EnterQueue)
                 else next((one.subject for one in reversed(left(dialogue))), ""))


def _left(kind: str) -> Read:
    """The queue of the last request of this kind that was left."""
    def read(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
        return _name(reader.one_of(node, "queue", names.known.queues, " in the configuration"),
                     lambda dialogue: next((one.queue for one in reversed(left(dialogue)) if one.kind == kind), ""))
    return read


def _number(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.text(node, "`number`"),
                 lambda dialogue: next((one.number for one in reversed(left(dialogue)) if one.number), ""))


def _transfer(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.one_of(node, "transfer", names.known.transfers, " in the configuration"),
                 lambda dialogue: dialogue.end.target if isinstance(dialogue.end, TransferTo) else "")


def _language(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.one_of(node, "language", names.languages), lambda dialogue: dialogue.interpreter.language)


def _outcome(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    return _name(reader.one_of(node, "outcome", OUTCOMES), outcome)


def _hangup(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    wanted = reader.switch(node, "hangup")
    if wanted is None:
        return None
    return ("yes" if wanted else "no", lambda dialogue: "" if isinstance(dialogue.end, HangUp) is wanted
            else f"the caller {where(dialogue)}")


def _name(wanted: str | None, found: Callable[[Dialogue], str]) -> tuple[str, Differs] | None:
    if wanted is None:
        return None

    def differs(dialogue: Dialogue) -> str:
        got = found(dialogue)
        return "" if got == wanted else f"`{got}`: the caller {where(dialogue)}" if got else \
            f"the caller {where(dialogue)}"

    return wanted, differs


def _keys(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    """All options that were chosen, no more and no fewer."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not all(isinstance(item, Scalar) for item in items):
        reader.fault(node.place, "`keys` must be a list of keys", 'write it like ["1", "2"]')
        return None
    wanted = [item.text for item in items if isinstance(item, Scalar)]

    def differs(dialogue: Dialogue) -> str:
        taken = keys_taken(dialogue)
        return "" if taken == wanted else f"the keys of the options that were chosen: {', '.join(taken) or 'none'}"

    return ", ".join(wanted) or "none", differs


def _survey(reader: Reader, node: Node, names: Names) -> tuple[str, Differs] | None:
    """All questions that were answered, no more and no fewer."""
    wanted: dict[str, str] = {}
    questions = {action.question: ANSWERS[action.answers].words.values() for choice in names.menu.choices.values()
                 for action in choice.all_actions() if isinstance(action, Survey)}
    mapping = reader.mapping(node, "`survey`")
    for question, answer in mapping.entries.items() if mapping else ():
        if mapping and question not in questions:
            reader.fault(mapping.key_places[question], f"no survey asks `{question}`",
                         did_you_mean(question, questions))
        elif word := reader.one_of(answer, "answer", tuple(questions[question])):
            wanted[question] = word

    def differs(dialogue: Dialogue) -> str:
        given = opinions(dialogue)
        return "" if given == wanted else f"what was answered: {_answers(given) or 'nothing'}"

    return (_answers(wanted), differs) if wanted else None


def _answers(given: Mapping[str, str]) -> str:
    return ", ".join(f"{question} {answer}" for question, answer in sorted(given.items()))


ROWS: dict[str, Read] = {
    "heard": _heard, "not_heard": _not_heard, "menu": _menu, "queue": _queue, "subject": _subject,
    "transfer": _transfer, "hangup": _hangup, "outcome": _outcome, "language": _language, "keys": _keys,
    "survey": _survey, "callback": _left("callback"), "voicemail": _left("voicemail"), "number": _number,
}
