"""What people who write do, and what they are told: the way of a message through control."""

from collections.abc import Iterable
from typing import Any

from ivr.base.values import frozen
from ivr.call import events as call_events
from ivr.call.state import CallState
from ivr.call.text_leg import TextAccepts, TextLeaves, TextOpens
from ivr.exchange import hearing, operator_log
from ivr.exchange.effects import ToText
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.legs import Leg
from ivr.exchange.texting import absent
from ivr.exchange.texting.delivering import HIDDEN, acknowledged, keep
from ivr.exchange.texting.legs import DeskChanged, Visitor
from ivr.exchange.texting.plane import Written
from ivr.exchange.texting.talk import CALLER, HOTLINE, LONGEST, Option, Party, Talk
from ivr.exchange.texting.words import no_files
from ivr.menu.text.offered import options_of, secret_asked
from routing.dispatcher import CHAT, ReachabilityChanged

WITH_MENU = (CallState.IN_MENU, CallState.SURVEYING)
BACK_WITHIN = 60.0          # s in which desks are there again after the web process was started again
LONGEST_DRAIN = 86_400.0    # s
WAITING = (CallState.REGISTERING, CallState.QUEUED, CallState.CONNECTING, CallState.BRIEFING)


# --- what people do ---------------------------------------------------------------------------------------------------
@frozen
class ChatOpened:
    """A visitor of a channel begins to write, or is back; `line` is the number of a line of ours."""

    visitor: Visitor
    opens: TextOpens


@frozen
class ChatSaid:
    """Somebody on `leg` writes. `key`: the id that the message has at its writer's; a second one is the same message.
    `private`: for people of ours alone. `lost`: it says that a file was sent which no channel takes."""

    leg: str
    key: str
    body: str
    kind: str = "text"
    private: bool = False
    lost: bool = False


@frozen
class ChatTyping:
    """Somebody is writing; nobody keeps that."""

    leg: str


@frozen
class ChatTaken:
    """An operator takes the chat that is offered on `leg`."""

    leg: str


@frozen
class ChatLeft:
    """Somebody leaves on `leg`, or does not take what is offered."""

    leg: str
    reason: str = ""


@frozen
class DeskOpened:
    """An operator's desk answers chats, or no longer."""

    account: str
    answers: bool


@frozen
class DesksLost:
    """The web process is gone, and with it every desk: each that is back says so."""


Asked = ChatOpened | ChatSaid | ChatTyping | ChatTaken | ChatLeft | DeskOpened | DesksLost


def asked(house: House, what: Asked, now: float) -> list[Any]:
    """Events and effects of it; what concerns nobody (any more) does nothing."""
    texts = house.endpoint.texts
    absent.does(house, what)
    match what:
        case ChatOpened():
            return texts.open(what.visitor, what.opens, now)
        case ChatSaid():
            return said(house, what, now)
        case ChatTyping():
            return _typing(house, what.leg)
        case ChatTaken():
            return texts.do(what.leg, TextAccepts(), now)
        case ChatLeft():
            return texts.do(what.leg, TextLeaves(what.reason), now)
        case DeskOpened():
            return texts.desk_opens(what.account, now) if what.answers else texts.desk_closes(what.account)
        case DesksLost():
            return _desks_lost(house, now)


