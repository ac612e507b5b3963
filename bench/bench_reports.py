"""What a report costs: `python bench/bench_reports.py [URL] [--visits 100000]`; a visit has about ten entries.

Fills a database (a new SQLite file, or URL, which must be empty), then makes reports and the check of the accounts, and
prints a line of JSON for each: seconds, entries a second, and by how much the process grew meanwhile (MB).
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from ivr.base.ids import Ids
from ivr.call.record import Batch, CallRow, Outcome, PersonRow
from ivr.call.visit import Visit
from routing.reports.balance import balance
from routing.reports.figures import Dimension
from routing.reports.period import Period
from routing.reports.report import Wanted, make
from routing.requests.database import open_database
from routing.requests.tables import Entry
from routing.requests.transaction import write

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS_BETWEEN = 5.0
BY: tuple[Dimension, ...] = ("queue", "hour")
GROUP = 1_000           # visits written together


def visit(number: int, chance: random.Random, ids: Ids) -> Batch:
    """Ten entries: a menu or two, a queue, an offer that failed, a talk with a hold; every fourth caller hangs up."""
    began = BEGIN + timedelta(seconds=number * SECONDS_BETWEEN)
    row = CallRow(id=ids.uuid(), revision=1, node="bench", boot_id="bench", line="100", dialled="100", language="en",
                  began_at=began)
    told = Visit(row, PersonRow(row.id, f"+7{number % 50_000}", None), ids, lambda at: began + timedelta(seconds=at))
    told.entry(0.0, "offered", dialled="100")
    told.answered(0.0)
    told.entry(0.1, "menu_entered", menu="main")
    told.chose(4.0, "main", "1", "queue")
    told.open_request(4.0, chance.choice(("cards", "loans", "deposits")), chance.choice(("lost card", "rates")))
    told.entry(4.1, "queued", queue=told.call.queue)
    told.entry(4.1, "operator_offered", operator="anna")
    wait = chance.uniform(5, 60)
    if number % 4 == 0:
        told.ended(wait, Outcome.ABANDONED, "caller", "hung up")
    else:
        told.bridged(wait, chance.choice(("anna", "boris")))
        told.ended(wait + 120, Outcome.ANSWERED, "caller", "hung up")
    batch = told.take_batch()
    assert batch is not None
    return batch


def fill(engine: Engine, visits: int) -> None:
    chance = random.Random(1)
    ids = Ids(chance.randbytes)
    for first in range(0, visits, GROUP):
        batches = [visit(number, chance, ids) for number in range(first, min(first + GROUP, visits))]
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            write(connection, batches)


def measured(name: str, entries: int, run: Callable[[], Any], **more: object) -> str:
    before, begin = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    run()
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF)
    return json.dumps({"bench": "reports", "what": name, **more, "entries": entries, "seconds": round(seconds, 2),
                       "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
                       "entries_per_second": round(entries / seconds),
                       "grew_mb": round((after.ru_maxrss - before.ru_maxrss) / 1024, 1)})


def lines(engine: Engine, visits: int) -> Iterator[str]:
    with engine.connect() as connection:
        entries = connection.scalar(select(func.count()).select_from(Entry)) or 0
    end = BEGIN + timedelta(seconds=(visits + 1) * SECONDS_BETWEEN)
    period = Period(BEGIN.replace(tzinfo=None), end.replace(tzinfo=None))
    day = Period(BEGIN.replace(tzinfo=None), BEGIN.replace(tzinfo=None) + timedelta(days=1))
    of_day = int(min(visits, 86_400 / SECONDS_BETWEEN) * entries / visits)
    database = engine.dialect.name
    yield measured("one day by queue", of_day, lambda: make(engine, Wanted(day, "queue"), end), database=database)
    for by in BY:
        wanted = Wanted(period, by)
        yield measured(f"all by {by}", entries, partial(make, engine, wanted, end), database=database)
    yield measured("accounts", entries, lambda: balance(engine, period), database=database)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url", nargs="?")
    options.add_argument("--visits", type=int, default=100_000)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        engine = open_database(chosen.url or f"sqlite:///{folder}/record.db")
        fill(engine, chosen.visits)
        for line in lines(engine, chosen.visits):
            print(line, flush=True)
        engine.dispose()


if __name__ == "__main__":
    main()
