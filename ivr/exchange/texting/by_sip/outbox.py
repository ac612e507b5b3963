"""What is to be sent to one visitor who writes by SIP, one MESSAGE at a time. Plain values: it hangs on the chat's
`Talk`, is written with it, and goes on in the next process."""

import json
from dataclasses import dataclass, field
from typing import Any

from ivr.sip.pager.way_back import WayBack

DATAGRAM_BYTES = 700        # of text: RFC 3428 §8 gives the whole request 1,300, long numbers and routes included
CHALLENGED_BYTES = 450      # the same where a trunk may want credentials in it
STREAM_BYTES = 8_000        # over a connection of theirs nothing is cut up on the way
MOST_TEXTS = 200            # that wait; a chat that writes more than this to somebody silent is over
MOST_WRITTEN = 96 << 10     # bytes of them as a state writes them: it has `keeping.LARGEST` for all that a chat is
BURST = 10                  # messages beyond their share that a visitor may write at once


@dataclass
class Text:
    """A text on its way. `name` is its own in every process: with `piece`, which counts what is cut of it, it makes the
    Call-ID, by which phones know what they have."""

    name: str
    text: str
    piece: int = 0

    @property
    def sip_call_id(self) -> str:
        return f"{self.name}.{self.piece}"


@dataclass
class Outbox:
    """`number` is ours that they wrote to. `due` are messages for them that are not safe yet, by position: the state
    that lies in the store with a message has it here, so a process that takes the chat up knows that it is to be sent.
    `sending` is the MESSAGE in the air ("": none), `sequence` its CSeq, `rest` what is left of the first text after it.
    linphone takes two under one Call-ID for the same message, so each has its own, and keeps it where it is sent again.
    `failing`: since when the first text has failed; `tries` how often. `proven`: they have acknowledged a message of
    ours, so the address is theirs."""

    visitor: str
    number: str
    way: WayBack
    sequence: int = 0
    texts: list[Text] = field(default_factory=list)
    due: dict[int, Any] = field(default_factory=dict)
    sending: str = ""
    rest: str = ""
    tries: int = 0
    failing: float | None = None
    refused: int = 0            # texts in a row that were refused for good
    proven: bool = False
    budget: float = BURST
    counted_at: float = 0.0

    @property
    def limit(self) -> int:
        """Bytes of text that go into one MESSAGE."""
        if self.way.trunk is not None:
            return CHALLENGED_BYTES
        return STREAM_BYTES if self.way.flow.reliable else DATAGRAM_BYTES

    def has_room(self, text: str) -> bool:
        """Whether one more text may wait. A Cyrillic letter takes six bytes in a state, and one text at most half of
        the room."""
        if len(self.texts) >= MOST_TEXTS:
            return False
        waiting = [one.text for one in self.texts] + [row.body or "" for row in self.due.values()]
        return not waiting or len(json.dumps([*waiting, text])) <= MOST_WRITTEN

    def may_write(self, per_minute: int, now: float) -> bool:
        """Whether one more message of theirs is taken, which then counts."""
        share = per_minute / 60
        self.budget = min(BURST + per_minute / 4, self.budget + (now - self.counted_at) * share)
        self.counted_at = now
        if self.budget < 1:
            return False
        self.budget -= 1
        return True

    def next_piece(self) -> str:
        """What goes into the next MESSAGE; `rest` is set to what does not."""
        piece, self.rest = cut(self.texts[0].text, self.limit)
        return piece

    def taken(self) -> None:
        """The MESSAGE in the air has arrived."""
        first = self.texts[0]
        self.texts[0:1] = [Text(first.name, self.rest, first.piece + 1)] if self.rest else []
        self.refused, self.proven = 0, True
        self.begin_anew()

    def drop(self) -> None:
        """The first text is given up."""
        del self.texts[0]
        self.refused += 1
        self.begin_anew()

    def begin_anew(self) -> None:
        """The next MESSAGE is another one, which has not failed."""
        self.sending, self.rest, self.sequence, self.tries, self.failing = "", "", 0, 0, None


def cut(text: str, limit: int) -> tuple[str, str]:
    """The beginning that fits `limit` bytes of UTF-8, and the rest: between lines if that leaves half of it, else
    between words, else between characters. What stood at the border (a line end, a blank) is in neither."""
    octets = text.encode("utf-8", "replace")
    if len(octets) <= limit:
        return text, ""
    fits = octets[:limit + 1].decode("utf-8", "ignore")     # one more: a border may stand just behind what fits
    for border in ("\n", " "):
        place = fits.rfind(border)
        if place > 0 and 2 * len(fits[:place].encode()) >= limit:
            return text[:place].rstrip(), text[place + 1:].lstrip("\n ")
    head = octets[:limit].decode("utf-8", "ignore")
    return head, text[len(head):]
