"""Pages of one visitor, without a service: what each is told, and in which order, whatever comes between."""

import asyncio
import json
from typing import Any

import pytest

from desk.chat import protocol
from desk.chat.chats import HIDDEN
from desk.chat.protocol import Hello, Say
from desk.chat.telling import LOOK_AGAIN
from desk.phone.protocol import BadMessage
from ivr.drivers.control_link import ControlAway, ControlRefused
from tests.desk.desk_rig import NOON, Rig
from tests.support.chat_pages_scene import CALL, LATER, Scene, database_is_away, kinds, recent, recorded, said


@pytest.fixture
def scene(rig: Rig) -> Scene:
    return Scene(rig)


def test_start__is_told_before_what_is_said_then_on_every_page_of_the_visitor(scene: Scene) -> None:
    (page, first), (_, second) = scene.come(), scene.come()
    scene.between = [{"kind": "asks", "call": CALL, "secret": True, "language": "en"}, said(0)]
    scene.run(scene.chats.start(page, ""))
    for told in (first, second):
        assert kinds(told) == ["hello", "started", "asks", "m0"]
        assert told[2]["secret"] is True


def test_start__refused_leaves_a_page_that_hears_what_comes(scene: Scene) -> None:
    page, told = scene.come()
    scene.failure = ControlRefused("full", "there are too many chats now")
    with pytest.raises(ControlRefused):
        scene.run(scene.chats.start(page, ""))
    scene.push(**said(0))                                   # another tab had more luck
    assert kinds(told) == ["hello", "started", "m0"]


def test_hello__while_control_is_away_may_be_said_again_and_leaves_nothing(scene: Scene) -> None:
    page, told = scene.page()
    scene.failure = ControlAway("restarts")
    for _ in range(3):
        with pytest.raises(ControlAway):
            scene.run(scene.chats.come(page, Hello("", "", -1)))
    scene.failure = None
    scene.run(scene.chats.come(page, Hello("", "", -1)))
    assert kinds(told) == ["hello"]
    assert len(scene.chats) == 1
    scene.chats.go(page)
    assert len(scene.chats) == 0


def test_hello__what_waits_in_the_spool_is_told_by_control(scene: Scene) -> None:
    """Once each, and no note of colleagues; also where the database does not answer at all."""
    recorded(scene.rig, 0, 1)
    scene.goes_on = CALL
    scene.recent = [recent(1), recent(2), recent(3, "staff"), recent(4)]
    _, told = scene.come()
    assert kinds(told) == ["hello", "m0", "m1", "m2", "m4"]
    scene.rig.engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", database_is_away)
        _, told = scene.come(CALL, 1)
    assert kinds(told) == ["hello", "m2", "m4"]


