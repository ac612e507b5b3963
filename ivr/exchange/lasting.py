"""What of the house outlives its calls, as plain data for a file, and taken up by the next process.

Calls die with control today, so everybody who waits is as somebody who dropped: who rings again has the old place.
Chats go on (`texting.returning`), and are counted where they do.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ivr.exchange.house import House, report
from ivr.exchange.old_places import PlacesLast
from routing.lasting import STRICT, QueuesLast, Text, Time

VERSION: Literal[1] = 1
OLDEST = 12 * 3600.0     # s: yesterday's figures are not today's, and who wrapped up then has gone home
AHEAD = 60.0             # s by which a clock may have been set back meanwhile


@dataclass(frozen=True, slots=True)
class Lasting:
    """`clock`: the moment of writing by the clock of all times in it; `at`: the same in seconds since 1970."""

    __pydantic_config__: ClassVar = STRICT

    version: Literal[1]
    node: Text
    at: Time
    clock: Time
    queues: QueuesLast
    places: PlacesLast


def lasting(house: House, now: float) -> Lasting:
    return Lasting(VERSION, house.config.node, house.to_utc(now).timestamp(), now, house.dispatcher.lasts(now),
                   house.old_places.written(_waiting(house), now))


def resume(house: House, kept: Lasting, now: float) -> list[Any]:
    """Before any call or phone: stand where the process stood that wrote this, with the configuration of this one.
    What is not of this node, or of another day, is left."""
    wall = house.to_utc(now).timestamp()
    away = wall - kept.at
    if reason := _why_not(house, kept, away):
        return [report("warning", "state_not_taken_up", reason=reason)]
    shift, away = (now - wall) - (kept.clock - kept.at), max(away, 0.0)
    house.old_places.resume(kept.places, shift, away, now)
    return [*house.dispatcher.resume(kept.queues, shift, now),
            report("info", "state_taken_up", operators=len(kept.queues.operators), queues=len(kept.queues.queues),
                   places=len(house.old_places.places), away_s=round(away, 1))]


def _why_not(house: House, kept: Lasting, away: float) -> str:
    if kept.node != house.config.node:
        return f"it is of the node {kept.node!r}, and this is {house.config.node!r}"
    if away > OLDEST:
        return f"it was written {away / 3600:.0f} hours ago, and figures are of a day"
    if away < -AHEAD:
        return f"it was written {-away:.0f} s ahead of this machine's clock"
    return ""


def _waiting(house: House) -> Iterator[tuple[str, str, float]]:
    """Who holds the line in a queue and would be known again. A number with two calls is several people's."""
    calls = Counter(opened.caller for opened in house.calls.values() if opened.caller)
    for opened in house.calls.values():
        wait = opened.wait
        if wait is not None and wait.caller and opened.call.in_queue and calls[wait.caller] == 1:
            yield wait.caller, wait.queue, wait.since
