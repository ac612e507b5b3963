"""What an operator's phone hears when whom they called did not take the call (RFC 3261 §16.7 step 6 for the idea)."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_outbound import CONFIG, NUMBER, with_carrier
from tests.support.virtual_house import HOTLINE, make_story


@pytest.mark.parametrize(("status", "heard"), [
    (486, 486), (404, 404), (480, 480), (488, 488), (603, 603),
    (407, 480), (401, 480), (422, 480), (420, 480), (482, 480), (302, 480)])
def test_what_asks_something_of_us_is_not_passed_on(status: int, heard: int) -> None:
    """A phone that is challenged by us would ask its operator for a password, or lock the account."""
    story = make_story(config=CONFIG)
    with_carrier(story, PhoneBehaviour(status, 0.1))
    anna = story.phones["anna"]
    anna.call(f"sip:{NUMBER}@{HOTLINE}")
    story.settle()
    story.assert_clean()
    assert anna.log[-1][1] == f"ended by peer {heard}"
    (row,) = story.rows().values()
    assert row.outcome == Outcome.REFUSED
    told = [entry.details["status"] for batch in story.hotline.stored for entry in batch.entries
            if entry.kind == "not_taken"]
    assert told == [heard if status == 302 else status]
