"""Who walks a caller through the menu: by voice, or by words for who writes."""

from ivr.base.config import Config
from ivr.call.settings import CallSettings
from ivr.menu.facts import Facts
from ivr.menu.interpreter import Interpreter
from ivr.menu.text.interpreter import TextInterpreter

PATIENCE = 300.0         # s that a menu waits for who writes by a channel that the configuration does not know


def interpreter_of(config: Config, settings: CallSettings, language: str | None, facts: Facts,
                   channel: str = "") -> Interpreter:
    """One for a new call, or for one that comes into another line. `channel`: of a chat; "" for who speaks."""
    if not channel:
        return Interpreter(settings.menu, language, facts)
    known = config.channels.of(channel)
    return TextInterpreter(settings.menu, language, facts, patience=known.patience_min * 60 if known else PATIENCE)
