"""The two kinds of mistake that are not ours: a peer's and an admin's."""

from dataclasses import dataclass
from typing import Literal


class PeerError(Exception):
    """What a peer sent is wrong. The only exception that bytes from the network may raise.

    `status` is the SIP status to answer with; 0 means drop in silence (RFC 3261 leaves no one to answer).
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}" if status else reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, order=True)
class Place:
    """A point in a file that an admin wrote; `line` and `column` count from 1, 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Fault:
    """One mistake in a file: where, what is wrong, and what is allowed or what to do.

    `code` names its kind, for programs and for `# check: allow`: a row of `ivr.base.findings`. Faults that are no
    finding of `hotline check` have none.
    """

    place: Place
    message: str
    remedy: str = ""
    severity: Literal["error", "warning"] = "error"
    code: str = ""

    def __str__(self) -> str:
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{self.place}: {self.severity}: {self.message}{remedy}"


class AdminError(Exception):
    """A file that an admin wrote can't be used. Carries every fault found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
