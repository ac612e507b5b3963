"""What visitors and operators of chats have, held against the database: messages as long as the chats go on, and the
record once all of them are over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from ivr.call.record import Outcome
from routing.requests.database import make_engine
from routing.requests.tables import Call, ChatState, Entry, Message, Request
from tests.support.chat_storm import TO_OPERATOR, Operator, Visitor

ONCE = ("request_opened", "queued", "bridged", "ended")         # in what happened to who was with an operator
QUEUE = "general"

Rows = Mapping[str, Sequence[Any]]      # by call, in order


def written(url: str, visitors: Sequence[Visitor], operators: Sequence[Operator]) -> list[str]:
    """What is wrong with messages: nothing is lost, nothing doubled, all in order, each chat with one operator."""
    rows = _read(url, _messages)
    found = [f"operator {one.name}: {fault}" for one in operators for fault in one.faults]
    for visitor in visitors:
        found += [f"visitor {visitor.number} ({visitor.call}): {fault}"
                  for fault in _of_visitor(visitor, rows.get(visitor.call, ()), operators)]
    calls = {visitor.call for visitor in visitors}
    return [*found, *(f"a chat of nobody: {call}" for call in rows.keys() - calls)]


def recorded(url: str, visitors: Sequence[Visitor], restarts: int) -> list[str]:
    """What is wrong with the record of chats that all visitors have left: rows of calls, requests and entries."""
    calls, requests, entries, states = (_read(url, one) for one in (_calls, _requests, _entries, _states))
    found = [f"a call of nobody: {call}" for call in calls.keys() - {visitor.call for visitor in visitors}]
    for visitor in visitors:
        call = visitor.call
        faults = _of_record(visitor, calls.get(call, ()), requests.get(call, ()), entries.get(call, ()), restarts)
        found += [f"visitor {visitor.number} ({call}): {fault}" for fault in faults]
    return [*found, *(f"the state of a chat that is over: {call}" for call in states)]


def went_on(url: str) -> int:
    """How often a chat was taken up by another control."""
    return sum(row.kind == "went_on" for rows in _read(url, _entries).values() for row in rows)


# --- messages ---------------------------------------------------------------------------------------------------------
def _of_visitor(visitor: Visitor, rows: Sequence[Any], operators: Sequence[Operator]) -> list[str]:
    found = list(visitor.faults)
    kept = [(row.key.partition("/")[2], row.body) for row in rows if row.sender == "caller"]
    if kept != visitor.said:
        found.append(f"not kept: {without(visitor.said, kept)}; said {visitor.said}, kept {kept}")
    if visitor.own:
        found.append(f"does not know that they are kept: {visitor.own}")
    open_to_all = {row.position: row.body for row in rows if row.audience == "all"}
    shown = {position: body for position, (_, body) in sorted(visitor.shown.items())}
    if shown != open_to_all:
        found.append(f"not shown: {without(open_to_all.items(), shown.items())}")
    if len({row.key for row in rows if row.key}) != sum(bool(row.key) for row in rows):
        found.append("a message stands twice in the record")
    if not all(one.position < other.position for one, other in pairwise(rows)):
        found.append("two messages in one place")
    return [*found, *_answers(visitor, rows, operators)] if visitor.asks else found


def _answers(visitor: Visitor, rows: Sequence[Any], operators: Sequence[Operator]) -> list[str]:
    """What the one operator who has it has read, and has answered."""
    with_it = [one for one in operators if visitor.call in one.read]
    if len(with_it) != 1:
        return [f"operators who have it: {[one.name for one in with_it]}"]
    (mine,) = with_it
    found = []
    if mine.read[visitor.call] != {row.position: (row.sender, row.body) for row in rows}:
        found.append(f"{mine.name} has not read all")
    asked = [row.body for row in rows if row.sender == "caller" and row.body != TO_OPERATOR]
    answered = [row.body for row in rows if row.sender == mine.name]
    if answered != [f"re: {body}" for body in asked]:
        found.append(f"answers of {mine.name}: {answered} to {asked}")
    return found


def without(some: Any, others: Any) -> list[Any]:
    known = list(others)
    return [one for one in some if one not in known]


# --- the record -------------------------------------------------------------------------------------------------------
def _of_record(visitor: Visitor, calls: Sequence[Any], requests: Sequence[Any], entries: Sequence[Any],
               restarts: int) -> list[str]:
    if len(calls) != 1:
        return [f"{len(calls)} calls"]
    (call,) = calls
    found = []
    if [entry.position for entry in entries] != list(range(len(entries))):
        found.append(f"entries at {[entry.position for entry in entries]}")
    kinds = Counter(entry.kind for entry in entries)
    if kinds["went_on"] > restarts:
        found.append(f"it went on {kinds['went_on']} times over {restarts} restarts")
    if not visitor.asks:
        if requests or call.outcome in (None, Outcome.FAILED):
            found.append(f"{len(requests)} requests, outcome {call.outcome} {call.reason}")
        return found
    if {kind: kinds[kind] for kind in ONCE} != dict.fromkeys(ONCE, 1):
        found.append(f"entries: {[entry.kind for entry in entries]}")
    if (call.outcome, call.ended_by, call.queue) != (Outcome.ANSWERED, "caller", QUEUE):
        found.append(f"outcome {call.outcome} by {call.ended_by} ({call.reason}) in {call.queue!r}")
    known = [(request.id, request.operator, request.queue, request.status) for request in requests]
    if known != [(call.request_id, call.operator, QUEUE, "answered")] or not call.operator:
        found.append(f"requests {known} of a call with {call.request_id} and {call.operator!r}")
    return found


# --- rows -------------------------------------------------------------------------------------------------------------
def _read(url: str, what: Any) -> dict[str, list[Any]]:
    """By call."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            rows = what(connection)
    finally:
        engine.dispose()
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(row)
    return found


def _messages(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(
        Message.call_id, Message.position, Message.sender, Message.audience, Message.body, Message.key,
    ).order_by(Message.call_id, Message.position)).all()


def _calls(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(
        Call.id.label("call_id"), Call.outcome, Call.ended_by, Call.reason, Call.queue, Call.operator,
        Call.request_id)).all()


def _requests(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(
        Request.call_id, Request.id, Request.operator, Request.queue, Request.status)).all()


def _entries(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(
        Entry.call_id, Entry.position, Entry.kind).order_by(Entry.call_id, Entry.position)).all()


def _states(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(ChatState.call_id).where(ChatState.state != "")).all()
