"""A ladder can be read while the call goes on, and ends with the last answer and not before it."""

import pytest

from ivr.base.trace import Row
from ivr.exchange import ladders
from ivr.exchange.ladders import UNANSWERED
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import HOTLINE, Story, make_story


def talking(story: Story) -> str:
    """A caller talks with anna; the call's id."""
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(0.5)
    return story.row().id


def written(story: Story) -> list[tuple[Row, ...]]:
    return [trace.rows for batch in story.hotline.stored for trace in batch.traces]


def test_ladder__of_a_call_in_progress() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)})
    call = talking(story)
    assert not written(story)
    rows = story.hotline.exchange.ladder(call)
    assert rows is not None
    assert rows[0] == Row(0.0, "caller", "hotline", "INVITE 100@127.0.9.1 (1 INVITE)")
    assert "bridged with anna" in [row.text for row in rows]
    story.caller.hang_up()
    story.settle()
    assert story.hotline.exchange.ladder(call) is None
    (whole,) = written(story)
    assert whole[:len(rows)] == rows


def test_ladder__ends_with_the_answer_to_our_bye() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)})
    call = talking(story)
    story.phones["anna"].hang_up()
    assert story.world.run(1, lambda: not story.hotline.exchange.house.calls)
    assert not written(story)
    assert story.hotline.exchange.ladder(call) is not None
    story.settle()
    (rows,) = written(story)
    assert [(row.source, row.text) for row in rows[-2:]] == [("hotline", "BYE 127.0.9.10 (1 BYE)"),
                                                            ("caller", "200 OK (1 BYE)")]
    house = story.hotline.exchange.house
    assert (house.partings, house.parting_legs) == ({}, {})
    story.assert_clean()


def test_ladder__ends_with_the_ack_of_a_cancelled_invite() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(status=None)})
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(1)
    story.caller.hang_up()
    story.settle()
    (rows,) = written(story)
    assert [row.text for row in rows[-3:]] == ["200 OK (1 CANCEL)", "487 Request Terminated (1 INVITE)",
                                               "ACK 127.0.9.20 (1 ACK)"]
    story.assert_clean()


def test_ladder__is_written_when_nobody_answers_our_bye() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)})
    talking(story)
    del story.world.hosts[story.caller.host]
    story.phones["anna"].hang_up()
    story.world.run(UNANSWERED - 1)
    assert not written(story)
    story.settle()
    (rows,) = written(story)
    assert rows[-1].text == "BYE 127.0.9.10 (1 BYE)"
    story.assert_clean()


def test_ladder__is_written_when_the_service_ends_before_the_answer() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)})
    talking(story)
    exchange = story.hotline.exchange
    story.hotline.carry_out(exchange.end_calls("the service stopped", story.world.now))
    assert not written(story)
    story.hotline.carry_out(exchange.keep_ladders(story.world.now))
    assert len(written(story)) == 1
    story.settle()
    assert len(written(story)) == 1
    story.assert_clean()


def test_ladder__of_many_calls_that_end_at_once_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)})
    talking(story)
    monkeypatch.setattr(ladders, "MOST_WAITING", 0)
    story.phones["anna"].hang_up()
    assert story.world.run(1, lambda: not story.hotline.exchange.house.calls)
    assert len(written(story)) == 1
    story.settle()
    assert story.hotline.exchange.house.partings == {}
