"""Callers come, wait and leave: what the queue does about each, and about the timers of their waiting."""

from typing import Literal

from ivr.base.machine import IllegalEvent
from routing.dispatcher.effects import AnnouncePlace, OverflowCall, StayEnded
from routing.dispatcher.events import CallLeft, CallQueued
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import may_hold, stage_at, start_step
from routing.queue import OverflowReason, Queue, Stay
from routing.strategy import choose_operator, rank

RETURN_GRACE = 60.0     # s in which operators are back after a restart


def call_queued(matching: Matching, event: CallQueued, now: float) -> None:
    if event.call in matching.stays or event.call in matching.assigned:
        raise IllegalEvent(f"call {event.call} is queued twice")
    queue = matching.queues.get(event.queue)
    if queue is None:
        matching.effects.append(OverflowCall(event.call, event.queue, "no_queue"))
        return
    queue.offered += 1
    matching.serial += 1
    since = now if event.since is None else min(event.since, now)
    key = rank(since, event.priority, matching.settings.priority_step, matching.serial)
    stay = Stay(event.call, event.queue, event.language, event.priority, since, key, event.skills, event.preferred,
                event.virtual, stage=stage_at(queue, now - since))
    if not event.returned and (reason := refusal(queue, stay, matching.serial)):
        queue.count("overflow")
        matching.effects.append(StayEnded(event.call, event.queue, "overflow", now - since, reason=reason))
        matching.effects.append(OverflowCall(event.call, event.queue, reason))
        return
    stay.tried.update(event.passed)
    stay.held = may_hold(queue, stay) and stay.preferred not in event.passed
    matching.stays[event.call] = stay
    queue.enter(stay)
    start_timers(matching, queue, stay, now, returned=event.returned)
    matching.seek(stay, now)


def refusal(queue: Queue, stay: Stay, serial: int) -> OverflowReason | None:
    """Why a call is not let in: nobody who is in service can ever take it, or the queue is full and none is free."""
    if stay.virtual:
        return None
    if not queue.group_of(stay).hope:
        return "nobody_able" if queue.crew.serving else "nobody_logged_in"
    if queue.holding >= queue.settings.max_waiting and choose_operator(queue, stay, serial) is None:
        return "full"
    return None


def start_timers(matching: Matching, queue: Queue, stay: Stay, now: float, *, returned: bool = False) -> None:
    """Those of a caller who has just come; the place may be told at once. Of one who `returned` what is left of their
    wait, and time for those who serve them to be there again."""
    settings = queue.settings
    if returned:
        until = max(stay.since + settings.max_wait, now + RETURN_GRACE)
        stay.max_wait_timer = matching.start("max_wait", stay.call, until)
        group = queue.group_of(stay)
        if not group.hope and group.empty_timer not in matching.timers:
            group.empty_timer = matching.start("empty", queue.settings.name,
                                               now + max(settings.empty_grace, RETURN_GRACE))
    elif not stay.virtual:
        stay.max_wait_timer = matching.start("max_wait", stay.call, now + settings.max_wait)
    start_step(matching, queue, stay)
    if stay.held:
        stay.sticky_timer = matching.start("sticky", stay.call, now + settings.sticky)
    if stay.virtual:
        return
    first_after = settings.announce_every if returned else settings.announce_first_after
    if settings.announce_every > 0 and first_after > 0:
        stay.announce_timer = matching.start("announce", stay.call, now + first_after)
    elif settings.announce_every > 0:
        announcement_due(matching, stay.call, now)


def call_left(matching: Matching, event: CallLeft, now: float) -> None:
    if stay := matching.stays.get(event.call):
        rung = matching.withdraw_all(stay, "caller_left", now)
        matching.take_out(stay, event.outcome, now)
        matching.settle_all(rung, now)


def overflow(matching: Matching, stay: Stay, reason: Literal["max_wait", "nobody_logged_in", "nobody_able"],
             now: float) -> None:
    rung = matching.withdraw_all(stay, reason, now)
    matching.take_out(stay, "overflow", now, reason=reason)
    matching.effects.append(OverflowCall(stay.call, stay.queue, reason))
    matching.settle_all(rung, now)


def max_wait_over(matching: Matching, call: str, now: float) -> None:
    overflow(matching, matching.stays[call], "max_wait", now)


def announcement_due(matching: Matching, call: str, now: float) -> None:
    stay = matching.stays[call]
    queue = matching.queues[stay.queue]
    every = queue.settings.announce_every
    stay.announce_timer = matching.start("announce", call, now + every) if every > 0 else None
    # Said while a phone rings as well: whoever bridges the call cuts the announcement short.
    matching.effects.append(AnnouncePlace(call, queue.place(call)))


def round_over(matching: Matching, call: str, now: float) -> None:
    """The busy operators stayed busy: those who missed the call are rung for it again."""
    stay = matching.stays[call]
    stay.tried.clear()
    matching.seek(stay, now)


def step_over(matching: Matching, call: str, now: float) -> None:
    """A tier opens for the call, or what it asks for falls."""
    stay = matching.stays[call]
    queue = matching.queues[stay.queue]
    queue.move(stay, stay.stage + 1)
    start_step(matching, queue, stay)
    matching.seek(stay, now)


def sticky_over(matching: Matching, call: str, now: float) -> None:
    """The preferred operator had their time; now the call is anybody's."""
    stay = matching.stays[call]
    if stay.held:
        matching.release_hold(stay)
        matching.seek(stay, now)


def grace_over(matching: Matching, name: str, now: float) -> None:
    """Those who asked for what nobody in service has waited long enough."""
    queue = matching.queues[name]
    for group in list(queue.groups.values()):
        if group.empty_timer is not None and group.empty_timer not in matching.timers and not group.hope:
            reason: Literal["nobody_able", "nobody_logged_in"] = (
                "nobody_able" if queue.crew.serving else "nobody_logged_in")
            for call in [call for call in queue.order if call in group.calls and call not in queue.virtual]:
                overflow(matching, matching.stays[call], reason, now)
