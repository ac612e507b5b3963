"""Messages on their way to visitors who write by SIP: in order, one at a time, again where it can help, and told to the
operator where it can't.

    safe ──▶ outbox ──▶ MESSAGE ──2xx──▶ the next
                ▲           └──408, 480, 5xx──▶ again after 2, 4, … 20 s, for 3 minutes; then the chat is over
                └────────────── another refusal: told to the operator; the third in a row ends the chat
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from ivr.base.values import changed, frozen
from ivr.call.text_leg import TextLeaves
from ivr.exchange.house import House, OpenCall, report
from ivr.exchange.texting import delivering
from ivr.exchange.texting.by_sip.outbox import Outbox, Text
from ivr.exchange.texting.by_sip.worded import say, worded
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.texting.talk import HOTLINE, Party
from ivr.sip.commands import SendMessage
from ivr.sip.events import MessageSent

CHANNEL = "sip"
TRANSIENT = frozenset((408, 430, 480, 486, 491, 500, 502, 503, 504, 600))
SILENT = frozenset((408, 430))
FIRST_WAIT, LONGEST_WAIT = 2.0, 20.0      # s between tries, each twice the one before
DELIVER_WITHIN = 180.0                    # s from the first failure of a text; a phone that starts anew takes less
MOST_REFUSED = 3                          # texts in a row
TRUNKS_FOUND = 3.0                        # s from the start of a process
SHOWN = 60                                # characters of a text that the operator is told of


@frozen
class SendAgain:
    """Timer: the first text of a visitor is to be tried again."""

    visitor: str


def box_of(house: House, visitor: str) -> Outbox | None:
    """That of the chat which goes on, or of one that is over and has something left to say."""
    opened = chat_of(house, visitor)
    box = opened.talk.outbox if opened is not None and opened.talk is not None else None
    return box or house.messages.over.get(visitor)


def chat_of(house: House, visitor: str) -> OpenCall | None:
    """The chat of a visitor that goes on."""
    leg = house.legs.get(house.endpoint.texts.by_visitor.get(Visitor(CHANNEL, visitor), ""))
    return house.calls.get(leg.call) if leg is not None else None


def text_of(house: House, call: str, fields: Mapping[str, Any], language: str) -> Text:
    """A message of the chat, with a name that it has in every process."""
    names = {name: operator.display_name for name, operator in house.config.operators.items()}
    name = blake2b(f"{call}/{fields['position']}".encode(), digest_size=12).hexdigest()
    return Text(name, worded(fields, language, names))


def put(house: House, box: Outbox, text: Text, now: float) -> list[Any]:
    """One more text for them."""
    if not text.text:
        return []
    if not box.has_room(text.text):
        return _unreachable(house, box, "too much is waiting", now)
    box.texts.append(text)
    return send_next(house, box, now)


def send_next(house: House, box: Outbox, now: float) -> list[Any]:
    """The next piece, unless one is in the air or the time to try again has not come."""
    if box.sending in house.messages.sent or not box.texts or box.failing is not None:
        return []
    return _send(house, box, now)


def try_now(house: House, box: Outbox, now: float) -> list[Any]:
    """They are there, as we hear: what has failed is tried at once."""
    if box.failing is None or box.sending in house.messages.sent or not box.texts:
        return []
    box.failing, box.tries = None, 0
    house.timers.cancel(("message_again", box.visitor))
    return _send(house, box, now)


def phone_came(house: House, account: str, now: float) -> list[Any]:
    """A phone of this account has registered: what is in the air, or waits to be tried again, may have gone to where it
    was before, and goes to where it is. Under its old Call-ID: who got it after all knows it by that."""
    box = box_of(house, account)
    if box is None or not box.texts or box.way.account is None:
        return []
    house.messages.sent.pop(box.sending, None)
    house.timers.cancel(("message_again", account))
    return resume(house, box, now)


def resume(house: House, box: Outbox, now: float) -> list[Any]:
    """What is in the air may not have arrived: it goes out again, under its Call-ID."""
    box.sending, box.failing, box.tries = "", None, 0
    return send_next(house, box, now)


def taken_up(house: House, opened: OpenCall, now: float) -> None:
    """A new process goes on with this chat: what lies with its state is safe, and is sent once the trunks are found. Of
    what was sent shortly before, the state knows nothing; phones know it by its Call-ID. The connections of the old
    process are gone, and their numbers are others' now."""
    talk = opened.talk
    if talk is None or talk.outbox is None:
        return
    box: Outbox = talk.outbox
    box.sending, box.tries, box.counted_at = "", 0, now
    box.way = changed(box.way, flow=box.way.flow.towards(box.way.flow.remote))
    for position in sorted(box.due):
        row = box.due.pop(position)
        fields = {"position": position, "sender": row.sender, "form": row.kind, "body": row.body,
                  "options": row.options}
        text = text_of(house, opened.call.call, fields, talk.asked[1])
        box.texts += [text] if text.text else []
    box.failing = now if box.texts else None
    house.timers.start(("message_again", box.visitor), now + TRUNKS_FOUND, SendAgain(box.visitor))


