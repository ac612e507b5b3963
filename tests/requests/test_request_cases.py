"""A caller who comes again about the same: the request is open again, its story is at hand, one case ends at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ivr.call.record import Batch, PersonRow, RequestStatus
from routing.reports.period import Period
from routing.reports.report import Wanted, make
from routing.requests.links import link_requests
from routing.requests.related import related
from routing.requests.repository import Repository
from routing.requests.work import Change, change_request, changes_of
from routing.requests.working import worked_on
from tests.requests.test_request_work import CONFIG, TOPICS, at, put, visit
from tests.requests.visits import call_row, request_row, uuid

WEEK = timedelta(days=7)
CLOSED, OPEN, ANSWERED = RequestStatus.CLOSED, RequestStatus.OPEN, RequestStatus.ANSWERED


def status(engine: Engine) -> dict[int, RequestStatus]:
    found = {view.id: view.status for view in Repository(engine).requests().items}
    return {number: found[uuid(f"request {number}")] for number in (1, 2, 3) if uuid(f"request {number}") in found}


def close(engine: Engine, number: int, revision: int, when: datetime) -> None:
    change = Change(status=CLOSED, topic="lost", result="solved", filled={"digits": "1"})
    worked_on(engine, CONFIG, TOPICS, uuid(f"request {number}"), revision, change, "anna", when)


def test_case__reopened_shown_and_closed_together(engine: Engine) -> None:
    put(engine, visit(1, opened_at=at(0), operator="anna", status=ANSWERED))
    close(engine, 1, 0, at(0.5))
    put(engine, visit(2, opened_at=at(2), operator="boris", status=ANSWERED))
    assert link_requests(engine, at(2.01), WEEK) == 1
    assert status(engine) == {1: OPEN, 2: ANSWERED}
    *_, change = changes_of(engine, uuid("request 1"))
    assert (change.who, change.what, change.revision) == ("hotline", {"status": "open"}, 2)
    earlier, = related(engine, uuid("request 2"))
    assert (earlier.id, earlier.how, earlier.topic, earlier.result) == (uuid("request 1"), "reopens", "lost", "solved")
    assert [each.how for each in related(engine, uuid("request 1"))] == ["reopened_by"]
    put(engine, visit(3, opened_at=at(3)))
    assert link_requests(engine, at(3.01), WEEK) == 1
    close(engine, 2, 0, at(4))
    assert status(engine) == {1: CLOSED, 2: CLOSED, 3: CLOSED}
    assert changes_of(engine, uuid("request 3"))[-1].what == {"status": "closed", "result": "solved"}


@pytest.mark.parametrize("earlier", [{"status": CLOSED, "closed_at": at(0)}, {}])
def test_case__what_the_caller_gave_up_and_what_is_open_stays_as_it_was(engine: Engine, earlier: dict[str, object],
                                                                       ) -> None:
    put(engine, visit(1, opened_at=at(0), **earlier), visit(2, opened_at=at(1)))
    before = status(engine)[1]
    assert link_requests(engine, at(1.01), WEEK) == 1
    assert status(engine)[1] is before
    assert changes_of(engine, uuid("request 1")) == ()


def test_case__a_caller_who_is_on_the_line_is_not_closed_with_it(engine: Engine) -> None:
    talking = call_row(2, outcome=None, ended_at=None)
    put(engine, visit(1, opened_at=at(0)), Batch((talking,), (PersonRow(talking.id, "+7", ""),),
                                                 (request_row(2, opened_at=at(1), status=ANSWERED),)))
    assert link_requests(engine, at(1.01), WEEK) == 1
    close(engine, 1, 0, at(1.02))
    assert status(engine) == {1: CLOSED, 2: ANSWERED}


def test_report__first_contact_counts_what_is_open_again_as_closed_and_repeated(engine: Engine) -> None:
    put(engine, *(visit(number, caller, opened_at=at(0), operator="anna", status=ANSWERED)
                  for number, caller in ((1, "+7"), (3, "+8"))))
    for number in (1, 3):
        change_request(engine, uuid(f"request {number}"), 0, Change(status=CLOSED), "anna", at(0.5))
    put(engine, visit(2, opened_at=at(2)))
    begin = datetime(at(0).year, at(0).month, at(0).day)
    wanted = Wanted(Period(begin, begin + timedelta(days=30), UTC, {}), "queue",
                    promised={"cards": timedelta(days=1)})

    def counted() -> tuple[int, ...]:
        total = make(engine, wanted, at(20)).total
        return total.closed, total.repeated, total.due, total.due_in_time

    assert counted() == (2, 1, 3, 2)
    assert link_requests(engine, at(2.01), WEEK) == 1
    assert status(engine)[1] is OPEN
    assert counted() == (2, 1, 3, 2)
    close(engine, 1, 2, at(9))          # again, long after its time
    assert counted()[2:] == (3, 2)
