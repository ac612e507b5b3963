"""Whether everybody is accounted for: what leaves for the store against the calls that are open; lost and doubled rows
are injected, and the alarm is looked for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ivr.call.record import Batch, CallRow, EntryRow, Outcome
from ivr.exchange.accounts import Sums
from ivr.exchange.effects import Report
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import HOTLINE, Story, make_story


def waiting() -> Story:
    """The caller waits in `general`; anna's and boris's phones ring in vain."""
    story = make_story(operators={"anna": PhoneBehaviour(status=None), "boris": PhoneBehaviour(status=None)},
                       audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "10":
        story.world.run(2.0)
        story.caller.press(key)
    story.world.run(3.0)
    story.assert_accounted()
    return story


def alarms(story: Story) -> list[Report]:
    return [effect for effect in story.hotline.exchange.check_accounts(story.world.now) if isinstance(effect, Report)]


def told(story: Story) -> str:
    return " ".join(str(dict(alarm.fields)["fault"]) for alarm in alarms(story) if alarm.level == "error")


def accounts(story: Story) -> dict[str, Any]:
    shown: dict[str, Any] = story.hotline.exchange.snapshot(story.world.now)["accounts"]
    return shown


def test_accounts__of_a_caller_who_waits_and_hangs_up() -> None:
    story = waiting()
    assert accounts(story)["lines"] == {"100": {"offered": 1, "in_progress": 1, "unaccounted": 0}}
    assert accounts(story)["queues"] == {"general": {"offered": 1, "waiting": 1, "unaccounted": 0}}
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert accounts(story)["lines"] == {"100": {"offered": 1, "abandoned": 1, "in_progress": 0, "unaccounted": 0}}
    assert accounts(story)["queues"] == {"general": {"offered": 1, "abandoned": 1, "waiting": 0, "unaccounted": 0}}
    assert accounts(story)["hours"] == {"2026-03-02T09:00": {"100": {"offered": 1, "over": 1, "queued": 1, "ended": 1}}}


def test_accounts__a_call_that_the_house_forgot_and_found_again() -> None:
    """The alarm is told once, and that it is over."""
    story = waiting()
    exchange = story.hotline.exchange
    calls = dict(exchange.house.calls)
    exchange.house.calls.clear()
    assert "have no end and are in the house no more" in told(story)
    assert told(story) == ""
    assert len(accounts(story)["faults"]) == 1
    exchange.house.calls.update(calls)
    assert [alarm.event for alarm in alarms(story)] == ["callers_accounted"]
    assert accounts(story)["faults"] == []


# --- the sums alone: rows and entries of a caller who waits ---------------------------------------------------------
AT = datetime(2026, 3, 2, 9, 59, tzinfo=UTC)
ROW = CallRow(id="one", revision=1, node="a", boot_id="boot", line="100", dialled="100", language="en", began_at=AT)
BEGUN = Batch(calls=(ROW,), entries=(EntryRow("one/0", "one", 0, AT, "offered"),))
QUEUED = Batch(entries=(EntryRow("one/1", "one", 1, AT, "queued", {"queue": "cards"}),))
ENDED = Batch(calls=(replace(ROW, revision=2, outcome=Outcome.ABANDONED),),
              entries=(EntryRow("one/2", "one", 2, AT, "ended", {"outcome": "abandoned", "by": "caller"}),))
STORY = (BEGUN, QUEUED, ENDED)


def queue(waiting: int, unaccounted: int = 0) -> list[dict[str, Any]]:
    return [{"name": "cards", "waiting": waiting, "unaccounted": unaccounted, "calls": [{"call": "one"}] * waiting}]


def noted(*batches: Batch) -> Sums:
    sums = Sums()
    for batch in batches:
        sums.note(batch)
    return sums


@pytest.mark.parametrize(("batches", "calls", "waiting"), [
    (STORY[:1], {"one": False}, 0), (STORY[:2], {"one": False}, 1), (STORY, {"one": True}, 0), (STORY, {}, 0)])
def test_sums__at_every_moment_of_a_call(batches: tuple[Batch, ...], calls: dict[str, bool], waiting: int) -> None:
    assert noted(*batches).check(calls, queue(waiting)) == ()


@pytest.mark.parametrize(("batches", "calls", "said"), [
    ((BEGUN, QUEUED, replace(ENDED, calls=())), {"one": True}, "1 calls have ended, and no row says so: one"),
    ((BEGUN, QUEUED, replace(ENDED, entries=())), {}, "entries say that 1 wait, the queue has 0"),
    ((BEGUN, QUEUED), {}, "1 calls have no end and are in the house no more: one"),
    ((QUEUED, ENDED), {}, "line 100: offered less ended less in progress is -1"),
    ((), {"one": False}, "1 calls go on of which no row was written: one"),
    ((BEGUN, BEGUN), {"one": False}, "1 visits or stays began again"),
    ((BEGUN, QUEUED, QUEUED), {"one": False}, "1 visits or stays began again"),
])
def test_sums__rows_are_lost_or_come_twice(batches: tuple[Batch, ...], calls: dict[str, bool], said: str) -> None:
    assert said in " ".join(noted(*batches).check(calls, queue(0)))


@pytest.mark.parametrize(("queues", "said"), [
    (queue(0), "entries say that 1 wait, the queue has 0"), (queue(1, 1), "offered less ended less waiting is 1")])
def test_sums__a_queue_forgot_a_caller_or_counted_one_twice(queues: list[dict[str, Any]], said: str) -> None:
    assert said in " ".join(noted(BEGUN, QUEUED).check({"one": False}, queues))


def test_sums__a_caller_waits_of_whom_no_entry_says_so() -> None:
    assert "no entry says that these wait: one" in " ".join(noted(BEGUN).check({"one": False}, queue(1)))


def test_sums__of_hours_the_latest_are_kept() -> None:
    rows = [replace(ROW, id=f"call {hour}", began_at=AT.replace(hour=hour)) for hour in range(6)]
    sums = noted(*(Batch(calls=(row,)) for row in rows))
    assert sorted(sums.hours) == ["2026-03-02T03:00", "2026-03-02T04:00", "2026-03-02T05:00"]
