"""Who of a call hears whom, as commands of the plane: two legs are bridged; with supervisors who speak, it is a mix.

    mode       caller hears              operator hears             supervisor hears
    listen     operator                  caller                     caller, operator          (the bridge stays)
    whisper    operator                  caller, supervisor         caller, operator
    barge      operator, supervisor      caller, supervisor         caller, operator

Of several supervisors each hears the others whom the operator hears. While the operator holds the caller, the caller
has the music alone, and the operator and whoever whispers or barges hear each other.
"""

from typing import Any

from ivr.call import effects as did
from ivr.exchange import from_recording
from ivr.exchange.effects import ToPlane
from ivr.exchange.house import House, OpenCall
from ivr.media import commands as media

Hears = dict[str, tuple[str, ...]]


def join_legs(house: House, opened: OpenCall, effect: did.JoinLegs, now: float) -> list[Any]:
    if house.legs.get(effect.first) is None or house.legs.get(effect.second) is None:
        return []
    opened.joined, opened.bridged = (effect.first, effect.second), None
    return [*settle(house, opened), *from_recording.joined(house, opened, now)]


def separate_legs(house: House, opened: OpenCall, effect: did.SeparateLegs, now: float) -> list[Any]:
    opened.joined = None
    return settle(house, opened)


def settle(house: House, opened: OpenCall) -> list[Any]:
    """What the plane must be told so that everybody hears whom they are to hear now."""
    bridged, hears = _wanted(opened)
    before, opened.bridged = opened.bridged, bridged
    heard, opened.hears = opened.hears, hears
    done: list[Any] = []
    if before is not None and bridged is None:
        done += _unbridge(house, before)
    if bridged is not None and bridged != before:
        done += _bridge(house, bridged)
    silent: Hears = {leg: () for leg in heard if leg not in hears and leg not in (bridged or ())}
    for leg, others in (silent | hears).items():
        if others != heard.get(leg):
            done += _hear(house, leg, others)
    return done


def _wanted(opened: OpenCall) -> tuple[tuple[str, str] | None, Hears]:
    """Which legs are bridged, and whom each leg hears that is not."""
    there = [one for one in opened.supervisions.values() if one.joined]
    if not there:
        return opened.joined, {}
    caller, partner = opened.call.caller_leg, opened.call.partner_leg
    by_operator = tuple(one.leg for one in there if one.mode != "listen")
    by_caller = tuple(one.leg for one in there if one.mode == "barge")
    hears: Hears = {one.leg: tuple(leg for leg in (caller, partner, *by_operator) if leg and leg != one.leg)
                    for one in there}
    if not by_operator:
        return opened.joined, hears
    joined = opened.joined is not None
    if partner:
        hears[partner] = (*((caller,) if joined else ()), *by_operator)
    hears[caller] = (partner, *by_caller) if joined else ()
    return None, hears


def _bridge(house: House, legs: tuple[str, str]) -> list[Any]:
    first, second = (house.legs.get(leg) for leg in legs)
    if first is None or second is None:
        return []
    return [ToPlane(media.Bridge(first.stream, first.leg, second.stream, second.leg))]


def _unbridge(house: House, legs: tuple[str, str]) -> list[Any]:
    first = house.legs.get(legs[0])
    return [ToPlane(media.Unbridge(first.stream, first.leg))] if first is not None else []


def _hear(house: House, name: str, others: tuple[str, ...]) -> list[Any]:
    leg = house.legs.get(name)
    if leg is None:
        return []
    heard = tuple((other.stream, other.leg) for other in map(house.legs.get, others) if other is not None)
    return [ToPlane(media.Hear(leg.stream, leg.leg, heard))]
