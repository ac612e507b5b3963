"""Calls beside chats: a visitor who writes wants to be called, and goes on writing (`ivr.call.beside`).

Each of the two knows the other (`OpenCall.beside`). The chat has the request while it goes on; when it ends before the
voice does, the request is the voice's. Who is asked how it went is asked once, at the end of whichever is the last.
`calling_beside` has how it begins.
"""

from collections.abc import Iterator
from typing import Any

from ivr.base.values import changed, frozen
from ivr.call.beside import BesideOperator, OperatorFree
from ivr.call.record import RequestStatus
from ivr.call.state import CallState
from ivr.call.text_leg import TextAccepts
from ivr.exchange.effects import ToStore, ToText
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.intervening import take
from ivr.exchange.texting.noting import note
from ivr.exchange.texting.talk import HOTLINE

S = CallState
WAITING = (S.REGISTERING, S.QUEUED, S.CONNECTING, S.BRIEFING)
TALKING = (S.BRIDGED, S.CONSULTING, S.CONFERENCE, S.REFERRED)
ENDING = (S.CLOSING, S.ENDED)


@frozen
class TakesBeside:
    """The desk of the operator whom the voice has found takes the chat as well: no press is needed."""

    leg: str


# --- what becomes of both ---------------------------------------------------------------------------------------------
def follow(house: House, opened: OpenCall, now: float) -> list[Any]:
    """After any event of either: the chat is told how the voice stands, and who has found the operator first brings
    the other along."""
    other = house.calls.get(opened.beside)
    if opened.talk is None:
        return [*_shown(house, opened, now), *(_bring_chat(house, opened, other, now) if other is not None else ())]
    if other is not None and opened.call.state is S.BRIDGED and other.call.state is S.QUEUED and opened.call.operator:
        operator = opened.call.operator
        return [Tell(other.call.call, BesideOperator(operator))]
    return []


def _bring_chat(house: House, voice: OpenCall, chat: OpenCall, now: float) -> list[Any]:
    """The voice has an operator while the chat waits: the same one has both, if their desk answers chats."""
    operator = voice.call.operator
    if voice.call.state is not S.BRIDGED or chat.call.state not in (S.QUEUED, S.CONNECTING) or voice.brought:
        return []
    voice.brought = True
    offered_here = [leg for leg, name in chat.call.offered.items() if name == operator]
    if offered_here:
        return [TakesBeside(leg) for leg in offered_here]
    taken = take(house, chat.call.call, operator, "call_me", now)
    if not isinstance(taken, list):
        return [report("info", "chat_not_brought", chat=chat.call.call, operator=operator, reason=taken.code)]
    legs = sorted(chat.supervisions[operator].legs)
    return [*taken, *(TakesBeside(leg) for leg in legs)]


def takes_beside(house: House, what: TakesBeside, now: float) -> list[Any]:
    return house.endpoint.texts.do(what.leg, TextAccepts(), now)


def _shown(house: House, voice: OpenCall, now: float) -> list[Any]:
    """How the voice stands, for the chat's pages; once it is another way than before."""
    how = _how(house, voice)
    if how in ("", voice.told_chat):
        return []
    voice.told_chat = how
    chat = house.calls.get(voice.beside)
    return [] if chat is None else [to_visitor(house, chat, how, "")]


def _how(house: House, voice: OpenCall) -> str:
    call = voice.call
    if call.state is S.FETCHING and not call.ringing:
        return "waits" if is_busy(house, call.operator, call.call) else ""
    if call.state in (S.FETCHING, S.NOTICED):
        return "rings" if call.ringing else "begins"
    if call.state is S.CALLING_BACK:
        return "dials"
    if call.state in TALKING:
        return "talks"
    return "queued" if call.state in WAITING else ""


def shown(house: House, chat: OpenCall) -> str:
    """How the voice beside a chat stands, for a page that comes back; "" without one."""
    voice = house.calls.get(chat.beside)
    return (_how(house, voice) or "begins") if voice is not None and voice.call.state not in ENDING else ""