# --- messages ---------------------------------------------------------------------------------------------------------
def said(house: House, what: ChatSaid, now: float) -> list[Any]:
    """A message of a person: for those who read them, and for the menu if that is whom they are with."""
    leg, opened, talk = _of(house, what.leg)
    if leg is None or opened is None or talk is None:
        return [ToText(*_party(house, what.leg), "refused", {"key": what.key, "reason": "over"})]
    caller = leg.leg == opened.call.caller_leg
    sender = CALLER if caller else leg.party
    writer, key = _party(house, leg.leg), f"{sender}/{what.key}"
    known = talk.known(key) if what.key else None
    if known is not None:
        return [] if known in talk.pending else [acknowledged(writer, opened.call.call, what.key, known)]
    if talk.is_full or len(what.body) > LONGEST:
        return [ToText(*writer, "refused", {"key": what.key, "reason": "too_many" if talk.is_full else "too_long"})]
    if hearing.is_silent(opened, leg.leg):
        return [ToText(*writer, "refused", {"key": what.key, "reason": "listens"})]
    readers = _readers(house, opened, leg)
    seen = caller or opened.call.caller_leg in readers
    if what.private and not caller:
        readers, seen = tuple(name for name in readers if name != opened.call.caller_leg), False
    hidden = caller and what.kind == "text" and opened.call.state in WITH_MENU and secret_asked(opened.call.interpreter)
    again = talk.heard.pop(key, None)
    again = again if what.kind == "text" and again in (HIDDEN, what.body) else None
    row = talk.put(opened.call.call, house.to_utc(now), sender, again or (HIDDEN if hidden else what.body),
                   audience="all" if seen else "staff", key=key if what.key else "",
                   kind=what.kind, readers=_parties(house, readers), writer=writer)
    kept = keep(row)
    if again is not None:       # the menu has heard it: what it said may have found no room either
        return [*kept, *follow(house, opened, now)]
    return [*kept, *(_for_house(house, opened, talk, leg, row.id, what, now) if caller else [])]


def _for_house(house: House, opened: OpenCall, talk: Talk, leg: Leg, message: str, what: ChatSaid,
               now: float) -> list[Any]:
    """What the visitor wrote, for whoever of ours they are with that is no person."""
    call, typed = opened.call, what.body.strip()
    if what.lost:
        return _no_files(house, opened, talk, now)
    if talk.take:
        number, talk.take = talk.take, 0
        return [Tell(call.call, call_events.RecordingEnded(number, message, SPOKEN))]
    if what.kind == "file":             # it answers nothing: what can be chosen is shown again below it
        talk.offered = ()
        return follow(house, opened, now) if call.state in WITH_MENU else []
    if call.state in WAITING and typed in call.settings.while_waiting.get(call.visit.call.queue, {}):
        return [Tell(call.call, call_events.KeyPressed(leg.leg, typed)),
                Tell(call.call, call_events.KeyReleased(leg.leg, typed))]
    return [Tell(call.call, call_events.TextTyped(leg.leg, what.body))]


def _no_files(house: House, opened: OpenCall, talk: Talk, now: float) -> list[Any]:
    """They are told that a file of theirs did not come, which answers nothing; so everybody sees that they know it."""
    talk.offered, talk.waiting_word, talk.spoke = (), "", True
    words = no_files(opened.call.interpreter.language)
    talk.words += [] if words in talk.words else [words]
    return follow(house, opened, now)


SPOKEN = 3600.0             # s: a written message is never too short


def written(house: House, event: Written, now: float) -> list[Any]:
    """The hotline says something: to the visitor as a message when the turn is over, to operators in passing."""
    leg, opened, talk = _of(house, event.leg)
    if leg is None or opened is None or talk is None:
        return []
    if leg.leg == opened.call.caller_leg:
        talk.words += event.words
        talk.spoke = True
        return []
    return [ToText(*_party(house, leg.leg), "heard", {"words": list(event.words)})] if event.words else []


def follow(house: House, opened: OpenCall, now: float) -> list[Any]:
    """After any event of a chat: what the hotline has said, with what can be chosen now, becomes one message."""
    talk = opened.talk
    if talk is None:
        return []
    told = _asks(opened, talk)
    if not _at_rest(opened):
        return told
    words, spoke, talk.words, talk.spoke = talk.words, talk.spoke, [], False
    body = "\n".join(words)
    if opened.call.state in WAITING:
        if body == talk.waiting_word:
            body = ""
        talk.waiting_word = body or talk.waiting_word
    offered = _offered(opened)
    asks = bool(offered) and (spoke or offered != talk.offered)
    talk.offered = offered
    if not body and not asks:
        return told
    row = talk.put(opened.call.call, house.to_utc(now), HOTLINE, body, options=offered if asks else (),
                   readers=(_visitor(opened, talk),))
    return [*told, *keep(row)]


