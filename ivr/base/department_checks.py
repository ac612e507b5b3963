"""What must hold in `transfers` that lead into the house, and where queues overflow to."""

from collections.abc import Iterator

from ivr.base import suggestions
from ivr.base.config import Config

Found = tuple[tuple[str | int, ...], str, str, str]      # path, message, remedy, code


def department_faults(config: Config) -> Iterator[Found]:
    """Queues and operators that don't exist, and names that two things would have."""
    for name, to in config.transfers.items():
        if to.queue is not None and to.queue not in config.queues:
            yield (("transfers", name, "queue"), f"there is no queue {to.queue}",
                   suggestions.did_you_mean(to.queue, config.queues), "queue-unknown")
        if to.operator is None:
            continue
        operator = config.extensions.get(to.operator, to.operator)
        if operator not in config.operators:
            yield (("transfers", name, "operator"), f"there is no operator {to.operator}",
                   suggestions.did_you_mean(to.operator, config.operators), "operator-unknown")
        elif config.queues[name].operators != (operator,):
            yield (("transfers", name), f"{name} is the name of a queue too",
                   f"name the transfer otherwise, or write `{{queue: {name}}}`", "transfer-is-queue")


def has_own_transfer(config: Config, queue: str) -> bool:
    """Whether a queue is there for a transfer to an operator: then what is wrong with it stands at that."""
    return queue in config.transfers and config.transfers[queue].operator is not None


def overflow_circles(config: Config) -> Iterator[Found]:
    """Queues from which callers would go round for ever; each circle once."""
    reported: set[str] = set()
    for first in config.queues:
        way = [first]
        while (after := _next_queue(config, way[-1])) is not None and after not in way:
            way.append(after)
        if after == first and not reported & set(way):
            reported |= set(way)
            key = "queue" if config.queues[first].overflow.queue is not None else "transfer"
            yield (("queues", first, "overflow", key), f"overflow goes in a circle: {' → '.join([*way, first])}",
                   "end it with a `message`, a `menu` or a `transfer`", "overflow-circle")


def _next_queue(config: Config, name: str) -> str | None:
    queue = config.queues.get(name)
    return (queue.overflow.queue or config.departments.get(queue.overflow.transfer or "")) if queue else None
