"""Who of a call hears whom, as commands of the plane: two legs are bridged; a conference of three, or supervisors who
speak, make it a mix.

    mode       caller hears              operator hears             supervisor hears
    listen     operator                  caller                     caller, operator          (the bridge stays)
    whisper    operator                  caller, supervisor         caller, operator
    barge      operator, supervisor      caller, supervisor         caller, operator

Of several supervisors each hears the others whom the operator hears. While the operator holds the caller, the caller
has the music alone, and the operator and whoever whispers or barges hear each other. Whom the operator consults hears
what the caller would hear.
"""

from typing import Any

from ivr.call import effects as did
from ivr.call.state import CallState
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


def confer_legs(house: House, opened: OpenCall, effect: did.ConferLegs, now: float) -> list[Any]:
    """More than two talk: that is a mix."""
    if any(house.legs.get(leg) is None for leg in effect.legs):
        return []
    opened.joined = effect.legs
    return [*settle(house, opened), *from_recording.joined(house, opened, now)]


def separate_legs(house: House, opened: OpenCall, effect: did.SeparateLegs, now: float) -> list[Any]:
    opened.joined = None
    over = from_recording.talk_over(house, opened) if opened.call.state is CallState.SURVEYING else []
    return [*settle(house, opened), *over]


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


def is_silent(opened: OpenCall, leg: str) -> bool:
    """Whether a supervisor is there to hear alone: in a chat, to read."""
    return any(one.leg == leg and one.mode == "listen" for one in opened.supervisions.values())


def _wanted(opened: OpenCall) -> tuple[tuple[str, str] | None, Hears]:
    """Which legs are bridged, and whom each leg hears that is not."""
    there = [one for one in opened.supervisions.values() if one.joined]
    circle = opened.joined or ()
    bridged = (circle[0], circle[1]) if len(circle) == 2 else None
    in_circle: Hears = {leg: tuple(other for other in circle if other != leg) for leg in circle}
    if not there:
        return bridged, {} if bridged is not None else in_circle
    caller, partner = opened.call.caller_leg, opened.call.partner_leg
    talking = tuple(dict.fromkeys((caller, partner, *circle)))
    by_operator = tuple(one.leg for one in there if one.mode != "listen")
    by_caller = tuple(one.leg for one in there if one.mode == "barge")
    hears: Hears = {one.leg: tuple(leg for leg in (*talking, *by_operator) if leg and leg != one.leg)
                    for one in there}
    if not by_operator:
        return bridged, hears if bridged is not None else hears | in_circle
    for leg in talking:
        others = in_circle.get(leg, ())
        speakers = by_operator if leg == partner else by_caller if leg in circle else ()
        if leg:
            hears[leg] = (*others, *speakers)
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
