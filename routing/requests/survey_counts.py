"""What callers answered to surveys, and how many of those who were asked, counted from the entries of their calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, String, case, func, literal, select

from routing.requests.tables import Call, Entry

By = Literal["", "operator", "queue"]


@dataclass(frozen=True)
class Opinion:
    """How often a question of a survey was answered so: a mark from "1" to "5", or "yes" or "no". `of`: whose calls
    these are, an operator's or a queue's; "": anybody's."""

    survey: str
    question: str
    answer: str
    count: int
    of: str = ""


@dataclass(frozen=True)
class Asked:
    """How many callers heard a question of a survey, and how many of them answered it."""

    survey: str
    question: str
    asked: int
    answered: int
    of: str = ""


def survey_counts(engine: Engine, since: datetime, by: By = "") -> list[Opinion]:
    """Of calls that began at `since` or later, sorted; of a caller who was asked twice the later answer counts. Raises
    SQLAlchemyError if the database is away."""
    survey, question, answer = (_detail(name) for name in ("survey", "question", "answer"))
    whose = _whose(by)
    last: Any = (select(Entry.call_id, func.max(Entry.position).label("position"))
                 .join(Call, Call.id == Entry.call_id)
                 .where(Entry.kind == "survey_answered", Call.began_at >= since)
                 .group_by(Entry.call_id, survey, question).subquery())
    counted: Any = (select(survey, question, answer, func.count(), whose)
                    .join(last, (last.c.call_id == Entry.call_id) & (last.c.position == Entry.position))
                    .join(Call, Call.id == Entry.call_id)
                    .group_by(survey, question, answer, *([whose] if by else [])))
    with engine.connect() as connection:
        return sorted((Opinion(*row) for row in connection.execute(counted)),
                      key=lambda one: (one.of, one.survey, one.question, one.answer))


def survey_askings(engine: Engine, since: datetime, by: By = "") -> list[Asked]:
    """As survey_counts; of a caller who was asked twice it counts as once. Calls of versions that did not write down
    whom they asked count as asked where they were answered."""
    survey, question = (_detail(name) for name in ("survey", "question"))
    whose = _whose(by)
    answered = func.max(case((Entry.kind == "survey_answered", 1), else_=0))
    of_call: Any = (select(survey.label("survey"), question.label("question"), whose.label("whose"),
                           answered.label("answered"))
                    .join(Call, Call.id == Entry.call_id)
                    .where(Entry.kind.in_(("survey_asked", "survey_answered")), Call.began_at >= since)
                    .group_by(Entry.call_id, survey, question, *([whose] if by else [])).subquery())
    row = of_call.c
    counted: Any = (select(row.survey, row.question, func.count(), func.sum(row.answered), row.whose)
                    .group_by(row.survey, row.question, row.whose))
    with engine.connect() as connection:
        return sorted((Asked(*row) for row in connection.execute(counted)),
                      key=lambda one: (one.of, one.survey, one.question))


def _whose(by: By) -> Any:
    return {"operator": Call.operator, "queue": Call.queue}[by] if by else literal("", String)


def _detail(name: str) -> ColumnElement[str]:
    detail: ColumnElement[str] = Entry.details[name].as_string()
    return detail
