"""The legs that write: visitors of channels, and the desks of operators who answer chats."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ivr.base.ids import Ids
from ivr.base.values import frozen
from ivr.call.text_leg import NOWHERE, TRANSPORT, TextLeg, TextOpens
from ivr.exchange.effects import ToText
from ivr.exchange.texting.talk import Talk
from ivr.sip import commands, events
from ivr.sip.message.uri import Uri
from ivr.sip.registrar.binding import Binding

FOR_EVER = 365 * 86_400.0       # s: a desk answers chats until it says otherwise
MOST = 20_000                   # legs; a visitor beyond them is refused


@frozen
class Visitor:
    """Who writes from outside: the channel, and who they are there, as it knows them again."""

    channel: str
    name: str

    @property
    def phone(self) -> str:
        return f"{self.channel}/{self.name}"


@frozen
class DeskChanged:
    """An operator's desk answers chats now, or no longer: for chats what their phones are for calls. `lost`: it went
    with the web process, and is there again as soon as that is."""

    account: str
    answers: bool
    lost: bool = False


@dataclass
class TextLegs:
    """All of them, by leg. Every verb returns events of SIP, in order."""

    ids: Ids
    legs: dict[str, TextLeg] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)      # by leg
    outboxes: dict[Visitor, Any] = field(default_factory=dict)      # of chats by SIP that are about to begin
    by_visitor: dict[Visitor, str] = field(default_factory=dict)    # the leg of a chat that goes on
    channels: dict[str, int] = field(default_factory=dict)          # how many chats each has
    desks: dict[str, float] = field(default_factory=dict)           # accounts that answer chats, since when
    awaited: dict[str, str] = field(default_factory=dict)           # legs of accounts not heard of since a restart

    def __len__(self) -> int:
        return len(self.legs)

    @property
    def chats(self) -> int:
        """Those that go on, of all channels."""
        return len(self.visitors)

    def has(self, leg: str) -> bool:
        return leg in self.legs

    def phone_of(self, leg: str) -> str:
        """Who writes on it; "" for a leg that is over."""
        known = self.legs.get(leg)
        return known.phone if known is not None else ""

    def talk_of(self, leg: str) -> Talk | None:
        """The messages of a chat that begins with this leg; None for a leg that speaks."""
        visitor = self.visitors.get(leg)
        return Talk(visitor.channel, visitor.name, outbox=self.outboxes.pop(visitor, None)) if visitor else None

    def count(self, channel: str) -> int:
        """Chats of a channel that go on."""
        return self.channels.get(channel, 0)

    def is_full(self) -> bool:
        return len(self.legs) >= MOST

    # --- desks ------------------------------------------------------------------------------------------------------
    def desk_opens(self, account: str, now: float) -> list[Any]:
        """An operator's desk answers chats from now on."""
        if account in self.desks:
            return []
        self.desks[account] = now
        return [DeskChanged(account, answers=True)]

    def desk_closes(self, account: str, *, lost: bool = False) -> list[Any]:
        """It does no longer: chats that it has go on, for its operator may come back."""
        if account not in self.desks:
            return []
        del self.desks[account]
        return [DeskChanged(account, answers=False, lost=lost)]

    def bindings(self, account: str) -> tuple[Binding, ...]:
        """The desk of an account, if it answers chats."""
        return (self._binding(account),) if account in self.desks else ()

    def _binding(self, account: str) -> Binding:
        since = self.desks[account]
        return Binding(account, Uri("sip", account, None, TRANSPORT), NOWHERE, 1.0, since + FOR_EVER, since=since)

    # --- legs -------------------------------------------------------------------------------------------------------
    def open(self, visitor: Visitor, opens: TextOpens, now: float) -> list[Any]:
        """A visitor begins a chat; nothing if one of theirs goes on, or where there is no room."""
        if visitor in self.by_visitor or self.is_full():
            return []
        leg = TextLeg(self.ids.token(10), visitor.phone, None)
        self.visitors[leg.leg], self.by_visitor[visitor] = visitor, leg.leg
        self.channels[visitor.channel] = self.count(visitor.channel) + 1
        return [ToText(leg.phone, leg.leg, "opened", {}), *self._do(leg, opens, now)]

    def restore(self, visitor: Visitor, legs: Iterable[TextLeg], caller: str) -> None:
        """Those of a chat that goes on in this process; `caller` is the visitor's, of whom no other chat may be."""
        for leg in legs:
            self.legs[leg.leg] = leg
        self.visitors[caller], self.by_visitor[visitor] = visitor, caller
        self.channels[visitor.channel] = self.count(visitor.channel) + 1

    def do(self, name: str, event: Any, now: float) -> list[Any]:
        """An event of `text_leg` that people cause; nothing for a leg that is over."""
        leg = self.legs.get(name)
        return self._do(leg, event, now) if leg is not None else []

    def is_for(self, command: commands.Command) -> bool:
        """Whether a command is for one of these."""
        if isinstance(command, commands.DialLeg):
            return isinstance(command.target, Binding) and command.target.flow.transport == TRANSPORT
        return command.leg in self.legs

    def handle(self, command: commands.Command, now: float) -> list[Any]:
        leg = self.legs.get(command.leg)
        if leg is None and isinstance(command, commands.DialLeg) and isinstance(command.target, Binding):
            leg = TextLeg(command.leg, command.target.account, command.target.account)
            return [ToText(leg.phone, leg.leg, "offered", {}), *self._do(leg, command, now)]
        return self._do(leg, command, now) if leg is not None else []

    def _do(self, leg: TextLeg, event: Any, now: float) -> list[Any]:
        self.legs[leg.leg] = leg
        effects = leg.handle(event, now)
        for ended in [effect for effect in effects if isinstance(effect, events.LegEnded)]:
            effects.insert(0, ToText(leg.phone, leg.leg, "ended", {"status": ended.status, "reason": ended.reason}))
            del self.legs[leg.leg]
            visitor = self.visitors.pop(leg.leg, None)
            if visitor is not None:
                del self.by_visitor[visitor]
                self.channels[visitor.channel] -= 1
        return effects
