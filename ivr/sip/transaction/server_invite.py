"""INVITE server transaction (RFC 3261 §17.2.1 as corrected by RFC 6026 §7.1)."""

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
    PROCEEDING = auto()
    COMPLETED = auto()      # 3xx to 6xx sent
    ACCEPTED = auto()       # 2xx sent; who sends it again is the transaction's user
    CONFIRMED = auto()      # ACK for 3xx to 6xx came
    TERMINATED = auto()


@frozen
class AckReceived:
    """An ACK with the INVITE's branch: for a 3xx to 6xx, or from a peer that keeps the branch in the ACK for a 2xx."""

    request: Any = None


@frozen
class Send2xx:
    message: Any


@frozen
class Send3xxTo6xx:
    message: Any


@frozen
class TimerG:
    """Send the 3xx to 6xx again (UDP)."""


@frozen
class TimerH:
    """Stop waiting for the ACK."""


@frozen
class TimerI:
    """Stop absorbing ACKs."""


@frozen
class TimerL:
    """Stop absorbing the INVITE after a 2xx."""


TIMER_L = TimerL()          # of thousands that wait at once one is enough

P, C, A, F, X = State.PROCEEDING, State.COMPLETED, State.ACCEPTED, State.CONFIRMED, State.TERMINATED
TABLE: Table = {
    (P, RequestRetransmitted): (P, ("repeat",)),
    (P, Send1xx):              (P, ("send",)),
    (P, Send2xx):              (A, ("send_2xx", "start_l")),
    (P, Send3xxTo6xx):         (C, ("send", "start_g", "start_h")),
    (P, AckReceived):          (P, ()),                 # a peer that answers what it did not get
    (P, TransportFailed):      (P, ()),                 # the next response may find a way, or timers of the user end it
    (A, RequestRetransmitted): (A, ()),                 # RFC 6026 §7.1: absorbed, the user repeats its 2xx
    (A, Send2xx):              (A, ("send_2xx",)),
    (A, AckReceived):          (A, ("pass_up",)),
    (A, TransportFailed):      (A, ()),
    (A, TimerL):               (X, ("end",)),
    (C, RequestRetransmitted): (C, ("repeat",)),
    (C, AckReceived):          (F, ("start_i",)),
    (C, TimerG):               (C, ("repeat", "start_g")),
    (C, TimerH):               (X, ("end_no_ack",)),
    (C, TransportFailed):      (X, ("end_transport",)),
    (F, RequestRetransmitted): (F, ()),                 # overtaken by the ACK
    (F, AckReceived):          (F, ()),
    (F, TimerG):               (F, ()),
    (F, TimerH):               (F, ()),
    (F, TimerI):               (X, ("end",)),
    (F, TransportFailed):      (F, ()),
}


class InviteServerTransaction(TransactionMachine):
    """Answers one INVITE. `reliable`: the transport loses nothing (TCP)."""

    __slots__ = ("_interval_g", "_reliable", "_timing", "last")
    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (TimerG, TimerH, TimerI, TimerL)

    def __init__(self, timing: Timing, reliable: bool = False) -> None:
        self.state: State = State.PROCEEDING
        self.last: Any = None
        self._timing = timing
        self._reliable = reliable
        self._interval_g = timing.t1

    def send(self, event: Send1xx | Send3xxTo6xx, now: float) -> list[Any]:
        self.last = event.message
        return [SendMessage(event.message)]

    def send_2xx(self, event: Send2xx, now: float) -> list[Any]:
        """Nothing is kept that is not sent again from here."""
        self.last = None
        return [SendMessage(event.message)]

    def repeat(self, event: Any, now: float) -> list[Any]:
        return [SendMessage(self.last)] if self.last is not None else []

    def start_g(self, event: Any, now: float) -> list[Any]:
        if self._reliable:
            return []
        effect = StartTimer(TimerG(), now + self._interval_g)
        self._interval_g = min(2 * self._interval_g, self._timing.t2)
        return [effect]

    def start_h(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TimerH(), now + self._timing.limit)]

    def start_i(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TimerI(), now + (0 if self._reliable else self._timing.t4))]

    def start_l(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(TIMER_L, now + self._timing.limit)]
