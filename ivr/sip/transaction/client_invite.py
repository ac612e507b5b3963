"""INVITE client transaction (RFC 3261 §17.1.1 as corrected by RFC 6026 §7.2)."""

from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.sip.settings import Timing
from ivr.sip.transaction.transaction import SendMessage, StartTimer, TransactionMachine, TransportFailed


class State(Enum):
    CALLING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()      # 3xx to 6xx came and is acknowledged
    ACCEPTED = auto()       # 2xx came; each one goes up, and the user acknowledges it
    TERMINATED = auto()


@frozen
class Received1xx:
    response: Any


@frozen
class Received2xx:
    response: Any


@frozen
class Received3xxTo6xx:
    response: Any


@frozen
class Abandoned:
    """The user gave up after a CANCEL that brought no final response (RFC 3261 §9.1)."""


@frozen
class TimerA:
    """Send the INVITE again (UDP)."""


@frozen
class TimerB:
    """Nobody answered."""


@frozen
class TimerD:
    """Stop acknowledging the 3xx to 6xx again."""


@frozen
class TimerM:
    """Stop waiting for more 2xx."""


@frozen
class SendAck:
    """Effect: send the ACK for a 3xx to 6xx, over the INVITE's flow and with its branch."""

    response: Any


C, P, D, A, X = State.CALLING, State.PROCEEDING, State.COMPLETED, State.ACCEPTED, State.TERMINATED
TABLE: Table = {
    (C, TimerA):           (C, ("repeat", "start_a")),
    (C, TimerB):           (X, ("end_timeout",)),
    (C, Received1xx):      (P, ("pass_up",)),
    (C, Received2xx):      (A, ("pass_up", "start_m")),
    (C, Received3xxTo6xx): (D, ("acknowledge", "pass_up", "start_d")),
    (C, TransportFailed):  (X, ("end_transport",)),
    (C, Abandoned):        (X, ("end",)),
    (P, TimerA):           (P, ()),
    (P, TimerB):           (P, ()),
    (P, Received1xx):      (P, ("pass_up",)),
    (P, Received2xx):      (A, ("pass_up", "start_m")),
    (P, Received3xxTo6xx): (D, ("acknowledge", "pass_up", "start_d")),
    (P, TransportFailed):  (X, ("end_transport",)),
    (P, Abandoned):        (X, ("end",)),
    (D, TimerA):           (D, ()),
    (D, TimerB):           (D, ()),
    (D, Received1xx):      (D, ()),
    (D, Received2xx):      (D, ()),                     # no proxy sends one after a 3xx to 6xx; nothing would stop it
    (D, Received3xxTo6xx): (D, ("acknowledge",)),
    (D, TransportFailed):  (X, ("end",)),               # the user has its final response already
    (D, Abandoned):        (D, ()),
    (D, TimerD):           (X, ("end",)),
    (A, TimerA):           (A, ()),
    (A, TimerB):           (A, ()),
    (A, Received1xx):      (A, ()),
    (A, Received2xx):      (A, ("pass_up",)),
    (A, Received3xxTo6xx): (A, ()),                     # a branch of a fork that lost
    (A, TransportFailed):  (A, ()),
    (A, Abandoned):        (A, ()),
    (A, TimerM):           (X, ("end",)),
}


class InviteClientTransaction(TransactionMachine):
    """Sends one INVITE until something answers."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (TimerA, TimerB, TimerD, TimerM)

    def __init__(self, timing: Timing, message: Any, reliable: bool = False) -> None:
        self.state: State = State.CALLING
        self._message = message
        self._timing = timing
        self._reliable = reliable
        self._interval_a = timing.t1

    def start(self, now: float) -> list[Any]:
        return [SendMessage(self._message), *self.start_a(None, now), StartTimer(TimerB(), now + self._timing.limit)]

    def repeat(self, event: Any, now: float) -> list[Any]:
        return [SendMessage(self._message)]

    def start_a(self, event: Any, now: float) -> list[Any]:
        if self._reliable:
            return []
        effect = StartTimer(TimerA(), now + self._interval_a)
        self._interval_a *= 2
        return [effect]

    def start_d(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TimerD(), now + (0 if self._reliable else max(32.0, self._timing.limit)))]

    def start_m(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TimerM(), now + self._timing.limit)]

    def acknowledge(self, event: Received3xxTo6xx, now: float) -> list[Any]:
        return [SendAck(event.response)]
