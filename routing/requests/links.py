"""Who comes again about the same: a later request of the same number, queue and subject belongs to the earlier one.

If that was closed within the last days, the later one reopens it: what people had closed is open again, and theirs;
what the service closed with the call, as the caller gave up, stays closed. If it is still open, the later one
duplicates it.
Withheld numbers are nobody's, and calls to the house's own numbers are told apart by the caller's alone.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, or_, select
from sqlalchemy.orm import aliased

from ivr.call.record import RequestStatus
from routing.requests.tables import Call, Person, Request, RequestLink, RequestWork
from routing.requests.work import Change, ChangedMeanwhile, change_within
from routing.requests.worked import CLOSED_AT, DUPLICATES, OPERATOR, REOPENS, STATUS

WHO = "hotline"         # who reopens requests, in their changes
AT_ONCE = 500           # requests of one look
LOOK_BACK = timedelta(hours=1)      # for requests that are new: rows may have waited in the spool


def link_requests(engine: Engine, now: datetime, within: timedelta) -> int:
    """Link what is new. `within`: so long after it was closed a request is reopened, and after it was opened, if it is
    open still, another one is its duplicate. Returns how many were linked. Raises SQLAlchemyError."""
    linked = 0
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        for request_id, number, queue, subject, opened_at in _new(connection, now):
            earlier = _earlier(connection, request_id, number, queue, subject, opened_at, within)
            if earlier is not None:
                connection.execute(insert(RequestLink), {"request_id": request_id, "other_id": earlier[0],
                                                         "kind": earlier[1], "at": now})
                if earlier[1] == REOPENS and earlier[2]:
                    with suppress(ChangedMeanwhile):        # then somebody works on it
                        change_within(connection, earlier[0], None, Change(status=RequestStatus.OPEN), WHO, now)
                linked += 1
    return linked


def _new(connection: Connection, now: datetime) -> list[tuple[str, str, str, str, datetime]]:
    query = (select(Request.id, Person.caller_number, Request.queue, Request.subject, Request.opened_at)
             .join(Call, Call.id == Request.call_id).join(Person, Person.call_id == Request.call_id)
             .outerjoin(RequestLink, RequestLink.request_id == Request.id)
             .where(Request.opened_at >= now - LOOK_BACK, RequestLink.request_id.is_(None), Call.direction == "inbound",
                    Person.caller_number.is_not(None), Person.caller_number != "")
             .order_by(Request.opened_at, Request.id).limit(AT_ONCE))
    return [tuple(row) for row in connection.execute(query)]    # type: ignore[misc]


def _earlier(connection: Connection, request_id: str, number: str, queue: str, subject: str, opened_at: datetime,
             within: timedelta) -> tuple[str, str, bool] | None:
    """The latest request before this one that it belongs to, how, and whether people have dealt with it."""
    person = aliased(Person)
    query = (select(Request.id, STATUS.label("status"), CLOSED_AT.label("closed_at"), Request.opened_at,
                    or_(OPERATOR != "", RequestWork.request_id.is_not(None)).label("by_people"))
             .join(person, person.call_id == Request.call_id)
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .where(person.caller_number == number, Request.queue == queue, Request.subject == subject,
                    Request.opened_at < opened_at, Request.id != request_id)
             .order_by(Request.opened_at.desc(), Request.id.desc()).limit(1))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if row["status"] == "closed":
        reopened = row["closed_at"] is not None and opened_at <= row["closed_at"] + within
        return (row["id"], REOPENS, bool(row["by_people"])) if reopened else None
    return (row["id"], DUPLICATES, True) if opened_at <= row["opened_at"] + within else None
