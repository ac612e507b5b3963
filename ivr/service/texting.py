"""What the web process asks of control for people who write. What they are told comes back as pushes of `ToText`.

A visitor is named by channel and name, and has one chat at a time; somebody of ours is named by account and call.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.base import file_said
from ivr.call.text_leg import TextOpens
from ivr.drivers.control_link import ControlRefused
from ivr.exchange import beside
from ivr.exchange.texting import from_text as text
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.texting.talk import Talk
from ivr.service.control_loop import Control

NAME_LENGTH, KEY_LENGTH, BODY_LENGTH = 80, 80, 16_384
KINDS = ("text", "file")


def chat_open(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The visitor begins a chat, or comes back to theirs. The answer has its call."""
    visitor, house = _visitor(arguments), control.exchange.house
    known = control.config.channels.of(visitor.channel)
    if known is None or known.line is None:
        raise ControlRefused("closed", f"nobody answers at {visitor.channel!r}")
    leg = house.endpoint.texts.by_visitor.get(visitor)
    began = leg is None
    if leg is None:
        if house.endpoint.texts.count(visitor.channel) >= known.max_chats:
            raise ControlRefused("full", "there are too many chats now")
        name, number = (_optional(arguments, field, NAME_LENGTH) for field in ("name", "number"))
        if arguments.get("invite"):
            call = house.invites.take(_text(arguments, "invite", KEY_LENGTH), time.monotonic())
            if not call:
                raise ControlRefused("no_invite", "nobody was told this code, or it is too old")
            house.invites.coming[visitor.name] = call
        _ask(control, text.ChatOpened(visitor, TextOpens(known.line, name, number)))
        house.invites.coming.pop(visitor.name, None)
        leg = house.endpoint.texts.by_visitor.get(visitor, "")
    there = house.legs.get(leg)
    if there is None:
        raise ControlRefused("refused", "the line does not answer now")
    return {"call": there.call, "began": began}


