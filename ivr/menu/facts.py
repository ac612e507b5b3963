"""What the house knows of a call and the menu may ask for. It is handed in anew when a call is taken up again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.base.numbers import e164
from ivr.menu.expressions.values import Kind, Value

NAMES: Mapping[str, Kind] = {
    "language": Kind.TEXT,              # that the caller hears
    "caller.number": Kind.TEXT,         # as E.164 where it is a telephone number; it can be forged, and proves nothing
    "caller.trunk": Kind.TEXT,          # the trunk that the call came by
    "caller.groups": Kind.TEXTS,        # those of the configuration that hold the caller's number
    "line.number": Kind.TEXT,           # the number that was dialled
    "today": Kind.DATE,                 # where the line is
    "now": Kind.TIME,
}


@dataclass(frozen=True)
class Facts:
    """Texts that are empty are not known. `clock` gives the wall's time where the line is, for a monotonic one (s);
    `opens` tells whether a schedule is open at such a time: without it none is. `country` (ISO 3166): in whose form
    callers type telephone numbers, and carriers may show the caller's."""

    number: str = ""
    trunk: str = ""
    groups: tuple[str, ...] = ()
    line: str = ""
    clock: Callable[[float], datetime] | None = None
    opens: Callable[[str, datetime], bool] | None = None
    country: str = ""

    def values(self, now: float) -> dict[str, Value]:
        """What has a value, by NAMES; the language is the interpreter's."""
        number = e164(self.number, self.country) or self.number
        texts = {"caller.number": number, "caller.trunk": self.trunk, "line.number": self.line}
        found: dict[str, Value] = {name: text for name, text in texts.items() if text}
        found["caller.groups"] = self.groups
        if self.clock is not None:
            moment = self.clock(now)
            found["today"], found["now"] = moment.date(), moment.time()
        return found

    def opens_at(self, now: float) -> Callable[[str], bool]:
        """Whether a schedule is open now."""
        if self.clock is None or self.opens is None:
            return lambda schedule: False
        opens, moment = self.opens, self.clock(now)
        return lambda schedule: opens(schedule, moment)
