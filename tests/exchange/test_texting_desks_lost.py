"""The web process is gone with every desk, while chats wait: nobody is sent away for it, in virtual time."""

import pytest

from ivr.call.state import CallState
from ivr.exchange.texting.from_text import BACK_WITHIN, DesksLost
from tests.support.chat_scene import Scene, over

AT_ONCE = {"empty_grace_s": 0}


def waiting(says: tuple[str, ...] = ("2",)) -> Scene:
    scene = Scene(queue=AT_ONCE)
    scene.opens()
    for text in says:
        scene.says(text, text)
    return scene


def desks_lost(scene: Scene) -> None:
    scene.visitor.ask(DesksLost())
    scene.story.world.run(BACK_WITHIN - 5)


@pytest.mark.parametrize("draining", [False, True])
def test_desks_lost__who_waits_goes_on_waiting(draining: bool) -> None:
    scene = waiting()
    if draining:
        hotline = scene.story.hotline
        hotline.carry_out(hotline.exchange.drain(scene.story.world.now))
    desks_lost(scene)
    if draining:
        scene.story.world.run(300.0)
    assert scene.call.in_queue
    scene.desks["anna"].answers()
    scene.takes("anna")
    over(scene)


def test_desks_lost__who_chooses_a_queue_meanwhile_waits_there() -> None:
    scene = waiting(())
    scene.visitor.ask(DesksLost())
    scene.says("2", "b")
    scene.story.world.run(BACK_WITHIN - 5)
    assert scene.call.in_queue
    scene.desks["boris"].answers()
    scene.takes("boris")
    over(scene)


def test_desks_lost__that_do_not_come_back_serve_nobody() -> None:
    scene = waiting()
    desks_lost(scene)
    scene.story.world.run(10.0)
    assert not [opened for opened in scene.story.hotline.exchange.house.calls.values()
                if opened.call.state in (CallState.QUEUED, CallState.CONNECTING)]


def test_desk__that_its_operator_closed_is_waited_for_as_the_queue_says() -> None:
    scene = waiting()
    for desk in scene.desks.values():
        desk.answers(answers=False)
    scene.story.world.run(1.0)
    assert not [opened for opened in scene.story.hotline.exchange.house.calls.values() if opened.call.in_queue]
