"""Calls beside chats, in virtual time: who writes speaks with the operator of the chat, and goes on writing."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange import calling_beside, card
from tests.support.beside_scene import SILENT, WRITTEN, Scene, in_another_call
from tests.support.virtual_house import base_config
from tests.support.virtual_page import ANNA, CALLER


def test_beside__the_same_operator_both_hear_each_other_and_the_chat_goes_on() -> None:
    scene = Scene()
    leg = scene.to_anna()
    scene.call_me()
    assert scene.states() == {"voice": "ringing", "web": "talking"}
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    assert scene.phone.heard[-20:] == [CALLER] * 20
    scene.visitor.say("I write this while we talk")
    assert ("caller", "I write this while we talk") in scene.anna.read()
    scene.page.hang_up()
    scene.story.world.run(1)
    assert scene.states() == {"web": "talking"}
    scene.anna.say("anything else?", leg)
    assert scene.visitor.read()[-1] == ("anna", "anything else?")
    scene.anna.leave(leg)
    scene.done()
    voice, (request,) = scene.voice, scene.story.requests()
    chat = scene.story.rows()[scene.chat]
    assert (voice.outcome, voice.operator, voice.queue, voice.ended_by) == (Outcome.ANSWERED, "anna", "cards", "caller")
    assert voice.request_id == chat.request_id == request.id
    assert [scene.told()[0], *scene.told()[-2:]] == ["rings", "talks", "over"]
    assert scene.notes() == ["over 2"]


def test_beside__the_card_of_the_call_has_the_story_of_the_chat() -> None:
    scene = Scene(menu=WRITTEN)
    scene.to_anna("1234")
    scene.call_me()
    cards = card.at_desk(scene.story.hotline.exchange.house, "anna", scene.story.world.now)["cards"]
    voice, chat = (next(one for one in cards if one["channel"] == channel) for channel in ("voice", "web"))
    assert voice["told"] == chat["told"] == [{"name": "account", "value": "1234"}]
    assert (voice["request"], voice["language"], voice["path"]) == (chat["request"], chat["language"], chat["path"])
    assert (voice["beside"], chat["beside"]) == (chat["call"], voice["call"])
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__the_chat_ends_and_the_voice_stays() -> None:
    scene = Scene()
    scene.to_anna()
    scene.call_me()
    scene.answer()
    scene.visitor.leave()
    scene.story.world.run(2)
    assert scene.states() == {"voice": "talking"}
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.phone.hang_up()
    scene.done()
    (request,) = scene.story.requests()
    assert (request.operator, str(request.status)) == ("anna", "answered")


@pytest.mark.parametrize("first", ["voice", "chat"])
def test_beside__the_survey_comes_once_after_the_last_of_both(first: str) -> None:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "survey": "after_call"}}
    scene = Scene(menu=WRITTEN, config={"queues": queues})
    leg = scene.to_anna("1234")
    scene.call_me()
    scene.answer()
    if first == "voice":
        scene.phone.hang_up()
        scene.story.world.run(1)
        assert not scene.page.talking
        scene.anna.leave(leg)
        scene.story.world.run(1)
        assert scene.visitor.read()[-1] == ("hotline", "How was it?")
        scene.visitor.say("5")
    else:
        scene.anna.leave(leg)
        scene.story.world.run(1)
        assert not scene.visitor.legs
        scene.phone.hang_up()
        scene.story.world.run(1)
        assert "en/how.wav" in {scene.story.frames.get(frame, ("", 0))[0] for frame in scene.page.heard}
        scene.page.press("5")
    scene.done()
    begun = [entry for entry in scene.story.entries() if entry.kind == "survey_begun"]
    assert [entry.call_id == scene.chat for entry in begun] == [first == "voice"]


def test_beside__who_will_be_recorded_is_told_before_the_operator_is_rung() -> None:
    settings = {"operators": ["anna"], "record": "always", "recording_notice": "recorded"}
    scene = Scene(menu=WRITTEN, config={"queues": base_config()["queues"] | {"cards": settings},
                                        "recordings": {"folder": "/recordings"}})
    scene.to_anna("1234")
    scene.call_me()
    assert scene.states() == {"voice": "waits", "web": "talking"}
    assert scene.phone.state["state"] == "idle"
    scene.answer()
    heard = [scene.story.frames.get(frame, ("", 0)) for frame in scene.page.heard]
    assert max(number for name, number in heard if name == "en/recorded.wav") > 40, "to its end: it has 50 frames"
    recorded = {row.call_id for batch in scene.story.hotline.stored for row in batch.recordings}
    assert recorded == {scene.voice.id}, "and nothing of the chat"
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__who_is_in_another_call_is_kept_and_rung_next() -> None:
    scene = Scene()
    scene.to_anna()
    in_another_call(scene)
    scene.call_me()
    assert scene.told() == ["waits"]
    scene.phone.hang_up()
    assert scene.story.world.run(5, lambda: scene.phone.state["state"] == "ringing")
    assert scene.told() == ["waits", "rings"]
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__the_operator_refuses_and_the_chat_goes_on() -> None:
    scene = Scene()
    leg = scene.to_anna()
    scene.call_me()
    assert scene.story.world.run(5, lambda: scene.phone.state["state"] == "ringing")
    scene.phone.hang_up()
    scene.story.world.run(1)
    assert scene.voice.outcome is Outcome.REFUSED
    assert scene.told()[-1] == "over"
    assert scene.visitor.kinds("voice")[-1]["reason"].startswith("603")
    scene.anna.say("I can't talk here", leg)
    assert scene.visitor.read()[-1] == ("anna", "I can't talk here")
    scene.visitor.leave()
    scene.done()


def test_beside__in_the_queue_the_voice_has_the_place_of_the_chat_and_brings_it_along() -> None:
    scene = Scene()
    scene.anna.answers()
    scene.begin()
    assert scene.story.world.run(5, lambda: bool(scene.anna.offered))
    scene.call_me()                     # the chat is offered to her, and now the phone rings as well
    scene.answer()
    scene.story.world.run(1)
    assert scene.states() == {"voice": "talking", "web": "talking"}
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()
    (request,) = scene.story.requests()
    assert {row.request_id for row in scene.story.rows().values()} == {request.id}
    assert request.operator == "anna"


def test_beside__in_the_queue_the_chat_is_first_and_the_voice_follows_to_its_operator() -> None:
    scene = Scene(operators={"anna": SILENT})
    in_another_call(scene)
    scene.anna.answers()
    scene.begin()
    assert scene.story.world.run(5, lambda: bool(scene.anna.offered))
    scene.call_me()
    assert scene.told() == ["queued"]
    scene.anna.accept()
    assert scene.told()[-1] == "waits"
    scene.phone.hang_up()
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.phone.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__not_in_the_menu_and_not_twice() -> None:
    scene = Scene()
    scene.begin("English")
    scene.call_me()
    assert scene.visitor.kinds("voice")[-1]["reason"] == "menu"
    assert scene.page.state["state"] == "idle"
    scene.anna.answers()
    for answer in ("cards", "0"):
        scene.visitor.say(answer)
    scene.anna.accept()
    scene.call_me()
    house = scene.story.hotline.exchange.house
    assert calling_beside.obstacle(house, house.calls[scene.chat]) == "has_call"
    scene.page.close()
    scene.visitor.leave()
    scene.done()
