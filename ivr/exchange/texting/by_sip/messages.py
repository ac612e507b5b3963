"""What the house keeps of messages by SIP beside the chats: what is in the air, and what is not answered yet."""

from dataclasses import dataclass, field

from ivr.exchange.texting.by_sip.outbox import Outbox
from ivr.sip.pager.receiving import MOST_UNANSWERED

MOST_DONE = 5_000           # messages that are safe, whose sender may not have heard so


@dataclass
class Messages:
    """By visitor: `asked` are MESSAGEs that wait until what they say is safe, by its key, `over` what chats that are
    over have left to say, `closing` those whose last words are due. `sent`: for whom each MESSAGE in the air is."""

    asked: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    first: dict[str, tuple[str, str]] = field(default_factory=dict)     # key and text of what begins a chat
    over: dict[str, Outbox] = field(default_factory=dict)
    closing: dict[str, bool] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    done: dict[tuple[str, str], bool] = field(default_factory=dict)

    def note_done(self, visitor: str, key: str) -> None:
        self.done[visitor, key] = True
        while len(self.done) > MOST_DONE:
            del self.done[next(iter(self.done))]

    def ask(self, visitor: str, key: str, message: str) -> None:
        """One more MESSAGE waits. Those beyond the bound are the oldest, which the stack has answered long since."""
        self.asked[visitor, key] = [message]
        while len(self.asked) > MOST_UNANSWERED:
            del self.asked[next(iter(self.asked))]

    def take_asked(self, visitor: str) -> list[str]:
        """The MESSAGEs of a visitor that are not answered."""
        keys = [key for key in self.asked if key[0] == visitor]
        return [message for key in keys for message in self.asked.pop(key)]
