"""How a call beside a chat begins (`ivr.call.beside`): whether it may, and with all that the chat knows."""

import copy
from dataclasses import replace
from typing import Any

from ivr.base.errors import PeerError
from ivr.base.numbers import e164
from ivr.base.trace import Trace
from ivr.base.values import frozen
from ivr.call.beside import BesideOperator, BesideQueue
from ivr.call.machine import Call
from ivr.call.record import CallRow, PersonRow, RequestRow, RequestStatus
from ivr.call.state import CallingBack, CallState
from ivr.call.visit import Visit
from ivr.exchange.beside import ENDING, TALKING, WAITING, to_visitor, written
from ivr.exchange.from_capture import call_opened
from ivr.exchange.from_sip import close_stream, open_stream
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.texting.noting import note
from ivr.exchange.texting.talk import CALLER
from ivr.menu.interpreter import Interpreter
from ivr.sip import commands, events

RING_TIME = 45.0         # s that a visitor's telephone rings
UNAVAILABLE, BUSY = 480, 486


@frozen
class OfferedBeside:
    """A visitor's page calls, for this chat."""

    offer: events.LegOffered
    chat: str


@frozen
class RingsNobody:
    """Why a telephone is not called: a word for programs and a sentence for people."""

    code: str
    reason: str


# --- whether, and with whom -------------------------------------------------------------------------------------------
def obstacle(house: House, chat: OpenCall | None) -> str:
    """Why there can be no call beside this chat now; "" if there can."""
    if chat is None or chat.talk is None or chat.call.state in ENDING:
        return "no_chat"
    if chat.beside in house.calls:
        return "has_call"
    if chat.call.state in TALKING:
        return "" if chat.call.operator else "menu"
    return "" if chat.call.state in WAITING else "menu"


def wished_number(house: House, chat: OpenCall | None, number: str) -> tuple[str, str]:
    """The telephone that a visitor wants to be called at, as it is dialled, or why it can't be."""
    if chat is None or chat.talk is None or chat.call.state in ENDING:
        return "", "no_chat"
    dialled = e164(number, house.config.country)
    if not dialled:
        return "", "bad_number"
    return (dialled, "") if house.outbound.permits(dialled) else ("", "not_allowed")


# --- in the page ------------------------------------------------------------------------------------------------------
def offered(house: House, what: OfferedBeside, now: float) -> list[Any]:
    """Let the visitor in beside their chat, or say why not."""
    chat, offer = house.calls.get(what.chat), what.offer
    reason = obstacle(house, chat) or ("no_room" if house.refusal(None, False) is not None else "")
    if chat is None or reason:
        return _refused(house, chat, offer.leg, reason, now)
    call = _call(house, chat, offer.leg, offer.sip_call_id, now)
    leg = house.legs.open(offer.leg, call.call, "caller", "caller", house.place_of(offer.flow, None), now)
    if leg is None:
        return _refused(house, chat, offer.leg, "no_room", now)
    leg.is_of_page(offer.flow.transport)
    try:
        leg.sip.take_offer(offer.body)
    except PeerError:
        house.legs.close(offer.leg)
        close_stream(house, leg, now)
        return _refused(house, chat, offer.leg, "no_room", now)
    page = house.endpoint.pages.of_leg(offer.leg)
    return [*_opened(house, chat, call, now, page), *open_stream(house, leg, None), _begin(house, chat, call)]


def _refused(house: House, chat: OpenCall | None, leg: str, reason: str, now: float) -> list[Any]:
    told = [] if chat is None else [to_visitor(house, chat, "refused", reason)]
    status = BUSY if reason == "has_call" else UNAVAILABLE
    return [*house.endpoint.handle(commands.RejectLeg(leg, status, reason), now), *told,
            report("info", "call_me_refused", reason=reason)]


def _call(house: House, chat: OpenCall, leg: str, sip_call_id: str, now: float, direction: Any = "inbound") -> Call:
    """With all that the chat knows: its language, what the menu was told, the way through it."""
    of = chat.call.visit
    interpreter = Interpreter(chat.call.settings.menu, chat.call.language, chat.call.interpreter.facts)
    interpreter.memory, interpreter.state = copy.deepcopy(chat.call.interpreter.memory), chat.call.interpreter.state
    row = CallRow(id=house.ids.uuid(), revision=1, node=house.config.node, boot_id=house.boot_id, line=of.call.line,
                  dialled=of.call.line if leg else "", language=chat.call.language, began_at=house.to_utc(now),
                  menu_version=of.call.menu_version, queue=of.call.queue, request_id=of.call.request_id,
                  sip_call_id=sip_call_id, direction=direction)
    person = PersonRow(row.id, of.person.caller_number, of.person.caller_name, of.person.callback_number,
                       of.person.filled)
    visit = Visit(row, person, house.ids, house.to_utc, path=list(of.path), shares=True)
    call = Call(row.id, leg, chat.call.settings, visit, interpreter)
    call.beside, call.own_priority = chat.call.call, chat.call.own_priority
    return call


