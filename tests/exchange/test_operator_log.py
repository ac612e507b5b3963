"""How operators stand as rows: log-in, phone, break with its reason, ringing, talk, wrap-up, the end of the process."""

from itertools import pairwise

from ivr.call.record import OperatorEntryRow
from ivr.exchange.virtual_phone import PhoneBehaviour
from routing.dispatcher import Status
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

QUEUES = {name: {"operators": ["anna"], "ring_time_s": 10, "wrap_up_s": 5} for name in base_config()["queues"]}


def rows(story: Story, operator: str = "anna") -> list[OperatorEntryRow]:
    return [row for batch in story.hotline.stored for row in batch.operator_entries if row.operator == operator]


def steps(story: Story) -> list[tuple[str, str, bool]]:
    return [(row.status, row.state, row.reachable) for row in rows(story)]


def test_operator_log__a_shift() -> None:
    story = make_story(config={"queues": QUEUES}, audio=False, registered=False,
                       operators={"anna": PhoneBehaviour(delay=2.0)})
    exchange = story.hotline.exchange
    story.hotline.carry_out(exchange.start(story.world.now))
    register(story, "anna")
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "10":
        story.world.run(2.0)
        story.caller.press(key)
    story.world.run(8.0)
    story.hotline.carry_out(exchange.set_status("anna", Status.ON_BREAK, "lunch", story.world.now))
    story.caller.hang_up()
    story.world.run(20.0)
    story.hotline.carry_out(exchange.keep_ladders(story.world.now))
    assert steps(story) == [
        ("available", "idle", False), ("available", "idle", True), ("available", "ringing", True),
        ("available", "on_call", True), ("on_break", "on_call", True), ("on_break", "wrap_up", True),
        ("on_break", "idle", True), ("on_break", "gone", True)]
    found = rows(story)
    (call,) = story.rows()
    assert [(row.call_id, row.queue) for row in found] == [("", "")] * 2 + [(call, "general")] * 4 + [("", "")] * 2
    assert [row.reason for row in found] == [""] * 4 + ["lunch"] * 4
    assert all(before.position < after.position and before.at <= after.at for before, after in pairwise(found))
    assert len({row.id for row in found}) == len(found)


def test_operator_log__gives_way_to_calls_while_the_store_is_full() -> None:
    story = make_story(audio=False)
    exchange = story.hotline.exchange
    before = len(rows(story))
    story.hotline.carry_out(exchange.store_full(True))
    story.hotline.carry_out(exchange.set_status("anna", Status.ON_BREAK, "", story.world.now))
    assert len(rows(story)) == before
    assert exchange.house.counters["operator_entries_left_out"] == 1
    story.hotline.carry_out(exchange.store_full(False))
    story.hotline.carry_out(exchange.set_status("anna", Status.AVAILABLE, "", story.world.now))
    assert rows(story)[-1].status == "available"
