"""Chats that an earlier process left in the middle go on: each is what its state in the store says that it is.

First all that is its own is put where it was; then it hears what has changed. What was offered is offered no more,
desks are not there yet, what was being made safe is safe, since the state lay in the same transaction.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.base.state.errors import NotReadable
from ivr.base.state.fixed import Fixed
from ivr.base.state.lifting import lifted
from ivr.base.state.reading import read_back
from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.call.settings import CallSettings
from ivr.call.state import CallState
from ivr.call.text_leg import TextLeaves, TextLegState
from ivr.exchange import beside, last_operators, operator_log
from ivr.exchange.broken import break_off
from ivr.exchange.editions import Edition
from ivr.exchange.effects import ToStore
from ivr.exchange.from_call import TIMER_EVENTS
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.texting import absent
from ivr.exchange.texting.by_sip.sending import taken_up
from ivr.exchange.texting.keeping import VERSION, Kept, fixed_for
from ivr.exchange.texting.plane import MOST_STREAMS
from ivr.exchange.texting.recent import Recent
from ivr.exchange.texting.sealing import unsealed
from ivr.exchange.texting.talk import Talk
from ivr.exchange.texting.times import move
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from routing.dispatcher import CHAT, CallerOwned, CallQueued, OperatorEngaged

Menus = Mapping[tuple[str, str], Menu]      # by line and version: those that no new chat gets any more
BACK_WITHIN = 60.0      # s in which operators are on their way back
ON_TIME = 5.0           # s by which a wall clock is set right: with more the machine's other clock began anew
REASON = "the service was restarted"
LOST = "the answer was lost in a restart"
OVER = (CallState.CLOSING, CallState.ENDED, CallState.LEAVING)


@dataclass(frozen=True)
class Left:
    """A chat as the store has it. `keys`: positions of messages by the ids that they had at their writers', in order;
    `last`: the last position of all, -1 without any."""

    call: str
    version: int
    state: str = field(repr=False)
    keys: Mapping[str, int]
    last: int


@dataclass(frozen=True)
class First:
    """What has to be known before a state can be read: the line and the version of its menu; the moment of writing by
    the clock of all times in it, and in seconds since 1970."""

    line: str
    menu: str
    clock: float
    at: float


def first_of(house: House, left: Left) -> tuple[First, str]:
    """That, and the state. Raises NotReadable."""
    if left.version != VERSION:
        raise NotReadable(f"it was written by another version ({left.version})")
    line, _, state = unsealed(house.chat_key, left.call, left.state).partition("\n")
    try:
        found = json.loads(line)
        return First(str(found["line"]), str(found["menu"]), float(found["clock"]), float(found["at"])), state
    except (ValueError, TypeError, KeyError):
        raise NotReadable("it does not say of which line it is") from None


def edition_of(house: House, first: First) -> Edition | None:
    """What new chats of this line get, if that is the same menu; else one that others go on with."""
    line = house.editions.lines.get(first.line)
    if line is None:
        return None
    known = (line.current, line.newest, *house.editions.alive.values())
    return next((one for one in known if one.menu.version == first.menu), None)


# --- all of them ------------------------------------------------------------------------------------------------------
def return_chats(house: House, left: Iterable[Left], menus: Menus, now: float) -> list[Any]:
    """Events and effects. One that can't go on is left as it is: whoever ends what earlier processes left ends it."""
    done: list[Any] = []
    for one in left:
        try:
            done += _return(house, one, menus, now)
        except NotReadable as error:
            house.count("chats_not_continued")
            done.append(report("warning", "chat_not_continued", call=one.call, reason=str(error)))
        except Exception as error:
            house.count("chats_not_continued")
            opened = house.calls.get(one.call)
            done += break_off(house, opened, error, now) if opened is not None else [
                report("error", "chat_not_continued", call=one.call, error=error)]
    return done


def _return(house: House, left: Left, menus: Menus, now: float) -> list[Any]:
    first, state = first_of(house, left)
    settings = _settings(house, first, menus)
    kept = _read(state, fixed_for(house, settings, house.hours)).get("chat")
    if not isinstance(kept, Kept):
        raise NotReadable("there is no chat in it")
    talk = kept.opened.talk
    if talk is None or kept.opened.call.call != left.call or kept.opened.call.state in OVER:
        raise NotReadable("it is of no chat that goes on")
    if kept.visitor in house.endpoint.texts.by_visitor:
        raise NotReadable("its visitor has begun another one")
    if house.endpoint.texts.is_full() or house.legs.planes.texts.in_use + len(kept.legs) > MOST_STREAMS:
        raise NotReadable("there is no room for it")
    wall = house.to_utc(now).timestamp()
    shift = (now - first.clock) - (wall - first.at)
    move(kept, shift if abs(shift) > ON_TIME else 0.0)
    _put(house, kept, now)
    _note(house, kept.opened, talk, left, now)
    taken_up(house, kept.opened, now)
    beside_it = beside.lost(house, kept.opened, now)
    return [report("info", "chat_went_on", call=left.call, away_s=round(wall - first.at, 1)),
            *_tell(house, kept.opened, now), *beside_it]


