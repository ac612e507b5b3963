"""How what comes together is cut into turns, and what a token of the store was for."""

from collections.abc import Iterable
from typing import Any

from ivr.call.events import RequestDurable, RequestRefused
from ivr.exchange.house import House, Tell
from ivr.exchange.texting import delivering
from ivr.sip.events import Traced


def told_of(house: House, tokens: str, *, kept: bool) -> list[Any]:
    """What follows for who asked for a durable write under one of these tokens, which a space parts."""
    told: list[Any] = []
    for token in tokens.split(" "):
        if token.startswith(delivering.TOKEN):
            told += delivering.safe(house, token, kept=kept)
        else:
            call, _, number = token.partition("#")
            told.append(Tell(call, (RequestDurable if kept else RequestRefused)(int(number))))
    return told


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
