"""Who talked with whom last: a caller who rings again may be kept for the same operator (`sticky_s` of a queue)."""

from collections.abc import Mapping

from ivr.exchange.house import House, OpenCall

MOST = 10_000            # numbers that are remembered; beyond it those whose talk is longest ago are forgotten


def note(house: House, opened: OpenCall, operator: str) -> None:
    """The operator talks with this caller. Held in memory alone, and `recall`ed from the record at the start; a caller
    who withholds the number is nobody."""
    number = opened.call.visit.person.caller_number
    if number and operator:
        house.last_operators.pop(number, None)
        house.last_operators[number] = operator
        if len(house.last_operators) > MOST:
            del house.last_operators[next(iter(house.last_operators))]


def recall(house: House, earlier: Mapping[str, str]) -> None:
    """What the record knows of calls to earlier processes, the latest last. Who talked with somebody since then did so
    later."""
    both = {**{number: operator for number, operator in earlier.items() if number not in house.last_operators},
            **house.last_operators}
    house.last_operators.clear()
    house.last_operators.update(list(both.items())[-MOST:])


def of(house: House, opened: OpenCall) -> str:
    """Who talked with this caller last, or "". A number can be forged: that is worth a preference and no more."""
    return house.last_operators.get(opened.call.visit.person.caller_number or "", "")
