"""Chats, in virtual time: the menus of callers for who writes, and operators who write back."""

from typing import Any

import pytest

from ivr.call.record import MessageRow, Outcome
from ivr.exchange import card
from tests.support.virtual_chat import Chats, VirtualDesk, VirtualVisitor
from tests.support.virtual_house import Story, make_story


def scene(**given: Any) -> tuple[Story, VirtualVisitor, VirtualDesk, VirtualDesk]:
    """A visitor, and the desks of anna and boris, which do not answer chats yet; no phone is registered."""
    story = make_story(registered=False, **given)
    chats = Chats(story)
    return (story, VirtualVisitor(story, chats, "maria"), VirtualDesk(story, chats, "anna"),
            VirtualDesk(story, chats, "boris"))


def messages(story: Story) -> list[MessageRow]:
    return [row for batch in story.hotline.stored for row in batch.messages]


def to_anna(story: Story, visitor: VirtualVisitor, anna: VirtualDesk) -> str:
    anna.answers()
    visitor.open()
    for answer in ("English", "cards", "0"):
        visitor.say(answer)
    assert story.world.run(5, lambda: bool(anna.offered))
    leg = anna.accept()
    story.world.run(1)
    return leg


def states(story: Story, operator: str) -> list[tuple[str, str]]:
    """Of the cards on this desk: what they do there, and the channel."""
    cards = card.at_desk(story.hotline.exchange.house, operator, story.world.now)["cards"]
    return [(one["state"], one["channel"]) for one in cards]


def done(story: Story) -> None:
    story.settle()
    story.assert_clean()
    assert story.hotline.exchange.house.legs.planes.texts.in_use == 0


def test_chat__through_the_menu_by_words_and_keys_to_an_operator_and_back() -> None:
    story, visitor, anna, _ = scene()
    leg = to_anna(story, visitor, anna)
    said = visitor.read()
    assert said[0][0] == "hotline"
    assert visitor.kinds("message")[0]["options"][0] == ["1", "English"]
    visitor.say("My card is gone!")
    anna.say("I have blocked it.", leg)
    assert ("caller", "My card is gone!") in anna.read()
    assert visitor.read()[-1] == ("anna", "I have blocked it.")
    visitor.leave()
    done(story)
    row = story.row()
    assert (row.outcome, row.ended_by, row.operator, row.queue, row.channel) == (
        Outcome.ANSWERED, "caller", "anna", "cards", "web")
    (request,) = story.requests()
    assert (request.queue, request.operator) == ("cards", "anna")
    assert [step.keys for step in request.path] == ["1", "2", "0"]
    rows = messages(story)
    assert [one.position for one in rows] == list(range(len(rows)))
    assert [one.body for one in rows if one.sender == "caller"] == ["English", "cards", "0", "My card is gone!"]


def test_message__is_acknowledged_once_it_is_safe_and_not_before() -> None:
    story, visitor, anna, _ = scene()
    to_anna(story, visitor, anna)
    story.hotline.database_answers = False
    key = visitor.say("hello?")
    assert key not in [fields["key"] for fields in visitor.kinds("kept")]
    assert ("caller", "hello?") not in anna.read()
    story.hotline.database_back()
    last = messages(story)[-1]
    assert {"call": last.call_id, "key": key, "position": last.position} in visitor.kinds("kept")
    assert ("caller", "hello?") in anna.read()
    visitor.leave()
    done(story)


def test_message__said_twice_under_one_id_is_one() -> None:
    story, visitor, anna, _ = scene()
    to_anna(story, visitor, anna)
    visitor.say("only once", key="k1")
    visitor.say("only once", key="k1")
    assert anna.read().count(("caller", "only once")) == 1
    assert [one.body for one in messages(story)].count("only once") == 1
    assert [fields["key"] for fields in visitor.kinds("kept")].count("k1") == 2
    visitor.leave()
    done(story)


def test_message__too_long_is_refused() -> None:
    story, visitor, anna, _ = scene()
    to_anna(story, visitor, anna)
    visitor.say("x" * 5000, key="long")
    assert {"key": "long", "reason": "too_long"} in visitor.kinds("refused")
    visitor.leave()
    done(story)


def test_transfer__blind_to_a_colleague_with_the_visitor_kept() -> None:
    story, visitor, anna, boris = scene()
    boris.answers()
    anna_leg = to_anna(story, visitor, anna)
    moved = story.hotline.exchange.transfer(story.row().id, "boris", story.world.now, attended=False)
    assert isinstance(moved, list)
    story.hotline.carry_out(moved)
    assert story.world.run(5, lambda: bool(boris.offered))
    leg = boris.accept()
    story.world.run(1)
    visitor.say("and now?")
    boris.say("Boris here.", leg)
    assert ("caller", "and now?") in boris.read()
    assert ("caller", "and now?") not in anna.read()
    assert visitor.read()[-1] == ("boris", "Boris here.")
    assert anna_leg not in anna.legs
    visitor.leave()
    done(story)
    assert story.row().operator == "boris"


