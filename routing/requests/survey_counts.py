"""What callers answered to surveys, counted from the entries of their calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from routing.requests.tables import Call, Entry


@dataclass(frozen=True)
class Opinion:
    """How often a question of a survey was answered so: a mark from "1" to "5", or "yes" or "no"."""

    survey: str
    question: str
    answer: str
    count: int


def survey_counts(engine: Engine, since: datetime) -> list[Opinion]:
    """Of calls that began at `since` or later, sorted; of a caller who was asked twice the later answer counts. Raises
    SQLAlchemyError if the database is away."""
    survey, question, answer = (_detail(name) for name in ("survey", "question", "answer"))
    last: Any = (select(Entry.call_id, func.max(Entry.position).label("position"))
                 .join(Call, Call.id == Entry.call_id)
                 .where(Entry.kind == "survey_answered", Call.began_at >= since)
                 .group_by(Entry.call_id, survey, question).subquery())
    counted: Any = (select(survey, question, answer, func.count())
                    .join(last, (last.c.call_id == Entry.call_id) & (last.c.position == Entry.position))
                    .group_by(survey, question, answer))
    with engine.connect() as connection:
        return sorted((Opinion(*row) for row in connection.execute(counted)),
                      key=lambda one: (one.survey, one.question, one.answer))


def _detail(name: str) -> ColumnElement[str]:
    detail: ColumnElement[str] = Entry.details[name].as_string()
    return detail
