"""SIP events of legs in progress: answered, held and ended; and phones come and go."""

from dataclasses import dataclass
from typing import Any

from ivr.base.errors import PeerError
from ivr.call import events as call_events
from ivr.call.sip_leg import Waiting
from ivr.exchange import from_capture, operator_log
from ivr.exchange.effects import Report, ToPlane
from ivr.exchange.house import House, Tell, report
from ivr.exchange.ladders import leg_leaves
from ivr.exchange.legs import Leg
from ivr.exchange.texting.by_sip.sending import phone_came
from ivr.media import commands as media
from ivr.sip import commands, events
from ivr.sip.registrar.binding import Binding
from routing.dispatcher import ReachabilityChanged

PROBE_AGAIN = 60.0       # s from one question whether a silent peer is still there to the next


@dataclass(frozen=True)
class ProbeDue:
    """Timer: a leg on which nothing need be heard is to be asked for a sign of life."""

    leg: str


# --- streams --------------------------------------------------------------------------------------------------------
def open_stream(house: House, leg: Leg, unconfirmed_limit: float | None) -> list[Any]:
    ids = house.ids
    leg.streaming = True
    opened = media.OpenStream(leg.stream, leg.leg, ids.uint32(), ids.uint16(), ids.uint32(), unconfirmed_limit)
    return [ToPlane(opened), *from_capture.stream(house, leg)] if house.captures else [ToPlane(opened)]


def close_stream(house: House, leg: Leg, now: float) -> list[Any]:
    """Let the plane close a stream, which frees its port; one that it never opened is free at once."""
    if leg.streaming:
        return [ToPlane(media.CloseStream(leg.stream, leg.leg))]
    house.legs.release(leg.stream, leg.leg, now)
    return []


def set_stream(leg: Leg) -> list[Any]:
    """Tell the plane what was agreed; nothing before the first agreement."""
    agreed = leg.sip.negotiated
    if agreed is None:
        return []
    return [ToPlane(media.SetStream(
        leg.stream, leg.leg, agreed.remote, agreed.codec, agreed.payload_type, agreed.event_payload_type,
        agreed.direction, agreed.ptime_ms, latch="sdp" if leg.trusted_address else "learn",
        event_payload_type_in=agreed.event_payload_type_in,
        srtp_suite=agreed.crypto.suite if agreed.crypto is not None else None,
        srtp_key_out=agreed.crypto.key_out if agreed.crypto is not None else "",
        srtp_key_in=agreed.crypto.key_in if agreed.crypto is not None else "", rtcp=agreed.rtcp,
        event_clock_rate=agreed.event_clock_rate,
        in_band=leg.keys.hears_tones(takes_events=agreed.event_payload_type is not None)))]


# --- the end of a leg -----------------------------------------------------------------------------------------------
def hang_up(house: House, leg: Leg, reason: str, now: float) -> list[Any]:
    """End a leg, whatever its state. SIP knows nothing of one that was leased for an offer and never dialled."""
    if leg.streaming or leg.role == "caller":
        return house.endpoint.handle(commands.HangUpLeg(leg.leg, reason), now)
    return leg_ended(house, events.LegEnded(leg.leg, "us", 0, reason), now)


def lose_leg(house: House, leg: Leg, reason: str, now: float) -> list[Any]:
    """Hang up a leg that is of no use any more: it is the call that broke, nobody has hung up."""
    leg.lost = True
    return hang_up(house, leg, reason, now)


def leg_ended(house: House, event: events.LegEnded, now: float) -> list[Any]:
    leg = house.legs.close(event.leg)
    if leg is None:
        return []
    leg_leaves(house, leg)
    house.timers.cancel(("probe", leg.leg))
    by = "network" if leg.lost else event.by
    return [*close_stream(house, leg, now),
            Tell(leg.call, call_events.LegEnded(leg.leg, by, event.status, event.reason))]


