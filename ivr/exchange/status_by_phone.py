"""An operator's phone dials a code: the status is set, they hear which, and the call is over.

While they hear it they are on a call, so that whom they become available for does not ring into it.
"""

from dataclasses import replace
from typing import Any

from ivr.base.errors import PeerError
from ivr.base.trace import Trace
from ivr.call.machine import Call, Started
from ivr.call.notice import Notice
from ivr.call.record import CallRow, Outcome, PersonRow
from ivr.call.settings import CallSettings
from ivr.call.visit import Visit
from ivr.exchange.from_capture import call_opened
from ivr.exchange.from_sip import close_stream, open_stream
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.status_codes import Chosen, meaning
from ivr.menu.interpreter import Interpreter
from ivr.menu.notices import clips_said
from ivr.sip import commands, events
from routing.dispatcher import OperatorEngaged

OTHERWISE = "goodbye"        # what is heard where the admin's announcements have no words for it
NOT_FOUND, NO_ROOM = 404, 503
ID_LENGTH = 255


def dialled(house: House, event: events.LegOffered, now: float) -> list[Any]:
    """The phone of an operator dialled one of the codes."""
    operator = event.account or ""
    chosen, refusal = meaning(event.dialled, house.config.break_reasons), house.refusal(None, event.by_edge)
    if chosen is None or refusal is not None:
        status, reason = refusal if chosen is not None and refusal is not None else (NOT_FOUND, "no_such_status")
        return _refused(house, event, status, reason, now)
    call = house.ids.uuid()
    place = house.place_of(event.flow, house.config.srtp_of(operator))
    leg = house.legs.open(event.leg, call, "operator", operator, place, now)
    if leg is None:
        return _refused(house, event, NO_ROOM, "no_free_port", now)
    leg.account = operator
    leg.is_of_page(event.flow.transport)
    try:
        leg.sip.take_offer(event.body)
    except PeerError as error:
        house.legs.close(event.leg)
        return [*close_stream(house, leg, now), *_refused(house, event, error.status or 488, error.reason, now)]
    house.count("calls_offered")
    house.calls[call] = OpenCall(_call(house, event, call, chosen, now), Trace(now))
    if house.captures:
        call_opened(house, call)
    busy = house.dispatcher.handle(OperatorEngaged(operator, call, written_up=True), now)
    return [*open_stream(house, leg, None), *busy, *chosen_by_phone(house, operator, chosen, now),
            Tell(call, Started())]


def chosen_by_phone(house: House, operator: str, chosen: Chosen, now: float) -> list[Any]:
    """Set it, and have it kept."""
    return [*house.set_status(operator, chosen.status, chosen.reason, now),
            report("info", "status_by_phone", operator=operator, status=str(chosen.status), reason=chosen.reason)]


def _call(house: House, event: events.LegOffered, call: str, chosen: Chosen, now: float) -> Call:
    operator = event.account or ""
    line = house.config.lines[0]
    settings = replace(house.call_settings(line), ring_time=0.0)
    spoken = house.config.operators[operator].languages
    interpreter = Interpreter(settings.menu, spoken[0] if spoken else line.language)
    row = CallRow(id=call, revision=1, node=house.config.node, boot_id=house.boot_id, line="",
                  dialled=event.dialled, language=interpreter.language, began_at=house.to_utc(now), operator=operator,
                  sip_call_id=event.sip_call_id[:ID_LENGTH], direction="internal")
    made = Call(call, event.leg, settings, Visit(row, PersonRow(call, "", ""), house.ids, house.to_utc), interpreter)
    made.notice = Notice(_words(settings, chosen, interpreter.language), Outcome.ANSWERED, chosen.notice)
    made.engaged.add(operator)
    return made


def _words(settings: CallSettings, chosen: Chosen, language: str) -> tuple[str, ...]:
    own = clips_said(settings.menu, settings.announcements, [chosen.notice], language)
    return own or clips_said(settings.menu, settings.announcements, [OTHERWISE], language)


def _refused(house: House, event: events.LegOffered, status: int, reason: str, now: float) -> list[Any]:
    return [*house.endpoint.handle(commands.RejectLeg(event.leg, status), now),
            report("info", "status_refused", operator=event.account, dialled=event.dialled[:8], reason=reason)]
