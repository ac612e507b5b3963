"""Faults as the command says them."""

from dataclasses import replace
from pathlib import Path

from ivr.base.errors import Fault


def as_seen(fault: Fault) -> Fault:
    """With its file named from the current folder if it lies below: every file in the same way, however it was read."""
    file = Path(fault.place.file)
    if not file.is_absolute() or not file.is_relative_to(Path.cwd()):
        return fault
    return replace(fault, place=replace(fault.place, file=str(file.relative_to(Path.cwd()))))
