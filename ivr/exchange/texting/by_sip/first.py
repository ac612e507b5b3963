"""The MESSAGE that begins a chat: in its record before the menu has its turn, which may end the chat."""

from typing import Any

from ivr.exchange.house import House, Tell
from ivr.exchange.texting import from_text
from ivr.exchange.texting.talk import Talk


def first_said(house: House, leg: str, talk: Talk, now: float) -> list[Any]:
    """What the chat began with: kept, and read by whoever answers it. The menu's greeting is the answer to it: a menu
    that took `Hello` for a choice would begin by saying that it did not understand."""
    first = house.messages.first.pop(talk.visitor, None) if talk.outbox is not None else None
    if first is None:
        return []
    said = from_text.said(house, from_text.ChatSaid(leg, *first), now)
    return [one for one in said if type(one) is not Tell]
