"""Batches as lines of the spool."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ivr.base.trace import Row
from ivr.call.record import Batch, CallRow, EntryRow, Outcome, PersonRow, TraceRow
from routing.requests.rows import clean, decode_batch, encode_batch
from tests.requests.visits import BEGAN, call_row, visit

json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3), max_leaves=8)
times = some.datetimes(timezones=some.just(timezone(timedelta(hours=3))))
entries = some.builds(EntryRow, some.text(), some.text(), some.integers(0, 1000), times, some.text(),
                      some.dictionaries(some.text(), json_values, max_size=3))
ladders = some.builds(TraceRow, some.text(), some.lists(
    some.builds(Row, some.floats(0, 1e6), some.text(), some.text(), some.text(max_size=300)), max_size=3).map(tuple))


@pytest.mark.parametrize("step", range(4))
def test_rows__there_and_back(step: int) -> None:
    batch = visit(1)[step]
    line = encode_batch(batch)
    assert b"\n" not in line
    assert decode_batch(line) == batch


@given(some.lists(entries, max_size=3).map(tuple), some.lists(ladders, max_size=2).map(tuple))
def test_rows__any_text_comes_back_clean(rows: tuple[EntryRow, ...], traces: tuple[TraceRow, ...]) -> None:
    batch = Batch(entries=rows, traces=traces)
    line = encode_batch(batch)
    assert b"\n" not in line
    assert b"\\u0000" not in line
    once = decode_batch(line)
    assert decode_batch(encode_batch(once)) == once
    assert [(row.position, row.at, row.details) for row in once.entries] == [
        (row.position, row.at, clean(row.details)) for row in rows]


def test_rows__fields_that_are_not_there_take_their_defaults() -> None:
    """A spool that an older version wrote."""
    line = b'{"version":1,"people":[{"call_id":"c","caller_number":"1","caller_name":"n","shoe_size":44}]}'
    assert decode_batch(line) == Batch(people=(PersonRow("c", "1", "n"),))


@pytest.mark.parametrize("line", [b"", b"null", b"{}", b"[]", b'{"version":2}', b'{"version":1,"calls":[{}]}',
                                  b'{"version":1,"calls":[1]}', b'{"version":1,"entries":[{"at":"now"}]}'])
def test_rows__nonsense(line: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        decode_batch(line)


def test_rows__things_that_are_no_json_become_text() -> None:
    entry = EntryRow("e", "c", 0, BEGAN, "odd", {"when": BEGAN, "what": {1, }, 5: b"x"})
    assert decode_batch(encode_batch(Batch(entries=(entry,)))).entries[0].details == {
        "when": BEGAN.isoformat(), "what": "{1}", "5": "b'x'"}


def test_rows__outcome_is_an_outcome_again() -> None:
    call = decode_batch(encode_batch(Batch((call_row(1, outcome=Outcome.CLOSED),)))).calls[0]
    assert isinstance(call, CallRow)
    assert call.outcome is Outcome.CLOSED
    assert isinstance(call.began_at, datetime)
