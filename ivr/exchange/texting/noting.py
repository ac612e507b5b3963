"""What happened beside a chat stands among its messages, for both who write and for whoever reads them later."""

from typing import Any

from ivr.exchange.house import House, OpenCall
from ivr.exchange.texting.delivering import keep
from ivr.exchange.texting.talk import Party


def note(house: House, chat: OpenCall, sender: str, kind: str, body: str, now: float) -> list[Any]:
    """A message of this `kind`, whose body is for programs; nothing where the chat takes no more."""
    talk = chat.talk
    if talk is None or talk.is_full:
        return []
    texts = house.endpoint.texts
    readers = tuple(Party(texts.phone_of(leg.leg), leg.leg) for leg in house.legs.of_call(chat.call.call) if leg.writes)
    row = talk.put(chat.call.call, house.to_utc(now), sender, body, kind=kind, readers=readers)
    return keep(row)
