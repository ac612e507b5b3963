"""What screens and the API read, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ivr.call.record import Batch, Outcome, PersonRow, RequestStatus
from routing.requests.paging import LARGEST_PAGE
from routing.requests.repository import Repository
from routing.requests.transaction import write
from routing.requests.views import CallFilter, EntryFilter, Page, RequestFilter
from tests.requests.visits import BEGAN, call_row, entry_row, interleaved, request_row, uuid, visit


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine)


def store(engine: Engine, *batches: Batch) -> None:
    with engine.begin() as connection:
        write(connection, batches)


def ids(page: Page[Any]) -> list[str]:
    return [item.id for item in page.items]


def calls(*numbers: int) -> list[str]:
    return [uuid(f"call {number}") for number in numbers]


def test_repository__one_visit_to_the_field(engine: Engine, repository: Repository) -> None:
    store(engine, *visit(7))
    story = repository.call(uuid("call 7"))
    assert story is not None
    call = story.call
    assert (call.caller_number, call.caller_name, call.dialled, call.outcome) == (
        "+77", "Ünal \N{SNOWMAN}", "100", Outcome.ANSWERED)
    assert call.began_at == BEGAN + timedelta(seconds=7)
    assert call.began_at.tzinfo is UTC
    request, = story.requests
    assert (request.caller_number, request.dialled, request.language, request.queue, request.subject) == (
        "+77", "100", "ru", "cards", "утеря")
    assert (request.operator, request.wait_time, request.talk_time, request.outcome, request.status) == (
        "anna", 1.25, 60.5, Outcome.ANSWERED, RequestStatus.CLOSED)
    assert request.path == request_row(7).path
    assert repository.request(request.id) == request
    assert [entry.kind for entry in story.entries] == ["moved", "queued", "connecting", "bridged", "ended"]
    assert story.entries[1].details == {"place": 7}
    assert [row.text for row in story.trace] == ["INVITE", "in_menu"]
    assert story.legs == visit(7)[3].legs


def test_repository__unknown(repository: Repository) -> None:
    assert repository.call("nobody") is None
    assert repository.request("nobody\0") is None
    assert repository.calls() == Page((), None)


def test_repository__a_call_that_goes_on(engine: Engine, repository: Repository) -> None:
    store(engine, visit(1)[0])
    story = repository.call(uuid("call 1"))
    assert story is not None
    assert (story.call.outcome, story.requests, story.trace) == (None, (), ())


def test_repository__pages_newest_first(engine: Engine, repository: Repository) -> None:
    store(engine, *interleaved(10), Batch((call_row(10, began_at=BEGAN + timedelta(seconds=9)),)))
    seen: list[str] = []
    cursor = None
    while True:
        page = repository.calls(cursor=cursor, limit=3)
        assert len(page.items) <= 3
        seen += ids(page)
        cursor = page.next_cursor
        if cursor is None:
            break
        store(engine, Batch((call_row(100 + len(seen)),)))      # what comes meanwhile shifts nothing
    assert len(seen) == 11
    assert sorted(seen[:2]) == sorted(calls(9, 10))
    assert seen[2:] == calls(8, 7, 6, 5, 4, 3, 2, 1, 0)
    assert ids(repository.requests(limit=2)) == [uuid("request 9"), uuid("request 8")]
    of_one = repository.entries(EntryFilter(call_id=uuid("call 3")), limit=2)
    assert [entry.position for entry in of_one.items] == [4, 3]
    assert ids(repository.entries(limit=1)) == [entry_row(9, 4).id]


@pytest.mark.parametrize("limit", [-5, 0])
def test_repository__a_page_has_at_least_one(engine: Engine, repository: Repository, limit: int) -> None:
    store(engine, *interleaved(2))
    assert len(repository.calls(limit=limit).items) == 1


def test_repository__a_page_is_bounded(engine: Engine, repository: Repository) -> None:
    store(engine, Batch(tuple(call_row(number) for number in range(LARGEST_PAGE + 1))))
    page = repository.calls(limit=10**9)
    assert len(page.items) == LARGEST_PAGE
    assert ids(repository.calls(cursor=page.next_cursor)) == calls(0)


@pytest.mark.parametrize("cursor", ["", "x", "12", "_", "-5_a", "9" * 40 + "_a", "٣_a"])
def test_repository__not_a_cursor(repository: Repository, cursor: str) -> None:
    if cursor == "٣_a":
        assert repository.calls(cursor=cursor).items == ()      # a digit is a digit
        return
    with pytest.raises(ValueError, match="not a cursor"):
        repository.calls(cursor=cursor)


@pytest.mark.parametrize(("wanted", "found"), [
    (CallFilter(), [3, 2, 1]),
    (CallFilter(outcome=Outcome.ANSWERED), [1]),
    (CallFilter(in_progress=True), [3]),
    (CallFilter(in_progress=False), [2, 1]),
    (CallFilter(caller_number="+71"), [1]),
    (CallFilter(caller_number="+7"), []),
    (CallFilter(queue="cards", operator="anna"), [1]),
    (CallFilter(line="loans"), [2]),
    (CallFilter(language="en", node="b", dialled="200"), [2]),
    (CallFilter(since=BEGAN + timedelta(seconds=2)), [3, 2]),
    (CallFilter(until=BEGAN + timedelta(seconds=2)), [1]),
    (CallFilter(line="\0"), []),
])
def test_repository__calls_by(engine: Engine, repository: Repository, wanted: CallFilter, found: list[int]) -> None:
    other = call_row(2, line="loans", outcome=Outcome.ABANDONED, node="b", language="en", dialled="200")
    store(engine, *visit(1), Batch((other, call_row(3))))
    assert ids(repository.calls(wanted)) == calls(*found)


@pytest.mark.parametrize(("wanted", "found"), [
    (RequestFilter(), [2, 1]),
    (RequestFilter(status=RequestStatus.CLOSED), [1]),
    (RequestFilter(status=RequestStatus.OPEN, queue="loans"), [2]),
    (RequestFilter(call_id=uuid("call 1")), [1]),
    (RequestFilter(outcome=Outcome.ANSWERED, line="bank"), [1]),
    (RequestFilter(caller_number="+72"), [2]),
    (RequestFilter(operator="anna", subject="утеря", language="ru"), [1]),
    (RequestFilter(since=BEGAN + timedelta(seconds=7)), [2]),
    (RequestFilter(until=BEGAN + timedelta(seconds=7)), [1]),
])
def test_repository__requests_by(engine: Engine, repository: Repository, wanted: RequestFilter,
                                 found: list[int]) -> None:
    store(engine, *visit(1), visit(2)[0], Batch(requests=(request_row(2, queue="loans", subject="ипотека"),)))
    assert ids(repository.requests(wanted)) == [uuid(f"request {number}") for number in found]


def test_repository__entries_by_kind(engine: Engine, repository: Repository) -> None:
    store(engine, *interleaved(2))
    assert ids(repository.entries(EntryFilter(kind="queued"))) == [entry_row(1, 1).id, entry_row(0, 1).id]
    assert ids(repository.entries(EntryFilter(kind="queued", until=BEGAN + timedelta(seconds=1)))) == [
        entry_row(0, 1).id]


def test_repository__calls_by_the_first_digits_of_their_id(engine: Engine, repository: Repository) -> None:
    store(engine, *interleaved(3))
    key = uuid("call 1")
    assert repository.call_ids(key[:8]) == (key,)
    assert repository.call_ids("%") == ()
    assert len(repository.call_ids("", limit=2)) == 2


def test_repository__person_erased_for_good(engine: Engine, repository: Repository) -> None:
    batches = visit(1)
    store(engine, *batches)
    at = datetime(2024, 6, 1, tzinfo=UTC)
    assert repository.erase_person(uuid("call 1"), at)
    assert not repository.erase_person(uuid("call 99"), at)
    store(engine, *batches)      # the spool written once more
    story = repository.call(uuid("call 1"))
    assert story is not None
    assert (story.call.caller_number, story.call.caller_name, story.requests[0].caller_number) == (None, None, None)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM people WHERE erased_at IS NOT NULL")).scalar() == 1


def test_repository__person_erased_before_it_came(engine: Engine, repository: Repository) -> None:
    store(engine, Batch((call_row(1),)))
    assert repository.erase_person(uuid("call 1"), BEGAN)
    store(engine, Batch(people=(PersonRow(uuid("call 1"), "+71", "Ünal"),)))
    story = repository.call(uuid("call 1"))
    assert story is not None
    assert story.call.caller_number is None
