"""What a dialogue is told in place of the world: the clock, the hours, and the answers of other systems."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from ivr.menu.actions.action import Action
from ivr.menu.actions.http import LookUp
from ivr.menu.dialogue import Answers
from ivr.menu.expressions.values import Kind
from ivr.menu.facts import Facts
from ivr.menu.model import Menu
from ivr.menu.requests import Wanted
from ivr.menu.testing.model import Circumstances

NOON = datetime(2026, 2, 2, 12)      # of a Monday that is no holiday: the moment of a dialogue that names none
NUMBERS = (Kind.NUMBER, Kind.MONEY)
FLAGS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Surroundings:
    """The zone of the line, and whether a schedule of the file of hours is open at a moment; without that none is."""

    zone: tzinfo = UTC
    opens: Callable[[str, datetime], bool] = lambda schedule, moment: False


NOWHERE = Surroundings()


@dataclass
class Asked:
    """Answers look-ups as a dialogue says, and notes those for which it says nothing."""

    lookups: Mapping[str, Mapping[str, str] | None]
    unanswered: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        return self._answer

    def _answer(self, action: Action) -> tuple[Any, str]:
        """A look-up that keeps nothing of its answer needs none."""
        name = name_of(action)
        if name is None:
            return {}, ""
        given = self.lookups.get(name)
        if given is None:
            self.unanswered += [] if name in self.lookups else [name]
            return None, "the dialogue lets it fail"
        answer: dict[str, Any] = {}
        for wanted in wanted_by(action):
            if (text := given.get(short(wanted))) is not None:
                _put(answer, wanted.way, _plain(wanted.kind, text))
        return answer, ""


def facts_of(circumstances: Circumstances, around: Surroundings) -> Facts:
    """What the menu may know of this call."""
    began = (circumstances.at or NOON).replace(tzinfo=around.zone)

    def opens(schedule: str, moment: datetime) -> bool:
        forced = circumstances.hours.get(schedule)
        return around.opens(schedule, moment) if forced is None else forced

    return Facts(number=circumstances.caller, line=circumstances.line,
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
