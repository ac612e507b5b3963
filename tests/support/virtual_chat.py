"""Visitors who write, and desks that answer them, in virtual time."""

from typing import Any

from ivr.call.text_leg import TextOpens
from ivr.exchange.effects import ToText
from ivr.exchange.texting.from_text import Asked, ChatLeft, ChatOpened, ChatSaid, ChatTaken, DeskOpened
from ivr.exchange.texting.legs import Visitor
from tests.support.virtual_house import Story


class Chats:
    """The web process: who of the writers is told what."""

    def __init__(self, story: Story) -> None:
        self.all: dict[str, Writer] = {}
        story.hotline.to_text = self.told

    def told(self, told: ToText) -> None:
        if told.phone in self.all:
            self.all[told.phone].take(told)


class Writer:
    """Somebody who writes: `legs` are theirs now, the oldest first; `told` is all that they were told."""

    def __init__(self, story: Story, chats: Chats, phone: str) -> None:
        self.story, self.phone, self.sent = story, phone, 0
        self.legs: list[str] = []
        self.offered: list[str] = []
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        chats.all[phone] = self

    def take(self, told: ToText) -> None:
        self.told.append((told.leg, told.kind, dict(told.fields)))
        if told.kind == "opened":
            self.legs.append(told.leg)
        elif told.kind == "offered":
            self.offered.append(told.leg)
        elif told.kind == "ended":
            self.legs = [leg for leg in self.legs if leg != told.leg]
            self.offered = [leg for leg in self.offered if leg != told.leg]

    def ask(self, asked: Asked) -> None:
        self.story.hotline.carry_out(self.story.hotline.exchange.text(asked, self.story.world.now))

    def say(self, text: str, leg: str = "", key: str | None = None, **more: Any) -> str:
        """Write; returns the id of the message at its writer's."""
        self.sent += 1
        key = str(self.sent) if key is None else key
        self.ask(ChatSaid(leg or self.legs[-1], key, text, **more))
        self.story.world.run(0.1)
        return key

    def leave(self, leg: str = "") -> None:
        self.ask(ChatLeft(leg or self.legs[-1], "leaves"))

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        return [fields for _, one, fields in self.told if one == kind]

    def read(self) -> list[tuple[str, str]]:
        """(sender, body) of every message that they got."""
        return [(fields["sender"], fields["body"]) for fields in self.kinds("message")]

    @property
    def options(self) -> list[list[str]]:
        """Of the last message."""
        return list(self.kinds("message")[-1]["options"])


class VirtualVisitor(Writer):
    """A visitor of a channel."""

    def __init__(self, story: Story, chats: Chats, name: str, channel: str = "web") -> None:
        self.visitor = Visitor(channel, name)
        super().__init__(story, chats, self.visitor.phone)

    def open(self, line: str = "100", name: str = "") -> None:
        self.ask(ChatOpened(self.visitor, TextOpens(line, name)))
        self.story.world.run(0.1)


class VirtualDesk(Writer):
    """The desk of an operator."""

    def answers(self, *, answers: bool = True) -> None:
        self.ask(DeskOpened(self.phone, answers))

    def accept(self) -> str:
        """Take the chat that is offered last; returns its leg."""
        leg = self.offered.pop()
        self.legs.append(leg)
        self.ask(ChatTaken(leg))
        self.story.world.run(0.1)
        return leg
