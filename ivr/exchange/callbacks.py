"""Requests to be called back: they enter their queues, wait, pause, and are held or done with when the caller rings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.base.config_waiting import CallbackConfig
from ivr.base.numbers import e164
from ivr.base.values import changed
from ivr.call import events as call_events
from ivr.call.record import Batch, RequestRow, RequestStatus
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.outbound import Denied
from routing import callback as back
from routing import dispatcher as queue
from routing.callback import Callback, CallbackRules, Phase

NO_ROOM = 5.0            # s until a callback is tried again for which the house had no room: its planes may just begin
NOT_NOW = 30.0           # s, where nobody may call now
NEVER_OPENS = 86_400.0   # s until a schedule is asked again that does not open in a year: it may be another one then


@dataclass(frozen=True)
class Wanted:
    """A request to be called back, with what the record knows of it. `attempts`: how often the caller was dialled, and
    until `tried_at`."""

    request: RequestRow
    line: str
    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    attempts: int = 0
    tried_at: datetime | None = None


@dataclass(frozen=True)
class CallbackDue:
    """Timer: the pause of this request is over."""

    request: str


# --- requests come in -------------------------------------------------------------------------------------------------
def restore(house: House, wanted: Iterable[Wanted], now: float) -> list[Any]:
    """What an earlier process left."""
    return [effect for each in wanted for effect in take_up(house, each, now)]


def take_up(house: House, wanted: Wanted, now: float) -> list[Any]:
    """The request waits in its queue from now on, if the queue calls back and the number may be called."""
    rules = rules_of(house, wanted.request.queue)
    number = e164(wanted.number, house.config.country)
    if rules is None or wanted.attempts >= rules.attempts:
        return []
    if not house.outbound.permits(number):
        return [report("warning", "callback_not_permitted", request=wanted.request.id)]
    waited = (house.to_utc(now) - wanted.request.opened_at).total_seconds()
    callback = Callback(wanted.request.id, wanted.request.queue, now - max(waited, 0.0), wanted.request.language,
                        number, wanted.attempts, wanted)
    begins_at = begins_at_earliest(house, callback, "", now)
    if wanted.tried_at is not None:
        begins_at = max(begins_at, now + rules.retry_after - (house.to_utc(now) - wanted.tried_at).total_seconds())
    return do(house, house.callbacks.begin(callback, house.ids.uuid(), now, begins_at), now)


def callback_due(house: House, event: CallbackDue, now: float) -> list[Any]:
    callback = house.callbacks.open.get(event.request)
    if callback is None:
        return []
    begins = begins_at_earliest(house, callback, "", now)
    return do(house, house.callbacks.due(event.request, house.ids.uuid(), now, begins), now)


def drain(house: House, now: float) -> list[Any]:
    """No attempt begins any more."""
    return do(house, house.callbacks.take_all_out(), now)


def rules_of(house: House, name: str) -> CallbackRules | None:
    config = config_of(house, name)
    if config is None:
        return None
    return CallbackRules(config.first, config.attempts, config.retry_after_s, config.ring_s)


def config_of(house: House, name: str) -> CallbackConfig | None:
    known = house.config.queues.get(name)
    return known.callback if known is not None else None


def opens_at(house: House, name: str, now: float) -> float:
    """When callers of this queue may be rung: `now`, or later."""
    config = config_of(house, name)
    schedule = house.hours.schedules.get(config.hours or "") if config is not None else None
    if schedule is None:
        return now
    moment = house.to_utc(now)
    verdict = schedule.at(moment)
    if verdict.open:
        return now
    return now + ((verdict.until - moment).total_seconds() if verdict.until is not None else NEVER_OPENS)


def begins_at_earliest(house: House, callback: Callback, operator: str, now: float) -> float:
    """When an attempt with this operator ("": with whomever) can begin: `now`, or later. Who can't be called by anybody
    stays out of the line: offered again and again, and refused, they would cost more than all calls."""
    opens = opens_at(house, callback.queue, now)
    if house.refusal(None, False) is not None:
        return max(opens, now + NO_ROOM)
    asked = [operator] if operator else operators_of(house, callback.queue)
    denied = len(denied_to(house, callback, asked, now)) == len(asked)
    return max(opens, now + NOT_NOW) if denied else opens


def denied_to(house: House, callback: Callback, operators: Iterable[str], now: float) -> tuple[str, ...]:
    """Of these operators those with whom the rules of `outbound` don't let the caller be rung now."""
    day, in_progress = house.local_day(now), sum(leg.outbound for leg in house.legs)
    return tuple([operator for operator in operators
                  if isinstance(house.outbound.judge(callback.number, operator, day, in_progress), Denied)])


def operators_of(house: House, name: str) -> list[str]:
    """All who serve the queue."""
    config = house.config.queues[name]
    return [*config.operators, *(operator for tier in config.tiers for operator in tier.operators)]


