"""What somebody says before they answer: operators hear it, callers do not."""

from dataclasses import replace

import pytest

from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_consulting import MUSIC, go_on, transfer
from tests.exchange.test_supervising import TONES, hears, speak
from tests.support.operators_phones import entries, finish, state_of, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, make_story

ANSWERS, REFUSES = PhoneBehaviour(200, 2.0, early=True), PhoneBehaviour(486, 2.0, early=True)


def quiet_story(boris: PhoneBehaviour) -> Story:
    story = make_story(operators={"anna": PhoneBehaviour(), "boris": boris})
    for name in ("anna", "boris"):
        speak(story.phones[name], TONES[name])
    return story


@pytest.mark.parametrize("boris", [ANSWERS, REFUSES])
def test_own_call__hears_what_comes_before_the_answer(boris: PhoneBehaviour) -> None:
    story = quiet_story(boris)
    anna = story.phones["anna"]
    anna.call(f"sip:boris@{HOTLINE}")
    story.world.run(1.5)
    assert hears(story, "anna") == {"boris"}
    assert "hears ringing" in [what for _, what in anna.log]
    assert not anna.talking, "nobody has answered"
    story.world.run(2)
    (row,) = story.rows().values()
    if boris is ANSWERS:
        assert (hears(story, "anna"), hears(story, "boris")) == ({"boris"}, {"anna"})
        anna.hang_up()
    else:
        assert row.outcome is Outcome.REFUSED
        assert anna.log[-1][1] == "ended by peer 486"
    story.settle()
    story.assert_clean()


def test_own_call__another_codec_in_the_answer() -> None:
    """What was said before was a promise: the answer counts."""
    story = quiet_story(ANSWERS)
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.call(f"sip:boris@{HOTLINE}")
    story.world.run(1.0)
    boris.local = replace(boris.local, codecs=("PCMA",))
    story.world.run(3.0)
    assert boris.negotiated is not None
    assert boris.negotiated.codec == "PCMA"
    assert (hears(story, "anna"), hears(story, "boris")) == ({"boris"}, {"anna"})
    anna.hang_up()
    story.settle()
    story.assert_clean()


@pytest.mark.parametrize("boris", [ANSWERS, REFUSES])
def test_consult__the_operator_hears_it_and_the_caller_music(boris: PhoneBehaviour) -> None:
    story = talking_with_anna(boris=boris)
    for name in ("caller", "anna", "boris"):
        speak(story.phones[name], TONES[name])
    transfer(story, "boris", attended=True)
    story.world.run(1.5)
    assert (hears(story, "anna"), story.heard()[-1][0]) == ({"boris"}, MUSIC)
    story.world.run(2)
    if boris is ANSWERS:
        assert (hears(story, "anna"), hears(story, "boris")) == ({"boris"}, {"anna"})
        go_on(story, "back")
    assert (hears(story, "caller"), hears(story, "anna")) == ({"anna"}, {"caller"})
    assert state_of(story, "boris") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_transfer__the_caller_hears_music() -> None:
    story = talking_with_anna(boris=ANSWERS)
    transfer(story, "boris")
    story.world.run(1.5)
    assert story.heard()[-1][0] == MUSIC
    story.world.run(2)
    story.caller.hang_up()
    assert finish(story).operator == "boris"
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]
