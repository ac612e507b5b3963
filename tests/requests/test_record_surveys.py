"""Answers of surveys are counted, on both databases."""

from datetime import timedelta

from sqlalchemy import Engine

from ivr.call.record import Batch, EntryRow
from routing.requests.survey_counts import Asked, Opinion, survey_askings, survey_counts
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


def asked(number: int, operator: str, queue: str, *answers: str | None) -> Batch:
    """One question, asked for each of `answers`; None: the caller said nothing to it."""
    entries: list[EntryRow] = []
    for answer in answers:
        entries.append(entry_row(number, len(entries), "survey_asked", menu="after", survey="service", question="q"))
        if answer is not None:
            entries.append(entry_row(number, len(entries), "survey_answered", menu="after", survey="service",
                                     question="q", answer=answer))
    return Batch(calls=(call_row(number, began_at=BEGAN, operator=operator, queue=queue),), entries=tuple(entries))


def test_surveys__response_rate_by_operator_and_queue(engine: Engine) -> None:
    """Whoever is asked twice in a call is one caller; a survey of an older version has answers alone."""
    with engine.begin() as connection:
        write(connection, [asked(0, "anna", "cards", "5"), asked(1, "anna", "cards", None, "2"),
                           asked(2, "anna", "loans", None), asked(3, "boris", "loans", None),
                           surveyed(4, 0, (("old", "q", "3"),))])
    assert survey_askings(engine, BEGAN) == [Asked("old", "q", 1, 1), Asked("service", "q", 4, 2)]
    found = [one for one in survey_askings(engine, BEGAN, "operator") if one.survey == "service"]
    assert found == [Asked("service", "q", 3, 2, of="anna"), Asked("service", "q", 1, 0, of="boris")]
    found = [one for one in survey_askings(engine, BEGAN, "queue") if one.survey == "service"]
    assert found == [Asked("service", "q", 2, 2, of="cards"), Asked("service", "q", 2, 0, of="loans")]
    opinions = [one for one in survey_counts(engine, BEGAN, "operator") if one.survey == "service"]
    assert opinions == [Opinion("service", "q", "2", 1, of="anna"), Opinion("service", "q", "5", 1, of="anna")]
