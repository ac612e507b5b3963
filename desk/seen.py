"""What an operator may see of the record: their own calls and requests, and those of the queues they serve.

A request is also theirs who had its caller before a colleague did: they have a wrap-up for it."""

from desk.state import Desk
from desk.who import Who
from ivr.base.config import Config
from ivr.base.queue_checks import everybody
from routing.requests.views import RequestView, Seen


def queues_of(config: Config, operator: str) -> tuple[str, ...]:
    """The queues that they serve, in any tier."""
    return tuple(name for name, queue in config.queues.items() if operator in everybody(queue))


def seen_by(desk: Desk, who: Who) -> Seen | None:
    """None: all. A program with the role of an operator is nobody's colleague, and sees none."""
    if who.may("supervisor"):
        return None
    return Seen(who.name, queues_of(desk.config, who.name)) if who.session is not None else Seen("", ())


def is_seen(desk: Desk, who: Who, operator: str, queue: str) -> bool:
    """Whether they may see what this operator did, or what is of this queue."""
    seen = seen_by(desk, who)
    return seen is None or bool(operator and operator == seen.operator) or queue in seen.queues


def is_request_seen(desk: Desk, who: Who, request: RequestView) -> bool:
    """Whether they may see this request, and work on it. May read the database."""
    return is_seen(desk, who, request.operator, request.queue) or (
        who.session is not None and desk.repository.had_caller(who.name, request.call_id))
