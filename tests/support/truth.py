"""The record of calls held against what the phones saw: one row a call, its outcome, its request, its entries."""

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ivr.call.record import CallRow, EntryRow, Outcome, RequestRow, RequestStatus
from routing.requests.database import make_engine
from tests.requests.visits import stored
from tests.support.busy_house import BusyHouse
from tests.support.callers import PhoneCall

CLOCK = 2.0             # s that a row's time and a phone's may differ: the machine is busy, and loss makes phones wait
WRITTEN = 8.0           # s after a call's end until its rows must be in a database that answers, its ladder last
WITHOUT_LADDER = (Outcome.REFUSED, Outcome.FAILED)      # the latter by a crash
STORY = re.compile(
    r"offered answered(?P<menu>( (menu_entered|option_chosen|language_chosen|noinput|nomatch))*)"
    r"(?P<request> request_opened)?(?P<queued> queued)?"
    r"(?P<queue>( (place_told|wait_estimated|wait_came|operator_offered|offer_failed))*)"
    r"(?P<answered> stay_ended)?(?P<bridged> bridged)?(?P<ended> ended)?(?P<left> stay_ended)?")
KEYS_OF_QUEUE = "10"    # English, operator
QUEUE = "general"
SAMPLE_PATH = (("language", "1"), ("main", "0"))


def read_record(url: str) -> dict[str, list[Any]]:
    """Every row that the database has."""
    engine = make_engine(url)
    try:
        return stored(engine)
    finally:
        engine.dispose()


def compare(house: BusyHouse, calls: Sequence[PhoneCall], failed: Mapping[str, str] | None = None) -> None:
    """Hold the record of `calls` against what their phones saw; all of them are over.

    `failed`: reasons by number of the calls that the service itself broke off, which callers can't know.
    """
    rows = _written(house.service.database_url, {call.number for call in calls})
    people = {person.call_id: person.caller_number for person in rows["people"]}
    numbers = Counter(people.get(row.id) for row in rows["calls"])
    wanted = {call.number for call in calls}
    assert {number: count for number, count in numbers.items() if number in wanted} == dict.fromkeys(wanted, 1)
    by_number = {people.get(row.id): row for row in rows["calls"]}
    assert len({entry.id for entry in rows["entries"]}) == len(rows["entries"])
    for call in calls:
        row = by_number[call.number]
        entries = sorted((entry for entry in rows["entries"] if entry.call_id == row.id),
                         key=lambda entry: entry.position)
        requests = [request for request in rows["requests"] if request.call_id == row.id]
        broken = (failed or {}).get(call.number)
        try:
            _compare_call(house, call, row, broken)
            _compare_entries(row, entries)
            _compare_request(call, row, requests, entries)
            if row.outcome is not Outcome.REFUSED and broken is None:
                assert sum(trace.call_id == row.id for trace in rows["traces"]) == 1
        except AssertionError as error:
            error.add_note(f"the phone: {vars(call)}\noperators: {house.offers(call.number)}\nthe row: {row}\n"
                           f"entries: {[entry.kind for entry in entries]}\nrequests: {requests}")
            raise


def _written(url: str, numbers: set[str]) -> dict[str, list[Any]]:
    """The record once every call in it has ended: a call's last rows are written behind its end."""
    until = time.monotonic() + WRITTEN
    while True:
        rows = read_record(url)
        known = {person.call_id for person in rows["people"] if person.caller_number in numbers}
        drawn = {trace.call_id for trace in rows["traces"]}      # a ladder is written when the last answer has come
        open_calls = [row for row in rows["calls"] if row.id in known and (
            row.outcome is None or (row.outcome not in WITHOUT_LADDER and row.id not in drawn))]
        if (len(known) >= len(numbers) and not open_calls) or time.monotonic() > until:
            return rows
        time.sleep(0.05)


def _compare_call(house: BusyHouse, call: PhoneCall, row: CallRow, broken: str | None) -> None:
    talks = [(name, talk) for name, talk in house.offers(call.number) if talk.answered_at is not None]
    assert len(talks) <= 1, "two operators had the caller"
    operator, talk = talks[0] if talks else ("", None)
    if broken is not None:
        assert (row.outcome, row.reason) == (Outcome.FAILED, broken)
    else:
        assert row.outcome is _outcome_seen(call, operator)
        assert row.operator == operator
        assert row.ended_at is not None
        assert call.ended_at is not None
        assert abs(row.ended_at.timestamp() - call.ended_at) < CLOCK
    assert row.outcome is not None
    assert abs(row.began_at.timestamp() - call.began_at) < CLOCK
    if row.outcome is Outcome.REFUSED:
        assert row.answered_at is None
        return
    assert row.answered_at is not None
    assert call.answered_at is not None
    assert abs(row.answered_at.timestamp() - call.answered_at) < CLOCK
    if talk is not None and broken is None:
        assert talk.answered_at is not None
        assert talk.ended_at is not None
        assert row.talk_time is not None
        assert abs(row.talk_time - (talk.ended_at - talk.answered_at)) < CLOCK


def _outcome_seen(call: PhoneCall, operator: str) -> Outcome:
    if call.answered_at is None:
        assert call.status in (480, 486, 503)
        return Outcome.REFUSED
    if operator:
        return Outcome.ANSWERED
    assert call.by == "us", "the service ended a call that no operator had"
    return Outcome.ABANDONED


def _compare_entries(row: CallRow, entries: Sequence[EntryRow]) -> None:
    """Complete and without doubles: positions have no gap, and the story can be told in this order."""
    assert [entry.position for entry in entries] == list(range(len(entries)))
    kinds = " ".join(entry.kind for entry in entries)
    if row.outcome is Outcome.REFUSED:
        assert kinds == "ended"
        return
    story = STORY.fullmatch(kinds)
    assert story is not None, kinds
    assert story["ended"]
    (ended,) = [entry for entry in entries if entry.kind == "ended"]
    assert ended.details["outcome"] == row.outcome
    stays = [entry.details for entry in entries if entry.kind == "stay_ended"]
    if row.outcome is Outcome.ANSWERED:
        assert story["bridged"]
        assert entries[-2].details == {"operator": row.operator}
        assert [(stay["queue"], stay["ending"], stay["operator"]) for stay in stays] == [
            (QUEUE, "answered", row.operator)]
    if row.outcome is Outcome.ABANDONED and story["queued"]:
        assert [stay["ending"] for stay in stays] == ["abandoned"]


def _compare_request(call: PhoneCall, row: CallRow, requests: Sequence[RequestRow],
                     entries: Sequence[EntryRow]) -> None:
    if "".join(call.keys) != KEYS_OF_QUEUE or not any(entry.kind == "request_opened" for entry in entries):
        assert requests == []
        assert row.queue == ""
        return
    (request,) = requests
    assert (row.request_id, row.queue, request.queue) == (request.id, QUEUE, QUEUE)
    assert tuple((step.menu, step.keys) for step in request.path) == SAMPLE_PATH
    if row.outcome is Outcome.ANSWERED:
        assert (request.operator, request.status) == (row.operator, RequestStatus.ANSWERED)
    if row.outcome is Outcome.ABANDONED:
        assert request.status is RequestStatus.CLOSED
