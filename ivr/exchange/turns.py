"""How what comes together is cut into turns, and what a token of the store was for."""

from collections.abc import Iterable
from typing import Any

from ivr.call.events import RequestDurable, RequestRefused
from ivr.exchange.house import Tell
from ivr.sip.events import Traced


def told_of(token: str, event: type[RequestDurable | RequestRefused]) -> Tell:
    """The event for the call that asked for a durable write under `token`."""
    call, _, number = token.partition("#")
    return Tell(call, event(int(number)))


def turns_of(items: Iterable[Any]) -> list[list[Any]]:
    """One turn for each item. What is traced right after it is heard before what follows from it: else the ladder of a
    call would begin with our answer."""
    turns: list[list[Any]] = []
    for item in items:
        if turns and type(item) is Traced:
            turns[-1].append(item)
        else:
            turns.append([item])
    return turns
