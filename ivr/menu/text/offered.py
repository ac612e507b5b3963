"""What a visitor is offered right now: buttons, or a list with numbers."""

from ivr.menu.interpreter import Interpreter
from ivr.menu.memory import Phase
from ivr.menu.text.labels import labelled

ASKING = (Phase.PROMPTING, Phase.WAITING, Phase.COLLECTING)


def options_of(interpreter: Interpreter) -> tuple[tuple[str, str], ...]:
    """(keys, label) of each answer that can be chosen, in the order of the file; () where something else is asked, such
    as a number, or nothing is."""
    if interpreter.state not in ASKING:
        return ()
    return tuple((keys, labels[0] if labels else keys) for keys, labels in labelled(interpreter).items())


def secret_asked(interpreter: Interpreter) -> bool:
    """Whether what is typed now is a secret: it is kept nowhere."""
    return interpreter.memory.secret
