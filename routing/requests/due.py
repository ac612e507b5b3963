"""When requests are due, and which are overdue: `sla.close_h` of the queue that a request is in now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, func, literal, or_, select

from ivr.base.config import Config
from routing.requests.tables import Request, RequestWork
from routing.requests.worked import QUEUE, STATUS

KEPT_IN_MIND = timedelta(days=60)    # how long an overdue request is alarmed of: later it is nobody's news


@dataclass(frozen=True)
class Late:
    """Requests of a queue that should be closed: how many, and since when the first of them."""

    number: int
    since: datetime


def limits(config: Config) -> dict[str, timedelta]:
    """By queue; queues that promise nothing are not in it."""
    return {name: timedelta(hours=queue.sla.close_h) for name, queue in config.queues.items()
            if queue.sla.close_h is not None}


def due_at(config: Config, queue: str, opened_at: datetime) -> datetime | None:
    """When a request must be closed; None if nobody promised anything."""
    known = config.queues.get(queue)
    return None if known is None or known.sla.close_h is None else opened_at + timedelta(hours=known.sla.close_h)


def overdue(engine: Engine, promised: Mapping[str, timedelta], now: datetime) -> dict[str, Late]:
    """By queue. One walk along the index of times for all of them: it is done again and again. Raises
    SQLAlchemyError."""
    if not promised:
        return {}
    late = [and_(literal(queue) == QUEUE, Request.opened_at < now - limit,
                 Request.opened_at >= now - limit - KEPT_IN_MIND) for queue, limit in promised.items()]
    query = (select(QUEUE, func.count(), func.min(Request.opened_at))
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .where(STATUS != "closed", Request.opened_at < now - min(promised.values()),
                    Request.opened_at >= now - max(promised.values()) - KEPT_IN_MIND, or_(*late)).group_by(QUEUE))
    with engine.connect() as connection:
        return {queue: Late(number, first + promised[queue]) for queue, number, first in connection.execute(query)}
