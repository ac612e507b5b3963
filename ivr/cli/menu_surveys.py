"""`hotline menu surveys`: what callers answered to the surveys of menus."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.table import Narrow, print_table

if TYPE_CHECKING:
    from ivr.base.config import Config
    from routing.requests.survey_counts import Opinion

COLUMNS = {"survey": "survey", "question": "question", "callers": "callers", "mean": "mean", "answers": "answers"}


def surveys_command(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Whose answers count: of the last so many days.")] = 30,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    """From the database, whether the service runs or not."""
    from ivr.drivers.config_file import load_config

    found = _counted(load_config(config), config, days)
    if as_json:
        Console().print_json(data=[asdict(one) for one in found])
    else:
        print_table("surveys", COLUMNS, list(_rows(found)), Narrow(left_out=("mean",), cut=("answers",)))


def _counted(loaded: "Config", config: Path, days: int) -> "list[Opinion]":
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread
    from routing.requests.survey_counts import survey_counts

    engine = engine_of(loaded, config)
    try:
        return survey_counts(engine, datetime.now(UTC) - timedelta(days=days))
    except SQLAlchemyError as error:
        raise unread(loaded, config, error) from None
    finally:
        engine.dispose()


def _rows(found: "Sequence[Opinion]") -> Iterator[dict[str, str]]:
    """One for each question."""
    for (survey, question), of_question in groupby(found, lambda one: (one.survey, one.question)):
        answers = list(of_question)
        yield {"survey": survey, "question": question, "callers": str(sum(one.count for one in answers)),
               "mean": _mean(answers), "answers": ", ".join(f"{one.answer}: {one.count}" for one in answers)}


def _mean(answers: "Sequence[Opinion]") -> str:
    """The mean of marks; "" where it was yes or no."""
    if not all(one.answer.isdecimal() for one in answers):
        return ""
    return f"{sum(int(one.answer) * one.count for one in answers) / sum(one.count for one in answers):.2f}"
