"""Orders for lines are given and taken back; what can't be done is said in words for whoever asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ivr.base.config import Config
from ivr.base.config_lines import LineConfig
from ivr.base.hours.schedule import Hours
from ivr.base.suggestions import did_you_mean
from ivr.exchange.editions import Editions
from ivr.exchange.first_words import CLOSED
from ivr.exchange.house import report
from ivr.exchange.orders import Kind, LineOrder, LineOrders
from ivr.menu.notices import sayable

ADVICE = "write it under `notices` in the file of announcements, or see which prompts the menu has"
EVERY = "all"            # stands for every line


class Orderable(Protocol):
    """What orders are given in: the house, or what is read of it while no service runs."""

    @property
    def config(self) -> Config: ...
    @property
    def hours(self) -> Hours: ...
    @property
    def editions(self) -> Editions: ...
    @property
    def orders(self) -> LineOrders: ...

    def to_utc(self, at: float, /) -> datetime: ...


@dataclass(frozen=True)
class NotOrdered:
    """Why not: a word for programs and a sentence for people."""

    code: str
    reason: str


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a line, or of all. An empty `prompt` of a closure is the usual one. `until` without a zone
    is the time of the line; `lasts` is in seconds."""

    number: str
    kind: Kind
    by: str
    prompt: str = ""
    until: datetime | None = None
    lasts: float | None = None


def order(house: Orderable, wishes: Sequence[Wish], now: float) -> list[Any] | NotOrdered:
    """For new calls from now on; those in progress hear nothing of it. All lines of all wishes, or none."""
    given: list[LineOrder] = []
    for wish in wishes:
        lines = _lines(house, wish.number)
        if isinstance(lines, NotOrdered):
            return lines
        for line in lines:
            made = _order(house, line, wish, house.to_utc(now))
            if isinstance(made, NotOrdered):
                return made
            given.append(made)
    for one in given:
        house.orders.give(one)
    return [report("warning", "line_ordered", **one.written()) for one in given]


def take_back(house: Orderable, wishes: Sequence[Wish], now: float) -> list[Any] | NotOrdered:
    """Harmless where there was none."""
    taken: list[tuple[LineConfig, Wish]] = []
    for wish in wishes:
        lines = _lines(house, wish.number)
        if isinstance(lines, NotOrdered):
            return lines
        taken += [(line, wish) for line in lines]
    return [report("warning", "line_order_taken_back", line=line.numbers[0], kind=wish.kind, by=wish.by)
            for line, wish in taken if house.orders.take_back(line.numbers[0], wish.kind)]


def _lines(house: Orderable, number: str) -> list[LineConfig] | NotOrdered:
    if number == EVERY:
        return list(house.config.lines)
    line = house.config.line_for(number)
    if line is not None:
        return [line]
    known = [number for line in house.config.lines for number in line.numbers]
    return NotOrdered("unknown_line", f"no line has the number {number!r}: {did_you_mean(number, known)}; "
                                      f"`{EVERY}` is every line")


def _order(house: Orderable, line: LineConfig, wish: Wish, moment: datetime) -> LineOrder | NotOrdered:
    number, prompt = line.numbers[0], wish.prompt or (CLOSED if wish.kind == "closure" else "")
    edition = house.editions.lines[number].newest
    known = sayable(edition.menu, edition.announcements)
    if prompt not in known:
        return NotOrdered("unknown_prompt", f"line {number} has no prompt {prompt!r} that can be said here: "
                                            f"{did_you_mean(prompt, known) or ADVICE}")
    until = _until(house, line, wish, moment)
    if until is not None and until <= moment:
        return NotOrdered("over_already", f"{until.isoformat()} is over already")
    return LineOrder(number, wish.kind, prompt, wish.by, moment, until)


def _until(house: Orderable, line: LineConfig, wish: Wish, moment: datetime) -> datetime | None:
    if wish.lasts is not None:
        return moment + timedelta(seconds=wish.lasts)
    if wish.until is None or wish.until.tzinfo is not None:
        return wish.until.astimezone(UTC) if wish.until is not None else None
    schedule = house.hours.schedules.get(line.hours or "")
    if schedule is None:
        return wish.until.astimezone(UTC)       # from this machine's
    return wish.until.replace(tzinfo=schedule.zone).astimezone(UTC)
