"""Control is killed while a visitor writes and speaks: the voice is gone, and the chat goes on as if it had hung up."""

from tests.support.beside_scene import WRITTEN, Scene, invite, talking_on_the_phone, writes_with
from tests.support.restarting import restart
from tests.support.virtual_house import base_config


def test_restart__the_voice_is_over_and_the_chat_goes_on_to_its_survey() -> None:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "survey": "after_call"}}
    scene = Scene(menu=WRITTEN, config={"queues": queues})
    leg = scene.to_anna("1234")
    scene.call_me()
    scene.answer()
    restart(scene.story)
    scene.anna.answers()
    assert scene.visitor.kinds("voice")[-1]["how"] == "over"
    assert scene.notes() == ["over"]
    (opened,) = scene.story.hotline.exchange.house.calls.values()
    assert (opened.call.call, opened.beside) == (scene.chat, "")
    scene.anna.say("The line broke. I write.", leg)
    assert scene.visitor.read()[-1] == ("anna", "The line broke. I write.")
    scene.anna.leave(leg)
    scene.story.world.run(1)
    assert scene.visitor.read()[-1] == ("hotline", "How was it?")
    scene.visitor.say("5")
    scene.story.settle()
    (over,) = [entry for entry in scene.story.entries() if entry.kind == "call_beside_over"]
    assert (over.call_id, over.details["outcome"]) == (scene.chat, "failed")
    assert not scene.story.hotline.exchange.house.calls


def test_restart__a_chat_that_began_beside_a_call_has_a_request_of_its_own_from_then_on() -> None:
    scene = talking_on_the_phone()
    code = invite(scene)
    assert isinstance(code, str)
    writes_with(scene, code)
    leg = scene.anna.accept()
    scene.story.world.run(1)
    restart(scene.story)
    scene.anna.answers()
    (opened,) = scene.story.hotline.exchange.house.calls.values()
    assert not opened.call.visit.shares
    scene.anna.say("The line broke. I write.", leg)
    assert scene.visitor.read()[-1] == ("anna", "The line broke. I write.")
    scene.visitor.leave()
    scene.story.settle()
    chat = next(row for row in scene.story.rows().values() if row.channel == "web")
    request = next(one for one in scene.story.requests() if one.id == chat.request_id)
    assert (request.call_id, request.status, request.operator) == (chat.id, "answered", "anna")
