"""What the house keeps of messages by SIP beside the chats: what is in the air, and what is not answered yet."""

from dataclasses import dataclass, field

from ivr.exchange.texting.by_sip.outbox import Outbox

MOST_DONE = 5_000           # messages that are safe, whose sender may not have heard so


@dataclass
class Messages:
    """By visitor: `asked` are MESSAGEs that wait until what they say is safe, by its key, `over` what chats that are
    over have left to say, `closing` those whose last words are due. `sent`: for whom each MESSAGE in the air is."""

    asked: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    over: dict[str, Outbox] = field(default_factory=dict)
    closing: dict[str, bool] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    done: dict[tuple[str, str], bool] = field(default_factory=dict)

    def note_done(self, visitor: str, key: str) -> None:
        self.done[visitor, key] = True
        while len(self.done) > MOST_DONE:
            del self.done[next(iter(self.done))]

    def take_asked(self, visitor: str) -> list[str]:
        """The MESSAGEs of a visitor that are not answered."""
        keys = [key for key in self.asked if key[0] == visitor]
        return [message for key in keys for message in self.asked.pop(key)]
