"""What a channel is: one file that implements this. docs/channels.md tells how to write one."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.channels.gateway import Gateway


@dataclass(frozen=True)
class Outgoing:
    """Something for a visitor. `id` is the same whenever it is sent again. `kind`: text or ended (a file comes as
    text: its name and size in words); `options` are keys and label; `secret`: what the visitor writes next is one;
    `language`: in which the hotline speaks with them, "" where that is not known."""

    id: str
    call: str
    position: int
    at: datetime
    sender: str                 # hotline or operator
    name: str                   # of the operator, as visitors may know it
    kind: str
    body: str
    options: tuple[tuple[str, str], ...] = ()
    secret: bool = False
    language: str = ""


@dataclass(frozen=True)
class Kept:
    """A message of a visitor is safe. `hidden`: it was a secret, and nothing of it is kept; `again`: it came before."""

    call: str
    position: int
    hidden: bool = False
    again: bool = False


class TryLater(Exception):
    """It did not arrive and may yet. `seconds`: not before; None: as usual, with growing waits. `whole`: nobody of this
    channel would get it; `fault`: somebody of ours must do something about it. `str()` is a fixed word or two of ours:
    it is logged and shown."""

    def __init__(self, reason: str, seconds: float | None = None, *, whole: bool = False, fault: bool = False) -> None:
        super().__init__(reason)
        self.seconds, self.whole, self.fault = seconds, whole, fault


class Gone(Exception):
    """This visitor can't be reached any more: their chat ends."""


class NotTaken(Exception):
    """This message will never be taken: the next one goes."""


class Refused(Exception):
    """A message of a visitor is not taken. `code`: closed, full, too_many, too_long, over, refused; `seconds`: when it
    may be tried again, if ever."""

    def __init__(self, code: str, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.code, self.seconds = code, seconds


class Away(Exception):
    """Control or the database is away, or slow: the same message, under the same key, is to come again."""


class Channel(ABC):
    """One way to visitors. `name` is `channel` or `channel/part`."""

    name: str
    at_once: int = 8            # visitors who are told something at the same time

    def pieces(self, message: Outgoing) -> list[str]:
        """The bodies that it is sent as; each that arrived is not sent again after a crash."""
        return [message.body]

    @abstractmethod
    async def send(self, visitor: str, message: Outgoing) -> None:
        """Returns when it has arrived. Raises TryLater, Gone or NotTaken. Called for one message of a visitor at a
        time, in order."""

    async def typing(self, visitor: str) -> None:
        """Somebody of ours is writing. May be lost; raises nothing that matters."""
        return

    async def run(self, gateway: "Gateway") -> None:
        """Until cancelled: what must be asked or kept. What comes goes to `gateway.came`."""
        return

    async def close(self) -> None:
        """Connections are given up."""
        return
