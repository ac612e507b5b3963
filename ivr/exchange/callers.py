"""Whether a caller belongs to those for whom a line is."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ivr.base.config_callers import Callers, GroupConfig
from ivr.base.config_lines import LineConfig
from ivr.base.customers import Customers
from ivr.base.numbers import e164
from ivr.sip.events import LegOffered


def may_call(line: LineConfig, event: LegOffered, customers: Mapping[str, Customers], country: str,
             groups: Sequence[str] = ()) -> bool:
    """True for a line that is open to all, and for who is named by its `callers` or in one of the `groups` there."""
    callers = line.callers
    return callers is None or any(name in callers.groups for name in groups) or _are(callers, event, customers, country)


def groups_of(event: LegOffered, groups: Mapping[str, GroupConfig], customers: Mapping[str, Customers],
              country: str) -> tuple[str, ...]:
    """The names of those that the caller belongs to, in the order of the configuration."""
    return tuple(name for name, group in groups.items() if _are(group, event, customers, country))


def _are(callers: Callers, event: LegOffered, customers: Mapping[str, Customers], country: str) -> bool:
    """A number counts on the calls of trunks alone, whose carrier has put it there; strangers write what they like. A
    number that is withheld, or none, is nobody's."""
    if event.account is not None:
        return event.account in callers.accounts
    if event.trunk is None:
        return False
    return event.trunk in callers.trunks or _is_named(callers, e164(event.caller_number, country), customers, country)


def _is_named(callers: Callers, number: str, customers: Mapping[str, Customers], country: str) -> bool:
    if not number:
        return False
    return (number.startswith(tuple(callers.prefixes))
            or number in _normal(tuple(callers.numbers), country)
            or (callers.file is not None and number in customers.get(str(callers.file), ())))


@lru_cache(maxsize=2000)         # one for each line and each group
def _normal(numbers: tuple[str, ...], country: str) -> frozenset[str]:
    return frozenset(e164(number, country) for number in numbers)
