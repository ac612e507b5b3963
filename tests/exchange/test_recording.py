"""When calls are recorded: from the answer to the end whatever ends them, through transfers, and never a secret."""

from typing import Any

import pytest

from ivr.call.record import Outcome, RecordingRow
from ivr.exchange import from_recording
from ivr.exchange.from_call import carry_out
from ivr.exchange.from_recording import LATE
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.media.events import RecordingClosed
from ivr.media.recording.recorder import MUTE_TAIL
from ivr.menu import steps
from tests.support.operators_phones import entries, finish, talk_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

QUICK = PhoneBehaviour(delay=0.2)


def story_of(record: str = "always", other: str = "never", **settings: Any) -> Story:
    """The queue of cards is anna's and recorded so, that of loans is boris's and recorded as `other`."""
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "record": record},
                                        "loans": {"operators": ["boris"], "record": other}}
    given = {"queues": queues, "recordings": {"folder": "/recordings"}, **settings}
    return make_story(config=given, operators={"anna": QUICK, "boris": QUICK})


def recordings(story: Story) -> list[RecordingRow]:
    """As the database would have them now."""
    latest: dict[str, RecordingRow] = {}
    for batch in story.hotline.stored:
        for row in batch.recordings:
            if row.id not in latest or row.revision > latest[row.id].revision:
                latest[row.id] = row
    return list(latest.values())


def secret(story: Story, active: bool) -> None:
    """The menu's own switch, as an action that asks for a secret says it."""
    (opened,) = story.hotline.exchange.house.calls.values()
    effects = opened.call.take_steps([steps.SecretInput(active)], story.world.now)
    story.hotline.carry_out(carry_out(story.hotline.exchange.house, opened, effects, story.world.now))


def test_recording__of_the_talk_from_answer_to_end() -> None:
    story = talk_with_anna(story_of())
    (begun,) = recordings(story)
    assert (begun.revision, begun.seconds, begun.ended_at) == (1, None, None)
    story.world.run(3)
    story.caller.hang_up()
    call = finish(story)
    (row,) = recordings(story)
    assert (row.id, row.call_id, row.file) == (f"{call.id}-1", call.id, f"2026-03-02/{call.id}-1.wav")
    assert (row.queue, row.operator, row.why, row.by, row.failed) == ("cards", "anna", "always", "", False)
    assert row.seconds == pytest.approx(call.talk_time, abs=0.02)
    assert row.ended_at is not None
    assert (row.ended_at - row.began_at).total_seconds() == pytest.approx(row.seconds, abs=0.02)
    assert row.reason == "the call ended"
    assert entries(story, "recording_started") == [{"recording": row.id, "why": "always"}]
    assert "recording 1 begins (always)" in story.ladder()


@pytest.mark.parametrize("record", ["never", "on_demand"])
def test_recording__not_where_the_queue_does_not_say_so(record: str) -> None:
    story = talk_with_anna(story_of(record))
    story.caller.hang_up()
    finish(story)
    assert recordings(story) == []


# --- every ending closes it -----------------------------------------------------------------------------------------
def caller_hangs_up(story: Story) -> None:
    story.caller.hang_up()


def operator_hangs_up(story: Story) -> None:
    story.phones["anna"].hang_up()


def house_ends_it(story: Story) -> None:
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))


def a_bug_ends_it(story: Story) -> None:
    (opened,) = story.hotline.exchange.house.calls.values()
    opened.call.state = None        # type: ignore[assignment]
    story.caller.hold()


def plane_dies(story: Story) -> None:
    story.hotline.plane_dies(0)


@pytest.mark.parametrize("end", [caller_hangs_up, operator_hangs_up, house_ends_it, a_bug_ends_it, plane_dies])
def test_recording__every_ending_closes_it(end: Any) -> None:
    story = talk_with_anna(story_of())
    end(story)
    story.world.run(LATE + 70)
    (row,) = recordings(story)
    assert row.revision == 2
    assert row.ended_at is not None
    assert len(story.hotline.exchange.house.recordings) == 0
    if end is plane_dies:
        assert (row.failed, row.reason, row.seconds) == (True, "the media plane died", None)
    else:
        assert (row.failed, row.seconds) == (False, pytest.approx(2.0, abs=0.3))


