"""Operators set their status with their telephones. Pure.

    *60         available
    *61 … *69   on a break, for the first … ninth of `break_reasons`; where there are none, *61 alone
    *70         logged out

Typed during a talk (`feature_keys`) it is what they are after it. Dialled as a number it holds at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from routing.operators import Status

CODE = re.compile(r"\*(6[0-9]|70)")


@dataclass(frozen=True)
class Chosen:
    """What a code means; `notice`: what those who dial it hear, where the announcements have it."""

    status: Status
    reason: str = ""

    @property
    def notice(self) -> str:
        return f"status_{self.status}"


def is_code(typed: str) -> bool:
    """Whether it stands for a status, be it one that this house has or not."""
    return CODE.fullmatch(typed) is not None


def meaning(typed: str, break_reasons: Sequence[str]) -> Chosen | None:
    """None if it is no such code, or the house has no such reason."""
    if not is_code(typed):
        return None
    if typed == "*60":
        return Chosen(Status.AVAILABLE)
    if typed == "*70":
        return Chosen(Status.LOGGED_OUT)
    which = int(typed[-1])
    reasons = tuple(break_reasons) or ("",)
    return Chosen(Status.ON_BREAK, reasons[which - 1]) if which <= len(reasons) else None
