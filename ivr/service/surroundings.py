"""What config.yaml says around a menu file, as its check wants to know it."""

from collections.abc import Iterator, Mapping

from ivr.base.config import Config, QueueConfig
from ivr.base.hours.schedule import Hours
from ivr.drivers.topics_file import field_names
from ivr.menu.lint.checked import Surroundings
from ivr.menu.lint.subject import Staff
from ivr.menu.model import Known


def known_of(config: Config, hours: Hours | None) -> Known:
    """The names that menus may use. Without `hours` (faulty, or of no matter) any schedule may be asked for."""
    schedules = frozenset(hours.schedules) if hours is not None else None
    skills = frozenset(skill for operator in config.operators.values() for skill in operator.skills)
    lines = frozenset(number for line in config.lines for number in line.numbers)
    surveys = frozenset(queue.survey for queue in config.queues.values() if queue.survey is not None)
    entries = frozenset(menu for queue in config.queues.values()
                        for menu in (*queue.while_waiting.values(), queue.overflow.menu or "")) - {""}
    return Known(frozenset(config.queues), frozenset(config.transfers), schedules, frozenset(config.pins),
                 frozenset(config.groups), lines, skills, surveys, entries,
                 field_names(config))


def surroundings(config: Config, path: str, lengths: Mapping[str, float] | None, hours: Hours | None) -> Surroundings:
    """For the menu file at `path`; `lengths`: clips that exist to their seconds, None leaves them unchecked."""
    first = frozenset(line.language or "" for line in config.lines if str(line.menu) == path)
    staff = {name: staff_of(config, name) for name in config.queues}
    orders_by = {line.numbers[0]: line.orders_by for line in config.lines if str(line.menu) == path}
    return Surroundings(lengths, known_of(config, hours), staff, first or frozenset([""]), config.check, orders_by)


def staff_of(config: Config, queue: str) -> Staff:
    """Who takes the callers of a queue in the end: its operators, and those of the queues that it overflows to. Skills
    are those of its own: who overflows is no longer asked for any."""
    way = list(_overflowing(config, queue))
    operators = [config.operators[name] for one in way for name in one.operators if name in config.operators]
    skills = tuple(config.operators[name].skills for one in way[:1] for name in one.operators
                   if name in config.operators)
    leaves = not way or way[-1].overflow.transfer in config.addresses
    if leaves or any(not operator.languages for operator in operators):
        return Staff(anybody=True, skills=skills)
    spoken = frozenset(language.partition("-")[0] for operator in operators for language in operator.languages)
    return Staff(bool(operators), spoken, skills)


def _overflowing(config: Config, queue: str | None) -> Iterator[QueueConfig]:
    """The queue and those that its callers come to one after the other."""
    seen: set[str] = set()
    while queue is not None and queue in config.queues and queue not in seen:
        seen.add(queue)
        yield config.queues[queue]
        overflow = config.queues[queue].overflow
        queue = overflow.queue or config.departments.get(overflow.transfer or "")
