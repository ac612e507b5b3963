"""What visitors who write by SIP are told: instead of a push to the web process, the answer to their MESSAGE, or a
MESSAGE of ours."""

from typing import Any

from ivr.base.values import frozen
from ivr.exchange.effects import ToPlane, ToText
from ivr.exchange.house import House
from ivr.exchange.texting.by_sip import received, sending
from ivr.exchange.texting.by_sip.outbox import Text
from ivr.exchange.texting.by_sip.sending import CHANNEL, MOST_REFUSED, box_of, chat_of, forget_if_done, put, text_of
from ivr.exchange.texting.by_sip.worded import say
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.texting.plane import is_text
from ivr.sip.pager.receiving import RETRY_AFTER

PREFIX = f"{CHANNEL}/"
LAST_WORDS = 2.0            # s from the end of a chat until it is said: what the hotline said last is safe by then
REFUSED = {"too_long": 413, "not_kept": 503, "too_many": 480, "over": 480}
WITHOUT_RETRY = ("too_long",)


@frozen
class SayOver:
    """Timer: a chat is over, and its visitor sees no page that says so."""

    visitor: str
    language: str


def inside(house: House, effect: Any, now: float) -> list[Any] | None:
    """What follows of an effect that is for a machine of ours: words for the text plane, or a visitor by SIP who is
    told something. None: it is for the world."""
    kind = type(effect)
    if kind is ToPlane and is_text(getattr(effect.command, "stream", 0)):
        return house.text_plane.handle(effect.command)
    if kind is ToText and effect.phone.startswith(PREFIX):
        return told(house, effect, now)
    return None


def told(house: House, effect: ToText, now: float) -> list[Any]:
    visitor, fields = effect.phone.removeprefix(PREFIX), effect.fields
    match effect.kind:
        case "kept":
            house.messages.note_done(visitor, fields["key"])
            return _answered(house, visitor, fields["key"], 200, now, effect.leg)
        case "refused":
            status = REFUSED.get(fields["reason"], 480)
            retry = None if fields["reason"] in WITHOUT_RETRY else RETRY_AFTER
            return _answered(house, visitor, fields["key"], status, now, effect.leg, retry)
        case "message":
            return _message(house, visitor, fields, now)
        case "ended":
            return _ended(house, effect, visitor, now)
    return []


def _answered(house: House, visitor: str, key: str, status: int, now: float, leg: str,
              retry_after: int | None = None) -> list[Any]:
    waiting = house.messages.asked.pop((visitor, key), [])
    return [one for message in waiting
            for one in house.endpoint.answer_message(message, status, now, retry_after, leg)]


def _message(house: House, visitor: str, fields: dict[str, Any], now: float) -> list[Any]:
    box, opened = box_of(house, visitor), chat_of(house, visitor)
    if box is None:
        return []
    language = opened.talk.asked[1] if opened is not None and opened.talk is not None else ""
    box.due.pop(fields["position"], None)
    return put(house, box, text_of(house, fields["call"], fields, language), now)


def _ended(house: House, effect: ToText, visitor: str, now: float) -> list[Any]:
    """A chat is over, or never began: then the MESSAGE that was to begin it is refused."""
    leg = house.legs.get(effect.leg)
    opened = house.calls.get(leg.call) if leg is not None else None
    talk = opened.talk if opened is not None else None
    if talk is None:
        return _not_opened(house, visitor, int(effect.fields["status"]), now)
    box, talk.outbox = talk.outbox, None
    if box is None:
        return []
    house.messages.over[visitor] = box
    if box.refused < MOST_REFUSED:
        house.messages.closing[visitor] = True
        due = SayOver(visitor, talk.asked[1])
        house.timers.start(("message_over", visitor), now + LAST_WORDS, due)
    return forget_if_done(house, box)


def _not_opened(house: House, visitor: str, status: int, now: float) -> list[Any]:
    """The line has turned them away; who has something left to read from before still gets that."""
    box = house.endpoint.texts.outboxes.pop(Visitor(CHANNEL, visitor), None)
    house.messages.first.pop(visitor, None)
    if box is not None:
        house.messages.over[visitor] = box
        forget_if_done(house, box)
    status = status if status in (403, 404, 503) else 480
    retry = None if status in (403, 404) else received.LATER
    return [one for message in house.messages.take_asked(visitor)
            for one in house.endpoint.answer_message(message, status, now, retry)]


def say_over(house: House, event: SayOver, now: float) -> list[Any]:
    house.messages.closing.pop(event.visitor, None)
    box = house.messages.over.get(event.visitor)
    words = Text(house.ids.token(12), say("over", event.language))
    return put(house, box, words, now) if box is not None else []


ROUTES: dict[type, Any] = {**received.ROUTES, **sending.ROUTES, SayOver: say_over}
