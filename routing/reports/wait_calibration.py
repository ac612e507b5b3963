"""Did the wait estimates keep their word? Read from the record: entries `wait_estimated` and `wait_came`."""

from collections.abc import Collection, Iterator

from sqlalchemy import Engine, select

from routing.estimate import Calibration, Note, WaitCame, WaitEstimated, calibrated
from routing.reports.period import Period
from routing.requests.tables import Call, Entry

KINDS = ("wait_estimated", "wait_came")
AT_ONCE = 10_000        # rows that are held at one time


def wait_calibration(engine: Engine, period: Period, lines: Collection[str] = (),
                     channels: Collection[str] = ()) -> dict[str, Calibration]:
    """By queue, of calls that began in the period, on these lines and by these channels, or all; formulas stand with
    `Calibration` and in `routing.reports.estimates`. Queues without a judged estimate may be among them. Raises
    SQLAlchemyError."""
    return calibrated(_notes(engine, period, lines, channels))


def _notes(engine: Engine, period: Period, lines: Collection[str],
           channels: Collection[str]) -> Iterator[tuple[float, Note]]:
    """Call after call, since what belongs together has one call; times are seconds from the beginning."""
    begin = period.begin
    wanted = (select(Entry.call_id, Entry.at, Entry.kind, Entry.details, Call.began_at, Call.line, Call.channel)
              .join(Call, Call.id == Entry.call_id)
              .where(Call.began_at >= begin, Call.began_at < period.end, Call.direction == "inbound",
                     Entry.kind.in_(KINDS))
              .order_by(Entry.call_id, Entry.position).execution_options(yield_per=AT_ONCE))
    with engine.connect() as connection:
        for row in connection.execute(wanted):
            if period.holds(row.began_at, row.line) and (not lines or row.line in lines) and (
                    not channels or row.channel in channels):
                yield (row.at - begin).total_seconds(), _note(row.call_id, row.kind, row.details)


def _note(call: str, kind: str, details: dict[str, object]) -> Note:
    if kind == "wait_estimated":
        return WaitEstimated(call, "", _seconds(details["low"]), _seconds(details["high"]), _figure(details["said"]))
    came_to = details["came_to"]
    return WaitCame(call, str(details["queue"]), _seconds(details["waited"]),
                    "answered" if came_to == "answered" else "abandoned" if came_to == "abandoned" else "other")


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _figure(value: object) -> int | None:
    return value if isinstance(value, int) else None
