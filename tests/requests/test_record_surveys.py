"""Answers of surveys are counted, on both databases."""

from datetime import timedelta

from sqlalchemy import Engine

from ivr.call.record import Batch
from routing.requests.survey_counts import Opinion, survey_counts
from routing.requests.transaction import write
from tests.requests.visits import BEGAN, call_row, entry_row

Answers = tuple[tuple[str, str, str], ...]


def surveyed(number: int, days_ago: int, answers: Answers) -> Batch:
    entries = [entry_row(number, 0, "menu_entered", menu="main")]
    entries += [entry_row(number, position, "survey_answered", menu="main", survey=survey, question=question,
                          answer=answer) for position, (survey, question, answer) in enumerate(answers, 1)]
    return Batch(calls=(call_row(number, began_at=BEGAN - timedelta(days=days_ago)),), entries=tuple(entries))


def test_surveys__of_each_call_the_last_answer_to_each_question(engine: Engine) -> None:
    visits: list[tuple[int, Answers]] = [
        (0, (("service", "friendly", "5"), ("service", "solved", "yes"))),
        (0, (("service", "friendly", "1"), ("service", "solved", "no"), ("service", "friendly", "4"))),
        (1, (("service", "friendly", "5"), ("branch", "friendly", "2"))),
        (3, (("service", "friendly", "1"),)),
        (0, ()),
    ]
    with engine.begin() as connection:
        write(connection, [surveyed(number, *visit) for number, visit in enumerate(visits)])
    assert survey_counts(engine, BEGAN - timedelta(days=2)) == [
        Opinion("branch", "friendly", "2", 1), Opinion("service", "friendly", "4", 1),
        Opinion("service", "friendly", "5", 2), Opinion("service", "solved", "no", 1),
        Opinion("service", "solved", "yes", 1)]
    assert survey_counts(engine, BEGAN + timedelta(seconds=1)) == []
