"""An operator's phone calls somebody who is no line: a colleague, a queue, an address of `transfers`, a permitted
number."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.base.trace import Trace
from ivr.call import events as call_events
from ivr.call.consult_events import QueueCalled
from ivr.call.machine import Call
from ivr.call.record import CallRow, Outcome, PersonRow
from ivr.call.visit import Visit
from ivr.exchange.destinations import NOT_FOUND, Destination, Rung, Unreachable, find, lease
from ivr.exchange.effects import ToStore
from ivr.exchange.from_capture import call_opened
from ivr.exchange.from_sip import close_stream, open_stream
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.legs import Leg
from ivr.menu.interpreter import Interpreter
from ivr.sip import commands, events

CALLABLE = ("operator", "queue", "address", "number")
ID_LENGTH = 255


def own_call(house: House, event: events.LegOffered, now: float) -> list[Any]:
    """Ring whom the operator called, or say why not. Every attempt that means somebody has its row."""
    destination = find(house, event.dialled)
    if destination is None or destination.kind not in CALLABLE:
        house.count("unknown_numbers")
        return [*house.endpoint.handle(commands.RejectLeg(event.leg, NOT_FOUND), now),
                report("info", "unknown_number", account=event.account)]
    house.count("calls_offered")
    call = _make_call(house, event, destination, now)
    refusal = house.refusal(None, event.by_edge)
    if refusal is not None:
        return _refuse(house, call, Unreachable(*refusal), now)
    place = house.place_of(event.flow, house.config.srtp_of(event.account))
    # Beside another call of this operator: who consults a colleague joins the two next.
    other = next((leg for leg in house.legs
                  if leg.role == "operator" and leg.party == event.account and not leg.writes), None)
    leg = house.legs.open(event.leg, call.call, "operator", event.account or "", place, now, beside=other)
    if leg is None:
        return _refuse(house, call, Unreachable(503, "no_free_port"), now)
    leg.account = event.account
    leg.is_of_page(event.flow.transport)
    return _ring(house, call, event, destination, leg, now)


def _ring(house: House, call: Call, event: events.LegOffered, destination: Destination, leg: Leg,
          now: float) -> list[Any]:
    operator = event.account or ""
    rung: Rung | Unreachable
    effects: list[Any] = []
    try:
        leg.sip.take_offer(event.body)
    except PeerError as error:
        rung = Unreachable(error.status or 488, error.reason)
    else:
        if destination.kind == "queue":
            return _queue(house, call, destination.name, leg, now)
        rung, effects = lease(house, call, destination, operator, now)
    if isinstance(rung, Unreachable):
        house.legs.close(leg.leg)
        return [*effects, *close_stream(house, leg, now), *_refuse(house, call, rung, now)]
    call.visit.change(dialled=rung.name)
    house.calls[call.call] = OpenCall(call, Trace(now))
    if house.captures:
        call_opened(house, call.call)
    made = call_events.OwnCallMade(operator, rung.name, destination.operator, rung.legs)
    return [*effects, *open_stream(house, leg, None), Tell(call.call, made),
            report("info", "own_call", call=call.call, operator=operator, to=rung.name)]


def _queue(house: House, call: Call, queue: str, leg: Leg, now: float) -> list[Any]:
    """Whoever of the queue is free first; the operator waits there as a caller does."""
    house.calls[call.call] = OpenCall(call, Trace(now))
    if house.captures:
        call_opened(house, call.call)
    return [*open_stream(house, leg, None), Tell(call.call, QueueCalled(leg.party, queue)),
            report("info", "own_call", call=call.call, operator=leg.party, to=queue)]


def _make_call(house: House, event: events.LegOffered, destination: Destination, now: float) -> Call:
    """Announcements, should there be any, are those of the first line."""
    line = house.config.lines[0]
    settings = house.call_settings(line)
    interpreter = Interpreter(settings.menu, line.language)
    row = CallRow(id=house.ids.uuid(), revision=1, node=house.config.node, boot_id=house.boot_id, line="",
                  dialled=destination.name, language=interpreter.language, began_at=house.to_utc(now),
                  operator=event.account or "", sip_call_id=event.sip_call_id[:ID_LENGTH],
                  direction="internal" if destination.kind in ("operator", "queue") else "outbound")
    visit = Visit(row, PersonRow(row.id, destination.number, ""), house.ids, house.to_utc)
    return Call(row.id, event.leg, settings, visit, interpreter)


def _refuse(house: House, call: Call, why: Unreachable, now: float) -> list[Any]:
    house.count("calls_refused")
    visit = call.visit
    visit.entry(now, "refused", by=visit.call.operator, status=why.status, reason=why.reason)
    visit.ended(now, Outcome.REFUSED, "hotline", why.reason)
    batch = visit.take_batch()
    effects = house.endpoint.handle(commands.RejectLeg(call.caller_leg, why.status), now)
    if batch is not None and not house.store_full:
        effects.append(ToStore(batch))
    return [*effects, report("info", "own_call_refused", operator=visit.call.operator, status=why.status,
                             reason=why.reason)]