def _send(house: House, box: Outbox, now: float) -> list[Any]:
    box.sending = house.ids.token(8)
    house.messages.sent[box.sending] = box.visitor
    box.sequence += 4           # a challenge on the way takes numbers of its own
    leg = house.endpoint.texts.by_visitor.get(Visitor(CHANNEL, box.visitor), "")
    command = SendMessage(box.sending, box.way, box.number, box.texts[0].sip_call_id, box.sequence,
                          box.next_piece(), leg, aside=box.tries % 2 == 1)
    return house.endpoint.send_message(command, now)


def send_again(house: House, event: SendAgain, now: float) -> list[Any]:
    box = box_of(house, event.visitor)
    if box is None or box.sending in house.messages.sent or not box.texts:
        return []
    return _send(house, box, now)


def message_sent(house: House, event: MessageSent, now: float) -> list[Any]:
    """What became of the one in the air."""
    box = box_of(house, house.messages.sent.pop(event.message, ""))
    if box is None or box.sending != event.message:
        return []
    box.sending = ""
    if event.status < 300:
        box.taken()
        house.count("messages_sent")
        return [*send_next(house, box, now), *forget_if_done(house, box)]
    if event.status in TRANSIENT:
        return _later(house, box, event, now)
    return _refused(house, box, event, now)


def _later(house: House, box: Outbox, event: MessageSent, now: float) -> list[Any]:
    """Nobody is there just now. Who has never acknowledged anything is not tried again: a forged address would have
    somebody else get all this. An edge says 430 for somebody who is silent."""
    box.failing = now if box.failing is None else box.failing
    stranger = box.way.account is None and box.way.trunk is None
    if now - box.failing >= DELIVER_WITHIN or (stranger and not box.proven and event.status in SILENT):
        return _unreachable(house, box, f"{event.status} {event.reason}", now)
    wait = min(LONGEST_WAIT, max(FIRST_WAIT * 2**min(box.tries, 8), event.retry_after or 0))
    box.tries += 1
    house.timers.start(("message_again", box.visitor), now + wait, SendAgain(box.visitor))
    return []


def _refused(house: House, box: Outbox, event: MessageSent, now: float) -> list[Any]:
    """They, or the network, will not have this one."""
    reason, text = f"{event.status} {event.reason}", box.texts[0].text
    box.drop()
    house.count("messages_refused")
    told = _tell_staff(house, box, "undelivered", now, reason=reason, text=text[:SHOWN])
    if box.refused >= MOST_REFUSED:
        return [*told, *_unreachable(house, box, reason, now)]
    return [*told, *send_next(house, box, now), *forget_if_done(house, box)]


def _unreachable(house: House, box: Outbox, reason: str, now: float) -> list[Any]:
    """Nothing can be said to them any more: the chat ends, and its operator reads why."""
    text = box.texts[0].text if box.texts else ""
    box.texts.clear()
    box.begin_anew()
    house.timers.cancel(("message_again", box.visitor))
    house.count("messages_undelivered")
    told = _tell_staff(house, box, "undelivered", now, reason=reason, text=text[:SHOWN]) if text else []
    opened = chat_of(house, box.visitor)
    if opened is None:
        return [*told, *forget_if_done(house, box)]
    told += [*_tell_staff(house, box, "gone", now),
             report("info", "visitor_unreachable", call=opened.call.call, channel=CHANNEL, reason=reason)]
    box.refused = MOST_REFUSED
    leg = house.endpoint.texts.by_visitor[Visitor(CHANNEL, box.visitor)]
    return [*told, *house.endpoint.texts.do(leg, TextLeaves("can't be reached", lost=True), now)]


def _tell_staff(house: House, box: Outbox, what: str, now: float, **values: str) -> list[Any]:
    """A line of the hotline's in the chat that its visitor does not read, kept with the others."""
    opened = chat_of(house, box.visitor)
    if opened is None or opened.talk is None:
        return []
    talk, call = opened.talk, opened.call
    among = [leg.leg for leg in house.legs.of_call(call.call)]
    readers = tuple(Party(house.endpoint.texts.phone_of(leg), leg)
                    for leg in house.text_plane.readers_of(call.caller_leg, among))
    row = talk.put(call.call, house.to_utc(now), HOTLINE, say(what, talk.asked[1], **values), audience="staff",
                   readers=readers)
    return delivering.keep(row)


def forget_if_done(house: House, box: Outbox) -> list[Any]:
    """An outbox of a chat that is over goes with its last text; that of one which only begins stays."""
    begins = Visitor(CHANNEL, box.visitor) in house.endpoint.texts.by_visitor
    waits = box.texts or box.sending in house.messages.sent or house.messages.closing.get(box.visitor)
    if not begins and not waits:
        house.messages.over.pop(box.visitor, None)
    return []


ROUTES: dict[type, Any] = {MessageSent: message_sent, SendAgain: send_again}
