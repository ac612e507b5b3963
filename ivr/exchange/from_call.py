"""An event for a call, and the call's effects: each becomes a command of SIP, media, queue or store."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.call import effects as did
from ivr.call import events as call_events
from ivr.call.back_events import ComfortDue
from ivr.call.consult_events import ReturnMade
from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.exchange import (
    beside,
    callback_attempts,
    calling_back,
    engaging,
    feature_keys,
    from_menus,
    from_pages,
    from_recording,
    hearing,
    hearing_back,
    intervening,
    ordered_by_phone,
    playing,
    supervising,
    verifying,
    waiting,
)
from ivr.exchange.broken import break_off
from ivr.exchange.capturing import ALWAYS
from ivr.exchange.effects import ToOtherSystem, ToStore
from ivr.exchange.from_capture import mask
from ivr.exchange.from_queue import phone_legs
from ivr.exchange.from_sip import hang_up, open_stream, set_stream
from ivr.exchange.house import House, OpenCall, Tell, no_room, report
from ivr.exchange.ladders import close_ladder
from ivr.exchange.legs import Leg
from ivr.exchange.texting import delivering, from_text, taking
from ivr.sip import commands
from ivr.sip.message.uri import parse_uri

TIMER_EVENTS = {"input": call_events.InputTimeout(), "ring": call_events.RingTimeOver(),
                "store": call_events.StoreTimeout(), "comfort": ComfortDue()}


# --- legs -----------------------------------------------------------------------------------------------------------
def ring_leg(house: House, opened: OpenCall, effect: did.RingLeg, now: float) -> list[Any]:
    """Not where it hears already what whom it calls lets it hear: a phone would sound a tone of its own over that."""
    leg = house.legs.get(effect.leg)
    return [] if leg is not None and leg.early else house.endpoint.handle(commands.RingLeg(effect.leg), now)


def answer_leg(house: House, opened: OpenCall, effect: did.AnswerLeg, now: float) -> list[Any]:
    leg = house.legs.get(effect.leg)
    if leg is None:
        return []
    return [*house.endpoint.handle(commands.AnswerLeg(leg.leg, leg.sip.body), now), *set_stream(leg)]


def reject_leg(house: House, opened: OpenCall, effect: did.RejectLeg, now: float) -> list[Any]:
    return house.endpoint.handle(commands.RejectLeg(effect.leg, effect.status), now)


def report_transfer(house: House, opened: OpenCall, effect: did.ReportTransfer, now: float) -> list[Any]:
    return house.endpoint.handle(commands.ReportTransfer(effect.leg, effect.status), now)


def dial_operator(house: House, opened: OpenCall, effect: did.DialOperator, now: float) -> list[Any]:
    leg = house.legs.get(effect.leg)
    target = (leg.binding or leg.target) if leg is not None else None
    if leg is None or target is None:
        return []
    return _dial(house, opened, leg, target, now)


def ring_back(house: House, opened: OpenCall, effect: did.RingBack, now: float) -> list[Any]:
    """Legs for the phones of an operator who is to have a caller back; none if they are busy, gone or out of reach."""
    free = house.dispatcher.can_be_rung(effect.operator, house.medium(opened.call.call))
    legs = phone_legs(house, opened.call, effect.operator, now) if free else []
    return [Tell(opened.call.call, ReturnMade(effect.operator, tuple(leg.leg for leg in legs)))]


def dial_address(house: House, opened: OpenCall, effect: did.DialAddress, now: float) -> list[Any]:
    """Ring an address of the configuration; failing to find a port or to read it is a leg that ended."""
    try:
        target = parse_uri(effect.address)
    except PeerError as error:
        return [Tell(opened.call.call, call_events.LegEnded(effect.leg, "us", 404, error.reason))]
    leg = house.legs.open(effect.leg, opened.call.call, "target", opened.call.transfer_target, None, now)
    if leg is None:
        return [*no_room(house, opened.call.call, now),
                Tell(opened.call.call, call_events.LegEnded(effect.leg, "us", 503, "no free port"))]
    leg.outbound = True
    return _dial(house, opened, leg, target, now)


def _dial(house: House, opened: OpenCall, leg: Leg, target: Any, now: float) -> list[Any]:
    number, name = _shown(house, opened.call, leg)
    settled = leg.binding is not None and not leg.sip.has_plain_offer       # else the offer depends on the way
    offer = leg.sip.offer() if settled else commands.WHEN_ROUTED
    command = commands.DialLeg(leg.leg, target, offer, number, name, leg.headers)
    return [*open_stream(house, leg, None), *house.endpoint.handle(command, now)]


def _shown(house: House, call: Call, leg: Leg) -> tuple[str, str]:
    """Who calls, as the phone that rings shows it: the caller, or an operator who calls a colleague. To a number of the
    telephone network operators show their trunk's number alone."""
    person = call.visit.person
    if call.back is not None:
        return calling_back.shown(call, leg)
    operator = call.operator if call.state is CallState.DIALLING else call.far_operator
    if not operator:
        return person.caller_number or "", person.caller_name or ""
    if leg.target is not None and leg.target.scheme == "tel":
        return "", ""
    known = house.config.operators.get(operator)
    return operator, known.display_name if known is not None else ""


def end_leg(house: House, opened: OpenCall, effect: did.EndLeg, now: float) -> list[Any]:
    leg = house.legs.get(effect.leg)
    return [*from_recording.follow(house, opened), *hang_up(house, leg, effect.reason, now)] if leg is not None else []


