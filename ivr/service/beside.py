"""What the web process asks of control for calls beside chats. How the voice stands comes back as pushes."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.exchange import calling_beside
from ivr.exchange.calling_beside import RingsNobody
from ivr.exchange.from_pages import PageDialled
from ivr.exchange.house import OpenCall
from ivr.exchange.texting.legs import Visitor
from ivr.service.control_loop import Control

LENGTH, NUMBER_LENGTH = 80, 40


def chat_call_me(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Whether the visitor's page may call beside their chat now; with a `number` they ask to be called there."""
    chat, house, now = _chat_of_visitor(control, arguments), control.exchange.house, time.monotonic()
    number = arguments.get("number")
    if number is None:
        _unless(calling_beside.obstacle(house, chat))
        return {}
    dialled, reason = calling_beside.wished_number(house, chat, str(number)[:NUMBER_LENGTH])
    _unless(reason)
    assert chat is not None
    control.carry_out(control.exchange.wish_call(chat.call.call, dialled, now), now)
    return {}


def browser_call_me(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The phone in the visitor's page calls, beside their chat."""
    chat, phone = _chat_of_visitor(control, arguments), str(arguments.get("phone", ""))[:LENGTH]
    if chat is None:
        raise ControlRefused("no_chat", "this chat is over")
    if phone not in control.exchange.house.endpoint.pages:
        raise ControlRefused("unknown_phone", "This phone is not there any more.")
    now = time.monotonic()
    asked = PageDialled(phone, chat.call.visit.call.line, chat.call.call)
    control.carry_out(control.exchange.page(asked, now), now)
    return {}


def desk_call(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The operator of a chat has its visitor called at this `number`: the one that they read, and no other that was
    asked for meanwhile."""
    house, now = control.exchange.house, time.monotonic()
    account, name = (str(arguments.get(key, ""))[:LENGTH] for key in ("account", "call"))
    chat = house.calls.get(name)
    if chat is None or chat.talk is None or chat.call.operator != account:
        raise ControlRefused("not_yours", "this chat is not yours, or no longer")
    if not chat.talk.wish:
        raise ControlRefused("no_wish", "the visitor has not asked to be called at a telephone")
    if chat.talk.wish != str(arguments.get("number", "")):
        raise ControlRefused("wish_changed", "the visitor asks to be called at another number now: look at it first")
    done = control.exchange.call_them(name, account, chat.talk.wish, now)
    if isinstance(done, RingsNobody):
        raise ControlRefused(done.code, done.reason)
    control.carry_out(done, now)
    return {}


def desk_invite(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """A code with which the caller of this operator may write to them, beside the call."""
    account, name = (str(arguments.get(key, ""))[:LENGTH] for key in ("account", "call"))
    if control.config.channels.of("web") is None:
        raise ControlRefused("no_chats", "the web chat is closed")
    made = control.exchange.invite(name, account, time.monotonic())
    if isinstance(made, RingsNobody):
        raise ControlRefused(made.code, made.reason)
    return {"code": made}


def _chat_of_visitor(control: Control, arguments: dict[str, Any]) -> OpenCall | None:
    house = control.exchange.house
    visitor = Visitor(str(arguments.get("channel", ""))[:LENGTH], str(arguments.get("visitor", ""))[:LENGTH])
    leg = house.legs.get(house.endpoint.texts.by_visitor.get(visitor, ""))
    return house.calls.get(leg.call) if leg is not None else None


def _unless(reason: str) -> None:
    if reason:
        raise ControlRefused(reason, "the visitor can't be called now")


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "chat_call_me": chat_call_me,
    "browser_call_me": browser_call_me,
    "desk_call": desk_call,
    "desk_invite": desk_invite,
}