def test_supervisor__reads_whispers_and_joins() -> None:
    story, visitor, anna, boris = scene()
    boris.answers()
    leg = to_anna(story, visitor, anna)
    exchange, call = story.hotline.exchange, story.row().id
    asked = exchange.supervise(call, "boris", "listen", story.world.now)
    assert isinstance(asked, list)
    story.hotline.carry_out(asked)
    assert story.world.run(5, lambda: bool(boris.offered))
    assert states(story, "boris") == [("ringing", "web")], "he takes it at his desk: no telephone rings for it"
    own = boris.accept()
    story.world.run(1)
    assert states(story, "boris") == [("supervising", "web")]
    assert states(story, "anna") == [("talking", "web")]
    visitor.say("who reads this?")
    assert ("caller", "who reads this?") in boris.read()
    boris.say("nobody gets this", own)
    assert ("boris", "nobody gets this") not in anna.read() + visitor.read()
    switched = exchange.supervise(call, "boris", "whisper", story.world.now)
    assert isinstance(switched, list)
    story.hotline.carry_out(switched)
    boris.say("be kind", own)
    assert ("boris", "be kind") in anna.read()
    assert ("boris", "be kind") not in visitor.read()
    switched = exchange.supervise(call, "boris", "barge", story.world.now)
    assert isinstance(switched, list)
    story.hotline.carry_out(switched)
    boris.say("I am the supervisor.", own)
    assert ("boris", "I am the supervisor.") in visitor.read()
    anna.say("a note for us", leg, private=True)
    assert ("anna", "a note for us") in boris.read()
    assert ("anna", "a note for us") not in visitor.read()
    audiences = {one.body: one.audience for one in messages(story)}
    assert (audiences["be kind"], audiences["I am the supervisor."], audiences["a note for us"]) == (
        "staff", "all", "staff")
    visitor.leave()
    done(story)


def test_silence__is_asked_about_after_minutes_and_ends_the_chat_as_the_menu_says() -> None:
    story, visitor, _, _ = scene()
    visitor.open()
    before = len(visitor.read())
    story.world.run(60)
    assert len(visitor.read()) == before
    story.world.run(400)
    assert len(visitor.read()) == before + 1
    story.world.run(1_200)
    assert story.row().outcome is not None
    done(story)


@pytest.mark.parametrize("text", ["<b>1</b>", "\u202e1", "drop table calls", "1" * 4000, "\u200b", "💥" * 100])
def test_menu__what_is_no_answer_is_a_nomatch(text: str) -> None:
    story, visitor, _, _ = scene()
    visitor.open()
    visitor.say(text)
    assert story.row().outcome is None
    visitor.leave()
    done(story)


def test_menu__asked_again_it_offers_again() -> None:
    story, visitor, _, _ = scene()
    visitor.open()
    visitor.say("English")
    before = visitor.options
    visitor.say("*")                        # hear this again
    assert visitor.options == before
    assert len([fields for fields in visitor.kinds("message") if fields["options"] == before]) == 2
    visitor.leave()
    done(story)


PIN_MENU = """
languages: [en, ru]
start: door
defaults: {on_failure: {queue: general}}
menus:
  door:
    do:
      - collect: {into: pin, prompts: which_pin, as: pin, digits: 4}
      - language: ru
      - {queue: cards}
prompts:
  which_pin: {en: "Your PIN?", ru: "Ваш PIN?"}
"""


def test_secret__a_page_is_told_before_anything_is_typed_and_when_it_is_over() -> None:
    story, visitor, anna, _ = scene(menu=PIN_MENU)
    anna.answers()
    story.hotline.database_answers = False
    visitor.open()
    assert [(one["secret"], one["language"]) for one in visitor.kinds("asks")] == [(True, "en")]
    story.hotline.database_back()
    key = visitor.say("2468")
    assert visitor.kinds("asks")[-1] == {"call": story.row().id, "secret": False, "language": "ru"}
    (kept,) = [one for one in visitor.kinds("kept") if one["key"] == key]
    assert kept["hidden"] is True
    assert not any("2468" in (one.body or "") for one in messages(story))
    assert story.world.run(5, lambda: bool(anna.offered))
    leg = anna.accept()
    key = visitor.say("no secret any more")
    assert "hidden" not in next(one for one in visitor.kinds("kept") if one["key"] == key)
    anna.say("Hello.", leg)
    visitor.leave()
    done(story)
