"""A menu that goes on with what was read back from the text of its state."""

from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from ivr.menu.interpreter import Interpreter


def rewritten(interpreter: Interpreter) -> Interpreter:
    """Another one in the same state; the menu, and what the house knows of the call, are no state of it."""
    fixed = Fixed({"menu": interpreter.menu, "facts": interpreter.facts})
    again = read_text(text_of({"it": interpreter}, fixed), fixed)["it"]
    assert type(again) is type(interpreter)
    return again