def _read(state: str, fixed: Fixed) -> dict[str, Any]:
    """An upgrade may have come between."""
    try:
        return read_back(lifted(json.loads(state)), fixed)
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
        raise NotReadable(f"it is not whole: {error}") from None


def _settings(house: House, first: First, menus: Menus) -> CallSettings:
    line = next((line for line in house.config.lines if line.numbers[0] == first.line), None)
    if line is None:
        raise NotReadable(f"the line {first.line} is not there any more")
    edition = edition_of(house, first)
    if edition is None:
        menu = menus.get((first.line, first.menu))
        if menu is None:
            raise NotReadable(f"its menu is not there any more ({first.menu[:12]})")
        edition = house.editions.older(first.line, menu)
    return house.settings_with(line, edition, writes=True)


# --- one --------------------------------------------------------------------------------------------------------------
def _put(house: House, kept: Kept, now: float) -> None:
    """All that is its own, where it was."""
    opened = kept.opened
    call = opened.call.call
    house.calls[call] = opened
    house.taken_up.add(call)
    house.by_caller.came(call)
    house.endpoint.texts.restore(kept.visitor, kept.text_legs, opened.call.caller_leg)
    for leg in kept.legs:
        house.legs.restore(leg, now)
    house.text_plane.restore(kept.readers)
    for name, at in kept.timers.items():
        house.timers.start(("call", call, name), at, Tell(call, TIMER_EVENTS[name]))


def _note(house: House, opened: OpenCall, talk: Talk, left: Left, now: float) -> None:
    """It is of this process from now on."""
    talk.pending, talk.keys, talk.recent = {}, dict(left.keys), Recent(left.last)
    talk.position = max(talk.position, left.last + 1)
    talk.returned_until = now + BACK_WITHIN
    visit = opened.call.visit
    visit.moment = None
    visit.change(boot_id=house.boot_id)
    visit.entry(now, "went_on")
    opened.trace.note(now, "hotline", REASON)
    house.sums.resumed(visit.call, talk.queued, waits=opened.call.in_queue)
    house.count("chats_went_on")


def _tell(house: House, opened: OpenCall, now: float) -> list[Any]:
    """What has changed meanwhile, for those who have it and for itself."""
    call = opened.call
    told: list[Any] = [ToStore(written.batch) for written in call.write()]
    told += _operators(house, call, now)
    for one in opened.supervisions.values():
        for leg in sorted(one.legs):
            told += house.endpoint.texts.do(leg, TextLeaves(REASON, lost=True), now)
    if call.in_queue:
        told += [Tell(call.call, call_events.OfferWithdrawn(operator, "restarted"))
                 for operator in dict.fromkeys(call.offered.values())]
        told += house.dispatcher.handle(_queued(house, opened), now)
    return [*told, *_unanswered(opened), Tell(call.call, call_events.RequestDurable(0))]


def _unanswered(opened: OpenCall) -> list[Any]:
    """A question to another system, a register or the house that was under way: its answer went to the process that is
    gone. It is not asked again, as it may have changed something there: the menu does what it does without an answer.
    A PIN is not counted: nobody was told whether it was wrong."""
    opened.trying = None
    menu = opened.call.interpreter
    if menu.state is not Phase.LOOKING_UP:
        return []
    return [Tell(opened.call.call, call_events.LookUpAnswered(menu.memory.look_up, reason=LOST))]


def _operators(house: House, call: Call, now: float) -> list[Any]:
    """Who is in it has no room for another, whether they are there again or not; nobody waits for them for ever."""
    told: list[Any] = []
    for operator in sorted(call.engaged):
        if operator in house.config.operators:
            operator_log.has_call(house, operator, call.call)
            told += house.dispatcher.handle(OperatorEngaged(operator, call.call, CHAT), now)
    if call.operator in call.engaged and call.visit.call.queue:
        told += house.dispatcher.handle(CallerOwned(call.operator, call.call, call.visit.call.queue), now)
    for leg in house.legs.of_call(call.call):
        known = house.endpoint.texts.legs.get(leg.leg)
        if leg.role != "caller" and known is not None and known.state is TextLegState.JOINED:
            absent.awaits(house, leg.leg, leg.party, now)
    return told


def _queued(house: House, opened: OpenCall) -> CallQueued:
    """In its old place."""
    call, wait = opened.call, opened.wait
    return CallQueued(call.call, call.visit.call.queue, call.language, call.priority, call.skills,
                      preferred=last_operators.of(house, opened), since=wait.since if wait is not None else None,
                      returned=True, medium=CHAT)
