"""How operators stand, as rows: one for each change of status, state or phone. Reports count their hours from them.

They go the way of every row, and give way to calls: while the store keeps its room for calls in progress, they are not
written, and counted as `operator_entries_left_out`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ivr.call.record import Batch, OperatorEntryRow
from ivr.exchange.effects import ToStore
from routing.dispatcher import CHAT, OperatorChanged

if TYPE_CHECKING:
    from ivr.exchange.house import House

GONE = "gone"           # the state in the last row of a run that ends in order
IDLE = "idle"
TOGETHER = 500          # rows of one batch


class Stand(NamedTuple):
    """What one row says."""

    status: str
    reason: str
    by: str
    state: str
    reachable: bool
    call: str = ""
    queue: str = ""


@dataclass
class OperatorLog:
    """By operator: how they stand as far as it is written, and the call that they are rung for, on or write up, with
    its queue; and the chat apart from it. As many entries as there are operators."""

    stands: dict[str, Stand] = field(default_factory=dict)
    calls: dict[str, tuple[str, str]] = field(default_factory=dict)
    chats: dict[str, tuple[str, str]] = field(default_factory=dict)
    position: int = 0


def has_call(house: "House", operator: str, call: str) -> None:
    """The operator is rung for this call, or on it: what comes next of them is about it."""
    opened = house.calls.get(call)
    log = house.operator_log
    known = log.chats if house.medium(call) == CHAT else log.calls
    known[operator] = call, opened.call.visit.call.queue if opened is not None else ""


def changed(house: "House", effect: OperatorChanged, now: float) -> list[Any]:
    """The dispatcher tells a new status or state: of one who is on a call and in chats, that of the call."""
    log, state = house.operator_log, str(effect.state)
    known = log.chats if effect.medium == CHAT else log.calls
    call, queue = known.get(effect.operator, ("", "")) if state != IDLE else ("", "")
    reachable = log.stands[effect.operator].reachable if effect.operator in log.stands else False
    stand = Stand(str(effect.status), effect.reason, effect.by, state, reachable, call, queue)
    return _written(house, [(effect.operator, stand)], now)


def reachable(house: "House", operator: str, there: bool, now: float) -> list[Any]:
    """The first phone or desk came, or the last one left."""
    stand = house.operator_log.stands.get(operator)
    if stand is None:
        settings = house.config.operators[operator]
        stand = Stand(str(settings.status), "", "", IDLE, not there)
    return _written(house, [(operator, stand._replace(reachable=there))], now)


def begin(house: "House", now: float) -> list[Any]:
    """Control is there: whoever has not been told of stands as the dispatcher has them."""
    shown = house.dispatcher.snapshot(now)["operators"]
    return _written(house, [(operator["name"], Stand(operator["status"], operator["reason"], "", operator["state"],
                                                     operator["reachable"] or operator["chats_reachable"]))
                            for operator in shown if operator["name"] not in house.operator_log.stands], now)


def end(house: "House", now: float) -> list[Any]:
    """Control ends: nobody knows how they stand from here on."""
    return _written(house, [(operator, stand._replace(state=GONE, call="", queue=""))
                            for operator, stand in house.operator_log.stands.items()], now)


def _written(house: "House", stands: Iterable[tuple[str, Stand]], now: float) -> list[Any]:
    log = house.operator_log
    new = [(operator, stand) for operator, stand in stands if log.stands.get(operator) != stand]
    log.stands.update(new)
    if house.store_full:
        for _ in new:
            house.count("operator_entries_left_out")
        return []
    rows = [_row(house, operator, stand, now) for operator, stand in new]
    return [ToStore(Batch(operator_entries=tuple(rows[first:first + TOGETHER])))
            for first in range(0, len(rows), TOGETHER)]


def _row(house: "House", operator: str, stand: Stand, now: float) -> OperatorEntryRow:
    log = house.operator_log
    log.position += 1
    return OperatorEntryRow(
        id=f"{house.boot_id}/{log.position}", node=house.config.node, boot_id=house.boot_id, operator=operator,
        position=log.position, at=house.to_utc(now), status=stand.status, reason=stand.reason, by=stand.by,
        state=stand.state, reachable=stand.reachable, call_id=stand.call, queue=stand.queue)
