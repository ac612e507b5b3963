"""SIP tells of a new call: let in to its line, or turned away with the reason."""

from typing import Any

from ivr.base.config_lines import LineConfig
from ivr.base.errors import PeerError
from ivr.base.trace import Trace
from ivr.call.machine import Call, Started
from ivr.call.record import Batch, CallRow, Outcome, PersonRow
from ivr.call.text_leg import TRANSPORT
from ivr.call.visit import Visit
from ivr.exchange import calling_beside, status_by_phone
from ivr.exchange.callers import groups_of, may_call
from ivr.exchange.effects import ToStore
from ivr.exchange.facts import facts_on
from ivr.exchange.first_words import NOT_OF_LINE, first_words
from ivr.exchange.from_capture import call_opened
from ivr.exchange.from_menus import try_menu
from ivr.exchange.from_refusals import refusal_line
from ivr.exchange.from_sip import close_stream, open_stream
from ivr.exchange.house import House, OpenCall, Tell, full_status, report
from ivr.exchange.interpreters import interpreter_of
from ivr.exchange.legs import Leg
from ivr.exchange.own_calls import own_call
from ivr.exchange.status_codes import is_code
from ivr.exchange.taking_over import leg_takes_place
from ivr.exchange.texting.by_sip.first import first_said
from ivr.menu.facts import Facts
from ivr.sip import commands, events

RETRY_AFTER = 30         # seconds that a caller turned away by a draining server is told to wait
UNCONFIRMED_LIMIT = 2.0  # seconds of audio that a peer gets before its ACK: we are no amplifier
NUMBER_LENGTH, NAME_LENGTH, ID_LENGTH = 64, 80, 255      # what is kept of what a caller sends; who needs longer ones?

Caller = events.LegOffered | events.CallRefused


def leg_offered(house: House, event: events.LegOffered, now: float) -> list[Any]:
    """Let the caller in, or say why not."""
    if event.replaces is not None:
        return leg_takes_place(house, event, now)
    line = house.config.line_for(event.dialled)
    if line is None and event.account in house.config.operators:
        return (status_by_phone.dialled if is_code(event.dialled) else own_call)(house, event, now)
    if line is None:
        house.count("unknown_numbers")
        return [*house.endpoint.handle(commands.RejectLeg(event.leg, 404), now), *_unknown_number(event)]
    trunk, writes = house.trunk(event.trunk), event.flow.transport == TRANSPORT
    refusal = house.refusal(trunk, event.by_edge, writes=writes)
    if refusal is not None:
        return refuse(house, event, line, *refusal, now)
    groups = groups_of(event, house.config.groups, house.customers, house.config.country)
    named = may_call(line, event, house.customers, house.config.country, groups)
    if not named and not _is_told(house, line, now):
        return refuse(house, event, line, 403, NOT_OF_LINE, now)
    call = house.ids.uuid()
    srtp = trunk.srtp if trunk is not None and trunk.srtp is not None else house.config.srtp_of(event.account)
    place = house.place_of(event.flow, srtp, trunk)
    leg = house.legs.open(event.leg, call, "caller", "caller", place, now, writes=writes)
    if leg is None:
        return refuse(house, event, line, full_status(trunk, event.by_edge), "no_free_port", now)
    leg.account, leg.trunk = event.account, event.trunk or ""
    leg.is_of(trunk)
    leg.is_of_page(event.flow.transport)
    try:
        leg.sip.take_offer(event.body)
    except PeerError as error:
        house.legs.close(event.leg)
        close_stream(house, leg, now)
        house.count("offers_not_acceptable")
        return [*house.endpoint.handle(commands.RejectLeg(event.leg, error.status or 488, error.reason), now),
                report("warning", "offer_not_acceptable", line=line.numbers[0], reason=error.reason, trunk=event.trunk)]
    return let_in(house, event, line, leg, groups, now, named=named)


def _is_told(house: House, line: LineConfig, now: float) -> bool:
    """Whether who may not call hears why, instead of 403: a closed line says so to everybody."""
    return line.refused_say is not None or house.orders.of(line.numbers[0], "closure", house.to_utc(now)) is not None


def _unknown_number(event: Caller) -> list[Any]:
    """A carrier that writes our number in another way is news; what strangers try is only counted."""
    if event.trunk is None and event.account is None:
        return []
    return [report("warning", "unknown_number", dialled=event.dialled[:NUMBER_LENGTH], trunk=event.trunk,
                   account=event.account)]


