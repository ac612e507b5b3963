"""Who walks a caller through the menu: by voice, or by words for who writes."""

from ivr.call.settings import CallSettings
from ivr.menu.facts import Facts
from ivr.menu.interpreter import Interpreter
from ivr.menu.text.interpreter import TextInterpreter

PATIENCE = 300.0         # s that a menu waits for who writes: people put a chat aside and come back


def interpreter_of(settings: CallSettings, language: str | None, facts: Facts, *, writes: bool) -> Interpreter:
    """One for a new call, or for one that comes into another line."""
    if writes:
        return TextInterpreter(settings.menu, language, facts, patience=PATIENCE)
    return Interpreter(settings.menu, language, facts)
