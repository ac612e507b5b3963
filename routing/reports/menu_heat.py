"""Where callers went in the menus and what became of them there, for the picture of a menu: from entries of calls."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, func, select

from ivr.call.record import Outcome
from routing.requests.menu_counts import menu_counts
from routing.requests.tables import Call, Entry

HANDED_OVER = frozenset((Outcome.TRANSFERRED, Outcome.OVERFLOW, Outcome.ANSWERED))


@dataclass
class MenuHeat:
    """One menu. `entered` counts ways (coming back counts again), `keys` how often each option was chosen. What became
    of a call counts in the last menu that it was in: `hung_up` before any queue, `contained` served by the menu whole,
    `queued` to a queue or a transfer."""

    entered: int = 0
    hung_up: int = 0
    contained: int = 0
    queued: int = 0
    keys: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Heat:
    """By menu; `calls`: how many there were, to whichever menu."""

    menus: Mapping[str, MenuHeat]
    calls: int


def menu_heat(engine: Engine, lines: Collection[str], since: datetime) -> Heat:
    """Of calls to these lines that began at `since` or later. Raises SQLAlchemyError if the database is away."""
    counts = menu_counts(engine, lines, since)
    menus: dict[str, MenuHeat] = {}
    for menu, count in counts.entered.items():
        menus.setdefault(menu, MenuHeat()).entered = count
    for (menu, keys), count in counts.chosen.items():
        menus.setdefault(menu, MenuHeat()).keys[keys] = count
    for menu, outcome, has_request, count in _last_menus(engine, lines, since):
        heat = menus.setdefault(menu, MenuHeat())
        if has_request or outcome in HANDED_OVER:
            heat.queued += count
        elif outcome == Outcome.ABANDONED:
            heat.hung_up += count
        elif outcome == Outcome.SELF_SERVED:
            heat.contained += count
    return Heat(menus, _calls(engine, lines, since))


def _last_menus(engine: Engine, lines: Collection[str], since: datetime) -> list[tuple[str, str, bool, int]]:
    """(menu, outcome, whether there is a request, how many calls), of calls that are over."""
    last = (select(Entry.call_id, func.max(Entry.position).label("position"))
            .join(Call, Call.id == Entry.call_id)
            .where(Entry.kind == "menu_entered", Call.line.in_(lines), Call.began_at >= since)
            .group_by(Entry.call_id).subquery())
    menu, has_request = Entry.details["menu"].as_string(), Call.request_id.is_not(None)
    query = (select(menu, Call.outcome, has_request, func.count()).join(Call, Call.id == Entry.call_id)
             .join(last, (last.c.call_id == Entry.call_id) & (last.c.position == Entry.position))
             .where(Call.outcome.is_not(None)).group_by(menu, Call.outcome, has_request))
    with engine.connect() as connection:
        return [(row[0], row[1], bool(row[2]), row[3]) for row in connection.execute(query)]


def _calls(engine: Engine, lines: Collection[str], since: datetime) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(Call).where(
            Call.line.in_(lines), Call.began_at >= since)).scalar_one())
