"""Calls beside chats, in virtual time: the operator calls the number that the visitor has written."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange import calling_beside
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_outbound import CARRIER, CONFIG, NUMBER
from tests.support.beside_scene import QUICK, Scene
from tests.support.operators_phones import add_phone


def with_carrier(called: PhoneBehaviour) -> Scene:
    scene = Scene(config=CONFIG)
    scene.story.hotline.carry_out(scene.story.hotline.exchange.start(scene.story.world.now))
    add_phone(scene.story, "carrier", CARRIER, called)
    return scene


def desk_calls(scene: Scene, number: str = NUMBER) -> None:
    house, now = scene.story.hotline.exchange.house, scene.story.world.now
    chat = house.calls[scene.chat]
    dialled, reason = calling_beside.wished_number(house, chat, number)
    assert (dialled, reason) == (NUMBER, "")
    exchange = scene.story.hotline.exchange
    scene.story.hotline.carry_out(exchange.wish_call(scene.chat, dialled, now))
    called = exchange.call_them(scene.chat, "anna", dialled, now)
    assert isinstance(called, list)
    scene.story.hotline.carry_out(called)


def test_telephone__the_operator_is_rung_first_and_then_the_visitor() -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    desk_calls(scene, "8 (495) 123-45-67")
    scene.answer()
    scene.story.world.run(3)
    assert scene.story.phones["carrier"].talking
    assert scene.told()[-2:] == ["dials", "talks"]
    assert scene.states() == {"voice": "talking", "web": "talking"}
    scene.phone.hang_up()
    scene.story.world.run(1)
    scene.visitor.leave()
    scene.done()
    voice, (request,) = scene.voice, scene.story.requests()
    assert (voice.direction, voice.outcome, voice.dialled) == ("outbound", Outcome.ANSWERED, "+7495…")
    assert voice.request_id == request.id
    assert scene.notes()[0] == f"wish {NUMBER}"


@pytest.mark.parametrize("before", [True, False])
def test_telephone__a_callback_that_was_left_before_stays_at_its_own_number(before: bool) -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    house, now = scene.story.hotline.exchange.house, scene.story.world.now
    chat = house.calls[scene.chat]
    if before:
        chat.call.visit.leave_request(now, "callback", "loans", "a loan", "+74957654321")
    scene.story.hotline.carry_out(scene.story.hotline.exchange.wish_call(scene.chat, NUMBER, now))
    assert chat.talk is not None
    assert (chat.talk.wish, chat.call.visit.person.callback_number) == (NUMBER, "+74957654321" if before else NUMBER)
    scene.visitor.leave()
    scene.done()


def test_telephone__the_visitor_does_not_answer() -> None:
    scene = with_carrier(PhoneBehaviour(486, 0.5))
    scene.to_anna()
    desk_calls(scene)
    scene.answer()
    scene.story.world.run(5)
    assert scene.voice.outcome is Outcome.REFUSED
    scene.visitor.leave()
    scene.done()


@pytest.mark.parametrize(("number", "reason"), [
    ("112", "bad_number"), ("", "bad_number"), ("+79261234567", "not_allowed"), ("+74959001234", "not_allowed")])
def test_telephone__only_numbers_that_operators_may_call(number: str, reason: str) -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    house = scene.story.hotline.exchange.house
    assert calling_beside.wished_number(house, house.calls[scene.chat], number) == ("", reason)
    scene.visitor.leave()
    scene.done()
