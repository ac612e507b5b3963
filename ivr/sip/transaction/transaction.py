"""What the four transaction machines share: their effects, and the events more than one of them knows.

Messages are opaque here: whatever was given to send is sent again. A machine asks for timers by effect; a timer that
fires comes back as the event it was started with, and a stale one meets an empty row.
"""

from typing import Any, Literal

from ivr.base.machine import Machine
from ivr.base.values import frozen


# events
@frozen
class TransportFailed:
    """The driver could not send (RFC 3261 §17.1.4, §17.2.4)."""


@frozen
class RequestRetransmitted:
    """The same request came again."""


@frozen
class Send1xx:
    message: Any


# effects
@frozen
class SendMessage:
    message: Any


@frozen
class StartTimer:
    event: Any
    at: float


@frozen
class PassUp:
    """Hand the event that came to the transaction's user."""

    event: Any


@frozen
class TransactionEnded:
    """The transaction can be forgotten. `no_ack`, `timeout` and `transport` are news to its user."""

    reason: Literal["normal", "no_ack", "timeout", "transport"]


class TransactionMachine(Machine):
    """The actions that do the same in each of them."""

    __slots__ = ()

    def pass_up(self, event: Any, now: float) -> list[Any]:
        return [PassUp(event)]

    def end(self, event: Any, now: float) -> list[Any]:
        return [TransactionEnded("normal")]

    def end_no_ack(self, event: Any, now: float) -> list[Any]:
        return [TransactionEnded("no_ack")]

    def end_timeout(self, event: Any, now: float) -> list[Any]:
        return [TransactionEnded("timeout")]

    def end_transport(self, event: Any, now: float) -> list[Any]:
        return [TransactionEnded("transport")]