def _opened(house: House, chat: OpenCall, call: Call, now: float, page: str = "") -> list[Any]:
    """From here on both know each other; who is asked how it went is asked after the last of them."""
    voice = house.calls[call.call] = OpenCall(call, Trace(now), page=page)
    _know(voice, chat)
    house.by_caller.came(call.call)
    if house.captures:
        call_opened(house, call.call)
    house.count("calls_offered")
    house.count("calls_beside_chats")
    chat.call.visit.entry(now, "call_beside", call=call.call)
    return [*written(chat), report("info", "call_beside_chat", call=call.call, chat=chat.call.call)]


def _know(voice: OpenCall, chat: OpenCall) -> None:
    voice.beside, chat.beside = chat.call.call, voice.call.call
    voice.asked_before = chat.asked_before = voice.call.surveyed or chat.call.surveyed
    voice.call.surveyed = chat.call.surveyed = True


def _begin(house: House, chat: OpenCall, call: Call) -> Tell:
    if chat.call.state in WAITING:
        return Tell(call.call, BesideQueue(chat.call.visit.call.queue, chat.call.queued_since or chat.trace.began_at))
    return Tell(call.call, BesideOperator(chat.call.operator))


# --- to a telephone ---------------------------------------------------------------------------------------------------
def wish(house: House, chat: OpenCall, number: str, now: float) -> list[Any]:
    """The visitor wants to be called at this number: their operator reads it, and may have it called. That alone dials
    nothing."""
    if chat.talk is None or chat.talk.wish == number:
        return []
    visit = chat.call.visit
    chat.talk.wish = number
    if not any(row.kind == "callback" and row.status is RequestStatus.OPEN for row in visit.left.values()):
        # A callback that they left before is at the number that they left with it.
        visit.person, visit.person_changed = replace(visit.person, callback_number=number), True
    return [*written(chat), *note(house, chat, CALLER, "call", f"wish {number}", now)]


def call_them(house: House, chat: OpenCall, operator: str, number: str, now: float) -> list[Any] | RingsNobody:
    """The operator of the chat has the visitor called at this number, which may be called: `wished_number` said so."""
    if obstacle(house, chat):
        return RingsNobody("has_call", "there is a call beside this chat already, or nobody talks in it")
    if house.refusal(None, False) is not None:
        return RingsNobody("calls_full", "there is no room for a call now")
    if not house.endpoint.phones(operator, now):
        return RingsNobody("phone_lacking", f"no phone of {operator} is registered")
    if not house.dispatcher.can_be_rung(operator):
        return RingsNobody("in_a_call", f"{operator} is in another call, or is being rung")
    call = _call(house, chat, "", "", now, "outbound")
    call.caller_alive = False
    request = chat.call.visit.request or RequestRow(
        id=call.visit.call.request_id or "", call_id=chat.call.call, revision=0, queue=call.visit.call.queue,
        subject="", language=call.language, opened_at=house.to_utc(now))
    call.back = CallingBack(request, number, 1, caller_first=False, ring_time=RING_TIME)
    begun = _opened(house, chat, call, now)
    return [*begun, Tell(call.call, BesideOperator(operator))]


# --- and back: from a call to a chat ----------------------------------------------------------------------------------
def invite(house: House, call: str, operator: str, now: float) -> str | RingsNobody:
    """A code that the operator tells their caller, for a chat beside the call."""
    opened = house.calls.get(call)
    if opened is None or opened.talk is not None or opened.call.operator != operator or opened.call.far_operator \
            or opened.call.state is not CallState.BRIDGED:
        return RingsNobody("not_yours", "this call is not yours, or no longer")
    if opened.beside in house.calls:
        return RingsNobody("has_chat", "there is a chat beside this call already")
    if operator not in house.endpoint.texts.desks:
        return RingsNobody("desk_closed", "your desk answers no chats")
    return house.invites.make(call, house.ids, now)


def invited(house: House, chat: OpenCall, now: float) -> Any:
    """The event with which a new chat begins beside the call that its visitor was told a code of; None without one."""
    voice = house.calls.get(house.invites.coming.pop(chat.talk.visitor if chat.talk is not None else "", ""))
    if voice is None or voice.call.state is not CallState.BRIDGED or not voice.call.operator \
            or voice.beside in house.calls:
        return None
    of, call = voice.call.visit, chat.call
    call.beside, call.visit.shares, call.visit.path = voice.call.call, True, list(of.path)
    call.visit.change(queue=of.call.queue, request_id=of.call.request_id, language=voice.call.language)
    if call.interpreter.menu is voice.call.interpreter.menu:
        call.interpreter.memory = copy.deepcopy(voice.call.interpreter.memory)
        call.interpreter.state = voice.call.interpreter.state
    _know(voice, chat)
    house.count("chats_beside_calls")
    return BesideOperator(voice.call.operator)


ROUTES: dict[type, Any] = {OfferedBeside: offered}