def do(house: House, effects: Iterable[back.Effect], now: float) -> list[Any]:
    done: list[Any] = []
    for effect in effects:
        match effect:
            case back.EnterLine(callback):
                house.timers.cancel(("callback", callback.request))
                passed = denied_to(house, callback, operators_of(house, callback.queue), now)
                done += house.dispatcher.handle(queue.CallQueued(
                    callback.stay, callback.queue, callback.language, since=callback.since, virtual=True,
                    passed=passed), now)
            case back.LeaveLine(stay):
                done += house.dispatcher.handle(queue.CallLeft(stay, "callback"), now)
            case back.Pause(request, until) if until < float("inf"):
                house.timers.start(("callback", request), until, CallbackDue(request))
            case back.GaveUp(callback):
                house.count("callbacks_failed")
                done.append(report("warning", "callback_failed", request=callback.request,
                                   attempts=callback.attempts))
    return done


def let_go(house: House, call: str, now: float) -> list[Any]:
    """The caller was here in person, and is gone without having talked with anybody."""
    return do(house, house.callbacks.let_go(call, house.ids.uuid, now, now), now) if len(house.callbacks) else []


# --- the caller is here in person -------------------------------------------------------------------------------------
def old_place(house: House, opened: OpenCall, name: str, now: float) -> tuple[float | None, list[Any]]:
    """Since when a caller who comes into a queue counts as waiting there, None for now: who asked to be called back has
    the place of that, and is not called back while they wait."""
    if not len(house.callbacks) or opened.call.visit.call.direction != "inbound":
        return None, []
    callback, effects = house.callbacks.hold(known_number(opened), name, opened.call.call)
    if callback is None:
        return None, []
    house.timers.cancel(("callback", callback.request))
    opened.call.visit.entry(now, "callback_held", request=callback.request)
    return callback.since, do(house, effects, now)


def caller_served(house: House, call: str, now: float) -> list[Any]:
    """A caller has got through to an operator: nobody need call them back, and an attempt that goes on is ended."""
    opened = house.calls.get(call)
    return served(house, opened, now) if opened is not None else []


def served(house: House, opened: OpenCall, now: float) -> list[Any]:
    if not len(house.callbacks) or opened.call.visit.call.direction != "inbound":
        return []
    visit = opened.call.visit
    callback = house.callbacks.of_caller(known_number(opened), visit.call.queue)
    if callback is None:
        return []
    visit.entry(now, "callback_cancelled", request=callback.request)
    return cancel(house, callback, "the caller rang", now)


def cancel(house: House, callback: Callback, reason: str, now: float) -> list[Any]:
    """The request is done with: its row says so, and nobody is rung for it any more."""
    stay, tried = callback.stay, callback.phase is Phase.TRIED
    house.timers.cancel(("callback", callback.request))
    effects = do(house, house.callbacks.forget(callback.request), now)
    if tried:
        effects.append(Tell(stay, call_events.EndOrdered(reason)))
    row = callback.what.request
    closed = changed(row, revision=row.revision + 1, status=RequestStatus.CLOSED, closed_at=house.to_utc(now))
    house.count("callbacks_cancelled")
    return [*effects, ToStore(Batch(requests=(closed,))),
            report("info", "callback_cancelled", request=callback.request, reason=reason)]


def queue_gone(house: House, call: str, now: float) -> None:
    """A callback waited in a queue that is no longer there: the request stays open for people to look at."""
    callback = house.callbacks.of_stay(call)
    if callback is not None and call not in house.calls:
        house.callbacks.forget(callback.request)


def known_number(opened: OpenCall) -> str:
    """By which somebody who has come into a queue is known again (`waiting.caller_of`), or "": strangers may write any
    number, and take a place or end a callback that is another's; and a switchboard's is that of several people."""
    return opened.caller or ""


def number_of(house: House, opened: OpenCall) -> str:
    return e164(opened.call.visit.person.caller_number or "", house.config.country)


def call_now(house: House, callback: Callback, now: float) -> list[Any]:
    """The pause is over. It has its place in line, and the hours hold."""
    return callback_due(house, CallbackDue(callback.request), now)


def shown(house: House, now: float) -> list[dict[str, Any]]:
    """All that are open, the oldest first, as plain data without the callers' numbers."""
    ordered = sorted(house.callbacks.open.values(), key=lambda each: each.since)
    return [{"request": each.request, "queue": each.queue, "state": str(each.phase), "attempts": each.attempts,
             "waited_s": round(now - each.since, 1), "call": each.stay if each.phase is Phase.TRIED else None,
             "resumes_in_s": round(max(each.until - now, 0.0), 1) if each.until not in (None, float("inf")) else None}
            for each in ordered]


ROUTES: dict[type, Any] = {CallbackDue: callback_due}