def asked_now(opened: OpenCall) -> tuple[bool, str]:
    """Whether what the visitor types now is a secret, and the language that the hotline speaks with them."""
    menu = opened.call.interpreter
    return opened.call.state in WITH_MENU and secret_asked(menu), menu.language


def _asks(opened: OpenCall, talk: Talk) -> list[Any]:
    """A page hides what is typed before it is typed: so it is told at once, without waiting for any disk."""
    if talk.asked == (asked := asked_now(opened)):
        return []
    talk.asked = asked
    return [ToText(*_visitor(opened, talk), "asks",
                   {"call": opened.call.call, "secret": asked[0], "language": asked[1]})]


def _visitor(opened: OpenCall, talk: Talk) -> Party:
    return Party(f"{talk.channel}/{talk.visitor}", opened.call.caller_leg)


def _at_rest(opened: OpenCall) -> bool:
    """Whether nothing is being said that goes on in the same turn."""
    return not any(not play.loop for play in opened.call.heard)


def _offered(opened: OpenCall) -> tuple[Option, ...]:
    if opened.call.state not in WITH_MENU:
        return ()
    return tuple(Option(keys, label) for keys, label in options_of(opened.call.interpreter))


def _readers(house: House, opened: OpenCall, leg: Leg) -> tuple[str, ...]:
    return house.text_plane.readers_of(leg.leg, [other.leg for other in house.legs.of_call(opened.call.call)])


def _party(house: House, leg: str) -> Party:
    return Party(house.endpoint.texts.phone_of(leg), leg)


def _parties(house: House, legs: Iterable[str]) -> tuple[Party, ...]:
    return tuple(_party(house, leg) for leg in legs)


def _typing(house: House, name: str) -> list[Any]:
    leg, opened, talk = _of(house, name)
    if leg is None or opened is None or talk is None:
        return []
    told = {"call": leg.call, "who": leg.party}
    return [ToText(*reader, "typing", told) for reader in _parties(house, _readers(house, opened, leg))]


def _of(house: House, name: str) -> tuple[Leg | None, OpenCall | None, Talk | None]:
    leg = house.legs.get(name)
    opened = house.calls.get(leg.call) if leg is not None else None
    return leg, opened, opened.talk if opened is not None else None


# --- desks ------------------------------------------------------------------------------------------------------------
def _desks_lost(house: House, now: float) -> list[Any]:
    """Who waits for one of them, or comes into a queue meanwhile, is not sent away for it."""
    texts = house.endpoint.texts
    if texts.desks:
        for talk in [opened.talk for opened in house.calls.values() if opened.talk is not None]:
            talk.returned_until = max(talk.returned_until, now + _back_within(house))
    return [event for account in list(texts.desks) for event in texts.desk_closes(account, lost=True)]


def _back_within(house: House) -> float:
    """Who drains has no web process any more; its chats wait for the next one, however long calls take to end."""
    return LONGEST_DRAIN if house.draining else BACK_WITHIN


def desk_changed(house: House, event: DeskChanged, now: float) -> list[Any]:
    """Chats go to who is there; nothing of calls is changed by it."""
    told = report("info", "desk_opened" if event.answers else "desk_closed", account=event.account)
    if event.account not in house.config.operators:
        return [told]
    phones = bool(house.endpoint.bindings(event.account, now))
    return [told, *operator_log.reachable(house, event.account, phones or event.answers, now),
            *house.dispatcher.handle(ReachabilityChanged(
                event.account, event.answers, CHAT, _back_within(house) if event.lost else 0.0), now)]


ROUTES: dict[type, Any] = {Written: written, DeskChanged: desk_changed, **absent.ROUTES}