# --- legs in progress -----------------------------------------------------------------------------------------------
def leg_confirmed(house: House, event: events.LegConfirmed, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    if leg is None:
        return []
    try:
        agreed = set_stream(leg) if leg.sip.take_answer(event.body) else []
    except PeerError as error:
        return lose_leg(house, leg, error.reason, now)
    return [*agreed, ToPlane(media.ConfirmStream(leg.stream, leg.leg)),
            Tell(leg.call, call_events.LegConfirmed(leg.leg))]


def leg_reoffered(house: House, event: events.LegReoffered, now: float) -> list[Any]:
    """A re-INVITE: hold, resume, another address or codec."""
    leg = house.legs.get(event.leg)
    if leg is None:
        return []
    try:
        leg.sip.take_reoffer(event.body)
    except PeerError as error:
        return house.endpoint.handle(commands.RejectOffer(leg.leg, error.status or 488), now)
    answered = house.endpoint.handle(commands.AnswerOffer(leg.leg, leg.sip.body), now)
    return [*answered, *set_stream(leg), *_hold_changed(house, leg, now)]


def leg_reanswered(house: House, event: events.LegReanswered, now: float) -> list[Any]:
    """The answer to an offer that our 2xx to an offerless re-INVITE carried, or what a peer makes of a refresh, which
    offers again what was agreed."""
    leg = house.legs.get(event.leg)
    if leg is None or event.status >= 300:
        return []
    if event.body is not None:
        leg.sip.waiting = Waiting.ANSWER
    try:
        agreed = leg.sip.take_answer(event.body)
    except PeerError as error:
        return lose_leg(house, leg, error.reason, now)
    return [*set_stream(leg), *_hold_changed(house, leg, now)] if agreed else []


def _hold_changed(house: House, leg: Leg, now: float) -> list[Any]:
    if leg.sip.held == leg.held:
        return []
    leg.held = leg.sip.held
    if leg.held:
        probe_later(house, leg, now)         # nothing need come while it holds us, so no silence will be told
    event = call_events.LegHeld(leg.leg) if leg.held else call_events.LegResumed(leg.leg)
    return [Tell(leg.call, event)]


def digit_by_info(house: House, event: events.DigitByInfo, now: float) -> list[Any]:
    """A key by INFO, unless this leg's keys come as RTP events. A press that was told by its tones is up now."""
    leg = house.legs.get(event.leg)
    if leg is None or not leg.keys.speaks("info"):
        return []
    new = leg.keys.press("info", event.digit, now)
    pressed = [Tell(leg.call, call_events.KeyPressed(leg.leg, event.digit))] if new else []
    return [*pressed, Tell(leg.call, call_events.KeyReleased(leg.leg, event.digit))]


def probe_answered(house: House, event: events.ProbeAnswered, now: float) -> list[Any]:
    """Alive is alive for now: silence is told once, and a peer that is silent with good reason may still vanish."""
    leg = house.legs.get(event.leg)
    if leg is None:
        return []
    if not event.alive:
        return lose_leg(house, leg, "no sign of life", now)
    probe_later(house, leg, now)
    return []


def probe(house: House, leg: Leg, now: float) -> list[Any]:
    """Ask in the dialog whether the peer is still there."""
    house.count("media_probes")
    return house.endpoint.handle(commands.ProbeLeg(leg.leg), now)


def probe_later(house: House, leg: Leg, now: float) -> None:
    house.timers.start(("probe", leg.leg), now + PROBE_AGAIN, ProbeDue(leg.leg))


def probe_due(house: House, event: ProbeDue, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    return probe(house, leg, now) if leg is not None else []


# --- phones ---------------------------------------------------------------------------------------------------------
def bindings_changed(house: House, event: events.BindingsChanged, now: float) -> list[Any]:
    """A line for each phone that came or left."""
    reachable = bool(event.bindings or house.endpoint.bindings(event.account, now))
    effects: list[Any] = [_phone(event, "phone_unregistered", binding, cause=event.cause) for binding in event.gone]
    effects += [_phone(event, "phone_registered", binding) for binding in event.came]
    if event.account in house.config.operators:
        there = reachable or event.account in house.endpoint.texts.desks
        effects += operator_log.reachable(house, event.account, there, now)
        effects += house.dispatcher.handle(ReachabilityChanged(event.account, reachable), now)
    return [*effects, *(phone_came(house, event.account, now) if event.came else ())]


def _phone(event: events.BindingsChanged, what: str, binding: Binding, **fields: Any) -> Report:
    """`contacts`: how many the account has now."""
    return report("info", what, account=event.account, transport=binding.flow.transport, address=binding.address,
                  **fields, contacts=len(event.bindings))


ROUTES: dict[type, Any] = {
    events.LegConfirmed: leg_confirmed,
    events.LegReoffered: leg_reoffered,
    events.LegReanswered: leg_reanswered,
    events.LegEnded: leg_ended,
    events.DigitByInfo: digit_by_info,
    events.ProbeAnswered: probe_answered,
    ProbeDue: probe_due,
    events.BindingsChanged: bindings_changed,
}
