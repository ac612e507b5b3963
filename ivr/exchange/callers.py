"""Whether a caller belongs to those for whom a line is."""

from collections.abc import Mapping
from functools import lru_cache

from ivr.base.config import LineConfig
from ivr.base.config_callers import CallersConfig
from ivr.base.customers import Customers
from ivr.base.numbers import e164
from ivr.sip.events import LegOffered


def may_call(line: LineConfig, event: LegOffered, customers: Mapping[str, Customers], country: str) -> bool:
    """True for a line that is open to all, and for who is named by its `callers`.

    A number counts on the calls of trunks alone, whose carrier has put it there; strangers write what they like. A
    number that is withheld, or none, is nobody's.
    """
    callers = line.callers
    if callers is None:
        return True
    if event.account is not None:
        return event.account in callers.accounts
    if event.trunk is None:
        return False
    return event.trunk in callers.trunks or _is_named(callers, e164(event.caller_number, country), customers, country)


def _is_named(callers: CallersConfig, number: str, customers: Mapping[str, Customers], country: str) -> bool:
    if not number:
        return False
    return (number.startswith(tuple(callers.prefixes))
            or number in _normal(tuple(callers.numbers), country)
            or (callers.file is not None and number in customers.get(str(callers.file), ())))


@lru_cache(maxsize=1000)         # one for each line
def _normal(numbers: tuple[str, ...], country: str) -> frozenset[str]:
    return frozenset(e164(number, country) for number in numbers)
