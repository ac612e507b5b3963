"""Server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2)."""

from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.settings import Timing
from ivr.sip.transaction.transaction import (
    RequestRetransmitted,
    Send1xx,
    SendMessage,
    StartTimer,
    TransactionMachine,
    TransportFailed,
)


class State(Enum):
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    TERMINATED = auto()


@frozen
class SendFinal:
    message: Any


@frozen
class TimerJ:
    """Stop answering retransmissions."""


TIMER_J = TimerJ()          # of thousands that wait at once one is enough

T, P, C, X = State.TRYING, State.PROCEEDING, State.COMPLETED, State.TERMINATED
TABLE: Table = {
    (T, RequestRetransmitted): (T, ()),
    (T, Send1xx):              (P, ("send",)),
    (T, SendFinal):            (C, ("send", "start_j")),
    (T, TransportFailed):      (T, ()),
    (P, RequestRetransmitted): (P, ("repeat",)),
    (P, Send1xx):              (P, ("send",)),
    (P, SendFinal):            (C, ("send", "start_j")),
    (P, TransportFailed):      (X, ("end_transport",)),
    (C, RequestRetransmitted): (C, ("repeat",)),
    (C, SendFinal):            (C, ()),                 # any other final response is discarded
    (C, TimerJ):               (X, ("end",)),
    (C, TransportFailed):      (X, ("end_transport",)),
}


class OtherServerTransaction(TransactionMachine):
    """Answers one request; the stored response answers its retransmissions."""

    __slots__ = ("_reliable", "_timing", "last")
    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (TimerJ,)

    def __init__(self, timing: Timing, reliable: bool = False) -> None:
        self.state: State = State.TRYING
        self.last: Any = None
        self._timing = timing
        self._reliable = reliable

    def send(self, event: Send1xx | SendFinal, now: float) -> list[Any]:
        self.last = event.message
        return [SendMessage(event.message)]

    def repeat(self, event: Any, now: float) -> list[Any]:
        return [SendMessage(self.last)]

    def start_j(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TIMER_J, now + (0 if self._reliable else self._timing.limit))]
