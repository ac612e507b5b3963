"""Whom an operator means by what they dial or refer to, and the legs on which to ring them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ivr.base.config_lines import LineConfig
from ivr.base.errors import PeerError
from ivr.base.numbers import e164
from ivr.call.machine import Call
from ivr.exchange.effects import OutboundCounted
from ivr.exchange.from_queue import phone_legs
from ivr.exchange.house import House, report
from ivr.exchange.outbound import Denied
from ivr.sip.message.uri import Uri, parse_uri

BUSY, UNAVAILABLE, FORBIDDEN, NOT_FOUND, NO_ROOM = 486, 480, 403, 404, 503
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Destination:
    """`name` is what records may keep: that of a number is filled in once it is permitted."""

    kind: Literal["operator", "queue", "line", "address", "number"]
    name: str
    line: LineConfig | None = None
    number: str = ""

    @property
    def operator(self) -> str:
        return self.name if self.kind == "operator" else ""


@dataclass(frozen=True)
class Rung:
    """Legs that are leased and not yet dialled."""

    legs: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Unreachable:
    """Why nobody is rung: a SIP status and a word for the log and the record."""

    status: int
    reason: str


def find(house: House, dialled: str) -> Destination | None:
    """What the user part of a URI names; None if nothing."""
    config = house.config
    dialled = dialled.partition(";")[0]
    name = config.extensions.get(dialled, dialled)
    if name in config.operators:
        return Destination("operator", name)
    queue = config.departments.get(name, name)
    if queue in config.queues:
        return Destination("queue", queue)
    line = config.line_for(dialled)
    if line is not None:
        return Destination("line", dialled, line)
    if name in config.transfers:
        return Destination("address", name)
    number = e164(dialled, config.country)
    return Destination("number", "", number=number) if number else None


def lease(house: House, call: Call, destination: Destination, by: str, now: float, headers: Headers = (),
          ) -> tuple[Rung | Unreachable, list[Any]]:
    """Legs of `call` on which to ring `destination` for the operator `by`, or why not; and effects for the world."""
    if destination.kind == "operator":
        return _lease_phones(house, call, destination.name, by, now, headers), []
    if house.writes(call.call):
        return Unreachable(NOT_FOUND, "writes"), []     # who writes can be sent to people who read, and to nobody else
    if destination.kind == "address":
        return _lease_address(house, call, destination.name, now, headers), []
    return _lease_number(house, call, destination.number, by, now, headers)


def _lease_phones(house: House, call: Call, operator: str, by: str, now: float, headers: Headers) -> Rung | Unreachable:
    if not house.phones_for(call.call, operator, now):
        return Unreachable(UNAVAILABLE, "no_phone")
    if operator == by or not house.dispatcher.can_be_rung(operator, house.medium(call.call)):
        return Unreachable(BUSY, "busy")
    legs = phone_legs(house, call, operator, now)
    for leg in legs:
        leg.headers = headers
    return _rung((leg.leg for leg in legs), operator)


def _lease_address(house: House, call: Call, name: str, now: float, headers: Headers) -> Rung | Unreachable:
    try:
        target = parse_uri(house.config.addresses[name])
    except PeerError as error:
        return Unreachable(NOT_FOUND, error.reason)
    return _lease_target(house, call, name, target, now, headers)


def _lease_number(house: House, call: Call, number: str, by: str, now: float, headers: Headers,
                  ) -> tuple[Rung | Unreachable, list[Any]]:
    outbound = house.outbound
    verdict = outbound.decide(number, by, house.local_day(now), sum(leg.outbound for leg in house.legs))
    if isinstance(verdict, Denied):
        house.count("outbound_refused")
        told = report("warning", "outbound_refused", operator=by, reason=verdict.reason, number=number)
        return Unreachable(FORBIDDEN, verdict.reason), [told]
    house.count("outbound_calls")
    rung = _lease_target(house, call, f"{verdict.prefix}…", Uri("tel", number), now, headers)
    return rung, [OutboundCounted(outbound.day, tuple(outbound.by_operator.items())),
                  report("info", "outbound_call", call=call.call, operator=by, number=number)]


def _lease_target(house: House, call: Call, name: str, target: Uri, now: float,
                  headers: Headers) -> Rung | Unreachable:
    leg = house.legs.open(call.new_leg(), call.call, "target", name, None, now)
    if leg is None:
        return Unreachable(NO_ROOM, "no_free_port")
    leg.target, leg.headers, leg.outbound = target, headers, True
    return Rung((leg.leg,), name)


def _rung(legs: Iterable[str], name: str) -> Rung | Unreachable:
    found = tuple(legs)
    return Rung(found, name) if found else Unreachable(NO_ROOM, "no_free_port")
