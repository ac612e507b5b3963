"""Virtual time for one transaction machine: what it sends and hands up, with the moment."""

import heapq
import itertools
from typing import Any

from ivr.sip.transaction.client_invite import SendAck
from ivr.sip.transaction.transaction import PassUp, SendMessage, StartTimer, TransactionEnded


class Sim:
    def __init__(self, machine: Any) -> None:
        self.machine = machine
        self.now = 0.0
        self.sent: list[tuple[float, Any]] = []
        self.passed_up: list[Any] = []
        self.ended: tuple[float, str] | None = None
        self._heap: list[tuple[float, int, Any]] = []
        self._order = itertools.count()

    def start(self) -> "Sim":
        self._carry_out(self.machine.start(self.now))
        return self

    def feed(self, event: Any) -> None:
        self._carry_out(self.machine.handle(event, self.now))

    def run_until(self, at: float) -> "Sim":
        while self._heap and self._heap[0][0] <= at and self.ended is None:
            self.now, _, event = heapq.heappop(self._heap)
            self.feed(event)
        self.now = at
        return self

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.sent]

    def _carry_out(self, effects: list[Any]) -> None:
        for effect in effects:
            match effect:
                case SendMessage(message):
                    self.sent.append((self.now, message))
                case SendAck(response):
                    self.sent.append((self.now, f"ACK {response}"))
                case StartTimer(event, at):
                    heapq.heappush(self._heap, (at, next(self._order), event))
                case PassUp(event):
                    self.passed_up.append(event)
                case TransactionEnded(reason):
                    self.ended = self.now, reason
