"""What reports say of people who write: how soon a person answers, how long it takes, by which channel."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ivr.call.record import Batch, CallRow, EntryRow, MessageRow, Outcome, PersonRow, RequestRow, RequestStatus
from routing.reports.cases import Behind, cases
from routing.reports.period import Period
from routing.reports.report import Report, Wanted, make
from routing.reports.report_data import values
from routing.reports.times import Times
from routing.reports.traffic import seen
from routing.requests.links import link_requests
from routing.requests.transaction import write
from routing.requests.work import Change, change_request

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=2)
PERIOD = Period(datetime(2026, 11, 20), datetime(2026, 11, 21))
Story = list[tuple[float, str, dict[str, Any]]]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def visit(name: str, channel: str, story: Story, said: list[tuple[float, str, str]] = [],  # noqa: B006  # not changed
          number: str | None = None) -> Batch:
    """`story`: seconds, kind and details of entries; `said`: seconds, sender and audience of messages."""
    call = CallRow(id=name, revision=1, node="a", boot_id="b", line="100", dialled="100", language="en", began_at=at(0),
                   outcome=Outcome.ANSWERED, ended_at=at(900), request_id=f"{name}/r", channel=channel)
    entries = tuple(EntryRow(f"{name}/{position}", name, position, at(seconds), kind, details)
                    for position, (seconds, kind, details) in enumerate(
                        [*story, (900, "ended", {"outcome": "answered", "by": "caller"})]))
    request = RequestRow(id=f"{name}/r", call_id=name, revision=1, queue="cards", subject="lost", language="en",
                         opened_at=at(10), operator="anna", status=RequestStatus.ANSWERED)
    messages = tuple(MessageRow(id=f"{name}/m{position}", call_id=name, position=position, at=at(seconds), sender=who,
                                body="…", audience=audience)        # type: ignore[arg-type]
                     for position, (seconds, who, audience) in enumerate(said))
    return Batch(calls=(call,), people=(PersonRow(name, number, None),), requests=(request,), entries=entries,
                 messages=messages)


THROUGH_TWO = visit("two", "web", [
    (30, "queued", {"queue": "cards"}), (100, "overflowed", {"queue": "cards"}), (100, "queued", {"queue": "loans"}),
    (120, "bridged", {"operator": "anna"})],
    [(0, "hotline", "all"), (5, "caller", "all"), (125, "anna", "staff"), (140, "anna", "all"), (150, "boris", "all")])
SOON = visit("soon", "telegram", [(20, "queued", {"queue": "cards"}), (25, "bridged", {"operator": "boris"})],
             [(22, "caller", "all"), (30, "boris", "all")])
NEVER = visit("never", "web", [(20, "queued", {"queue": "cards"})], [(22, "caller", "all"), (23, "hotline", "all")])
SPOKEN = visit("spoken", "voice", [(10, "queued", {"queue": "cards"}), (40, "bridged", {"operator": "anna"})],
               number="+71")
AGAIN = visit("again", "voice", [(10, "queued", {"queue": "cards"}), (70, "bridged", {"operator": "anna"})],
              number="+71")


@pytest.fixture
def record(engine: Engine) -> Engine:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [THROUGH_TWO, SOON, NEVER, SPOKEN, AGAIN])
    return engine


def report(engine: Engine, by: Any, **more: Any) -> Report:
    return make(engine, Wanted(PERIOD, by, **more), NOW)


def told(made: Report, group: str, *names: str) -> tuple[Any, ...]:
    tally = made.groups[group] if group else made.total
    found = values(tally, made.figures)
    return tuple(found[name] for name in names)


def test_first_response__since_the_queue_and_since_the_beginning(record: Engine) -> None:
    """A note to colleagues is no answer, nor is what the hotline says; who wrote second did not write first."""
    wanted = ("replies", "first_response", "first_response_90", "first_response_begun", "first_response_begun_90")
    by_queue = report(record, "queue")
    assert told(by_queue, "cards", *wanted) == (1, 10, 10, 30, 30)
    assert told(by_queue, "loans", *wanted) == (1, 40, 40, 140, 140)
    assert told(by_queue, "", *wanted) == (2, 25, 40, 85, 140)
    by_operator = report(record, "operator")
    assert told(by_operator, "anna", *wanted) == (1, 40, 40, 140, 140)
    assert told(by_operator, "boris", *wanted) == (1, 10, 10, 30, 30)
    (behind,) = cases(record, Behind(Wanted(PERIOD, "operator"), "replies", "anna"), NOW)
    assert (behind.call, behind.times) == ("two", 1)


def test_channels__parted_and_chosen(record: Engine) -> None:
    by_channel = report(record, "channel")
    assert {key: tally.visits for key, tally in by_channel.rows()} == {"web": 2, "telegram": 1, "voice": 2}
    assert told(by_channel, "web", "offered", "answered", "replies") == (3, 1, 1)
    assert told(by_channel, "voice", "offered", "answered", "replies", "first_response") == (2, 2, 0, None)
    spoken = report(record, "queue", channels=frozenset(["voice"]))
    assert told(spoken, "cards", "offered", "replies", "speed_of_answer") == (2, 0, 45)
    assert {case.call for case in cases(record, Behind(spoken.wanted, "offered", "cards"), NOW)} == {"spoken", "again"}


def test_staffing__is_reckoned_from_calls_alone(record: Engine) -> None:
    """An operator has several chats at one time: Erlang's formulas know nothing of that."""
    found = seen(record, PERIOD, "cards", NOW)
    assert [interval.calls for interval in found.intervals] == [2]
    assert found.handle_time == pytest.approx((860 + 830) / 2)


def test_resolution__from_the_first_call_to_the_closing(record: Engine) -> None:
    """Who comes again about the same is one case; what was closed otherwise, or is open again, is not solved."""
    later = RequestRow(id="again/r", call_id="again", revision=2, queue="cards", subject="lost", language="en",
                       opened_at=at(3_000), operator="anna", status=RequestStatus.ANSWERED)
    with record.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(requests=(later,))])
        connection.exec_driver_sql("UPDATE requests SET opened_at = opened_at WHERE 1 = 0")
    assert link_requests(record, at(3_001), timedelta(days=7)) == 1
    for name, seconds, result in (("two", 1_200, "solved"), ("soon", 600, "not_solved"), ("spoken", 7_200, "solved"),
                                  ("again", 7_200, "solved"), ("never", 100, "solved")):
        change_request(record, f"{name}/r", 0, Change(status=RequestStatus.CLOSED, result=result), "anna", at(seconds))
    change_request(record, "never/r", 1, Change(status=RequestStatus.OPEN), "anna", at(200))
    wanted = ("solved_requests", "resolution_time", "resolution_median", "resolution_90")
    made = report(record, "channel")
    assert told(made, "", *wanted) == (2, 4_200, 1_200, 7_200)
    assert told(made, "voice", *wanted) == (1, 7_200, 7_200, 7_200)
    assert told(made, "telegram", *wanted) == (0, None, None, None)
    assert told(report(record, "operator"), "anna", *wanted[:2]) == (2, 4_200)
    assert {case.call for case in cases(record, Behind(made.wanted, "solved_requests"), NOW)} == {"two", "spoken"}


def test_times__percentiles_are_true_ones() -> None:
    times = Times()
    assert (times.mean, times.percentile(0.9)) == (None, None)
    for seconds in (5, 1, 4, 2, 3, 10, 7, 8, 9, 6):
        times.add(seconds)
    assert (times.mean, times.percentile(0.5), times.percentile(0.9), times.percentile(1)) == (5.5, 5, 9, 10)
