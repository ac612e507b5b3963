"""Calls that rang at an operator and were not answered there, from the entries of how the operator stood."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from ivr.call.record import Outcome
from routing.requests.tables import Call, OperatorEntry, Person

MOST_ENTRIES = 5_000        # of one operator and day; who has more sees the calls of the later ones
MOST = 50                   # missed calls


@dataclass(frozen=True, slots=True)
class Missed:
    """`answered_by`: who talked with the caller in the end, "" for nobody yet; `outcome` None while the call goes on.
    Number and name are None once erased."""

    call_id: str
    at: datetime
    queue: str
    number: str | None
    name: str | None
    language: str
    answered_by: str
    outcome: Outcome | None


def missed(engine: Engine, operator: str, since: datetime) -> list[Missed]:
    """The newest first, each call once."""
    entries = (select(OperatorEntry.at, OperatorEntry.state, OperatorEntry.call_id, OperatorEntry.queue)
               .where(OperatorEntry.operator == operator, OperatorEntry.at >= since)
               .order_by(OperatorEntry.at.desc(), OperatorEntry.position.desc()).limit(MOST_ENTRIES))
    with engine.connect() as connection:
        rows = [(row.at, row.state, row.call_id, row.queue) for row in connection.execute(entries)]
        rung = dict(list(_rung_in_vain(reversed(rows)))[-MOST:])
        calls = (select(Call.id, Call.language, Call.operator, Call.outcome, Person.caller_number, Person.caller_name)
                 .outerjoin(Person, Person.call_id == Call.id).where(Call.id.in_(rung)))
        known = {row.id: row for row in connection.execute(calls)}
    return [Missed(call, at, queue, row.caller_number, row.caller_name, row.language, row.operator, row.outcome)
            for call, (at, queue) in reversed(rung.items()) if (row := known.get(call)) is not None]


def _rung_in_vain(rows: Iterable[tuple[datetime, str, str, str]]) -> Iterator[tuple[str, tuple[datetime, str]]]:
    """Each call that rang with when and its queue; one that the operator had in the end is none of them."""
    rang: dict[str, tuple[datetime, str]] = {}
    ringing = ""
    had = set[str]()
    for at, state, call, queue in rows:
        if state == "ringing":
            rang.pop(call, None)            # the last time counts
            rang[call], ringing = (at, queue), call
        elif call and state in ("on_call", "wrap_up"):
            had.add(call)
        if state != "ringing":
            ringing = ""
    yield from ((call, when) for call, when in rang.items() if call not in had and call != ringing)
