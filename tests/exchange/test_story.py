"""The main story in virtual time: a caller, the sample menu, a queue, an operator, and the record of it."""

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import make_story


def test_story__caller_reaches_an_operator() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(delay=3.0)})
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(1.5)
    story.caller.press("1")          # in the middle of the language prompt's second half
    story.world.run(3.0)
    story.caller.press("2")          # in the middle of the main menu
    story.world.run(2.5)
    story.caller.press("0")
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    story.world.run(5)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    row = story.row()
    assert (row.outcome, row.ended_by, row.operator, row.queue, row.dialled) == \
        (Outcome.ANSWERED, "caller", "anna", "cards", "100")
    assert row.language == "en"
    assert row.talk_time == pytest.approx(5, abs=0.2)
    (request,) = story.requests()
    assert [(step.menu, step.keys) for step in request.path] == [("language", "1"), ("main", "2"), ("cards", "0")]
    assert request.status is RequestStatus.ANSWERED
    caller, anna = [leg for batch in story.hotline.stored for leg in batch.legs]
    assert [(leg.call_id, leg.codec, leg.encrypted) for leg in (caller, anna)] == [
        (row.id, "PCMU", False), (row.id, "PCMA", False)]
    assert (caller.party, anna.party) == ("caller", "anna")
    assert caller.figures["packets_received"] == pytest.approx(50 * (caller.closed_at - row.began_at).total_seconds(),
                                                               rel=0.05)
    assert (caller.figures["packets_lost"], caller.figures["mos_in"], caller.figures["remote_lost"]) == (0, 4.4, None)
    assert story.hotline.exchange.house.media.audio["loss_in"].counts[0] == 2
    assert story.hotline.exchange.parting == 0
    heard = story.clips_heard()
    assert heard[0] == "en/choose_language.wav"
    assert "en/queue/place_1.wav" in heard
    assert "music/hold.wav" in heard
    rows = [row for batch in story.hotline.stored for trace in batch.traces for row in trace.rows]
    assert [row.text for row in rows[:3]] == ["INVITE 100@127.0.9.1 (1 INVITE)", "menu language", "200 OK (1 INVITE)"]