def let_in(house: House, event: events.LegOffered, line: LineConfig, leg: Leg, groups: tuple[str, ...], now: float, *,
           named: bool) -> list[Any]:
    """`named`: the line is for this caller; others hear that it is not."""
    settings = house.call_settings(line, leg.call, writes=leg.writes)
    facts = facts_of(house, event, line, groups)
    talk = house.endpoint.texts.talk_of(leg.leg)
    interpreter = interpreter_of(house.config, settings, line.language, facts, talk.channel if talk else "")
    visit = Visit(call_row(house, event, line, leg.call, now, interpreter.language, settings.menu.version),
                  person_row(leg.call, event), house.ids, house.to_utc)
    if talk is not None:
        visit.change(channel=talk.channel)
    call = Call(leg.call, event.leg, settings, visit, interpreter)
    call.notice = first_words(house, line, settings, interpreter.language, house.to_utc(now), refused=not named)
    call.own_priority = max((house.config.groups[name].priority for name in groups), default=0)
    opened = house.calls[leg.call] = OpenCall(call, Trace(now), page=house.endpoint.pages.of_leg(leg.leg), talk=talk)
    house.by_caller.came(leg.call)
    if house.captures:
        call_opened(house, leg.call)
    if call.notice is None or call.notice.outcome is None:
        try_menu(house, line.numbers[0], leg.call, settings.edition)
    house.count("calls_offered")
    confirmed = event.trunk is not None or event.account is not None
    first = first_said(house, leg.leg, talk, now) if talk is not None else []
    return [*open_stream(house, leg, None if confirmed else UNCONFIRMED_LIMIT), *first,
            report("info", "call_offered", call=leg.call, line=settings.line, number=event.caller_number),
            Tell(leg.call, (calling_beside.invited(house, opened, now) if talk is not None else None) or Started())]


def facts_of(house: House, event: events.LegOffered, line: LineConfig, groups: tuple[str, ...]) -> Facts:
    """What the menu may know of this caller."""
    return facts_on(house, line, event.caller_number[:NUMBER_LENGTH], event.trunk or "", event.dialled,
                    groups)


def refuse(house: House, event: events.LegOffered, line: LineConfig, status: int, reason: str,
           now: float) -> list[Any]:
    """Turn a call away; that too is a visit with its outcome."""
    command = commands.RejectLeg(event.leg, status, retry_after=RETRY_AFTER if status == 503 else None)
    return [*house.endpoint.handle(command, now), *_turned_away(house, event, line, status, reason, now)]


def call_refused(house: House, event: events.CallRefused, now: float) -> list[Any]:
    """SIP has turned a call away. One to a number that is no line's is what it would have been without that."""
    line = house.config.line_for(event.dialled)
    if line is None and event.trunk is None and event.account is None:
        house.count("unknown_numbers")
        return []
    return _turned_away(house, event, line, event.status, event.reason, now)


def _turned_away(house: House, event: Caller, line: LineConfig | None, status: int, reason: str,
                 now: float) -> list[Any]:
    """Count a refused call, keep its row, log it: the last two as often as can be borne (`refusals`). No row is written
    when nothing more can be kept, nor of a call to no line, nor of a stranger's where the spool has to last."""
    house.count("calls_offered")
    house.count("calls_refused")
    who = event.trunk or ("phone" if event.account else "stranger")
    kept: list[Any] = []
    if line is not None and not house.store_full and not (who == "stranger" and house.database_away):
        if house.refusals.of_rows(who).take(None, now):
            kept.append(ToStore(_refused(house, event, line, reason, now)))
        else:
            house.count("refused_calls_without_row")
    return [*kept, *refusal_line(house, "call_refused", who, None, now, status=status, reason=reason,
                                 trunk=event.trunk, account=event.account, number=event.caller_number[:NUMBER_LENGTH])]


def _refused(house: House, event: Caller, line: LineConfig, reason: str, now: float) -> Batch:
    row = call_row(house, event, line, house.ids.uuid(), now, "", "")
    visit = Visit(row, person_row(row.id, event), house.ids, house.to_utc)
    visit.ended(now, Outcome.REFUSED, "hotline", reason)
    return visit.take_batch() or Batch()


def call_row(house: House, event: Caller, line: LineConfig, call: str, now: float, language: str,
             menu_version: str) -> CallRow:
    return CallRow(id=call, revision=1, node=house.config.node, boot_id=house.boot_id, line=line.numbers[0],
                   dialled=event.dialled, language=language, began_at=house.to_utc(now), menu_version=menu_version,
                   sip_call_id=event.sip_call_id[:ID_LENGTH])


def person_row(call: str, event: Caller) -> PersonRow:
    """Who calls. These texts go on to operators' phones: a name of 60 kB would keep their INVITE from being sent."""
    return PersonRow(call, event.caller_number[:NUMBER_LENGTH], event.caller_name[:NAME_LENGTH])


ROUTES: dict[type, Any] = {events.LegOffered: leg_offered, events.CallRefused: call_refused}
