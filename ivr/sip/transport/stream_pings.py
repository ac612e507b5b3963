"""Keeps the connections that we opened alive, and notices when one is dead (RFC 5626 §4.4.1).

```
 we                                     the carrier
 |---- CRLF CRLF ---------------------->|     every `keep_alive`
 |<--- CRLF, or any other byte ---------|     within PONG_LIMIT
```
Who has never answered a ping may not know it (RFC 5626 §4.4: an extension) and is only kept warm; who has answered one
and is silent at the next is dead: the connection is closed, and what waits on it fails at once.
"""

from dataclasses import dataclass
from typing import Any

from ivr.base.timers import Timers
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.transport.flow import Flow

PING = b"\r\n\r\n"
PONG = b"\r\n"
PONG_LIMIT = 10.0           # s (RFC 5626 §4.4.1)


@dataclass(frozen=True)
class PingDue:
    """Timer: the next ping."""


@dataclass(frozen=True)
class PongMissing:
    """Timer: nothing came since the ping."""


@dataclass
class Pinged:
    """A connection of ours. `answers`: it has said something to a ping."""

    flow: Flow
    answers: bool = False
    waiting: bool = False


class StreamPings:
    """The connections that we opened, as many as the driver has."""

    def __init__(self, timers: Timers, keep_alive: float) -> None:
        self._timers = timers
        self._keep_alive = keep_alive
        self._pinged: dict[int, Pinged] = {}

    def __len__(self) -> int:
        return len(self._pinged)

    def opened(self, flow: Flow, now: float) -> None:
        self._pinged[flow.connection] = Pinged(flow)
        self._start(flow.connection, PingDue(), now + self._keep_alive)

    def closed(self, flow: Flow) -> None:
        if self._pinged.pop(flow.connection, None) is not None:
            for kind in (PingDue, PongMissing):
                self._timers.cancel(("ping", (flow.connection, kind)))

    def heard(self, flow: Flow, data: bytes) -> None:
        """Bytes came. Any of them show that the connection lives; a pong shows that pings are answered here."""
        pinged = self._pinged.get(flow.connection)
        if pinged is None:
            return
        pinged.answers = pinged.answers or (pinged.waiting and data == PONG)
        if pinged.waiting:
            pinged.waiting = False
            self._timers.cancel(("ping", (flow.connection, PongMissing)))

    def fire(self, key: tuple[int, type], event: PingDue | PongMissing, now: float) -> list[Any]:
        pinged = self._pinged[key[0]]
        if isinstance(event, PongMissing):
            return [CloseStream(pinged.flow)] if pinged.answers else []
        pinged.waiting = True
        self._start(key[0], PingDue(), now + self._keep_alive)
        self._start(key[0], PongMissing(), now + PONG_LIMIT)
        return [SendBytes(pinged.flow, PING)]

    def _start(self, connection: int, event: PingDue | PongMissing, at: float) -> None:
        self._timers.start(("ping", (connection, type(event))), at, event)
