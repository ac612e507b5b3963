"""Every way a call can end: exactly one outcome, no port in use, no operator stuck, no transaction left."""

from typing import Any

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.media.commands import Hello
from routing.dispatcher import Status
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, plane_up

NEVER = PhoneBehaviour(status=None)
BUSY, REFUSING = PhoneBehaviour(status=486, delay=0.1), PhoneBehaviour(status=603, delay=0.1)


def to_queue(story: Story) -> None:
    """English, cards, an operator."""
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(0.2)


def finish(story: Story) -> Any:
    story.settle()
    story.assert_clean()
    return story.row()


def offered_to(story: Story) -> list[str]:
    return [entry.details["operator"] for entry in story.entries() if entry.kind == "operator_offered"]


def test_ending__hang_up_in_the_menu_is_abandoned() -> None:
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(2)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by, row.request_id) == (Outcome.ABANDONED, "caller", None)


def test_ending__hang_up_after_an_answer_of_the_menu_is_self_served() -> None:
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "121":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(3)
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.SELF_SERVED


def test_ending__the_menu_hangs_up() -> None:
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "171":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.caller.legs_ended == 1)
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.SELF_SERVED, "hotline")


def test_ending__cancelled_before_the_answer() -> None:
    """CANCEL and 200 cross: the caller's endpoint acknowledges and hangs up."""
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(0.001)
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ABANDONED


def test_ending__hang_up_in_the_queue() -> None:
    story = make_story(registered=False)
    story.hotline.carry_out(story.hotline.exchange.set_status("anna", Status.AVAILABLE, "", 0.0))
    to_queue(story)
    row = finish(story)
    assert row.outcome is Outcome.OVERFLOW        # nobody is registered: the overflow's message, then goodbye


def test_ending__hang_up_while_waiting() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.1)}, config={"queues": _only("anna")})
    first, second = story.caller, _second_caller(story)
    first.call(f"sip:100@{HOTLINE}")
    second.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        first.press(key)
        second.press(key)
    story.world.run(5)
    waiting = next(phone for phone in (first, second) if story.heard(phone.name)[-1][0] == "music/hold.wav")
    waiting.hang_up()
    story.world.run(2)
    first.hang_up()
    second.hang_up()
    story.settle()
    story.assert_clean()
    assert sorted(str(row.outcome) for row in story.rows().values()) == ["abandoned", "answered"]


def test_ending__hang_up_while_the_operator_rings() -> None:
    story = make_story(operators={"anna": NEVER})
    to_queue(story)
    story.world.run(3)
    story.caller.hang_up()
    story.world.run(1)
    assert story.phones["anna"].log[-1][1] == "ended by peer 487"     # the phone stopped ringing at once
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ABANDONED, "")
    assert story.requests()[0].status is RequestStatus.CLOSED


@pytest.mark.parametrize("who", ["caller", "anna"])
def test_ending__hang_up_in_the_bridge(who: str) -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.5)})
    to_queue(story)
    story.world.run(5)
    story.phones[who].hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by, row.operator) == \
        (Outcome.ANSWERED, "caller" if who == "caller" else "operator", "anna")
    assert row.talk_time == pytest.approx(4.3, abs=0.5)
    assert story.requests()[0].status is RequestStatus.ANSWERED


@pytest.mark.parametrize(("behaviour", "reason"), [(NEVER, "no_answer"), (BUSY, "busy"), (REFUSING, "refused")])
def test_ending__the_next_operator_is_asked(behaviour: PhoneBehaviour, reason: str) -> None:
    story = make_story(operators={"anna": behaviour, "boris": PhoneBehaviour(delay=0.5)})
    to_queue(story)
    assert story.world.run(30, lambda: story.phones["boris"].talking)
    story.world.run(2)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert offered_to(story) == ["anna", "boris"]
    (failed,) = [entry for entry in story.entries() if entry.kind == "offer_failed"]
    assert failed.details["reason"] == reason


def test_ending__phone_gone() -> None:
    """The operator's phone is registered and silent: the ring time ends the offer, the next one answers."""
    story = make_story(operators={"anna": PhoneBehaviour(), "boris": PhoneBehaviour(delay=0.5)})
    del story.world.hosts[story.phones["anna"].host]
    to_queue(story)
    assert story.world.run(30, lambda: story.phones["boris"].talking)
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_ending__operator_answers_and_is_gone_before_the_bridge() -> None:
    """Nobody is cancelled and no round begins anew: the caller keeps the place, the next operator is asked."""
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.5), "boris": PhoneBehaviour(delay=0.5)})
    to_queue(story)
    anna = story.phones["anna"]
    assert story.world.run(5, lambda: anna.talking)
    anna.hang_up()
    story.world.run(1)
    row = finish(story)
    assert row.outcome in (Outcome.ANSWERED, Outcome.ABANDONED)


def test_ending__maximum_wait() -> None:
    story = make_story(operators={"anna": NEVER, "boris": NEVER})
    to_queue(story)
    assert story.world.run(90, lambda: story.caller.legs_ended == 1)
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.OVERFLOW, "hotline")
    assert row.wait_time == pytest.approx(60, abs=3)
    assert "en/queue/nobody_available.wav" in story.clips_heard()