def test_hello__what_nobody_can_tell_yet_comes_before_what_is_said_meanwhile(scene: Scene) -> None:
    """The database is away, and control has only the last of what the page missed. Nothing is passed over."""
    recorded(scene.rig, 0, 1, 2, 3)
    scene.goes_on, scene.recent = CALL, [recent(4), recent(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desk.chat.recent.messages_of", database_is_away)
        page, told = scene.come(CALL, 1)
        scene.push(**said(6))
        scene.push("kept", key="k", position=7, at=NOON.isoformat())
        scene.run(asyncio.sleep(1.5 * LOOK_AGAIN))
        assert (kinds(told), page.after) == (["hello"], 1)
    scene.run(asyncio.sleep(1.5 * LOOK_AGAIN))
    assert kinds(told) == ["hello", "m2", "m3", "m4", "m5", "m6", "kept"]
    scene.push(**said(8))
    assert kinds(told)[-1] == "m8"


def test_hello__what_was_missed_comes_before_what_is_said_meanwhile(scene: Scene) -> None:
    recorded(scene.rig, 0, 1, 2, 3)
    scene.goes_on, scene.secret = CALL, True
    scene.between = [said(4), {"kind": "kept", "key": "k", "position": 5}]
    _, told = scene.come(CALL, 1)
    assert kinds(told) == ["hello", "m2", "m3", "m4", "kept"]
    assert (told[0]["call"], told[0]["secret"], told[0]["language"]) == (CALL, True, "ru")


def test_end__last_words_that_were_safe_late_are_heard_and_a_new_chat_is_another(scene: Scene) -> None:
    page, told = scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.push(**said(0))
    scene.push("ended")
    scene.push(**said(1))
    assert kinds(told) == ["hello", "started", "m0", "ended", "m1"]
    scene.push("asks", call=LATER, secret=False, language="en")
    scene.push(**said(2))                                   # of the chat that is over: too late
    scene.push(**said(0, LATER))
    assert kinds(told)[5:] == ["started", "asks", "m0"]


def test_end__while_the_page_was_away(scene: Scene) -> None:
    _, told = scene.come(CALL, 3)
    assert kinds(told) == ["hello", "ended"]
    assert told[1]["call"] == CALL
    scene.push(**said(4))
    assert kinds(told) == ["hello", "ended", "m4"]


def test_kept__brings_the_words_to_the_other_pages_and_never_those_of_a_secret(scene: Scene) -> None:
    (page, first), (_, second) = scene.come(), scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.run(scene.chats.say(page, Say("k1", "hello")))
    scene.push("kept", key="k1", position=0)
    scene.run(scene.chats.say(page, Say("k2", "2468")))
    scene.push("kept", key="k2", position=1, hidden=True)
    scene.run(scene.chats.say(page, Say("k3", "2468", secret=True)))
    scene.push("kept", key="k3", position=2)
    for told in (first, second):
        assert [one["body"] for one in told if one["type"] == "kept"] == ["hello", HIDDEN, HIDDEN]
    assert "2468" not in json.dumps(second)


def test_names__are_those_for_visitors_and_never_logins(scene: Scene) -> None:
    page, told = scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.push(**said(0, sender="anna"))
    scene.push(**said(1, sender="boris"))
    scene.push("typing", who="boris", call=CALL)
    assert [(one.get("from"), one["name"]) for one in told[2:]] == [("operator", "Anna"), ("operator", ""), (None, "")]


def test_say__what_found_nobody_comes_before_what_was_said_after_it(scene: Scene) -> None:
    page, _ = scene.come()
    scene.run(scene.chats.start(page, ""))
    scene.failure = ControlAway("restarts")
    with pytest.raises(ControlAway):
        scene.run(scene.chats.say(page, Say("k1", "first")))
    scene.failure = None
    with pytest.raises(ControlAway):
        scene.run(scene.chats.say(page, Say("k2", "second")))
    for key in ("k1", "k2"):
        scene.run(scene.chats.say(page, Say(key, "again")))
    page.behind, page.behind_until = "gone", 0.0            # a page that never says it again is not kept waiting
    scene.run(scene.chats.say(page, Say("k3", "third")))


def test_say__the_pace_is_the_visitors_however_many_sockets_they_have(scene: Scene) -> None:
    pages = [scene.come()[0] for _ in range(10)]
    assert sum(scene.chats.may_say(pages[number % 10], 100.0) for number in range(100)) == 16      # 10 and 40 / 6
    assert scene.chats.may_say(pages[0], 102.0)


def test_turns__a_thousand_pages_that_come_back_at_once_leave_room_on_the_link(scene: Scene) -> None:
    most, now = 0, 0

    async def slow(op: str, **arguments: Any) -> dict[str, Any]:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return {"call": None}

    async def all_come() -> None:
        await asyncio.gather(*(scene.chats.come(scene.page()[0], Hello("", "", -1)) for _ in range(1000)))

    scene.rig.control.call = slow          # type: ignore[method-assign]
    scene.run(all_come())
    assert 1 < most <= 24
    assert len(scene.chats) == 1000


@pytest.mark.parametrize("key", ["\ud800", "k" * 65, "a b", "<b>", 7, None, ["k"], {"k": "k"}])
def test_key__that_is_none_is_never_said_back(key: object) -> None:
    assert protocol.key_of(protocol.read(json.dumps({"type": "say", "key": key, "body": "x"}))) == ""
    with pytest.raises(BadMessage):
        protocol.say({"type": "say", "key": key, "body": "x"})
