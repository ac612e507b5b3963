"""What people ask of captures, and what ends them."""

from typing import Any

from ivr.base.numbers import e164
from ivr.call.text_leg import NoMedia
from ivr.exchange.capturing import Capture, CaptureDue
from ivr.exchange.house import House, OpenCall
from ivr.exchange.legs import Leg


def begin(house: House, capture: Capture, until: float) -> list[Any]:
    """Begin, or wait for its call, `until` then at the latest. `capture.value` is a call in progress, if it is one."""
    if capture.which == "number":
        capture.value = e164(capture.value, house.config.country) or capture.value
    house.captures.add(capture)
    house.timers.start(("capture", capture.number), until, CaptureDue(capture.number, "its time is up"))
    house.endpoint.tap = house.captures.passes
    opened = house.calls.get(capture.value) if capture.which == "call" else _with_number(house, capture)
    if opened is None:
        return []
    effects: list[Any] = []
    call = opened.call.call
    house.captures.take(capture, call, opened.secret_until)
    for leg in house.legs:
        if leg.call == call:
            house.captures.leg_seen(call, house.endpoint.sip_call_id(leg.leg))
            effects += stream(house, leg) if leg.streaming else []
    return effects


def end(house: House, number: int, reason: str) -> list[Any]:
    """End a capture; harmless if it is over."""
    house.timers.cancel(("capture", number))
    effects = house.captures.end(number, reason)
    if not house.captures:
        house.endpoint.tap = None
    return effects


def stream(house: House, leg: Leg) -> list[Any]:
    """The plane is told of a stream whose call may be captured; not before the leg has an address."""
    if isinstance(leg.sip, NoMedia):
        return []
    local = leg.sip.local
    if not local.address:
        return []
    addresses = (local.address, local.other_address) if local.other_address is not None else (local.address,)
    return house.captures.stream(leg.call, leg.stream, leg.leg, addresses)


def mask(house: House, opened: OpenCall, secret_until: float) -> list[Any]:
    """A secret is asked of the caller, until then."""
    opened.secret_until = secret_until
    capture = house.captures.of_call(opened.call.call)
    if capture is None:
        return []
    capture.secret_until = secret_until
    return [effect for leg in house.legs if leg.call == capture.call and leg.streaming for effect in stream(house, leg)]


def capture_due(house: House, event: CaptureDue, now: float) -> list[Any]:
    return end(house, event.capture, event.reason)


def _with_number(house: House, capture: Capture) -> OpenCall | None:
    return next((opened for call, opened in house.calls.items()
                 if capture.which == "number" and capture.value in numbers_of(house, opened)
                 and house.captures.of_call(call) is None), None)


def numbers_of(house: House, opened: OpenCall) -> tuple[str, ...]:
    """The caller's and the dialled number, as they came and in full."""
    visit = opened.call.visit
    came = visit.person.caller_number or "", visit.call.dialled
    return *came, *(e164(number, house.config.country) for number in came)


def call_opened(house: House, call: str) -> None:
    """A call has begun that a capture may wait for."""
    house.captures.call_opened(call, numbers_of(house, house.calls[call]))


ROUTES: dict[type, Any] = {CaptureDue: capture_due}
