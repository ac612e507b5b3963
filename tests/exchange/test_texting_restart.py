"""Chats go on when control is killed and started again, in virtual time: at every batch that the store gets."""

import pytest

from ivr.call.record import Outcome
from tests.support.chat_scene import Scene
from tests.support.restarting import left_in, mortal


def told(scene: Scene) -> list[tuple[str, str]]:
    return [(row.sender, row.body or "") for row in scene.rows()]


def whole(scene: Scene) -> None:
    """Menu, queue, operator, transfer, close, survey."""
    scene.opens()
    scene.says("1", "a")
    scene.says("2", "b")
    scene.takes("anna")
    scene.says("My card is gone", "c")
    scene.answers("anna", "One moment", "x")
    scene.passes_on("boris")
    scene.takes("boris")
    scene.answers("boris", "Boris here", "y")
    scene.says("thanks", "d")
    scene.leaves("boris")
    scene.says("5", "e")
    scene.act(lambda: not scene.story.hotline.exchange.house.calls)


def finished(scene: Scene) -> None:
    scene.act(lambda: not scene.story.hotline.exchange.house.calls, patience=100)
    scene.story.settle()
    scene.story.assert_clean()
    rows = scene.rows()
    assert [row.position for row in rows] == list(range(len(rows)))
    assert len({row.id for row in rows}) == len(rows)
    keys = [row.key for row in rows if row.key]
    assert len(set(keys)) == len(keys)
    entries = scene.story.entries()
    assert len({entry.id for entry in entries}) == len(entries)
    assert [entry.position for entry in entries] == list(range(len(entries)))
    (request,) = scene.story.requests()
    assert request.queue == "cards"
    row = scene.story.row()
    assert (row.outcome, row.operator, row.channel) == (Outcome.ANSWERED, "boris", "web")
    kinds = [entry.kind for entry in entries]
    for once in ("answered", "ended", "survey_begun", "survey_answered", "queued", "request_opened", "survey_asked"):
        assert kinds.count(once) == 1, (once, kinds)
    assert left_in(scene.story.hotline.stored) == []


def test_story__without_any_kill() -> None:
    scene = Scene()
    whole(scene)
    finished(scene)
    assert told(scene)[-2:] == [("caller", "5"), ("hotline", "Thank you.\nThank you for calling. Goodbye.")]


def reference() -> tuple[list[tuple[str, str]], int]:
    scene = Scene()
    whole(scene)
    return told(scene), len(scene.story.hotline.stored)


@pytest.mark.parametrize("lost", [False, True], ids=["arrived", "lost"])
def test_killed__at_every_batch_the_story_is_the_same(lost: bool) -> None:
    wanted, batches = reference()
    begun = len(Scene().story.hotline.stored)
    for number in range(begun + 1, batches + 1):
        scene = Scene()
        mortal(scene.story, number, lost=lost)
        try:
            whole(scene)
            finished(scene)
            assert scene.kills <= 1
            assert told(scene) == wanted
        except (AssertionError, KeyError) as error:
            raise AssertionError(f"killed at batch {number} of {batches}: {told(scene)}") from error