def test_recording__is_waited_for_when_the_service_stops() -> None:
    """Its file is closed after its leg: control that has left by then would never write its end."""
    story = talk_with_anna(story_of())
    exchange, plane = story.hotline.exchange, story.hotline.wires[0].plane
    (recording,) = exchange.house.recordings
    plane.recorder.drop([recording.number])          # a disk that takes its time
    house_ends_it(story)
    story.world.run(1)
    assert (exchange.house.endpoint.parting, exchange.house.legs.closing, exchange.parting) == (0, 0, 1)
    told = RecordingClosed(recording.number, 2.0, 64_044, "the call ended")
    story.hotline.carry_out(exchange.plane_event(told, story.world.now))
    assert exchange.parting == 0
    (row,) = recordings(story)
    assert (row.ended_at is not None, row.failed) == (True, False)


def test_recording__that_no_plane_closes_is_given_up_after_its_call() -> None:
    story = talk_with_anna(story_of())
    story.hotline.wires[0].plane.recorder.drop(list(story.hotline.wires[0].plane.recorder.recordings))
    story.caller.hang_up()
    finish(story)
    story.world.run(LATE)
    (row,) = recordings(story)
    assert (row.failed, row.reason) == (True, "the media plane died")


# --- transfers ------------------------------------------------------------------------------------------------------
def test_recording__goes_on_through_hold_and_transfer() -> None:
    story = talk_with_anna(story_of())
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.hold()
    story.world.run(1)
    anna.hold(False)
    story.world.run(1)
    anna.transfer(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(3)
    story.caller.hang_up()
    call = finish(story)
    (row,) = recordings(story)
    assert call.operator == "boris"
    assert row.seconds == pytest.approx(2 + 1 + 1 + 3, abs=1.0)
    assert (row.ended_at - row.began_at).total_seconds() == pytest.approx(row.seconds, abs=0.02)  # type: ignore[operator]


@pytest.mark.parametrize(("other", "files"), [("never", 1), ("always", 1), ("on_demand", 1)])
def test_recording__of_a_caller_who_is_sent_to_another_queue(other: str, files: int) -> None:
    """It ends where an operator of a queue that is never recorded takes over."""
    story = talk_with_anna(story_of(other=other))
    story.phones["anna"].transfer(f"sip:loans@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(3)
    story.caller.hang_up()
    finish(story)
    rows = recordings(story)
    assert len(rows) == files
    assert rows[0].reason == ("the queue is not recorded" if other == "never" else "the call ended")


def test_recording__from_a_queue_that_is_not_into_one_that_is() -> None:
    story = talk_with_anna(story_of("never", other="always"))
    story.phones["anna"].transfer(f"sip:loans@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(3)
    story.caller.hang_up()
    finish(story)
    (row,) = recordings(story)
    assert (row.queue, row.operator, row.seconds) == ("loans", "boris", pytest.approx(3, abs=0.5))


# --- secrets --------------------------------------------------------------------------------------------------------
def test_secret__is_muted_from_its_prompt_to_a_while_after() -> None:
    story = talk_with_anna(story_of())
    secret(story, True)
    story.world.run(2)
    secret(story, False)
    story.world.run(3)
    story.caller.hang_up()
    finish(story)
    (row,) = recordings(story)
    ((began, over),) = row.muted
    assert over - began == pytest.approx(2 + MUTE_TAIL / 100, abs=0.02)
    assert row.seconds is not None
    assert row.seconds - over == pytest.approx(3 - MUTE_TAIL / 100, abs=0.05)


def test_secret__that_is_asked_when_a_recording_begins() -> None:
    story = talk_with_anna(story_of("on_demand"))
    secret(story, True)
    story.world.run(1)
    demand(story)
    story.world.run(1)
    secret(story, False)
    story.world.run(3)
    story.caller.hang_up()
    finish(story)
    (row,) = recordings(story)
    ((began, over),) = row.muted
    assert began == 0.0
    assert over == pytest.approx(1 + MUTE_TAIL / 100, abs=0.02)


def test_secret__that_has_just_been_asked_when_a_recording_begins() -> None:
    story = talk_with_anna(story_of("on_demand"))
    secret(story, True)
    secret(story, False)
    story.world.run(0.5)
    demand(story)
    story.world.run(3)
    story.caller.hang_up()
    finish(story)
    (row,) = recordings(story)
    assert row.muted == ((0.0, MUTE_TAIL / 100),)


# --- on demand ------------------------------------------------------------------------------------------------------
def demand(story: Story, by: str = "anna") -> None:
    (call,) = story.hotline.exchange.house.calls
    story.hotline.carry_out(story.hotline.exchange.begin_recording(call, by, story.world.now))


def test_on_demand__twice_in_one_call_makes_two_files() -> None:
    story = talk_with_anna(story_of("on_demand"))
    (call,) = story.hotline.exchange.house.calls
    opened = story.hotline.exchange.house.calls[call]
    for _ in range(2):
        assert from_recording.obstacle(story.hotline.exchange.house, opened) == ""
        demand(story)
        assert "already" in from_recording.obstacle(story.hotline.exchange.house, opened)
        story.world.run(2)
        story.hotline.carry_out(story.hotline.exchange.end_recording(call, "anna stopped it"))
        story.world.run(1)
    story.caller.hang_up()
    finish(story)
    rows = recordings(story)
    assert [(row.id, row.why, row.by, row.reason) for row in rows] == [
        (f"{call}-{number}", "on_demand", "anna", "anna stopped it") for number in (1, 2)]
    assert all(row.seconds == pytest.approx(2, abs=0.02) for row in rows)


def test_on_demand__what_was_ended_does_not_begin_again_by_itself() -> None:
    """Of a queue that is always recorded, too: whoever did not want it would not know."""
    story = talk_with_anna(story_of())
    (call,) = story.hotline.exchange.house.calls
    story.hotline.carry_out(story.hotline.exchange.end_recording(call, "admin ended it"))
    story.world.run(1)
    story.phones["anna"].hold()
    story.world.run(1)
    story.phones["anna"].hold(False)
    story.world.run(1)
    assert len(story.hotline.exchange.house.recordings) == 0
    demand(story, "admin")
    story.world.run(1)
    story.caller.hang_up()
    finish(story)
    assert [(row.why, row.reason) for row in recordings(story)] == [
        ("always", "admin ended it"), ("on_demand", "the call ended")]


def test_on_demand__not_in_a_queue_that_is_never_recorded() -> None:
    story = talk_with_anna(story_of("never"))
    (opened,) = story.hotline.exchange.house.calls.values()
    assert "does not allow" in from_recording.obstacle(story.hotline.exchange.house, opened)


# --- it fails -------------------------------------------------------------------------------------------------------
def fails(story: Story, reason: str = "the disk is full") -> None:
    """As the plane's loop does it: the recording is dropped, and told as failed."""
    (recording,) = story.hotline.exchange.house.recordings
    story.hotline.wires[0].plane.recorder.drop([recording.number])
    event = RecordingClosed(recording.number, 1.5, 48_044, reason, failed=True)
    story.hotline.carry_out(story.hotline.exchange.plane_event(event, story.world.now))


def test_failed__is_an_alarm_and_the_call_goes_on() -> None:
    story = talk_with_anna(story_of())
    fails(story)
    story.world.run(3)
    snapshot = story.hotline.exchange.snapshot(story.world.now)
    assert snapshot["recordings"] == {"running": 0, "fault": "the disk is full"}
    assert snapshot["counters"]["recordings_failed"] == 1
    (alarm,) = [report for report in story.hotline.reports if report.event == "recording_failed"]
    assert (alarm.level, dict(alarm.fields)["reason"]) == ("error", "the disk is full")
    assert story.phones["anna"].talking
    story.caller.hang_up()
    call = finish(story)
    assert call.outcome is Outcome.ANSWERED
    (row,) = recordings(story)
    assert (row.failed, row.seconds, row.octets, row.reason) == (True, 1.5, 48_044, "the disk is full")


def test_failed__is_over_when_a_later_one_went_well_and_is_told_once_a_minute() -> None:
    story = story_of()
    for _ in range(3):
        talk_with_anna(story)
        fails(story)
        story.caller.hang_up()
        story.world.run(5)
    assert len([report for report in story.hotline.reports if report.event == "recording_failed"]) == 1
    talk_with_anna(story)
    story.caller.hang_up()
    story.world.run(5)
    assert story.hotline.exchange.snapshot(story.world.now)["recordings"]["fault"] == ""
    assert story.hotline.exchange.house.counters["recordings_failed"] == 3
    finish(story)
