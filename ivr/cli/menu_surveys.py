"""`hotline menu surveys`: what callers answered to surveys, in menus and after talks, and how many of those asked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.table import Narrow, print_table
from routing.reports.wilson import wilson

if TYPE_CHECKING:
    from ivr.base.config import Config
    from routing.requests.survey_counts import Asked, Opinion

COLUMNS = {"survey": "survey", "question": "question", "asked": "asked", "answered": "answered", "rate": "rate",
           "mean": "mean", "answers": "answers"}


class Grouped(StrEnum):
    """Whose calls a row counts."""

    OPERATOR = "operator"
    QUEUE = "queue"


def surveys_command(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Whose answers count: of the last so many days.")] = 30,
    by: Annotated[Grouped | None, typer.Option(help="A row for each operator who talked last, or for each queue.")]
        = None,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    """From the database, whether the service runs or not. The rate has its 95 % interval."""
    from ivr.drivers.config_file import load_config

    found = list(_questions(*_counted(load_config(config), config, days, by)))
    if as_json:
        Console().print_json(data=found)
    else:
        columns = {**({"of": str(by)} if by else {}), **COLUMNS}
        print_table("surveys", columns, [_row(one) for one in found], Narrow(left_out=("mean",), cut=("answers",)))


def _counted(loaded: "Config", config: Path, days: int,
             by: Grouped | None) -> "tuple[list[Opinion], list[Asked]]":
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread
    from routing.requests.survey_counts import By, survey_askings, survey_counts

    engine, since = engine_of(loaded, config), datetime.now(UTC) - timedelta(days=days)
    group: By = "" if by is None else "operator" if by is Grouped.OPERATOR else "queue"
    try:
        return survey_counts(engine, since, group), survey_askings(engine, since, group)
    except SQLAlchemyError as error:
        raise unread(loaded, config, error) from None
    finally:
        engine.dispose()


def _questions(opinions: "Sequence[Opinion]", askings: "Sequence[Asked]") -> Iterator[dict[str, Any]]:
    """One for each question, of each operator or queue."""
    for asked in askings:
        answers = {one.answer: one.count for one in opinions
                   if (one.of, one.survey, one.question) == (asked.of, asked.survey, asked.question)}
        low, high = wilson(asked.answered, asked.asked)
        yield {"of": asked.of, "survey": asked.survey, "question": asked.question, "asked": asked.asked,
               "answered": asked.answered, "rate": round(asked.answered / asked.asked, 4),
               "rate_between": [round(low, 4), round(high, 4)], "mean": _mean(answers), "answers": answers}


def _mean(answers: Mapping[str, int]) -> float | None:
    """The mean of marks; None where it was yes or no, or nobody answered."""
    if not answers or not all(answer.isdecimal() for answer in answers):
        return None
    return round(sum(int(answer) * count for answer, count in answers.items()) / sum(answers.values()), 2)


def _row(one: Mapping[str, Any]) -> dict[str, str]:
    low, high = one["rate_between"]
    return {"of": one["of"], "survey": one["survey"], "question": one["question"], "asked": str(one["asked"]),
            "answered": str(one["answered"]), "rate": f"{one['rate']:.0%} ({low:.0%} to {high:.0%})",
            "mean": "" if one["mean"] is None else f"{one['mean']:.2f}",
            "answers": ", ".join(f"{answer}: {count}" for answer, count in one["answers"].items())}
