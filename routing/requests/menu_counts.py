"""What callers did in the menus, counted from the entries of their calls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from ivr.call.record import Outcome
from routing.requests.tables import Call, Entry


@dataclass(frozen=True)
class MenuCounts:
    """By menu, or by menu and keys. `left`: calls whose caller hung up there, before any queue."""

    entered: dict[str, int]
    chosen: dict[tuple[str, str], int]
    left: dict[str, int]


def menu_counts(engine: Engine, lines: Collection[str], since: datetime) -> MenuCounts:
    """Of calls to these lines that began at `since` or later. Raises SQLAlchemyError if the database is away."""
    wanted = [Call.line.in_(lines), Call.began_at >= since]
    with engine.connect() as connection:
        entered = connection.execute(_counted("menu_entered", wanted, _detail("menu"))).all()
        chosen = connection.execute(_counted("option_chosen", wanted, _detail("menu"), _detail("keys"))).all()
        left = connection.execute(_left(wanted)).all()
    return MenuCounts(dict(map(tuple, entered)), {(menu, keys): count for menu, keys, count in chosen},
                      dict(map(tuple, left)))


def _detail(name: str) -> ColumnElement[str]:
    detail: ColumnElement[str] = Entry.details[name].as_string()
    return detail


def _counted(kind: str, wanted: list[ColumnElement[bool]], *by: ColumnElement[str]) -> Any:
    """A comes-back or a repeat counts again: these are ways that were gone, not callers."""
    return (select(*by, func.count()).join(Call, Call.id == Entry.call_id).where(Entry.kind == kind, *wanted)
            .group_by(*by))


def _left(wanted: list[ColumnElement[bool]]) -> Any:
    """The last menu of each call that was given up before it came to a queue."""
    last = (select(Entry.call_id, func.max(Entry.position).label("position")).where(Entry.kind == "menu_entered")
            .group_by(Entry.call_id).subquery())
    given_up = [Call.outcome == str(Outcome.ABANDONED), Call.request_id.is_(None)]
    menu = _detail("menu")
    return (select(menu, func.count()).join(Call, Call.id == Entry.call_id)
            .join(last, (last.c.call_id == Entry.call_id) & (last.c.position == Entry.position))
            .where(*given_up, *wanted).group_by(menu))
