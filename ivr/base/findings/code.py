"""What a code of `hotline check` stands for."""

from dataclasses import dataclass
from typing import Literal

# either: an error where the service needs the file, and a warning where it can do without.
Severity = Literal["error", "warning", "either"]


@dataclass(frozen=True)
class Code:
    """A kind of finding: what is wrong and why it matters, and what to do."""

    severity: Severity
    why: str
    remedy: str


def error(why: str, remedy: str) -> Code:
    """The file is refused."""
    return Code("error", why, remedy)


def warning(why: str, remedy: str) -> Code:
    """The file is used; callers may suffer."""
    return Code("warning", why, remedy)


def either(why: str, remedy: str) -> Code:
    """An error or a warning, depending on whether anything needs what is faulty."""
    return Code("either", why, remedy)
