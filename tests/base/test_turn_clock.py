"""The wall clock of one turn."""

from datetime import UTC, datetime, timedelta

from ivr.base.turn_clock import TurnClock


def test_clock__goes_by_the_offset_of_its_turn() -> None:
    began = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    clock = TurnClock(began.timestamp() - 1000.0)
    assert clock(1000.0) == began
    assert abs(clock(1003.25) - began - timedelta(seconds=3.25)) <= timedelta(microseconds=1)
    clock.offset += 3600.0
    assert clock(1000.0) - began == timedelta(hours=1)
    assert clock(0.0).tzinfo is UTC
