"""Datagrams on their way through the loop: taken from the socket at once, served in slices."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ivr.exchange.exchange import Exchange
from ivr.sip.transport.flow import Flow

# s of serving before sockets, plane and timers have their turn. The sockets then hold what came in 5 ms: some 25
# datagrams at 5,000 a second, where a kernel's buffer of usual size drops from 200 on.
SLICE = 0.005


class Serving:
    """Between `UdpSocket` and the exchange; `do` and `settle` are control's, for a turn and for the end of a slice."""

    def __init__(self, exchange: Exchange, do: Callable[[list[Any], float], None],
                 settle: Callable[[], None]) -> None:
        self._exchange = exchange
        self._do = do
        self._settle = settle
        self._door = exchange.house.endpoint.door
        self._loop = asyncio.get_running_loop()
        self._is_due = False

    def datagram(self, flow: Flow, payload: bytes) -> None:
        """One UDP datagram; `serve` follows when the socket is empty."""
        self._exchange.arrived(payload, flow, time.monotonic())

    def serve(self) -> None:
        """Serve a slice now, unless the loop is about to serve the next one."""
        if not self._is_due:
            self._serve()

    def _serve(self) -> None:
        self._is_due = True         # what a bug leaves lying is served by the next slice
        try:
            self._is_due = not self._slice()
        finally:
            if self._is_due:
                self._loop.call_soon(self._serve)
            self._settle()

    def _slice(self) -> bool:
        """True if nothing is left."""
        began_at = now = time.monotonic()
        served = False
        while not served and now - began_at < SLICE:
            effects = self._exchange.serve_next(now)
            if effects is None:
                served = True
            else:
                self._do(effects, now)
            now = time.monotonic()
        self.tell_news(now)
        return served

    def tell_news(self, now: float) -> None:
        """Log what the gate has to tell."""
        if self._door.gate.news:
            self._do(self._exchange.door_news(), now)
