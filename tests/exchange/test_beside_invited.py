"""Calls beside chats, in virtual time, and back: a call that goes on in writing."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange import calling_beside
from tests.support.beside_scene import invite, talking_on_the_phone, writes_with
from tests.support.virtual_page import ANNA


@pytest.mark.parametrize("first", ["voice", "chat"])
def test_invited__the_caller_writes_to_the_same_operator_in_the_same_request(first: str) -> None:
    scene = talking_on_the_phone()
    code = invite(scene)
    assert isinstance(code, str)
    assert len(code) == 6
    assert writes_with(scene, code) == scene.voice.id
    assert scene.states() == {"voice": "talking", "web": "ringing"}
    leg = scene.anna.accept()
    scene.story.world.run(1)
    scene.visitor.say("the number is 40817810")
    assert ("caller", "the number is 40817810") in scene.anna.read()
    assert [sender for sender, _ in scene.visitor.read()] == [], "no menu asks anything again"
    assert scene.page.heard[-20:] == [ANNA] * 20
    if first == "voice":
        scene.page.hang_up()
        scene.story.world.run(1)
        scene.anna.say("I go on here", leg)
        assert scene.visitor.read()[-1][1] == "I go on here"
        scene.visitor.leave()
    else:
        scene.visitor.leave()
        scene.story.world.run(1)
        assert scene.states() == {"voice": "talking"}
        scene.page.hang_up()
    scene.done()
    (request,) = scene.story.requests()
    assert {row.request_id for row in scene.story.rows().values()} == {request.id}
    assert {row.outcome for row in scene.story.rows().values()} == {Outcome.ANSWERED}
    assert str(request.status) == "answered"


def test_invited__a_code_is_good_once_for_a_while_and_of_who_has_the_call() -> None:
    scene = talking_on_the_phone()
    before, code = invite(scene), invite(scene)
    house = scene.story.hotline.exchange.house
    assert isinstance(before, str)
    assert isinstance(code, str)
    assert house.invites.take(before, scene.story.world.now) == "", "a new one ends the one before"
    assert house.invites.take(code, scene.story.world.now + 901) == ""
    assert isinstance(invite(scene, "boris"), calling_beside.RingsNobody)
    scene.anna.answers(answers=False)
    refused = invite(scene)
    assert isinstance(refused, calling_beside.RingsNobody)
    assert refused.code == "desk_closed"
    scene.page.hang_up()
    scene.done()


def test_invited__who_comes_when_the_call_is_over_begins_as_anybody_does() -> None:
    scene = talking_on_the_phone()
    code = invite(scene)
    assert isinstance(code, str)
    scene.page.hang_up()
    scene.story.world.run(40)
    writes_with(scene, code)
    assert scene.visitor.read()[-1] == ("hotline", "Which account?")
    scene.visitor.leave()
    scene.done()
