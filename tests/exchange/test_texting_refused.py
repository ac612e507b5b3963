"""What no disk takes, and what there is room for: chats in virtual time."""

import pytest

from ivr.exchange.texting.delivering import HIDDEN
from tests.exchange.test_texting import PIN_MENU, done, messages, scene
from tests.support.virtual_house import base_config


def test_message__that_no_disk_took_is_kept_when_it_is_said_again_and_the_menu_hears_it_once() -> None:
    story, visitor, _, _ = scene()
    visitor.open()
    story.hotline.database_answers = False
    key = visitor.say("English")
    story.hotline.carry_out(story.hotline.exchange.not_durable(story.hotline.unanswered.pop(0), story.world.now))
    assert {"key": key, "reason": "not_kept"} in visitor.kinds("refused")
    story.hotline.database_back()
    story.world.run(1)
    assert key not in [fields["key"] for fields in visitor.kinds("kept")]
    before = [text for who, text in visitor.read() if who == "hotline"]
    visitor.say("English", key=key)
    visitor.say("English", key=key)
    assert [fields["key"] for fields in visitor.kinds("kept")] == [key, key]
    assert [one.body for one in messages(story) if one.key == f"caller/{key}"] == ["English", "English"]
    (answer,) = [text for who, text in visitor.read() if who == "hotline"][len(before):]
    assert "Welcome" in answer          # it found no room either: it comes now, once
    visitor.leave()
    done(story)


def test_message__a_secret_that_no_disk_took_stays_one() -> None:
    story, visitor, anna, _ = scene(menu=PIN_MENU.replace("{queue: cards}", "{goto: door}"))
    anna.answers()
    visitor.open()
    story.hotline.database_answers = False
    key = visitor.say("2468")
    story.hotline.carry_out(story.hotline.exchange.not_durable(story.hotline.unanswered.pop(0), story.world.now))
    story.hotline.database_back()
    visitor.say("2468", key=key)
    assert [one.body for one in messages(story) if one.key == f"caller/{key}"] == [HIDDEN, HIDDEN]
    visitor.leave()
    done(story)


@pytest.mark.parametrize("chats_first", [True, False])
def test_room__chats_take_none_of_callers_and_callers_none_of_chats(chats_first: bool) -> None:
    story, visitor, _, _ = scene(config={"sip": base_config()["sip"] | {"max_calls": 1}})
    if chats_first:
        visitor.open()
    story.caller.call("sip:100@127.0.9.1")
    assert story.world.run(5, lambda: len(story.hotline.exchange.house.calls) == 2 - (not chats_first))
    if not chats_first:
        visitor.open()
    assert visitor.legs
    visitor.leave()
    story.caller.hang_up()
    done(story)
