"""1,000 calls over a bad network in virtual time: loss, duplication, reordering and delay in both directions."""

import random
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from ivr.call.record import Outcome
from ivr.exchange.virtual import Network
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from routing.queue import Ending
from routing.reports.arrived import arrived
from routing.reports.balance import balance
from routing.reports.period import Period
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.support.virtual_house import HOTLINE, START, Story, base_config, make_story, register

CALLS, OPERATORS = 1000, 40
STATUSES = (200, 200, 200, 200, 486, 603, None)


def storm(seed: int) -> tuple[Story, list[VirtualPhone]]:
    chance = random.Random(seed)
    network = Network(random.Random(seed + 1).random, delay=0.02, jitter=0.3, loss=0.10, duplication=0.10)
    names = [f"op{number}" for number in range(OPERATORS)]
    queue = {"operators": names, "ring_time_s": 8, "max_wait_s": 60, "max_waiting": 500}
    story = make_story(
        config={"operators": {name: {} for name in names}, "queues": dict.fromkeys(base_config()["queues"], queue),
                "sip": base_config()["sip"] | {"max_calls": 900}},
        network=network, seed=seed, ports=2000, audio=False, operators={})
    for number, name in enumerate(names):
        phone = VirtualPhone(story.world, f"127.0.8.{number + 1}", name, story.ids, silent=True,
                             behaviour=PhoneBehaviour(status=chance.choice(STATUSES), delay=chance.uniform(0.1, 6)))
        story.phones[name] = phone
        register(story, name)
        schedule_hang_ups(story, phone, chance)
        schedule_transfers(story, phone, chance)
    callers = [plan_caller(story, number, chance) for number in range(CALLS)]
    return story, callers


def schedule_hang_ups(story: Story, phone: VirtualPhone, chance: random.Random) -> None:
    """An operator hangs up now and then, whatever is going on."""
    for _ in range(30):
        story.world.at(chance.uniform(1, 260), phone.hang_up)


def schedule_transfers(story: Story, phone: VirtualPhone, chance: random.Random) -> None:
    """An operator sends on whom they talk with, or talks with nobody and asks in vain."""
    phone.hangs_up_after_refer = chance.random() < 0.3
    for _ in range(20):
        target = chance.choice((f"op{chance.randrange(OPERATORS)}", f"op{chance.randrange(OPERATORS)}", "loans", "100"))
        story.world.at(chance.uniform(1, 260), partial(phone.transfer, f"sip:{target}@{HOTLINE}"))


def plan_caller(story: Story, number: int, chance: random.Random) -> VirtualPhone:
    phone = VirtualPhone(story.world, f"127.2.{number // 250}.{number % 250 + 1}", f"c{number}", story.ids, silent=True)
    begin = chance.uniform(0, 100)
    story.world.at(begin, lambda: phone.call(f"sip:100@{HOTLINE}"))
    at = begin
    for key in ("1", "2", "0")[:chance.choice((0, 1, 2, 3, 3, 3, 3))]:
        at += chance.uniform(1.0, 3.0)
        story.world.at(at, lambda key=key: phone.press_by_info(key))     # type: ignore[misc]
    story.world.at(begin + chance.choice((0.05, 0.5, 3, 10, 20, 40, 80)) * chance.uniform(0.5, 1.5), phone.hang_up)
    return phone


@pytest.mark.parametrize("seed", [11])
@pytest.mark.timeout(300)
def test_storm__every_call_ends_right(seed: int, tmp_path: Path) -> None:
    story, callers = storm(seed)
    for at in range(5, 400, 15):
        story.world.at(at, story.assert_accounted)
    story.world.run(400)
    story.settle(200)
    story.assert_clean()
    rows = story.rows()
    assert all(phone.legs_ended == 1 for phone in callers), Counter(phone.legs_ended for phone in callers)
    assert 950 <= len(rows) <= CALLS          # an INVITE cancelled before it arrived makes no visit
    outcomes = Counter(row.outcome for row in rows.values())
    assert set(outcomes) <= {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SELF_SERVED, Outcome.OVERFLOW,
                             Outcome.REFUSED, Outcome.FAILED}
    assert outcomes[Outcome.ANSWERED] > 100, outcomes
    assert outcomes[Outcome.ABANDONED] > 100, outcomes
    kinds = Counter(entry.kind for entry in story.entries())
    assert kinds["transferred"] > 30, kinds
    assert kinds["transfer_failed"] > 5, kinds
    assert all(row.operator for row in rows.values() if row.outcome is Outcome.ANSWERED)
    for queue in story.hotline.exchange.house.dispatcher.snapshot(story.world.now)["queues"]:
        ended = sum(queue.get(ending, 0) for ending in get_args(Ending))
        assert queue["offered"] == ended + queue["waiting"], queue
    counted_again(story, tmp_path)
    broken = [report for report in story.hotline.reports if report.event == "call_broken_off"]
    assert broken == []


def counted_again(story: Story, folder: Path) -> None:
    """Out of a database, from entries alone, come the counts that the queues kept, and the sums of what was written."""
    engine = open_database(f"sqlite:///{folder}/record.db")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, story.hotline.stored)
    found = balance(engine, Period(START.replace(tzinfo=None), (START + timedelta(days=1)).replace(tzinfo=None)))
    assert found.holds, found.faults
    sums = story.hotline.exchange.house.sums
    for queue in story.hotline.exchange.house.dispatcher.snapshot(story.world.now)["queues"]:
        told = sums.queues().get(queue["name"], {})
        for ending in get_args(Ending):
            assert queue.get(ending, 0) == told.get(ending, 0), (queue["name"], ending)
    for line, account in found.lines.items():
        assert {"offered": account.offered, **account.over} == {
            name: count for name, count in sums.lines()[line].items() if name not in ("in_progress", "unaccounted")}
    hour = START.strftime("%Y-%m-%dT%H:00")
    assert arrived(engine, "test", "boot", hour) == {
        line: dict(counts) for line, counts in sums.hours[hour].items()}
    engine.dispose()
