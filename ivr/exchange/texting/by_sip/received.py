"""A MESSAGE of somebody outside: to the line that they wrote to, as a new chat or as the next words of theirs."""

from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import Any

from ivr.base.config_channels import SipMessagesConfig
from ivr.call.text_leg import TextLeaves, TextOpens
from ivr.exchange.from_sip_offers import NAME_LENGTH, NUMBER_LENGTH
from ivr.exchange.house import House, Tell
from ivr.exchange.texting import from_text
from ivr.exchange.texting.by_sip.outbox import Outbox
from ivr.exchange.texting.by_sip.sending import CHANNEL, box_of, try_now
from ivr.exchange.texting.by_sip.worded import asks_to_stop
from ivr.exchange.texting.legs import Visitor
from ivr.sip.events import MessageReceived

LONGEST_NAME = 80           # characters of a visitor's; longer ones are known by their fingerprint
SOON, LATER = 10, 60        # s for Retry-After
MOST_OF_ONE = 20            # chats of strangers at one address
MOST_UNPROVEN = 200         # strangers who have acknowledged nothing yet
FULL, DOWN = 480, 503       # 503 would have a carrier leave us for all its calls


def message_received(house: House, event: MessageReceived, now: float) -> list[Any]:
    channel, line = house.config.channels.sip, house.config.line_for(event.dialled)
    if line is None:
        house.count("unknown_numbers")
        return _answer(house, event, 404, now)
    if not channel.answers(line.numbers):
        return _answer(house, event, 405, now)
    visitor = visitor_of(event)
    if event.text is None:
        leg = house.endpoint.texts.by_visitor.get(visitor, "") if event.active else ""
        typing = from_text.asked(house, from_text.ChatTyping(leg), now) if leg else []
        return [*_answer(house, event, 200, now), *typing]
    if (visitor.name, event.key) in house.messages.done:
        return _answer(house, event, 200, now)
    if (waiting := house.messages.asked.get((visitor.name, event.key))) is not None:
        waiting.append(event.message)
        return []
    goes_on = visitor in house.endpoint.texts.by_visitor
    if not event.text.strip() or (asks_to_stop(event.text) and not goes_on):
        return _answer(house, event, 200, now)
    return (_said if goes_on else _opened)(house, event, visitor, channel, now)


def visitor_of(event: MessageReceived) -> Visitor:
    """Who they are: their account, their number at a trunk, or what a stranger says together with where it was said;
    else anybody could write in the name of anybody else, and read what they are answered."""
    if event.account is not None:
        name = event.account
    elif event.trunk is not None:
        name = f"{event.caller_number}@{event.trunk}"
    else:
        name = f"{event.address} {event.source}"
    if len(name) > LONGEST_NAME or not name.isprintable():
        name = f"{name[:40]!a} {blake2b(name.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
    return Visitor(CHANNEL, name)


def _said(house: House, event: MessageReceived, visitor: Visitor, channel: SipMessagesConfig,
          now: float) -> list[Any]:
    box, leg = box_of(house, visitor.name), house.endpoint.texts.by_visitor[visitor]
    assert event.text is not None
    if box is not None:
        if not box.may_write(channel.messages_per_minute, now):
            return _answer(house, event, FULL, now, SOON)
        box.way = event.way                     # a phone that has started anew may be elsewhere
    house.messages.ask(visitor.name, event.key, event.message)
    said = from_text.said(house, from_text.ChatSaid(leg, event.key, event.text), now)
    if asks_to_stop(event.text):
        said = [one for one in said if type(one) is not Tell]
        said += house.endpoint.texts.do(leg, TextLeaves("the visitor wrote that they leave"), now)
    return [*said, *(try_now(house, box, now) if box is not None else [])]


def _opened(house: House, event: MessageReceived, visitor: Visitor, channel: SipMessagesConfig,
            now: float) -> list[Any]:
    refusal = _no_room(house, event, channel)
    if refusal is not None:
        return _answer(house, event, *refusal[:1], now, refusal[1])
    opens = TextOpens(event.dialled, event.caller_name[:NAME_LENGTH], _number(event), event.account, event.trunk)
    if house.endpoint.texts.is_full():
        return _answer(house, event, FULL, now, LATER)
    box = house.messages.over.pop(visitor.name, None) or Outbox(
        visitor.name, event.dialled, event.way, counted_at=now)
    box.way, box.number, box.refused = event.way, event.dialled, 0
    box.may_write(channel.messages_per_minute, now)
    house.endpoint.texts.outboxes[visitor] = box
    house.messages.closing.pop(visitor.name, None)
    house.messages.ask(visitor.name, event.key, event.message)
    house.timers.cancel(("message_over", visitor.name))
    house.messages.first[visitor.name] = event.key, event.text or ""
    return house.endpoint.texts.open(visitor, opens, now)


def _number(event: MessageReceived) -> str:
    """Of who is no stranger: what they write in their From is nobody's number."""
    return event.caller_number[:NUMBER_LENGTH] if event.trunk is not None or event.account is not None else ""


def _no_room(house: House, event: MessageReceived, channel: SipMessagesConfig) -> tuple[int, int] | None:
    """Status and Retry-After where no new chat can begin now."""
    refusal = house.refusal(None, event.by_edge, writes=True)
    if refusal is not None:
        return (DOWN if refusal[0] == DOWN else FULL), LATER
    if house.endpoint.texts.count(CHANNEL) >= channel.max_chats:
        return FULL, LATER
    if event.account is not None or event.trunk is not None:
        return None
    theirs = _of_strangers(house)
    here = subscriber_of(event.source)
    if 2 * len(theirs) >= max(2, channel.max_chats) or sum(
            1 for box in theirs if subscriber_of(box.way.target.host) == here) >= MOST_OF_ONE:
        return FULL, LATER
    return (DOWN, SOON) if sum(1 for box in theirs if not box.proven) >= MOST_UNPROVEN else None


def _of_strangers(house: House) -> list[Outbox]:
    """Of their chats that go on; the target of each is where its visitor wrote from."""
    boxes = [opened.talk.outbox for opened in house.calls.values() if opened.talk is not None]
    return [box for box in boxes if box is not None and box.way.account is None and box.way.trunk is None]


def subscriber_of(host: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host
    return str(address) if address.version == 4 else str(IPv6Address(int(address) >> 64 << 64))


def _answer(house: House, event: MessageReceived, status: int, now: float, retry_after: int | None = None) -> list[Any]:
    return house.endpoint.answer_message(event.message, status, now, retry_after)


ROUTES: dict[type, Any] = {MessageReceived: message_received}
