"""Pages of a visitor whose control goes away and comes back: nothing is passed over, and nothing is told twice."""

import asyncio
from typing import Any

import pytest

from desk.chat.chats import Chats
from desk.chat.page import ChatPage
from desk.chat.protocol import Hello, Say
from desk.chat.telling import AGAIN, LOOK_AGAIN, MISSED
from ivr.drivers.control_link import ControlAway
from tests.desk.desk_rig import Rig
from tests.support.chat_pages_scene import CALL, LATER, TOKEN, Scene, database_is_away, kinds, recent, recorded, said


@pytest.fixture
def scene(rig: Rig) -> Scene:
    return Scene(rig)


def test_control__is_another_one_and_pages_are_told_what_they_missed_or_that_it_is_over(scene: Scene) -> None:
    page, told = scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.push(**said(0))
    recorded(scene.rig, 0, 1)
    scene.chats.lost()
    scene.run(scene.chats.listening())
    assert kinds(told)[2:] == ["m0", "asks", "m1"]
    scene.goes_on = ""
    scene.chats.lost()
    scene.run(scene.chats.listening())
    assert kinds(told)[-1] == "ended"
    chats: Chats = scene.chats
    assert len(chats) == 1


def test_control__took_a_message_with_it_which_is_said_again_before_any_other(scene: Scene) -> None:
    page, told = scene.come()
    scene.run(scene.chats.start(page, ""))
    for key in ("k1", "k2"):
        scene.run(scene.chats.say(page, Say(key, "taken, and not kept")))
    scene.chats.lost()
    with pytest.raises(ControlAway):
        scene.run(scene.chats.say(page, Say("k3", "to the next one")))
    scene.run(scene.chats.listening())
    assert [(one["key"], one["reason"]) for one in told if one["type"] == "refused"] == [("k1", "away"), ("k2", "away")]
    with pytest.raises(ControlAway):
        scene.run(scene.chats.say(page, Say("k3", "to the next one")))
    for key in ("k1", "k2", "k3"):
        scene.run(scene.chats.say(page, Say(key, "again")))


def test_control__tells_before_a_pages_turn_comes_and_the_page_has_no_hole(scene: Scene) -> None:
    page, told = scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.push(**said(0))
    scene.chats.lost()
    recorded(scene.rig, 0, 1, 2)
    scene.push(**said(2))
    assert kinds(told)[2:] == ["m0"]
    scene.run(scene.chats.listening())
    assert kinds(told)[2:] == ["m0", "asks", "m1", "m2"]


def test_control__does_not_say_what_it_has_and_the_page_is_not_taken_for_whole(scene: Scene) -> None:
    scene.goes_on, scene.recent, answer = CALL, [recent(0), recent(1)], scene.answer

    async def has_no_time(op: str, **arguments: Any) -> dict[str, Any]:
        if op == "chat_recent":
            raise ControlAway("too many ask")
        return await answer(op, **arguments)

    scene.rig.control.call = has_no_time        # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", database_is_away)
        page, told = scene.come()
    scene.push(**said(2))
    assert (kinds(told), page.holes) == (["hello"], True)
    scene.rig.control.call = scene.answer       # type: ignore[method-assign]
    scene.run(asyncio.sleep(2.5 * LOOK_AGAIN))
    assert (kinds(told), page.holes) == (["hello", "m0", "m1", "m2"], False)


def test_note__of_staff_that_is_the_last_word_keeps_no_page_waiting(scene: Scene) -> None:
    recorded(scene.rig, 0, 1)
    recorded(scene.rig, 2, 3, audience="staff")
    scene.goes_on = CALL
    page, told = scene.come()
    assert (kinds(told), page.holes, page.missed) == (["hello", "m0", "m1"], False, None)


def test_control__goes_while_a_page_comes_and_is_back_for_it(scene: Scene) -> None:
    scene.goes_on, answer, asked = CALL, scene.answer, []

    async def lost_once(op: str, **arguments: Any) -> dict[str, Any]:
        found = await answer(op, **arguments)
        asked.append(op)
        if len(asked) == 1:
            scene.chats.lost()
            recorded(scene.rig, 0)
            scene.goes_on = LATER
        return found

    scene.rig.control.call = lost_once          # type: ignore[method-assign]
    page, told = scene.come()
    assert kinds(told) == ["hello", "ended", "started", "asks"]
    assert (page.call, page.over, page.goes_on.is_set()) == (LATER, CALL, True)


def test_control__goes_while_a_page_comes_and_the_page_comes_anew(scene: Scene) -> None:
    closed: list[int] = []
    scene.goes_on, answer = CALL, scene.answer

    async def lost(op: str, **arguments: Any) -> dict[str, Any]:
        found = await answer(op, **arguments)
        scene.chats.lost()
        scene.failure = ControlAway("restarts")
        return found

    async def send(message: Any) -> None:
        closed.extend([message["code"]] if message["type"] == "websocket.close" else [])

    scene.rig.control.call = lost               # type: ignore[method-assign]
    page = ChatPage(send, "127.0.0.1", 40)
    scene.run(scene.chats.come(page, Hello(TOKEN, "", -1)))
    assert (closed, page.outbox.gone) == ([AGAIN], True)


def test_lost__an_end_that_was_held_ends_no_later_chat(scene: Scene) -> None:
    scene.goes_on, scene.recent = CALL, [recent(5)]
    scene.recent[0]["position"] = 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", database_is_away)
        page, told = scene.come()
        scene.push("ended")
        scene.push("started", call=LATER)
        scene.chats.lost()
        scene.goes_on, scene.recent = LATER, []
        scene.run(scene.chats.listening())
    assert kinds(told) == ["hello", "ended", "started", "asks"]
    assert (page.call, page.missed) == (LATER, None)


def test_page__that_is_gone_looks_no_more(scene: Scene) -> None:
    looks = 0

    def away(*_: Any, **__: Any) -> Any:
        nonlocal looks
        looks += 1
        raise OSError("no answer")

    scene.goes_on, scene.recent = CALL, [recent(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", away)
        page, _ = scene.come()
        assert (looks, page.holes) == (1, True)
        scene.chats.go(page)
        scene.run(asyncio.sleep(2.5 * LOOK_AGAIN))
    assert looks == 1


def test_held__typing_is_no_news_and_at_the_bound_the_page_comes_anew(scene: Scene) -> None:
    scene.goes_on, scene.recent = CALL, [recent(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", database_is_away)
        page, _ = scene.come()
        for _ in range(2 * MISSED):
            scene.push("typing", who="anna", call=CALL)
        assert page.missed == []

        async def much() -> None:
            for position in range(6, 6 + MISSED + 1):
                scene.push(**said(position))
            await asyncio.sleep(0.05)

        scene.run(much())
    assert page.outbox.gone
