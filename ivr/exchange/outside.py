"""What is done to the house from outside of SIP, planes and pages: each a verb, so that all that changes it is one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ivr.base.customers import Customers
from ivr.exchange import calling_beside, hanging_up, intervening, last_operators, ordering
from ivr.exchange.calling_beside import RingsNobody
from ivr.exchange.from_door import door_news
from ivr.exchange.house import House, OpenCall
from ivr.exchange.ordering import NotOrdered, Wish
from ivr.exchange.supervising import NotSupervised
from ivr.exchange.texting import absent
from ivr.exchange.transferring import NotTransferred
from ivr.sip.effects import SendBytes
from ivr.sip.transport.flow import Flow

Refused = TypeVar("Refused", NotSupervised, NotTransferred, RingsNobody)


class Outside:
    """Verbs that return effects in order, or why not."""

    house: House

    def _run(self, items: Iterable[Any], now: float) -> list[Any]:
        raise NotImplementedError

    def carried(self, asked: list[Any] | Refused, now: float) -> list[Any] | Refused:
        """What a part of the exchange said to somebody who asked: done now, or why not."""
        return self._run(asked, now) if isinstance(asked, list) else asked

    # --- datagrams on their way -----------------------------------------------------------------------------------
    def arrived(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """A datagram was taken from its socket; it waits for `serve_next`."""
        self.house.endpoint.door.arrivals.put(data, flow, now)
        return []

    def serve_next(self, now: float) -> list[Any] | None:
        """Receive what is to be served next, or refuse it; None if nothing waits."""
        arrival = self.house.endpoint.door.arrivals.next(now)
        if arrival is None:
            return None
        if isinstance(arrival, SendBytes):
            return [arrival]
        return self._run(self.house.endpoint.receive(arrival.data, arrival.flow, now), now)

    def door_news(self) -> list[Any]:
        """Reports of what happened at the gate since the last time."""
        return door_news(self.house)

    # --- people -----------------------------------------------------------------------------------------------------
    def hang_up(self, who: str, call: str, now: float) -> list[Any] | NotTransferred:
        """End the own leg of an operator."""
        return self.carried(hanging_up.hang_up(self.house, who, call, now), now)

    def take_call(self, call: str, to: str, by: str, now: float) -> list[Any] | NotSupervised:
        """`to` is to have this call, says the supervisor `by`."""
        return self.carried(intervening.take(self.house, call, to, by, now), now)

    def end_call(self, call: str, by: str, reason: str, now: float) -> list[Any] | NotSupervised:
        """End a call for all who are on it."""
        return self.carried(intervening.hang_up(self.house, call, by, reason, now), now)

    def order_lines(self, wishes: Sequence[Wish], now: float) -> list[Any] | NotOrdered:
        """An announcement before the menu, or a line that is closed."""
        return ordering.order(self.house, wishes, now)

    def take_orders_back(self, wishes: Sequence[Wish], now: float) -> list[Any] | NotOrdered:
        return ordering.take_back(self.house, wishes, now)

    def page_is_there(self, operator: str) -> list[Any]:
        """A page of an operator has asked something, and so is there."""
        absent.heard_of(self.house, operator)
        return []

    def wish_call(self, chat: str, number: str, now: float) -> list[Any]:
        """The visitor of a chat in progress wants to be called at `number`, which may be called."""
        return self._run(calling_beside.wish(self.house, self._chat(chat), number, now), now)

    def call_them(self, chat: str, operator: str, number: str, now: float) -> list[Any] | RingsNobody:
        """The operator of a chat in progress has its visitor called at `number`, which may be called."""
        return self.carried(calling_beside.call_them(self.house, self._chat(chat), operator, number, now), now)

    def invite(self, call: str, operator: str, now: float) -> str | RingsNobody:
        """A code with which a caller may write beside the call, or why there is none."""
        return calling_beside.invite(self.house, call, operator, now)

    def _chat(self, chat: str) -> OpenCall:
        return self.house.calls[chat]

    # --- what files and the record say ------------------------------------------------------------------------------
    def customers_read(self, file: str, customers: Customers) -> list[Any]:
        """A file of customers is another now."""
        self.house.customers[file] = customers
        return []

    def operators_recalled(self, earlier: Mapping[str, str]) -> list[Any]:
        """Who talked with whom last, by callers' numbers, as the record knows."""
        last_operators.recall(self.house, earlier)
        return []

    def calls_out_counted(self, day: str, by_operator: Mapping[str, int]) -> list[Any]:
        """What an earlier process counted of calls to telephone numbers."""
        self.house.outbound.restore(day, by_operator)
        return []

    def look_for_chats(self, goes_on: bool) -> list[Any]:
        """Whether chats of earlier processes are still being looked for: nobody begins another before."""
        self.house.taking_up = goes_on
        return []
