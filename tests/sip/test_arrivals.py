"""The queues before the parser, in virtual time: order, shedding at overload, recovery, bounds."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from ivr.sip.effects import SendBytes
from ivr.sip.gate.arrivals import Arrival, Arrivals
from ivr.sip.gate.gate import Gate
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.gate.overload import Overload
from ivr.sip.gate.turned_down import MOST, TurnedDown
from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse
from ivr.sip.transport.flow import Flow
from tests.sip.rig import invite, request

STRANGER, PHONE, CARRIER = "192.0.2.9", "192.0.2.10", "192.0.2.11"
SERVING, REFUSING = 0.001, 0.00003      # s of work: a call, and the refusal of one


def flow(address: str) -> Flow:
    return Flow("udp", ("198.51.100.1", 5060), (address, 5060))


def arrivals(strangers_may_call: bool = True) -> Arrivals:
    gate = Gate(GateSettings(requests_per_second=1e6), lambda sip_call_id: sip_call_id.startswith("live"),
                {PHONE, CARRIER}.__contains__)
    return Arrivals(gate, lambda address: 486 if address == CARRIER else 503, lambda now: strangers_may_call)


def new(number: int) -> bytes:
    return invite(call=f"c{number}").encode()


def test_calls_first_then_phones_then_strangers() -> None:
    queues = arrivals()
    bye = request("BYE", call="live", tag="x").encode()
    for data, address in ((new(1), STRANGER), (new(2), PHONE), (bye, STRANGER)):
        queues.put(data, flow(address), 0)
    served = [queues.next(0.01) for _ in range(4)]
    assert [(one.data[:3], one.flow.remote[0]) if isinstance(one, Arrival) else one for one in served] == [
        (b"BYE", STRANGER), (b"INV", PHONE), (b"INV", STRANGER), None]


def test_an_invite_that_came_twice_before_the_first_was_served__is_one_call() -> None:
    """Control stood still for longer than T1: the caller's telephone would take the refusal of the second for its
    answer, and the hotline wait for the ACK to its 200."""
    live: set[str] = set()
    gate = Gate(GateSettings(), live.__contains__, {PHONE}.__contains__,
                is_offered_by=lambda sip_call_id, address: address == PHONE)
    queues = Arrivals(gate, lambda address: 503, lambda now: True)
    for number in (1, 1, 2):
        queues.put(new(number), flow(PHONE), 0)
    first = queues.next(0.01)
    assert isinstance(first, Arrival)
    live.add(parse(first.data).sip_call_id)
    again, other = queues.next(0.5), queues.next(0.5)
    assert isinstance(again, Arrival)
    assert again.data == first.data
    assert isinstance(other, SendBytes), "a call that has not begun is refused"


def test_an_invite_that_was_refused_and_comes_again__is_refused_again() -> None:
    """Its second was on the way before the refusal arrived."""
    queues = arrivals()
    queues.put(new(1), flow(PHONE), 0)
    refused = queues.next(0.5)
    assert isinstance(refused, SendBytes)
    for number in (1, 2):
        queues.put(new(number), flow(PHONE), 0.5)
    assert queues.next(0.51) == refused
    other = queues.next(0.51)
    assert isinstance(other, Arrival)
    assert other.data == new(2)
    queues.put(new(1), flow(PHONE), 40)
    assert isinstance(queues.next(40), Arrival)


def test_turned_down__is_bounded() -> None:
    kept = TurnedDown()
    for number in range(MOST + 5):
        kept.add(b"%d" % number, 0.001 * number)
    assert (len(kept), kept.has(b"4", 21), kept.has(b"5", 21)) == (MOST, False, True)
    assert not kept.has(b"5", 100)
    assert len(kept) == 0


@dataclass
class Load:
    """One worker who serves what comes: `calls` of each known kind a second from `begin` to `end`."""

    queues: Arrivals
    now: float = 0.0
    accepted: list[tuple[float, float]] = field(default_factory=list)        # when it came, how long it waited
    refused: list[float] = field(default_factory=list)
    most_waiting: int = 0

    def run(self, rate: float, begin: float, end: float, address: str = STRANGER) -> None:
        due, number = begin, int(begin * 100_000)       # no call is one of an earlier run
        self.now = max(self.now, begin)
        while due < end or len(self.queues):
            while due <= self.now and due < end:
                self.queues.put(new(number), flow(address), due)
                due, number = due + 1 / rate, number + 1
            self.most_waiting = max(self.most_waiting, len(self.queues))
            self.now = max(self.now, due) if not self._serve() and due < end else self.now

    def _serve(self) -> bool:
        one: Any = self.queues.next(self.now)
        if isinstance(one, Arrival):
            self.accepted.append((one.at, self.now - one.at))
            self.now += SERVING
        elif isinstance(one, SendBytes):
            self.refused.append(self.now)
            self.now += REFUSING
        return one is not None

    def p99(self) -> float:
        return sorted(wait for _, wait in self.accepted)[len(self.accepted) * 99 // 100]


class TestOverload:
    def test_what_it_can_carry_is_not_refused(self) -> None:
        load = Load(arrivals())
        load.run(950, 0, 5)
        assert load.refused == []

    def test_a_crowd_that_dials_at_one_moment_is_served(self) -> None:
        queues = arrivals()
        for number in range(200):
            queues.put(new(number), flow(STRANGER), 0)
        load = Load(queues)
        load.run(1, 0.001, 0.002)
        assert (len(load.accepted), load.refused) == (201, [])

    @pytest.mark.parametrize(("times", "served"), [(3, 0.9), (10, 0.65)])
    def test_several_times_the_rate__served_soon_or_refused_soon(self, times: int, served: float) -> None:
        """`served`: of what it carries alone, beside the work of refusing."""
        load = Load(arrivals())
        load.run(1000 * times, 0, 20)
        assert load.p99() < 0.35
        assert max(wait for _, wait in load.accepted) < 0.4
        assert len(load.accepted) > 20 * 1000 * served
        assert load.most_waiting < 1000 * times * 0.4

    def test_afterwards_all_is_as_before(self) -> None:
        load = Load(arrivals())
        load.run(3000, 0, 5)
        load.run(900, 5.5, 8)
        late = [at for at in load.refused if at > 5.5]
        assert late == []
        assert not load.queues.refusing
        assert len(load.queues) == 0

    def test_phones_do_not_notice_a_crowd_of_strangers(self) -> None:
        queues = arrivals()
        for number in range(3000):
            queues.put(new(number), flow(STRANGER), 0)
        queues.put(new(9999), flow(PHONE), 0)
        first = queues.next(0.01)
        assert isinstance(first, Arrival)
        assert first.flow.remote[0] == PHONE

    def test_what_belongs_to_calls_is_never_refused(self) -> None:
        queues = arrivals()
        queues.put(invite(call="live", tag="x").encode(), flow(STRANGER), 0)
        assert isinstance(queues.next(60.0), Arrival)


def test_the_refusal__by_source_and_kind() -> None:
    queues = arrivals()
    for address in (CARRIER, STRANGER):
        queues.put(new(1), flow(address), 0)
    queues.put(request("OPTIONS", call="o").encode(), flow(STRANGER), 0)
    queues.put(request("REGISTER", call="r").encode(), flow(PHONE), 0)
    came = [queues.next(1.0) for _ in range(4)]
    answers = [parse(one.payload) for one in came if isinstance(one, SendBytes)]
    assert [(answer.status, answer.headers.get("Retry-After") is not None) for answer in answers
            if isinstance(answer, Response)] == [(486, False), (503, True)]
    assert [one.data[:8] for one in came if isinstance(one, Arrival)] == [b"REGISTER"]
    assert queues.counters == {"sip_shed": 3, "sip_dropped": 0}


def test_strangers_without_a_place_are_refused_and_phones_are_not() -> None:
    queues = arrivals(strangers_may_call=False)
    queues.put(new(1), flow(STRANGER), 0)
    queues.put(new(2), flow(PHONE), 0)
    came = [queues.next(0.0) for _ in range(2)]
    assert [type(one) for one in came] == [Arrival, SendBytes]


def test_memory_is_bounded_and_no_standing_takes_the_room_of_another() -> None:
    queues = arrivals()
    large = new(1) + b"x" * 60_000
    for _ in range(300):
        queues.put(large, flow(STRANGER), 0)
    queues.put(new(2), flow(PHONE), 0)
    assert len(queues) < 145
    assert queues.counters["sip_dropped"] > 150
    first = queues.next(0.0)
    assert isinstance(first, Arrival)
    assert first.flow.remote[0] == PHONE


def test_overload__one_slow_moment_is_none() -> None:
    rule = Overload()
    assert not rule.refuses(0.3, 1.0)       # a pause of the machine
    assert not rule.refuses(0.09, 1.01)
    assert not rule.refuses(0.3, 2.0)
    assert rule.refuses(0.2, 2.31)
    assert not rule.refuses(0.07, 2.32)
    assert rule.refusing
    assert not rule.refuses(0.04, 2.33)
    assert not rule.refusing


def test_overload__who_has_waited_too_long_is_refused_alone() -> None:
    rule = Overload()
    assert rule.refuses(0.4, 1.0)           # a longer pause: its INVITE will soon be sent again
    assert not rule.refuses(0.3, 1.001)
    assert not rule.refusing