# --- store, clock, end ----------------------------------------------------------------------------------------------
def write(house: House, opened: OpenCall, effect: did.Write, now: float) -> list[Any]:
    if not effect.durable:
        return [ToStore(effect.batch)]
    opened.tokens += 1
    return [ToStore(effect.batch, f"{opened.call.call}#{opened.tokens}")]


def set_timer(house: House, opened: OpenCall, effect: did.SetTimer, now: float) -> list[Any]:
    key = ("call", opened.call.call, effect.name)
    if effect.at is None:
        house.timers.cancel(key)
    else:
        house.timers.start(key, effect.at, Tell(opened.call.call, TIMER_EVENTS[effect.name]))
    return []


def stop_timers(house: House, opened: OpenCall, effect: did.StopTimers, now: float) -> list[Any]:
    for name in TIMER_EVENTS:
        house.timers.cancel(("call", opened.call.call, name))
    return []


def look_up(house: House, opened: OpenCall, effect: did.LookUp, now: float) -> list[Any]:
    return [ToOtherSystem(opened.call.call, effect.number, effect.request)]


def mask_input(house: House, opened: OpenCall, effect: did.MaskInput, now: float) -> list[Any]:
    return [*mask(house, opened, ALWAYS if effect.active else now), *from_recording.mute(house, opened, effect.active)]


def note(house: House, opened: OpenCall, effect: did.Note, now: float) -> list[Any]:
    opened.trace.note(now, "hotline", effect.text)
    return []


def call_over(house: House, opened: OpenCall, effect: did.CallOver, now: float) -> list[Any]:
    """Forget the call."""
    row = opened.call.visit.call
    house.forget(opened)
    house.count(f"calls_{row.outcome}")
    from_recording.call_over(house, row.id, now)
    delivering.call_over(house, opened)
    hearing_back.call_over(house, row.id)
    return [*callback_attempts.call_over(house, opened, now), *beside.call_over(house, opened, now),
            *close_ladder(house, opened, now),
            report("info", "call_ended", call=row.id, outcome=str(row.outcome), by=row.ended_by, reason=row.reason)]


EFFECTS: dict[type, Any] = {
    did.RingLeg: ring_leg,
    did.AnswerLeg: answer_leg,
    did.RejectLeg: reject_leg,
    did.ReportTransfer: report_transfer,
    did.DialOperator: dial_operator,
    did.DialAddress: dial_address,
    did.RingBack: ring_back,
    did.EndLeg: end_leg,
    did.PlayClips: playing.play_clips,
    did.StopClips: playing.stop_clips,
    did.JoinLegs: hearing.join_legs,
    did.ConferLegs: hearing.confer_legs,
    did.SeparateLegs: hearing.separate_legs,
    did.EnterQueue: waiting.enter_queue,
    did.LeaveQueue: waiting.leave_queue,
    did.Write: write,
    did.SetTimer: set_timer,
    did.StopTimers: stop_timers,
    did.LookUp: look_up,
    did.VerifyPin: verifying.verify_pin,
    did.OrderLines: ordered_by_phone.order_lines,
    did.RecordCaller: from_recording.record_caller,
    did.EndRecording: from_recording.end_caller,
    did.PlayRecording: hearing_back.play,
    did.MaskInput: mask_input,
    did.Note: note,
    did.CallOver: call_over,
    did.DialBack: calling_back.dial_back,
    did.FetchOperator: calling_back.fetch_operator,
    **engaging.EFFECTS,
    **intervening.EFFECTS,
}

EFFECTS_OF_CHATS: dict[type, Any] = {**EFFECTS, **taking.EFFECTS}


# --- events ---------------------------------------------------------------------------------------------------------
def tell(house: House, told: Tell, now: float) -> list[Any]:
    """An event for a call. A bug of ours ends this call alone."""
    opened = house.calls.get(told.call)
    if opened is None:
        return []
    supervised = bool(opened.supervisions)
    try:
        effects = _handle(opened, told.event, now)
    except Exception as error:
        return break_off(house, opened, error, now)
    done = carry_out(house, opened, effects, now)
    if type(told.event) is call_events.KeyPressed:
        done += _feature(house, told.event, now)
    if opened.page:
        done += from_pages.follow(house, opened, now)
    if opened.talk is not None:
        done += from_text.follow(house, opened, now)
    if opened.beside:
        done += beside.follow(house, opened, now)
    if house.editions.tried:
        done += from_menus.follow(house, opened, now)
    return [*done, *supervising.follow(house, opened, now)] if supervised else done


def _feature(house: House, event: call_events.KeyPressed, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    return feature_keys.pressed(house, leg, event.digit, now) if leg is not None and leg.role == "operator" else []


def _handle(opened: OpenCall, event: Any, now: float) -> list[Any]:
    if not opened.supervisions:
        return opened.call.handle(event, now)
    effects, for_call = supervising.take(opened, event, now)
    return [*effects, *opened.call.write(), *(opened.call.handle(event, now) if for_call else ())]


def carry_out(house: House, opened: OpenCall, effects: list[Any], now: float) -> list[Any]:
    """Do what a call asks for, in order."""
    done: list[Any] = []
    left = iter(effects)
    table = EFFECTS if opened.talk is None else EFFECTS_OF_CHATS
    for effect in left:
        try:
            done += table[type(effect)](house, opened, effect, now)
        except Exception as error:
            # Of a call that was broken off, what is left to do is done; its rows still count.
            return [*done, *break_off(house, opened, error, now),
                    *(ToStore(other.batch) for other in left if isinstance(other, did.Write))]
    return done


ROUTES: dict[type, Any] = {Tell: tell, **beside.ROUTES}
