"""What a message stands for: the keys that a caller would have pressed, so that the same rules hold for both.

Keys that only a telephone needs (the terminator, the one that begins anew) mean nothing here: a message is whole.
"""

from collections.abc import Callable, Mapping

from ivr.menu.actions.collect import Collect
from ivr.menu.collection import Entry
from ivr.menu.interpreter import Interpreter
from ivr.menu.text.amounts import amount
from ivr.menu.text.chosen import chosen
from ivr.menu.text.cleaned import cleaned
from ivr.menu.text.labels import labelled
from ivr.menu.text.moments import date_keys, time_keys

BETWEEN_DIGITS = str.maketrans("", "", " -")
PLUS = "+"
BETWEEN_NUMBERS = str.maketrans("", "", " -().")        # of a telephone number


def answer(interpreter: Interpreter, text: str) -> str | None:
    """The keys of the answer to what is asked now; None where the message is none."""
    question = interpreter.question
    if isinstance(question, Collect):
        return collected(question, text)
    keys = chosen(labelled(interpreter), text)
    return keys if keys is not None and question.close(keys) is Entry.CHOSEN else None


def collected(question: Collect, text: str) -> str | None:
    """The keys of a value, as many and of those that are asked for; whether it is one says `question.value_of`. The
    plus of a telephone number stands before them: no key has it, and without it a foreign number can't be called."""
    read = READ[question.sort](cleaned(text), question)
    keys = read.removeprefix(PLUS) if read and question.sort == "phone" else read
    if not keys or len(keys) > question.most or not set(keys) <= set(question.keys):
        return None
    return read if question.close(keys) is Entry.CHOSEN else None


def _digits(plain: str, question: Collect) -> str | None:
    return plain.translate(BETWEEN_DIGITS)


def _phone(plain: str, question: Collect) -> str | None:
    """With its plus, if it was written: as callers' own numbers are."""
    return plain.translate(BETWEEN_NUMBERS)


READ: Mapping[str, Callable[[str, Collect], str | None]] = {
    "digits": _digits, "card": _digits, "pin": _digits, "phone": _phone,
    "number": lambda plain, question: amount(plain, "", question.point),
    "money": lambda plain, question: amount(plain, question.currency, question.point),
    "date": lambda plain, question: date_keys(plain),
    "time": lambda plain, question: time_keys(plain),
}
