"""What a call of words has besides a spoken one: its messages, each safe before anybody is told of it, in order.

    said ──▶ row, to the store ──▶ safe ──▶ delivered to its readers, acknowledged to its writer
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ivr.base.values import frozen
from ivr.call.record import MessageRow
from ivr.exchange.texting.recent import Recent

LONGEST = 4_096             # characters of a message
MOST_UNSAFE = 50            # messages of a chat that no disk has yet; the next ones are refused
MOST_KEYS = 500             # ids of messages by which a second delivery is known
MOST_MESSAGES = 10_000      # of one chat
CALLER, HOTLINE = "caller", "hotline"


class Party(NamedTuple):
    """Somebody who writes, on this leg: they are told by their name even when the leg is over."""

    phone: str
    leg: str


@frozen
class Option:
    """A button: what is typed when it is pressed, and what stands on it."""

    keys: str
    label: str


@dataclass
class Pending:
    """A message that is not safe yet, for these readers; `writer`: whose it is, None for ours."""

    row: MessageRow
    readers: tuple[Party, ...]
    writer: Party | None
    safe: bool = False


@dataclass
class Talk:
    """The messages of one chat. `words` have been said in this turn by the hotline and are no message yet; `offered`
    are the options that the visitor was shown last; `take` is the number of a message that the menu waits for."""

    channel: str
    visitor: str
    position: int = 0
    pending: dict[int, Pending] = field(default_factory=dict)        # in order of position
    keys: dict[str, int] = field(default_factory=dict)               # in order of coming
    words: list[str] = field(default_factory=list)
    spoke: bool = False         # something was said in this turn, be it without words
    offered: tuple[Option, ...] = ()
    waiting_word: str = ""      # what was said last to a visitor who waits: it is said once
    take: int = 0
    recent: Recent = field(default_factory=Recent)
    outbox: Any = None          # of who writes by SIP: `by_sip.outbox.Outbox`, what is on its way to them
    wish: str = ""              # the telephone at which the visitor wants to be called
    heard: dict[str, str] = field(default_factory=dict)     # by id: what no disk took, though the menu has answered it
    asked: tuple[bool, str] = (False, "")       # what the visitor's page was told last: a secret or not, the language
    revision: int = 0           # of its state in the store: see keeping
    unkept: bool = False        # its state could not be kept
    queued: int = 0             # how often it came into a queue
    returned_until: float = -1e9        # until then whoever serves it may still be on the way back after a restart

    @property
    def is_full(self) -> bool:
        return len(self.pending) >= MOST_UNSAFE or self.position >= MOST_MESSAGES

    def known(self, key: str) -> int | None:
        """The position of a message that came before under this id of its writer."""
        return self.keys.get(key) if key else None

    def put(self, call: str, at: datetime, sender: str, body: str, *, audience: Literal["all", "staff"] = "all",
            key: str = "", kind: str = "text", options: tuple[Option, ...] = (), readers: tuple[Party, ...] = (),
            writer: Party | None = None) -> MessageRow:
        """A new message, which is pending from now on."""
        position = self.position
        self.position += 1
        row = MessageRow(id=f"{call}/m{position}", call_id=call, position=position, at=at, sender=sender,
                         audience=audience, kind=kind, body=body, key=key,
                         options=tuple((option.keys, option.label) for option in options))
        self.pending[position] = Pending(row, readers, writer)
        if self.outbox is not None and any(reader.phone == f"{self.channel}/{self.visitor}" for reader in readers):
            self.outbox.due[position] = row
        if key:
            self.keys[key] = position
            while len(self.keys) > MOST_KEYS:
                del self.keys[next(iter(self.keys))]
        return row

    def now_safe(self, position: int) -> list[Pending]:
        """Those that may be delivered, since this one is safe: in order, so none before an earlier one."""
        if (kept := self.pending.get(position)) is not None:
            kept.safe = True
        ready = []
        while self.pending and (first := next(iter(self.pending.values()))).safe:
            del self.pending[first.row.position]
            ready.append(first)
            self.recent.add(first.row)
        return ready

    def refused(self, position: int) -> Pending | None:
        """Nothing took it: it never was. Said again it is another message, which the menu has heard already."""
        lost = self.pending.pop(position, None)
        if self.outbox is not None:
            self.outbox.due.pop(position, None)
        if lost is None or not lost.row.key:
            return lost
        self.keys.pop(lost.row.key, None)
        if lost.row.sender == CALLER and lost.row.kind == "text":
            self.heard[lost.row.key] = lost.row.body or ""
            while len(self.heard) > MOST_UNSAFE:
                del self.heard[next(iter(self.heard))]
        return lost