def to_visitor(house: House, chat: OpenCall, how: str, reason: str) -> ToText:
    leg = chat.call.caller_leg
    return ToText(house.endpoint.texts.phone_of(leg), leg, "voice",
                  {"call": chat.call.call, "how": how, "reason": reason, "who": chat.call.operator})


def freed(house: House, operator: str, now: float) -> list[Any]:
    """The operator is off a call: who waits for them beside a chat is next, before any queue."""
    return [Tell(name, OperatorFree()) for name, opened in house.calls.items()
            if opened.call.beside and opened.talk is None and opened.call.state is S.FETCHING
            and opened.call.operator == operator and not opened.call.ringing and not is_busy(house, operator, name)]


def is_busy(house: House, operator: str, but: str) -> bool:
    """Whether they are in another call than this one."""
    return any(name != but and operator in opened.call.engaged and not house.writes(name)
               for name, opened in house.calls.items())


def call_over(house: House, opened: OpenCall, now: float) -> list[Any]:
    """One of the two is over; the other goes on."""
    other = house.calls.get(opened.beside)
    if other is None:
        return []
    voice = opened if opened.talk is None else other
    other.call.surveyed = voice.asked_before
    if other.call.visit.shares:
        _hand_over(opened, other)
    told = _voice_over(house, opened, other, now) if opened is voice else []
    return [*written(other), *told]


def _voice_over(house: House, voice: OpenCall, chat: OpenCall, now: float) -> list[Any]:
    chat.beside = ""
    row = voice.call.visit.call
    talked = f" {round(row.talk_time)}" if row.talk_time else ""
    reason = "" if talked or row.ended_by == "caller" else (row.reason or "")
    chat.call.visit.entry(now, "call_beside_over", call=row.id, outcome=str(row.outcome))
    return [*_noted(house, chat, f"over{talked}", now), to_visitor(house, chat, "over", reason)]


def lost(house: House, chat: OpenCall, now: float) -> list[Any]:
    """A chat goes on after a restart: the voice beside it ended with the earlier process."""
    if not chat.beside or chat.beside in house.calls:
        return []
    voice, chat.beside = chat.beside, ""
    chat.call.surveyed = chat.asked_before
    chat.call.visit.entry(now, "call_beside_over", call=voice, outcome="failed")
    if chat.call.visit.shares:
        _own_request(chat, now)
    return [*_noted(house, chat, "over", now), to_visitor(house, chat, "over", "restarted")]


def _own_request(chat: OpenCall, now: float) -> None:
    """The request was the lost voice's, as that process knew it: from now on the chat has one that it can write up."""
    call, visit = chat.call, chat.call.visit
    visit.shares = False
    if visit.call.queue:
        visit.open_request(now, visit.call.queue, visit.call.queue)
    if visit.request is not None and call.state in TALKING:
        visit.request = changed(visit.request, status=RequestStatus.ANSWERED, operator=call.operator)


def _hand_over(over: OpenCall, other: OpenCall) -> None:
    """The one that goes on has the request from now on, as it stands."""
    visit, row = other.call.visit, over.call.visit.request
    visit.shares = False
    if row is None:
        return
    held = row.kind == "queue" and row.status is RequestStatus.CLOSED and other.call.state not in ENDING
    talks = other.call.state in TALKING
    status, operator = (RequestStatus.ANSWERED, other.call.operator) if talks else (RequestStatus.OPEN, row.operator)
    visit.request = changed(row, status=status, operator=operator, closed_at=None) if held else row
    visit.request_changed = held


def written(opened: OpenCall) -> Iterator[Any]:
    return (ToStore(write.batch) for write in opened.call.write())


def _noted(house: House, chat: OpenCall, what: str, now: float) -> list[Any]:
    """That there was a call stands among the messages: for both, and for whoever reads the chat later."""
    if chat.talk is None or chat.talk.is_full or chat.call.state in ENDING:
        return []
    return note(house, chat, HOTLINE, "call", what, now)


ROUTES: dict[type, Any] = {TakesBeside: takes_beside}
