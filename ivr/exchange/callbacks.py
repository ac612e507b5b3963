"""Requests to be called back enter their queues, calls are made for them, and what became of those is judged."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.base.config_lines import LineConfig
from ivr.base.config_waiting import CallbackConfig
from ivr.base.numbers import e164
from ivr.base.trace import Trace
from ivr.base.values import changed
from ivr.call import events as call_events
from ivr.call.machine import Call
from ivr.call.record import Batch, CallRow, Outcome, PersonRow, RequestRow, RequestStatus
from ivr.call.state import CallingBack, CallState
from ivr.call.visit import Visit
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.outbound import Denied
from ivr.menu.interpreter import Interpreter
from ivr.menu.notices import clips_said
from routing import callback as back
from routing import dispatcher as queue
from routing.callback import Callback, CallbackRules, Phase

NOT_NOW = 30.0           # s until a callback is tried again for which the house had no room
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
    rules = _rules(house, wanted.request.queue)
    number = e164(wanted.number, house.config.country)
    if rules is None or wanted.attempts >= rules.attempts:
        return []
    if not house.outbound.permits(number):
        return [report("warning", "callback_not_permitted", request=wanted.request.id, number=wanted.number)]
    waited = (house.to_utc(now) - wanted.request.opened_at).total_seconds()
    callback = Callback(wanted.request.id, wanted.request.queue, now - max(waited, 0.0), wanted.request.language,
                        number, wanted.attempts, wanted)
    begins_at = _opens_at(house, callback.queue, now)
    if wanted.tried_at is not None:
        begins_at = max(begins_at, now + rules.retry_after - (house.to_utc(now) - wanted.tried_at).total_seconds())
    return _do(house, house.callbacks.begin(callback, house.ids.uuid(), now, begins_at), now)


def callback_due(house: House, event: CallbackDue, now: float) -> list[Any]:
    callback = house.callbacks.open.get(event.request)
    if callback is None:
        return []
    opens_at = _opens_at(house, callback.queue, now)
    return _do(house, house.callbacks.due(event.request, house.ids.uuid(), now, opens_at), now)


def drain(house: House, now: float) -> list[Any]:
    """No attempt begins any more."""
    return _do(house, house.callbacks.take_all_out(), now)


def _rules(house: House, name: str) -> CallbackRules | None:
    config = _config(house, name)
    if config is None:
        return None
    return CallbackRules(config.first, config.attempts, config.retry_after_s, config.ring_s)


def _config(house: House, name: str) -> CallbackConfig | None:
    known = house.config.queues.get(name)
    return known.callback if known is not None else None


def _opens_at(house: House, name: str, now: float) -> float:
    """When callers of this queue may be rung: `now`, or later."""
    config = _config(house, name)
    schedule = house.hours.schedules.get(config.hours or "") if config is not None else None
    if schedule is None:
        return now
    moment = house.to_utc(now)
    verdict = schedule.at(moment)
    if verdict.open:
        return now
    return now + ((verdict.until - moment).total_seconds() if verdict.until is not None else NEVER_OPENS)


def _do(house: House, effects: Iterable[back.Effect], now: float) -> list[Any]:
    done: list[Any] = []
    for effect in effects:
        match effect:
            case back.EnterLine(callback):
                house.timers.cancel(("callback", callback.request))
                done += house.dispatcher.handle(queue.CallQueued(
                    callback.stay, callback.queue, callback.language, since=callback.since, virtual=True), now)
            case back.LeaveLine(stay):
                done += house.dispatcher.handle(queue.CallLeft(stay, "callback"), now)
            case back.Pause(request, until) if until < float("inf"):
                house.timers.start(("callback", request), until, CallbackDue(request))
            case back.GaveUp(callback):
                house.count("callbacks_failed")
                done.append(report("warning", "callback_failed", request=callback.request,
                                   attempts=callback.attempts))
    return done


# --- an operator is found ---------------------------------------------------------------------------------------------
def offered(house: House, effect: queue.OfferCall, now: float) -> list[Any] | None:
    """An operator is offered a callback: from here on it is a call. None: their phones are to be rung, as for a caller.
    """
    callback = house.callbacks.of_stay(effect.call)
    if callback is None:
        return None
    if effect.call not in house.calls:
        if (until := _not_before(house, callback, effect.operator, now)) > now:
            return _do(house, house.callbacks.not_now(effect.call, until), now)
        if house.callbacks.tried(effect.call) is None or not _make_call(house, callback, now):
            return house.dispatcher.handle(queue.CallLeft(effect.call, "failed"), now)
        house.count("callbacks_begun")
    wish = house.calls[effect.call].call.back
    if wish is None or not wish.caller_first:
        return None
    return house.dispatcher.handle(queue.OfferAccepted(effect.call, effect.operator), now)


def _not_before(house: House, callback: Callback, operator: str, now: float) -> float:
    """When an attempt can begin: nobody's phone shall ring for one that can't."""
    opens_at = _opens_at(house, callback.queue, now)
    verdict = house.outbound.judge(callback.number, operator, house.local_day(now),
                                   sum(leg.outbound for leg in house.legs))
    if house.refusal(None, False) is not None or isinstance(verdict, Denied):
        return max(opens_at, now + NOT_NOW)
    return opens_at


def _make_call(house: House, callback: Callback, now: float) -> bool:
    """False if its line is gone."""
    wanted: Wanted = callback.what
    line = house.config.line_for(wanted.line) or house.config.lines[0]
    config = _config(house, callback.queue)
    if config is None:
        return False
    call = _call(house, callback, wanted, line, config, now)
    house.calls[call.call] = OpenCall(call, Trace(now))
    return True


def _call(house: House, callback: Callback, wanted: Wanted, line: LineConfig, config: CallbackConfig,
          now: float) -> Call:
    settings = house.call_settings(line)
    request = wanted.request
    interpreter = Interpreter(settings.menu, request.language)
    row = CallRow(id=callback.stay, revision=1, node=house.config.node, boot_id=house.boot_id, line=line.numbers[0],
                  dialled="", language=interpreter.language, began_at=house.to_utc(now), queue=request.queue,
                  request_id=request.id, menu_version=settings.menu.version, direction="outbound")
    visit = Visit(row, PersonRow(row.id, callback.number, wanted.name), house.ids, house.to_utc)
    call = Call(row.id, "", settings, visit, interpreter)
    call.caller_alive, call.in_queue, call.state = False, True, CallState.QUEUED

    def clips(names: Iterable[str]) -> tuple[str, ...]:
        return clips_said(settings.menu, settings.announcements, names, interpreter.language)

    call.back = CallingBack(request, callback.number, callback.attempts + 1, config.first == "caller", config.ring_s,
                            clips(config.whisper), clips(config.greeting), clips(config.not_reached))
    return call


# --- the attempt ------------------------------------------------------------------------------------------------------
def call_over(house: House, opened: OpenCall, now: float) -> list[Any]:
    """A call is over: an attempt, one in which a callback was asked for, or one of somebody who has asked before."""
    if house.callbacks.of_stay(opened.call.call) is not None:
        return _attempt_over(house, opened, now)
    # A colleague may have taken the call from the queue, which assigned nobody then.
    effects = _served(house, opened, now) if opened.call.visit.with_operator else []
    effects += let_go(house, opened.call.call, now)
    _gave_up(house, opened, now)
    for row in opened.call.visit.left.values():
        if row.kind == "callback" and row.status is RequestStatus.OPEN:
            effects += _left(house, opened, row, now)
    batch = opened.call.visit.take_batch()
    return [*([ToStore(batch)] if batch is not None else []), *effects]


def _gave_up(house: House, opened: OpenCall, now: float) -> None:
    """Who hung up while waiting has left a request to be called back, where the queue says so."""
    visit = opened.call.visit
    row, config = visit.request, house.config.queues.get(visit.call.queue)
    number = _number_of(house, opened)
    if (row is None or row.kind != "queue" or config is None or config.abandoned is None or config.callback is None
            or visit.call.outcome is not Outcome.ABANDONED or visit.with_operator
            or (visit.call.wait_time or 0.0) < config.abandoned_after_s or not house.outbound.permits(number)
            or house.callbacks.of_caller(number, row.queue) is not None):
        return
    visit.request = None
    visit.left[row.id] = changed(row, kind="callback", status=RequestStatus.OPEN, closed_at=None)
    visit.left_changed.add(row.id)
    visit.person, visit.person_changed = replace(visit.person, callback_number=number), True
    visit.entry(now, "callback_for_abandoned", request=row.id, queue=row.queue)


def _left(house: House, opened: OpenCall, row: RequestRow, now: float) -> list[Any]:
    """One caller has one callback of a queue: what they asked for again is done with the first."""
    visit = opened.call.visit
    number = e164(visit.person.callback_number or "", house.config.country)
    first = house.callbacks.of_caller(number, row.queue)
    if first is not None or (visit.with_operator and visit.call.queue == row.queue):
        visit.left[row.id] = changed(row, status=RequestStatus.CLOSED, closed_at=house.to_utc(now))
        visit.left_changed.add(row.id)
        visit.entry(now, "callback_not_needed", request=row.id, **({"first": first.request} if first else {}))
        return []
    if house.draining:
        return []                # the next process reads it
    wanted = Wanted(row, visit.call.line, visit.person.callback_number or "", visit.person.caller_name or "")
    return take_up(house, wanted, now)


def _attempt_over(house: House, opened: OpenCall, now: float) -> list[Any]:
    call = opened.call
    visit = call.visit
    callback = house.callbacks.of_stay(call.call)
    rules = _rules(house, visit.call.queue) or CallbackRules()
    assert callback is not None
    if visit.request is not None:
        callback.what = replace(callback.what, request=visit.request)
    reached = visit.with_operator or visit.call.outcome is Outcome.TRANSFERRED
    effects = house.callbacks.attempt_over(call.call, rules, now, dialled=call.dialled_back, reached=reached)
    if any(isinstance(effect, back.GaveUp) for effect in effects):
        visit.entry(now, "callback_failed", request=callback.request, attempts=callback.attempts)
        batch = visit.take_batch()
        return [*([ToStore(batch)] if batch is not None else []), *_do(house, effects, now)]
    return _do(house, effects, now)


def let_go(house: House, call: str, now: float) -> list[Any]:
    """The caller was here in person, and is gone without having talked with anybody."""
    return _do(house, house.callbacks.let_go(call, house.ids.uuid(), now, now), now) if len(house.callbacks) else []


# --- the caller is here in person -------------------------------------------------------------------------------------
def old_place(house: House, opened: OpenCall, name: str, now: float) -> tuple[float | None, list[Any]]:
    """Since when a caller who comes into a queue counts as waiting there, None for now: who asked to be called back has
    the place of that, and is not called back while they wait."""
    if not len(house.callbacks) or opened.call.visit.call.direction != "inbound":
        return None, []
    number = _number_of(house, opened)
    callback, effects = house.callbacks.hold(number, name, opened.call.call)
    if callback is None:
        return None, []
    house.timers.cancel(("callback", callback.request))
    opened.call.visit.entry(now, "callback_held", request=callback.request)
    return callback.since, _do(house, effects, now)


def caller_served(house: House, call: str, now: float) -> list[Any]:
    """A caller has got through to an operator: nobody need call them back, and an attempt that goes on is ended."""
    opened = house.calls.get(call)
    return _served(house, opened, now) if opened is not None else []


def _served(house: House, opened: OpenCall, now: float) -> list[Any]:
    if not len(house.callbacks) or opened.call.visit.call.direction != "inbound":
        return []
    visit = opened.call.visit
    callback = house.callbacks.of_caller(_number_of(house, opened), visit.call.queue)
    if callback is None:
        return []
    visit.entry(now, "callback_cancelled", request=callback.request)
    return cancel(house, callback, "the caller rang", now)


def cancel(house: House, callback: Callback, reason: str, now: float) -> list[Any]:
    """The request is done with: its row says so, and nobody is rung for it any more."""
    stay, tried = callback.stay, callback.phase is Phase.TRIED
    house.timers.cancel(("callback", callback.request))
    effects = _do(house, house.callbacks.forget(callback.request), now)
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


def _number_of(house: House, opened: OpenCall) -> str:
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
