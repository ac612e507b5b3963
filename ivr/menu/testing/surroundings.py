"""What a dialogue is told in place of the world: the clock, the hours, and the answers of other systems."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from ivr.menu.actions.action import Action
from ivr.menu.actions.http import LookUp
from ivr.menu.actions.verify import REFUSED
from ivr.menu.dialogue import Answers, House
from ivr.menu.expressions.values import Kind
from ivr.menu.facts import Facts
from ivr.menu.model import Menu
from ivr.menu.requests import Wanted
from ivr.menu.steps import Verify
from ivr.menu.testing.model import Circumstances

NOON = datetime(2026, 2, 2, 12)      # of a Monday that is no holiday: the moment of a dialogue that names none
NUMBERS = (Kind.NUMBER, Kind.MONEY)
WHO = "who"            # what is asked of somebody in the place of a register
FLAGS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Surroundings:
    """The zone of the line, and whether a schedule of the file of hours is open at a moment; without that none is."""

    zone: tzinfo = UTC
    opens: Callable[[str, datetime], bool] = lambda schedule, moment: False


NOWHERE = Surroundings()


Ask = Callable[[str, tuple[str, ...]], Mapping[str, str] | None]


@dataclass
class Asked:
    """Answers look-ups and registers as a dialogue says, and notes those for which it says nothing. `ask` is asked for
    these where it is there: a name and its values; None: it fails."""

    lookups: Mapping[str, Mapping[str, str] | None]
    pins: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    ask: Ask | None = None
    unanswered: list[str] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    known: str = ""             # who was verified last: they may order something

    def answers(self) -> Answers:
        return self._answer

    def house(self) -> House:
        return lambda asked: self._verdict(asked) if isinstance(asked, Verify) else (
            (self.known, "") if self.known else (None, "the caller is not known by a PIN"))

    def _answer(self, action: Action) -> tuple[Any, str]:
        """A look-up that keeps nothing of its answer needs none."""
        name = name_of(action)
        if name is None:
            return {}, ""
        given = self.lookups.get(name)
        if name not in self.lookups:
            given = self._asked(name, tuple(map(short, wanted_by(action))), self.unanswered)
        if given is None:
            return None, "the dialogue lets it fail"
        answer: dict[str, Any] = {}
        for wanted in wanted_by(action):
            if (text := given.get(short(wanted))) is not None:
                _put(answer, wanted.way, _plain(wanted.kind, text))
        return answer, ""

    def _verdict(self, asked: Verify) -> tuple[Any, str]:
        """As a register would: who has this number and this PIN."""
        if asked.register not in self.pins:
            given = self._asked(asked.register, (WHO,), self.unregistered)
            self.known = (given or {}).get(WHO, "")
            return self.known, "" if self.known else REFUSED
        register = self.pins[asked.register]
        if register is None:
            return None, "the register gives no answer"
        right = asked.customer in register and register[asked.customer] == asked.pin
        self.known = asked.customer if right else self.known
        return (asked.customer, "") if right else (None, REFUSED)

    def _asked(self, name: str, values: tuple[str, ...], missing: list[str]) -> Mapping[str, str] | None:
        if self.ask is not None:
            return self.ask(name, values)
        missing.append(name)
        return None


def facts_of(circumstances: Circumstances, around: Surroundings) -> Facts:
    """What the menu may know of this call."""
    began = (circumstances.at or NOON).replace(tzinfo=around.zone)

    def opens(schedule: str, moment: datetime) -> bool:
        forced = circumstances.hours.get(schedule)
        return around.opens(schedule, moment) if forced is None else forced

    return Facts(number=circumstances.caller, groups=circumstances.groups, line=circumstances.line,
                 clock=lambda now: began + timedelta(seconds=now), opens=opens)


def lookups_of(menu: Menu) -> dict[str, tuple[str, ...]]:
    """The look-ups of a menu by name, with the names of the values that they answer."""
    found: dict[str, tuple[str, ...]] = {}
    for choice in menu.choices.values():
        for action in choice.all_actions():
            if (name := name_of(action)) is not None:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *map(short, wanted_by(action)))))
    return found


def name_of(action: Action) -> str | None:
    """The `into` of a look-up."""
    return next((wanted.name.partition(".")[0] for wanted in wanted_by(action)), None)


def wanted_by(action: Action) -> tuple[Wanted, ...]:
    return action.wanted if isinstance(action, LookUp) else ()


def short(wanted: Wanted) -> str:
    """The name of a value without that of its look-up."""
    return wanted.name.partition(".")[2]


def _plain(kind: Kind, text: str) -> Any:
    """A value as JSON would have it."""
    if kind is Kind.FLAG:
        return FLAGS.get(text.lower())
    try:
        return Decimal(text) if kind in NUMBERS else text
    except InvalidOperation:
        return text


def _put(answer: dict[str, Any], way: tuple[str, ...], value: Any) -> None:
    """Where another value stands in the way already, both of them can't be: this one then is not there."""
    for key in way[:-1]:
        answer = answer.setdefault(key, {})
        if not isinstance(answer, dict):
            return
    answer.setdefault(way[-1], value)
