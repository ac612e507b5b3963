"""Every code that `hotline check`, `test` and `prompts` know. docs/check.md lists them, and a test holds that it does.

A new finding is a row in one of the tables, and the code given where the fault is made.
"""

from ivr.base.errors import Fault, Place
from ivr.base.findings import (
    of_callers,
    of_config,
    of_dialogues,
    of_hours,
    of_menus,
    of_pages,
    of_prompts,
    of_topics,
    of_values,
    of_yaml,
)
from ivr.base.findings.code import Code

# The heading that docs/check.md gives a table → the table.
TABLES = {
    "What lets callers down": of_callers.CODES,
    "Menus, actions and prompts": of_menus.CODES,
    "Variables, expressions and values": of_values.CODES,
    "Hours": of_hours.CODES,
    "Topics of requests": of_topics.CODES,
    "config.yaml and what it names": of_config.CODES,
    "Files and YAML": of_yaml.CODES,
    "Dialogues: `hotline test`": of_dialogues.CODES,
    "Sounds: `hotline prompts`": of_prompts.CODES,
    "Pages of administrators": of_pages.CODES,
}
CODES: dict[str, Code] = {code: what for table in TABLES.values() for code, what in table.items()}


def warn(code: str, place: Place, message: str, remedy: str) -> Fault:
    """A warning of this code."""
    return Fault(place, message, remedy, "warning", code)
