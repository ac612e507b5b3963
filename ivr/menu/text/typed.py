"""What a message stands for: the keys that a caller would have pressed, so that the same rules hold for both."""

from ivr.menu.actions.collect import Collect
from ivr.menu.collection import Entry
from ivr.menu.interpreter import Interpreter
from ivr.menu.text.chosen import chosen
from ivr.menu.text.labels import labelled


def answer(interpreter: Interpreter, text: str) -> str | None:
    """The keys of the answer to what is asked now; None where the message is none."""
    question = interpreter.question
    if isinstance(question, Collect):
        return collected(question, text)
    keys = chosen(labelled(interpreter), text)
    return keys if keys is not None and question.close(keys) is Entry.CHOSEN else None


def collected(question: Collect, text: str) -> str | None:
    """The keys of a value, as many as are asked for."""
    keys = text.strip()
    whole = set(keys) <= set(question.keys) and len(keys) <= question.most
    return keys if keys and whole and question.close(keys) is Entry.CHOSEN else None
