"""Client transaction of every method but INVITE and ACK (RFC 3261 §17.1.2)."""

from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.settings import Timing
from ivr.sip.transaction.transaction import SendMessage, StartTimer, TransactionMachine, TransportFailed


class State(Enum):
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    TERMINATED = auto()


@frozen
class ReceivedProvisional:
    response: Any


@frozen
class ReceivedFinal:
    response: Any


@frozen
class TimerE:
    """Send the request again (UDP)."""


@frozen
class TimerF:
    """Nobody answered."""


@frozen
class TimerK:
    """Stop absorbing the final response."""


T, P, C, X = State.TRYING, State.PROCEEDING, State.COMPLETED, State.TERMINATED
TABLE: Table = {
    (T, TimerE):              (T, ("repeat", "start_e")),
    (T, TimerF):              (X, ("end_timeout",)),
    (T, ReceivedProvisional): (P, ("pass_up",)),
    (T, ReceivedFinal):       (C, ("pass_up", "start_k")),
    (T, TransportFailed):     (X, ("end_transport",)),
    (P, TimerE):              (P, ("repeat", "start_e_slowly")),
    (P, TimerF):              (X, ("end_timeout",)),
    (P, ReceivedProvisional): (P, ("pass_up",)),
    (P, ReceivedFinal):       (C, ("pass_up", "start_k")),
    (P, TransportFailed):     (X, ("end_transport",)),
    (C, TimerE):              (C, ()),
    (C, TimerF):              (C, ()),
    (C, ReceivedProvisional): (C, ()),
    (C, ReceivedFinal):       (C, ()),
    (C, TransportFailed):     (C, ()),
    (C, TimerK):              (X, ("end",)),
}


class OtherClientTransaction(TransactionMachine):
    """Sends one request until a final response comes or 64 * T1 have passed."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (TimerE, TimerF, TimerK)

    def __init__(self, timing: Timing, message: Any, reliable: bool = False) -> None:
        self.state: State = State.TRYING
        self._message = message
        self._timing = timing
        self._reliable = reliable
        self._interval_e = timing.t1

    def start(self, now: float) -> list[Any]:
        return [SendMessage(self._message), *self.start_e(None, now), StartTimer(TimerF(), now + self._timing.limit)]

    def repeat(self, event: Any, now: float) -> list[Any]:
        return [SendMessage(self._message)]

    def start_e(self, event: Any, now: float) -> list[Any]:
        if self._reliable:
            return []
        effect = StartTimer(TimerE(), now + self._interval_e)
        self._interval_e = min(2 * self._interval_e, self._timing.t2)
        return [effect]

    def start_e_slowly(self, event: Any, now: float) -> list[Any]:
        self._interval_e = self._timing.t2      # RFC 3261 §17.1.2.2: in Proceeding every T2
        return self.start_e(event, now)

    def start_k(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TimerK(), now + (0 if self._reliable else self._timing.t4))]
