"""Datagrams on their way through the loop: taken from the socket at once, served in slices."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ivr.exchange.exchange import Exchange
from ivr.exchange.from_door import door_news
from ivr.sip.effects import SendBytes
from ivr.sip.transport.flow import Flow

# s of serving before sockets, plane and timers have their turn. The sockets then hold what came in 5 ms: some 25
# datagrams at 5,000 a second, where a kernel's buffer of usual size drops from 200 on.
SLICE = 0.005


class Serving:
    """Between `UdpSocket` and the exchange; `carry_out` is control's."""

    def __init__(self, exchange: Exchange, carry_out: Callable[[list[Any], float], None]) -> None:
        self._exchange = exchange
        self._carry_out = carry_out
        self._door = exchange.house.endpoint.door
        self._arrivals = self._door.arrivals
        self._loop = asyncio.get_running_loop()
        self._is_due = False

    def datagram(self, flow: Flow, payload: bytes) -> None:
        """One UDP datagram; it is served in this turn of the loop or the next."""
        self._arrivals.put(payload, flow, time.monotonic())
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._serve)

    def _serve(self) -> None:
        began_at = now = time.monotonic()
        while now - began_at < SLICE:
            arrival = self._arrivals.next(now)
            if arrival is None:
                self._is_due = False
                break
            if isinstance(arrival, SendBytes):
                self._carry_out([arrival], now)
            else:
                self._carry_out(self._exchange.receive(arrival.data, arrival.flow, now), now)
            now = time.monotonic()
        else:
            self._loop.call_soon(self._serve)
        self.tell_news(now)

    def tell_news(self, now: float) -> None:
        """Log what the gate has to tell."""
        if self._door.gate.news:
            self._carry_out(door_news(self._exchange.house), now)
