"""Calls that are made for requests to be called back: when an operator is found for one, and what became of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ivr.base.config_lines import LineConfig
from ivr.base.config_waiting import CallbackConfig
from ivr.base.numbers import e164
from ivr.base.trace import Trace
from ivr.base.values import changed
from ivr.call.machine import Call
from ivr.call.record import CallRow, Outcome, PersonRow, RequestRow, RequestStatus
from ivr.call.state import CallingBack, CallState
from ivr.call.visit import Visit
from ivr.exchange import last_operators, operator_log
from ivr.exchange.callbacks import (
    Wanted,
    begins_at_earliest,
    config_of,
    do,
    let_go,
    number_of,
    rules_of,
    served,
    take_up,
)
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall
from ivr.menu.interpreter import Interpreter
from ivr.menu.notices import clips_said
from routing import callback as back
from routing import dispatcher as queue
from routing.callback import Callback, CallbackRules


# --- an operator is found ---------------------------------------------------------------------------------------------
def offered(house: House, effect: queue.OfferCall, now: float) -> tuple[list[Any], bool]:
    """An operator is offered a callback: from here on it is a call. True: their phones are to be rung, as for a caller.
    """
    callback = house.callbacks.of_stay(effect.call)
    if callback is None:
        return [], True
    effects: list[Any] = []
    if effect.call not in house.calls:
        if (until := begins_at_earliest(house, callback, effect.operator, now)) > now:
            return do(house, house.callbacks.not_now(effect.call, until), now), False
        if house.callbacks.tried(effect.call) is None or not _make_call(house, callback, now):
            return house.dispatcher.handle(queue.CallLeft(effect.call, "failed"), now), False
        house.count("callbacks_begun")
        effects = [ToStore(written.batch) for written in house.calls[effect.call].call.write()]
    wish = house.calls[effect.call].call.back
    if wish is None or not wish.caller_first:
        return effects, True
    operator_log.has_call(house, effect.operator, effect.call)
    return [*effects, *house.dispatcher.handle(queue.OfferAccepted(effect.call, effect.operator), now)], False


def _make_call(house: House, callback: Callback, now: float) -> bool:
    """False if its line is gone."""
    wanted: Wanted = callback.what
    line = house.config.line_for(wanted.line) or house.config.lines[0]
    config = config_of(house, callback.queue)
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
    call.queued_since = callback.since

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
    effects = served(house, opened, now) if opened.call.visit.with_operator else []
    effects += let_go(house, opened.call.call, now)
    _gave_up(house, opened, now)
    for row in opened.call.visit.left.values():
        if row.kind == "callback" and row.status is RequestStatus.OPEN:
            effects += _left(house, opened, row, now)
    batch = opened.call.visit.take_batch()
    return [*([ToStore(batch)] if batch is not None else []), *effects]


def _gave_up(house: House, opened: OpenCall, now: float) -> None:
    """Who hung up while waiting has left a request to be called back, where the queue says so. Not who merely wrote a
    number: anybody could have others rung by us."""
    visit = opened.call.visit
    row, config = visit.request, house.config.queues.get(visit.call.queue)
    if (row is None or row.kind != "queue" or config is None or config.abandoned is None or config.callback is None
            or visit.call.outcome is not Outcome.ABANDONED or visit.with_operator or not opened.vouched
            or (visit.call.wait_time or 0.0) < config.abandoned_after_s):
        return
    number = number_of(house, opened)
    if not house.outbound.permits(number) or house.callbacks.of_caller(number, row.queue) is not None:
        return
    visit.request = None
    visit.left[row.id] = changed(row, kind="callback", status=RequestStatus.OPEN, closed_at=None)
    visit.left_changed.add(row.id)
    visit.person, visit.person_changed = replace(visit.person, callback_number=number), True
    visit.entry(now, "callback_for_abandoned", request=row.id, queue=row.queue)


def _left(house: House, opened: OpenCall, row: RequestRow, now: float) -> list[Any]:
    """One caller has one callback of a queue: what they asked for again is done with the first. Behind a switchboard's
    number there are several callers."""
    visit = opened.call.visit
    number = e164(visit.person.callback_number or "", house.config.country)
    first = house.callbacks.of_caller(number, row.queue) if number not in house.shared_numbers else None
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
    rules = rules_of(house, visit.call.queue) or CallbackRules()
    assert callback is not None
    if visit.request is not None:
        callback.what = replace(callback.what, request=visit.request)
    if visit.with_operator:
        last_operators.note(house, opened, visit.call.operator)
    reached = visit.with_operator or visit.call.outcome is Outcome.TRANSFERRED
    effects = house.callbacks.attempt_over(call.call, rules, now, dialled=call.dialled_back, reached=reached)
    if any(isinstance(effect, back.GaveUp) for effect in effects):
        visit.entry(now, "callback_failed", request=callback.request, attempts=callback.attempts)
        batch = visit.take_batch()
        return [*([ToStore(batch)] if batch is not None else []), *do(house, effects, now)]
    return do(house, effects, now)


