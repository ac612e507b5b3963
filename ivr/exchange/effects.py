"""What the exchange asks of the world besides SIP's own effects (`SendBytes`, `CloseStream`, `LookUp`)."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ivr.base.values import frozen
from ivr.call.record import Batch
from ivr.menu.requests import Request


@frozen
class ToPlane:
    """A command of `ivr.media.commands` for this plane or, with None, for the one that has its stream; for every
    plane, if it is about no stream."""

    command: Any
    worker: int | None = None


@frozen
class ToPage:
    """For the page of a phone: `kind` is state, ended, heard, menu or queue; `fields` are JSON-ready."""

    phone: str
    kind: str
    fields: dict[str, Any] = field(repr=False)

    @property
    def pushed(self) -> dict[str, Any]:
        """As it goes to the web process."""
        return {"phone": self.phone, "kind": self.kind, **self.fields}


@frozen
class ToText:
    """For who writes on `leg`: `phone` is a visitor of a channel ("web/…") or an account. `kind` is opened, offered,
    message, asks, kept, refused, heard, typing or ended; `fields` are JSON-ready."""

    phone: str
    leg: str
    kind: str
    fields: dict[str, Any] = field(repr=False)

    @property
    def pushed(self) -> dict[str, Any]:
        """As it goes to the web process."""
        return {"writer": self.phone, "leg": self.leg, "kind": self.kind, **self.fields}


@frozen
class ToStore:
    """Rows to keep. With a `token` the exchange wants `durable(token)` once they are safe."""

    batch: Batch
    token: str | None = None


@frozen
class ToOtherSystem:
    """A question by HTTP for the menu of a call; `answered(call, number, …)` is wanted, however it goes."""

    call: str
    number: int
    request: Request


@frozen
class ToPinRegister:
    """A question to a register of PINs for the menu of a call; `verified(call, …)` is wanted, however it goes."""

    call: str
    number: int
    register: str
    customer: str = field(repr=False)
    pin: str = field(repr=False)


@frozen
class OrdersKept:
    """All orders for lines, JSON-ready, `by` whom the last was given: to be on the disk before `answered(call, number,
    by, …)` is told, or a crash would forget what the caller was told is done."""

    call: str
    number: int
    by: str
    orders: tuple[Mapping[str, Any], ...]


@frozen
class OutboundCounted:
    """Calls to telephone numbers on `day`, by operator: to be kept, or a restart would begin the day anew."""

    day: str
    by_operator: tuple[tuple[str, int], ...]


@frozen
class StatusChosen:
    """A person chose the status of an operator: to be kept, or a restart would forget it."""

    operator: str
    status: str
    reason: str
    by: str             # a supervisor; "": the operator


@frozen
class TrialsKept:
    """Trials of menus that go on, and those that were returned, as (line, newer version, returned, text of the older):
    to be kept, or a restart would give all callers what only a share of them was to try."""

    trials: tuple[tuple[str, str, bool, str], ...]


@frozen
class Report:
    """A line for the log. `fields` hold names and figures; a caller's number goes under `number` alone."""

    level: str
    event: str
    fields: tuple[tuple[str, Any], ...] = ()
