"""What was refused: a line for the log, as often as a log can bear, and one that says how many were left out."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from ivr.exchange.house import House, report
from ivr.sip import events


@dataclass(frozen=True)
class LeftOutDue:
    """Timer: say how many lines were left out."""

    event: str
    who: str


def refusal_line(house: House, event: str, who: str, key: Hashable, now: float, **fields: Any) -> list[Any]:
    """The line of one refusal, or nothing if there were too many of `who` or one of this `key` (None: of none)."""
    quota = house.refusals.of_lines(event, who)
    none_left_out = not quota.left_out
    if quota.take(key, now):
        return [report("warning", event, **fields)]
    if none_left_out and quota.left_out:
        house.timers.start(("left_out", event, who), now + quota.window, LeftOutDue(event, who))
    return []


def left_out_due(house: House, due: LeftOutDue, now: float) -> list[Any]:
    count = house.refusals.of_lines(due.event, due.who).take_left_out()
    return [report("warning", "refusals_left_out", of=due.event, who=due.who or None, count=count)]


def password_refused(house: House, event: events.PasswordRefused, now: float) -> list[Any]:
    """A phone that doesn't know its password, or somebody who guesses."""
    house.count("passwords_refused")
    house.refusals.passwords[event.account] = (now, event)
    return refusal_line(house, "password_refused", "", (event.account, event.address), now, account=event.account,
                        address=event.address, user_agent=event.user_agent or None)


ROUTES: dict[type, Any] = {events.PasswordRefused: password_refused, LeftOutDue: left_out_due}
