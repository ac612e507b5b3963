"""A menu orders something for lines. Whatever it says, this is done for callers alone whom the register knows that
the line's configuration names."""

from typing import Any

from ivr.call import effects as did
from ivr.call.events import LookUpAnswered
from ivr.exchange import ordering
from ivr.exchange.effects import OrdersKept
from ivr.exchange.house import House, OpenCall, Tell, report
from ivr.exchange.ordering import NotOrdered, Wish

NOT_ALLOWED = "this line takes no orders"
NOT_KNOWN = "the caller is not known by a PIN"


def order_lines(house: House, opened: OpenCall, effect: did.OrderLines, now: float) -> list[Any]:
    """All of its lines or none. The menu goes on when it is on the disk."""
    call, line = opened.call.call, house.config.line_for(opened.call.settings.line)
    register = line.orders_by if line is not None else None
    by = opened.known_to.get(register or "")
    if by is None:
        reason = NOT_ALLOWED if register is None else NOT_KNOWN
        return [report("warning", "order_refused", call=call, reason=reason),
                Tell(call, LookUpAnswered(effect.number, reason=reason))]
    wishes = [Wish(number, effect.kind, by, effect.prompt, lasts=effect.lasts) for number in effect.lines]
    done = (ordering.order if effect.given else ordering.take_back)(house, wishes, now)
    if isinstance(done, NotOrdered):
        return [report("warning", "order_refused", call=call, reason=done.reason),
                Tell(call, LookUpAnswered(effect.number, reason=done.reason))]
    orders = tuple(order.written() for order in house.orders.all(house.to_utc(now)))
    return [*done, OrdersKept(call, effect.number, by, orders)]
