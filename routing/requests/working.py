"""Working on a request by the rules of the house: topics, outcomes and fields as the admins' file has them."""

import contextlib
from datetime import datetime

from sqlalchemy import Engine

from ivr.base.config import Config
from ivr.base.topics import Topics
from ivr.call.record import RequestStatus
from routing.requests.related import open_of_case
from routing.requests.work import Change, ChangedMeanwhile, NoSuchRequest, Work, change_request, work_of


class NotAllowed(Exception):
    """The rules don't allow the change; the text says which, for whoever asked."""


def worked_on(engine: Engine, config: Config, topics: Topics, request_id: str, revision: int, change: Change, who: str,
              now: datetime) -> Work:
    """Check the change and make it; who closes a request closes all that are open of the same case. Raises
    NoSuchRequest, ChangedMeanwhile and NotAllowed."""
    before = work_of(engine, request_id)
    if before.revision != revision:
        raise ChangedMeanwhile(before)
    if change.queue is not None and change.queue not in config.queues:
        raise NotAllowed(f"there is no queue `{change.queue}`")
    if change.operator and change.operator not in config.operators:
        raise NotAllowed(f"there is no operator `{change.operator}`")
    closing = change.status is RequestStatus.CLOSED
    # Fields already there are checked where they are needed: those of another queue must not keep it from closing.
    filled = {**before.filled, **(change.filled or {})} if closing else dict(change.filled or {})
    queue = change.queue or before.queue
    known = {field.name for field in topics.fields.get(queue, ())}
    given = change.filled or {}
    faults = list(topics.faults(queue, change.topic if change.topic is not None else before.topic if closing else "",
                                change.result or "",
                                {name: value for name, value in filled.items() if name in known or name in given},
                                closing))
    if faults:
        raise NotAllowed("; ".join(faults))
    done = change_request(engine, request_id, revision, change, who, now, topics.version)
    if closing:
        _close_case(engine, done, who, now, topics.version)
    return done


def _close_case(engine: Engine, closed: Work, who: str, now: datetime, version: str) -> None:
    """What came of one came of all. One that somebody changes in this moment stays open: they see it."""
    for other in open_of_case(engine, closed.request_id):
        with contextlib.suppress(ChangedMeanwhile, NoSuchRequest):
            change = Change(status=RequestStatus.CLOSED, result=closed.result or None)
            change_request(engine, other, work_of(engine, other).revision, change, who, now, version)