def test_ending__nobody_logged_in() -> None:
    story = make_story(operators={})
    to_queue(story)
    assert story.world.run(20, lambda: story.caller.legs_ended == 1)
    row = finish(story)
    assert (row.outcome, row.reason) == (Outcome.OVERFLOW, "nobody_logged_in")


def test_ending__overflow_to_another_queue() -> None:
    queues = base_config()["queues"]
    queues["cards"] = {"operators": [], "overflow": {"queue": "general"}}
    story = make_story(config={"queues": queues})
    to_queue(story)
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.queue, row.operator) == (Outcome.ANSWERED, "general", "anna")
    assert len(story.requests()) == 1


def test_ending__overflow_to_a_sip_address() -> None:
    queues = base_config()["queues"]
    queues["cards"] = {"operators": [], "overflow": {"transfer": "branch"}}
    story = make_story(config={"queues": queues}, operators={})
    branch = _branch(story)
    to_queue(story)
    assert story.world.run(20, lambda: branch.talking)
    story.world.run(2)
    branch.hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.TRANSFERRED, "target")


def test_ending__transfer_from_the_menu_fails_and_the_menu_goes_on() -> None:
    story = make_story(operators={})
    branch = _branch(story, PhoneBehaviour(status=486, delay=0.2))
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "173":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: branch.legs_ended == 1)
    story.world.run(3)
    assert story.caller.talking
    heard = story.clips_heard()                         # the menu's words don't wait behind the music of the transfer
    assert heard[-2:] == ["en/queue/transfer_failed.wav", "en/branches_options.wav"]
    story.caller.hang_up()
    assert finish(story).outcome in (Outcome.ABANDONED, Outcome.SELF_SERVED)


def test_ending__drain_lets_calls_end_and_refuses_new_ones() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.5)})
    to_queue(story)
    story.world.run(3)
    exchange = story.hotline.exchange
    story.hotline.carry_out(exchange.drain(story.world.now))
    late = _second_caller(story)
    late.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert late.log[-1][1] == "ended by peer 503"
    assert not exchange.idle
    story.hotline.carry_out(exchange.end_calls("the service stopped", story.world.now))
    story.world.run(1)
    assert exchange.idle
    story.settle()
    story.assert_clean()
    assert sorted((str(row.outcome), row.reason) for row in story.rows().values()) == [
        ("answered", "the service stopped"), ("refused", "draining")]


def test_ending__the_plane_dies_and_comes_back() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=0.5)})
    to_queue(story)
    story.world.run(3)
    story.hotline.carry_out(story.hotline.exchange.plane_lost(0, story.world.now))
    story.world.run(1)
    row = story.row()
    assert (row.outcome, row.reason) == (Outcome.FAILED, "the media plane died")
    plane_up(story)
    to_queue(story)
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert sorted(str(row.outcome) for row in story.rows().values()) == ["answered", "failed"]


def test_ending__no_port_is_free() -> None:
    story = make_story(ports=1)
    story.caller.call(f"sip:100@{HOTLINE}")
    second = _second_caller(story)
    second.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert sorted(str(row.outcome) for row in story.rows().values()) == ["abandoned", "refused"]


def test_ending__the_database_never_answers() -> None:
    """Music plays and the caller is not queued until the request is safe."""
    story = make_story()
    story.hotline.database_answers = False
    to_queue(story)
    story.world.run(5)
    assert story.clips_heard()[-1] == "music/hold.wav"
    assert offered_to(story) == []
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ABANDONED


def test_ending__nothing_is_sent_for_strangers_after_hello() -> None:
    """A new control closes what an older one had opened."""
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    story.hotline.wire.handle(Hello(99), story.world.now)
    heard = len(story.caller.heard)
    story.world.run(1)
    assert len(story.caller.heard) <= heard + 2


def _only(name: str) -> dict[str, Any]:
    return {queue: {"operators": [name]} for queue in base_config()["queues"]}


def _second_caller(story: Story) -> Any:
    from ivr.exchange.virtual_phone import VirtualPhone

    phone = story.phones["second"] = VirtualPhone(story.world, "127.0.9.11", "second", story.ids)
    return phone


def _branch(story: Story, behaviour: PhoneBehaviour | None = None) -> Any:
    from ivr.exchange.virtual_phone import VirtualPhone

    phone = story.phones["branch"] = VirtualPhone(story.world, "127.0.9.30", "branch", story.ids,
                                                 behaviour or PhoneBehaviour(delay=0.5))
    return phone


def test_ending__a_line_may_ring_before_it_answers() -> None:
    lines = [base_config()["lines"][0] | {"ring_s": 3}]
    story = make_story(config={"lines": lines})
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(2)
    assert [text for _, text in story.caller.log] == ["dials", "hears ringing"]
    assert story.caller.heard == []
    story.world.run(2)
    assert story.clips_heard()[0] == "en/choose_language.wav"
    story.caller.hang_up()
    row = finish(story)
    assert row.answered_at is not None
    assert (row.answered_at - row.began_at).total_seconds() == pytest.approx(3, abs=0.01)


def test_ending__hang_up_while_it_rings() -> None:
    lines = [base_config()["lines"][0] | {"ring_s": 5}]
    story = make_story(config={"lines": lines})
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(2)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.answered_at) == (Outcome.ABANDONED, None)