def chat_find(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The chat of a visitor that goes on, if there is one; what a page must know before anything is typed; and
    the position of the last message that is safe."""
    house = control.exchange.house
    leg = house.legs.get(house.endpoint.texts.by_visitor.get(_visitor(arguments), ""))
    opened = house.calls.get(leg.call) if leg is not None else None
    if opened is None:
        return {"call": None}
    secret, language = text.asked_now(opened)
    return {"call": opened.call.call, "secret": secret, "language": language, "voice": beside.shown(house, opened),
            "who": opened.call.operator, "last": opened.talk.recent.last if opened.talk is not None else -1}


def chat_recent(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Messages of a chat that goes on behind a position, the last that are safe: the database may not have them yet.
    `whole`: they are all that there are behind it."""
    opened, after = control.exchange.house.calls.get(_text(arguments, "call", NAME_LENGTH)), arguments.get("after")
    if not isinstance(after, int):
        raise ControlRefused("bad_value", "'after' is a position")
    rows = opened.talk.recent.behind(after) if opened is not None and opened.talk is not None else []
    whole = opened is None or opened.talk is None or opened.talk.recent.reaches(after)
    return {"whole": whole, "messages": [{
        "position": row.position, "at": row.at.isoformat(), "sender": row.sender, "audience": row.audience,
        "kind": row.kind, "body": row.body, "options": [list(option) for option in row.options], "key": row.key}
        for row in rows]}


def chat_say(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """A message of a visitor. `kept` or `refused` follows as a push. `lost`: its channel has brought less than they
    sent, a file is gone."""
    return _say(control, arguments, _leg_of_visitor(control, arguments), private=False,
                lost=arguments.get("lost") is True)


def chat_typing(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    _ask(control, text.ChatTyping(_leg_of_visitor(control, arguments)))
    return {}


def chat_leave(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    _ask(control, text.ChatLeft(_leg_of_visitor(control, arguments), "the visitor left"))
    return {}


def desk_chats(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The desk of an operator answers chats from now on, or no longer."""
    account = _text(arguments, "account", NAME_LENGTH)
    _ask(control, text.DeskOpened(account, arguments.get("answers") is True))
    return {}


def desk_take(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Take the chat that is offered to this desk."""
    _ask(control, text.ChatTaken(_leg_of_desk(control, arguments)))
    return {}


def desk_say(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """A message of somebody of ours; `private`: for people of ours alone."""
    leg, private = _leg_of_desk(control, arguments), arguments.get("private") is True
    if arguments.get("kind") == "file" and not private and not _takes_files(_talk_of(control, leg)):
        raise ControlRefused("no_files", "Files can't be sent in this chat: write, or keep the file as a note for us.")
    return _say(control, arguments, leg, private=private)


def desk_chat(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Whose chat it is that somebody of ours may write in, and whether files go to them: before one is taken."""
    talk = _talk_of(control, _leg_of_desk(control, arguments))
    return {"visitor": f"{talk.channel}/{talk.visitor}", "files": _takes_files(talk)}


def desk_typing(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    _ask(control, text.ChatTyping(_leg_of_desk(control, arguments)))
    return {}


def desk_leave(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Leave the chat, or do not take what is offered."""
    _ask(control, text.ChatLeft(_leg_of_desk(control, arguments), "left the chat"))
    return {}


def listener_lost(control: Control) -> None:
    """The web process is gone, and with it every desk: they say anew that they answer. Chats go on."""
    _ask(control, text.DesksLost())


def _talk_of(control: Control, leg: str) -> Talk:
    found = control.exchange.house.legs.get(leg)
    opened = control.exchange.house.calls.get(found.call) if found is not None else None
    if opened is None or opened.talk is None:
        raise ControlRefused("not_yours", "this chat is not yours, or no longer")
    return opened.talk


def _takes_files(talk: Talk) -> bool:
    return talk.channel in file_said.CHANNELS


def _say(control: Control, arguments: dict[str, Any], leg: str, *, private: bool,
         lost: bool = False) -> Mapping[str, Any]:
    body, kind = arguments.get("body"), str(arguments.get("kind", "text"))
    if not isinstance(body, str) or not body or len(body) > BODY_LENGTH or kind not in KINDS:
        raise ControlRefused("bad_value", f"'body' is a text of 1 to {BODY_LENGTH} characters")
    if kind == "file":
        _file(body)
    _ask(control, text.ChatSaid(leg, _text(arguments, "key", KEY_LENGTH), body, kind, private, lost))
    return {}


def _file(body: str) -> None:
    try:
        file_said.read(body)
    except ValueError as error:
        raise ControlRefused("bad_value", str(error)) from None


def _ask(control: Control, what: text.Asked) -> None:
    now = time.monotonic()
    control.carry_out(control.exchange.text(what, now), now)


def _visitor(arguments: dict[str, Any]) -> Visitor:
    return Visitor(_text(arguments, "channel", NAME_LENGTH), _text(arguments, "visitor", NAME_LENGTH))


def _leg_of_visitor(control: Control, arguments: dict[str, Any]) -> str:
    leg = control.exchange.house.endpoint.texts.by_visitor.get(_visitor(arguments))
    if leg is None:
        raise ControlRefused("no_chat", "this chat is over")
    return leg


def _leg_of_desk(control: Control, arguments: dict[str, Any]) -> str:
    house, account = control.exchange.house, _text(arguments, "account", NAME_LENGTH)
    legs = house.legs.of_call(_text(arguments, "call", NAME_LENGTH))
    found = next((leg.leg for leg in legs if leg.writes and leg.party == account and leg.role != "caller"), None)
    if found is None:
        raise ControlRefused("not_yours", "this chat is not yours, or no longer")
    return found


def _text(arguments: dict[str, Any], name: str, length: int) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value or len(value) > length or not value.isprintable():
        raise ControlRefused("bad_value", f"{name!r} is a text of 1 to {length} characters")
    return value


def _optional(arguments: dict[str, Any], name: str, length: int) -> str:
    return _text(arguments, name, length) if arguments.get(name) else ""


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "chat_open": chat_open,
    "chat_find": chat_find,
    "chat_recent": chat_recent,
    "chat_say": chat_say,
    "chat_typing": chat_typing,
    "chat_leave": chat_leave,
    "desk_chats": desk_chats,
    "desk_take": desk_take,
    "desk_say": desk_say,
    "desk_chat": desk_chat,
    "desk_typing": desk_typing,
    "desk_leave": desk_leave,
}
