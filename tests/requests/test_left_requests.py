"""Requests that callers left, in both databases and in the spool: found by queue, with a number that can be erased."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from ivr.call.record import Batch, PersonRow, RequestStatus
from routing.requests.callbacks import done_with, open_callbacks
from routing.requests.repository import Repository
from routing.requests.rows import decode_batch, encode_batch
from routing.requests.transaction import write
from routing.requests.views import RequestFilter
from routing.requests.work import Change, change_request
from tests.requests.visits import BEGAN, call_row, request_row, uuid

NUMBER = "+74951234567"


def left(number: int, **changed: object) -> Batch:
    row = request_row(number, **{"kind": "callback", **changed})
    return Batch((call_row(number),), (PersonRow(uuid(f"call {number}"), "+71", "A", NUMBER),), (row,))


def store(engine: Engine, *batches: Batch) -> Repository:
    with engine.begin() as connection:
        write(connection, batches)
    return Repository(engine)


def test_left__found_by_queue_with_all_that_a_call_back_needs(engine: Engine) -> None:
    repository = store(engine, left(1), left(2, queue="loans"), left(3, kind="queue"),
                       left(4, status=RequestStatus.CLOSED))
    wanted = RequestFilter(kind="callback", status=RequestStatus.OPEN, queue="cards")
    found, = repository.requests(wanted).items
    assert (found.id, found.callback_number, found.line, found.language, found.opened_at) == (
        uuid("request 1"), NUMBER, "bank", "ru", request_row(1).opened_at)
    other, = repository.requests(RequestFilter(kind="queue")).items
    assert other.callback_number is None, "nobody asked to be called back there"


def test_left__the_number_goes_with_the_person(engine: Engine) -> None:
    repository = store(engine, left(1))
    repository.erase_person(uuid("call 1"), BEGAN)
    store(engine, left(1))                      # a batch that comes late
    found = repository.request(uuid("request 1"))
    assert found is not None
    assert (found.callback_number, found.caller_number, found.kind) == (None, None, "callback")


def test_left__by_way_of_the_spool(engine: Engine) -> None:
    batch = left(1, kind="voicemail", recording_id="c-1")
    assert decode_batch(encode_batch(batch)) == batch
    found = store(engine, batch).request(uuid("request 1"))
    assert found is not None
    assert (found.kind, found.recording_id, found.callback_number) == ("voicemail", "c-1", None)


def test_left__a_spool_of_the_version_before() -> None:
    line = encode_batch(replace(left(1), calls=(), people=()))
    old = line.replace(b',"kind":"callback","recording_id":null', b"")
    assert old != line
    request, = decode_batch(old).requests
    assert (request.kind, request.recording_id) == ("queue", None)


def test_open_callbacks__what_a_new_process_reads(engine: Engine) -> None:
    """Of this node, open, not too old; with how often and when last their callers were dialled."""
    store(engine, left(1), left(2, kind="voicemail"), left(3, status=RequestStatus.CLOSED), left(4))
    ended = BEGAN + timedelta(minutes=5)
    attempts = [call_row(number, direction="outbound", request_id=uuid("request 1"), dialled=dialled, ended_at=ended)
                for number, dialled in ((11, "+7495…"), (12, "+7495…"), (13, ""))]
    store(engine, Batch(tuple(attempts)))
    node = call_row(1).node
    first, second = open_callbacks(engine, node, BEGAN - timedelta(hours=1), 10)
    assert (first.request, first.number, first.line) == (left(1).requests[0], NUMBER, "bank")
    assert (first.attempts, first.tried_at) == (2, ended)
    assert (second.request.id, second.attempts, second.tried_at) == (uuid("request 4"), 0, None)
    assert len(open_callbacks(engine, node, BEGAN - timedelta(hours=1), 1)) == 1
    assert open_callbacks(engine, "another", BEGAN - timedelta(hours=1), 10) == []
    assert open_callbacks(engine, node, BEGAN + timedelta(days=1), 10) == []


def test_open_callbacks__not_those_that_people_closed_or_whose_caller_is_erased(engine: Engine) -> None:
    """An operator rang them from a phone of their own and closed the request: the hotline must not ring them again."""
    repository = store(engine, left(1), left(2), left(3))
    ids = [uuid(f"request {number}") for number in (1, 2, 3)]
    assert done_with(engine, ids) == ()
    change_request(engine, ids[0], 0, Change(status=RequestStatus.CLOSED), "anna", BEGAN)
    change_request(engine, ids[1], 0, Change(note="asks for Anna"), "anna", BEGAN)
    repository.erase_person(uuid("call 3"), BEGAN)
    assert set(done_with(engine, ids)) == {ids[0], ids[2]}
    found, = open_callbacks(engine, call_row(1).node, BEGAN - timedelta(hours=1), 10)
    assert found.request.id == ids[1]
