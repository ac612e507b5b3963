"""What must hold in config.yaml around registers of PINs."""

from collections.abc import Iterator

from ivr.base.access_checks import Found
from ivr.base.config import Config
from ivr.base.suggestions import did_you_mean


def pin_faults(config: Config) -> Iterator[Found]:
    """Lines that take orders of people whom no register knows, and files that two registers share."""
    for index, line in enumerate(config.lines):
        if line.orders_by is not None and line.orders_by not in config.pins:
            yield (("lines", index, "orders_by"), f"there is no register {line.orders_by} of PINs",
                   did_you_mean(line.orders_by, config.pins), "register-unknown")
    first: dict[str, str] = {}
    for name, register in config.pins.items():
        if first.setdefault(str(register.file), name) != name:
            yield (("pins", name, "file"), f"{first[str(register.file)]} has this file too: who is known to one would "
                   "be known to the other", "give each register a file of its own", "register-shared")
