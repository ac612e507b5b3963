"""Faults as the command says them."""

from dataclasses import replace
from pathlib import Path

from ivr.base.errors import Fault, Place


def as_seen(fault: Fault) -> Fault:
    """With its file named from the current folder if it lies below: every file in the same way, however it was read."""
    return replace(fault, place=place_as_seen(fault.place))


def place_as_seen(place: Place) -> Place:
    """The same for a place alone."""
    file = Path(place.file)
    if not file.is_absolute() or not file.is_relative_to(Path.cwd()):
        return place
    return replace(place, file=str(file.relative_to(Path.cwd())))
