"""Callers go into queues and out of them; who dropped and rings again is where they were."""

from dataclasses import dataclass
from typing import Any

from ivr.base.numbers import e164
from ivr.call import effects as did
from ivr.exchange import callbacks, last_operators, stays
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall
from routing.dispatcher import CallLeft, CallQueued

SHORTEST = 3             # digits of a number that is somebody's: an exchange's extension


@dataclass(frozen=True)
class Wait:
    """A stay in a queue, of `caller` ("": nobody who could be known again), since then (s)."""

    caller: str
    queue: str
    since: float


def enter_queue(house: House, opened: OpenCall, effect: did.EnterQueue, now: float) -> list[Any]:
    """In the place of when they asked to be called back, or left by a key in this call, or dropped shortly before."""
    caller, stood = caller_of(house, opened), opened.wait
    since, done = callbacks.old_place(house, opened, effect.queue, now)
    if since is None and effect.since is not None:
        since = min(effect.since, stood.since) if stood is not None and stood.queue == effect.queue else effect.since
    if since is None and caller and not _calls_of(house, opened, caller):
        since = house.old_places.taken_up(caller, effect.queue, opened.trace.began_at)
        done += _told(house, opened, effect.queue, now - since, now) if since is not None else []
    opened.wait = Wait(caller, effect.queue, now if since is None else since)
    queued = CallQueued(opened.call.call, effect.queue, effect.language, effect.priority, effect.skills,
                        preferred=last_operators.of(house, opened), since=since, medium=house.medium(opened.call.call),
                        returned=opened.talk is not None and now < opened.talk.returned_until)
    return [*done, *house.dispatcher.handle(queued, now)]


def leave_queue(house: House, opened: OpenCall, effect: did.LeaveQueue, now: float) -> list[Any]:
    """The caller hung up, or the call broke: in both cases they may ring again. Who took a key is in the call still,
    and may come back."""
    if effect.ending != "transferred":
        wait, opened.wait = opened.wait, None
        if wait is not None and wait.caller and not _calls_of(house, opened, wait.caller):
            house.old_places.left(wait.caller, wait.queue, wait.since, now)
    return stays.left(house, opened, house.dispatcher.handle(CallLeft(opened.call.call, effect.ending), now), now)

def caller_of(house: House, opened: OpenCall) -> str:
    """As the call began: looked up once, since whoever enters a queue is compared with everybody who is there."""
    if opened.caller is None:
        opened.caller = _known_as(house, opened)
    return opened.caller


def _known_as(house: House, opened: OpenCall) -> str:
    """By what a caller is known again: the account of a phone, or the number that a carrier shows; "" for others. What
    strangers write is no number: anybody could write one who has waited for long."""
    leg = house.legs.get(opened.call.caller_leg)
    if leg is None or opened.call.visit.call.direction != "inbound":
        return ""
    if leg.account is not None:
        opened.vouched = True
        return f"account {leg.account}"
    if not leg.trunk:
        return ""
    opened.vouched = True
    shown = opened.call.visit.person.caller_number or ""
    number = e164(shown, house.config.country) or (shown if shown.isdecimal() and len(shown) >= SHORTEST else "")
    return number if number and number not in house.shared_numbers else ""


def _calls_of(house: House, but: OpenCall, caller: str) -> bool:
    """Whether another call of this caller is in progress."""
    for call in house.by_caller.take_new():
        if (opened := house.calls.get(call)) is not None:
            house.by_caller.know(call, caller_of(house, opened))
    return house.by_caller.others(but.call.call, caller)


def _told(house: House, opened: OpenCall, queue: str, waited: float, now: float) -> list[Any]:
    house.count("places_taken_up")
    opened.trace.note(now, "hotline", f"the old place in {queue}, {waited:.0f} s ago")
    opened.call.visit.entry(now, "place_taken_up", queue=queue, waited=round(waited, 1))
    return [ToStore(written.batch) for written in opened.call.write()]
