"""Chats outlive control: what a chat is goes into the store with what it wrote, in one transaction (decision 69).

    a turn's rows of one chat  ──▶  one batch, and the state that the chat is in behind them

So whatever is in the store of a chat, its state there knows of it: what the menu said is neither lost nor said twice.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ivr.base.state.errors import NotWritable
from ivr.base.state.fixed import Fixed
from ivr.base.state.writing import text_of
from ivr.base.trace import Trace
from ivr.call.record import OVER, Batch, ChatStateRow
from ivr.call.settings import CallSettings
from ivr.call.text_leg import TextLeg
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, OpenCall, report
from ivr.exchange.legs import Leg
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.texting.plane import Reader
from ivr.exchange.texting.recent import Recent
from ivr.exchange.texting.sealing import NONCE, sealed

VERSION = 1             # of what a state means: one of another version is not read
LARGEST = 256 << 10     # characters of a state; a chat with more than that ends with its process
LADDER = 100            # rows of the ladder that are kept
TIMERS = ("input", "ring", "store", "comfort")
MOST_FIXED = 32         # editions of lines whose names are kept ready
_known: OrderedDict[tuple[int, ...], Fixed] = OrderedDict()


@dataclass
class Kept:
    """A chat, with all of the house that is its own. `timers`: those of its call, and when each is due."""

    opened: OpenCall
    legs: list[Leg]
    text_legs: list[TextLeg]
    visitor: Visitor
    readers: list[Reader]
    timers: dict[str, float]


def fixed_for(house: House, settings: CallSettings, hours: Any) -> Fixed:
    """What is no state of a chat of this line and menu: named alike in every process that has the same menu."""
    key = id(settings), id(hours), id(house.ids), id(house.to_utc)
    if key not in _known:
        _known[key] = Fixed({"menu": settings.menu}, {"settings": settings, "announcements": settings.announcements,
                                                      "hours": hours, "ids": house.ids, "to_utc": house.to_utc})
        while len(_known) > MOST_FIXED:
            _known.popitem(last=False)
    return _known[key]


def calls_to_end(house: House) -> list[str]:
    """Those that do not outlive this process, who wait first."""
    return [call for call in house.calls_waiting_first() if not _goes_on(house.calls[call])]


def _goes_on(opened: OpenCall) -> bool:
    talk = opened.talk
    return talk is not None and talk.revision > 0 and not talk.unkept and opened.call.visit.call.outcome is None


# --- the batches of a turn --------------------------------------------------------------------------------------------
def together(house: House, effects: list[Any], now: float) -> list[Any]:
    """The effects of one turn, with all rows of a chat in one batch, in the place of the last, and its state in it."""
    found: dict[str, list[int]] = {}
    for place, effect in enumerate(effects):
        if type(effect) is ToStore and (call := _call_of(effect.batch)):
            found.setdefault(call, []).append(place)
    found = {call: places for call, places in found.items() if _is_chat(house, call, effects, places)}
    if not found:
        return effects
    gone = {place for places in found.values() for place in places[:-1]}
    last = {places[-1]: (call, [effects[place] for place in places]) for call, places in found.items()}
    done: list[Any] = []
    for place, effect in enumerate(effects):
        if place in last:
            done += _one(house, *last[place], now)
        elif place not in gone:
            done.append(effect)
    return done


def _is_chat(house: House, call: str, effects: list[Any], places: list[int]) -> bool:
    """Whether a call, be it over by now, is one."""
    opened = house.calls.get(call)
    if opened is not None:
        return opened.talk is not None
    return any(row.channel != "voice" for place in places for row in effects[place].batch.calls)


def _call_of(batch: Batch) -> str:
    """Whose rows these are; "" for those of no call."""
    if batch.calls:
        return batch.calls[0].id
    for rows in (batch.messages, batch.entries, batch.requests, batch.people, batch.traces):
        if rows:
            return str(rows[0].call_id)
    return ""


def _one(house: House, call: str, stores: Sequence[ToStore], now: float) -> list[Any]:
    batch = stores[0].batch if len(stores) == 1 else Batch(**{
        each.name: tuple(row for one in stores for row in getattr(one.batch, each.name)) for each in fields(Batch)})
    states, told = _states(house, call, batch, now)
    token = " ".join(one.token for one in stores if one.token is not None) or None
    return [ToStore(replace(batch, chat_states=states), token), *told]


def _states(house: House, call: str, batch: Batch, now: float) -> tuple[tuple[ChatStateRow, ...], list[Any]]:
    """What is to stand in the store from now on: nothing once the chat has an outcome."""
    if any(row.outcome is not None for row in batch.calls):
        return (ChatStateRow(call_id=call, revision=OVER, version=VERSION, at=house.to_utc(now), state=""),), []
    opened = house.calls.get(call)
    if opened is None or opened.talk is None or opened.call.visit.call.outcome is not None:
        return (), []
    talk = opened.talk
    talk.queued += sum(entry.kind == "queued" for entry in batch.entries)
    talk.revision += 1
    state, fault = _state(house, opened, now)
    told = []
    if fault:
        house.count("chats_not_kept")
        told = [] if talk.unkept else [report("error", "chat_not_kept", call=call, reason=fault)]
    talk.unkept = bool(fault)
    row = ChatStateRow(call_id=call, revision=talk.revision, version=VERSION, at=house.to_utc(now), state=state)
    return (row,), told


def _state(house: House, opened: OpenCall, now: float) -> tuple[str, str]:
    """It, sealed; or "" and why it can't be kept."""
    try:
        text = text_of_chat(house, opened, now)
    except NotWritable as error:
        return "", str(error)
    except Exception as error:      # a bug of ours costs this chat its state, and nobody else their turn
        return "", repr(error)
    if len(text) > LARGEST:
        return "", f"it has {len(text) >> 10} kB"
    return sealed(house.chat_key, opened.call.call, text, bytes.fromhex(house.ids.token(NONCE))), ""


# --- the state --------------------------------------------------------------------------------------------------------
def text_of_chat(house: House, opened: OpenCall, now: float) -> str:
    """Two lines: what has to be known before the rest can be read, then that. Raises NotWritable."""
    call = opened.call
    settings = call.settings
    first = {"line": settings.line, "menu": settings.menu.version, "clock": now, "at": house.to_utc(now).timestamp()}
    fixed = fixed_for(house, settings, hours_of(opened))
    return f"{json.dumps(first)}\n{text_of({'chat': _kept(house, opened)}, fixed)}"


def hours_of(opened: OpenCall) -> Any:
    """The opening hours that this chat came in with."""
    return getattr(opened.call.interpreter.facts.opens, "hours", None)


def _kept(house: House, opened: OpenCall) -> Kept:
    """What is in the store beside it (messages and their ids), or long ago (the ladder), is left out."""
    assert opened.talk is not None
    texts, legs = house.endpoint.texts, house.legs.of_call(opened.call.call)
    names = [leg.leg for leg in legs]
    timers = {name: at for name in TIMERS if (at := house.timers.at(("call", opened.call.call, name))) is not None}
    talk = replace(opened.talk, pending={}, keys={}, recent=Recent())
    bare = replace(opened, talk=talk, trace=_shortened(opened.trace))
    return Kept(bare, list(legs), [texts.legs[name] for name in names if name in texts.legs],
                Visitor(opened.talk.channel, opened.talk.visitor), house.text_plane.readers(names), timers)


def _shortened(trace: Trace) -> Trace:
    short = Trace(trace.began_at)
    short.rows.extend(_last(trace.rows, LADDER))
    return short


def _last(rows: Iterable[Any], most: int) -> list[Any]:
    return list(rows)[-most:]
