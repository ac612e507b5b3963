"""The transition table, identifiers, timers and the ladder."""

import random
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

import pytest

from ivr.base.ids import Ids
from ivr.base.machine import IllegalEvent, Machine, Table
from ivr.base.timers import Timers
from ivr.base.trace import ROWS_PER_CALL, Row, Trace, ladder


class Door(Enum):
    OPEN = auto()
    SHUT = auto()
    LOCKED = auto()


@dataclass(frozen=True)
class Pushed:
    hard: bool = False


@dataclass(frozen=True)
class Pulled: ...


class DoorMachine(Machine):
    table: ClassVar[Table] = {
        (Door.OPEN, Pushed): (Door.SHUT, ("say", "lock_if_hard")),
        (Door.SHUT, Pulled): (Door.OPEN, ()),
    }

    def __init__(self) -> None:
        self.state: Enum = Door.OPEN

    def say(self, event: Pushed, now: float) -> list[Any]:
        return [("shut", now)]

    def lock_if_hard(self, event: Pushed, now: float) -> None:
        if event.hard:
            self.state = Door.LOCKED


def test_machine__effects_come_in_order_and_the_state_follows_the_row() -> None:
    door = DoorMachine()
    assert door.handle(Pushed(), 3.0) == [("shut", 3.0)]
    assert door.state is Door.SHUT
    assert door.handle(Pulled(), 4.0) == []


def test_machine__an_action_may_choose_the_state() -> None:
    door = DoorMachine()
    door.handle(Pushed(hard=True), 0.0)
    assert door.state is Door.LOCKED


def test_machine__an_event_without_a_row_changes_nothing() -> None:
    door = DoorMachine()
    with pytest.raises(IllegalEvent, match="Pulled in OPEN"):
        door.handle(Pulled(), 0.0)
    assert door.state is Door.OPEN


def test_ids__come_from_the_source_alone() -> None:
    first, second = (Ids(random.Random(5).randbytes) for _ in range(2))
    assert [first.uuid(), first.token(), first.branch(), first.uint16(), first.uint32()] == \
        [second.uuid(), second.token(), second.branch(), second.uint16(), second.uint32()]
    assert first.uuid()[14] == "4"
    assert first.branch().startswith("z9hG4bK")


def test_timers__fire_in_order_and_a_key_holds_one() -> None:
    timers = Timers()
    timers.start("b", 2.0, "second")
    timers.start("a", 1.0, "first")
    timers.start("c", 3.0, "never")
    timers.start("b", 2.5, "second again")
    timers.cancel("c")
    timers.cancel("unknown")
    assert timers.next_at() == 1.0
    assert timers.pop_due(0.9) is None
    assert [timers.pop_due(9.0), timers.pop_due(9.0), timers.pop_due(9.0)] == \
        [("a", "first"), ("b", "second again"), None]
    assert len(timers) == 0


def test_timers__equal_times_keep_their_order() -> None:
    timers = Timers()
    for number in range(50):
        timers.start(number, 1.0, number)
    assert [timers.pop_due(1.0) for _ in range(50)] == [(number, number) for number in range(50)]


def test_timers__cancelled_ones_take_no_room() -> None:
    timers = Timers()
    for number in range(10_000):
        timers.start("one", 1000.0 + number, number)
    assert len(timers) == 1
    assert len(timers._heap) + len(timers._seconds) + len(timers._later) <= 130
    assert timers.pop_due(20_000.0) == ("one", 9_999)


def test_timers__as_a_list_that_is_searched_each_time() -> None:
    chance, timers, now = random.Random(7), Timers(), 0.0
    plain: dict[int, tuple[float, int]] = {}
    for number in range(20_000):
        key = chance.randrange(60)
        match chance.randrange(4):
            case 0 | 1:
                plain[key] = now + chance.choice((-1, 0, 0.1, 1, 3, 32, 64.5, 3600, float("inf"))), number
                timers.start(key, *plain[key])
            case 2:
                plain.pop(key, None)
                timers.cancel(key)
            case _:
                now += chance.choice((0, 0.01, 0.3, 1, 5, 40))
                due = sorted(entry for entry in plain.values() if entry[0] <= now)
                assert [timers.pop_due(now) for _ in range(len(due) + 1)] == [
                    *((next(one for one, entry in plain.items() if entry is found), found[1]) for found in due), None]
                plain = {one: entry for one, entry in plain.items() if entry not in due}
        assert timers.next_at() == min((at for at, _ in plain.values()), default=None)
        assert len(timers) == len(plain)


def test_ladder__draws_arrows_and_notes() -> None:
    drawn = ladder([Row(10.0, "caller", "hotline", "INVITE"), Row(10.5, "hotline", "caller", "200 OK"),
                    Row(11.0, "hotline", "hotline", "menu main")]).splitlines()
    assert drawn[0].split() == ["caller", "hotline"]
    assert drawn[1].startswith("    0.000")
    assert "INVITE" in drawn[1]
    assert drawn[1].rstrip().endswith(">|")
    assert "|<" in drawn[2]
    assert drawn[3].endswith("* menu main")


def test_trace__keeps_the_end_of_a_long_call() -> None:
    trace = Trace()
    for number in range(ROWS_PER_CALL + 10):
        trace.note(float(number), "hotline", str(number))
    assert len(trace.rows) == ROWS_PER_CALL
    assert trace.rows[-1].text == str(ROWS_PER_CALL + 9)
