"""Chats go on when control is killed and started again, in virtual time: at every batch that the store gets."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange.texting.from_text import ChatLeft
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


LONGER = """
languages: [en, ru]
start: door
defaults: {on_failure: {queue: general}}
menus:
  door:
    do:
      - collect: {into: pin, prompts: which_pin, as: pin, digits: 4}
      - language: ru
      - {goto: main}
  main:
    prompts: main
    options:
      1: {voicemail: {queue: cards, subject: a card, prompts: say_it, review: keep_it, done: kept}}
      2: {queue: cards}
  instead:
    prompts: instead
    options: {1: {goto: main}, 2: {queue: cards}}
prompts:
  which_pin: {en: "Your PIN?", ru: "Ваш PIN?"}
  main: {en: "1 or 2?", ru: "1 или 2?"}
  say_it: {en: "Write it.", ru: "Напишите."}
  keep_it: {en: "Press 1 to keep it.", ru: "Сохранить: 1."}
  kept: {en: "It is kept.", ru: "Сохранено."}
  instead: {en: "Something else?", ru: "Что-то ещё?"}
"""


def longer(scene: Scene) -> None:
    """A secret, a message left behind, a queue left by a key and entered again, an operator; the visitor leaves."""
    scene.opens()
    for text, key in (("2468", "a"), ("1", "b"), ("My card!", "c"), ("1", "d"), ("2", "e"), ("9", "f"), ("2", "g")):
        scene.says(text, key)
    scene.takes("anna")
    scene.answers("anna", "Hello", "x")
    scene.says("bye", "h")
    scene.act(lambda: not scene.story.hotline.exchange.house.calls,
              lambda: scene.visitor.ask(ChatLeft(scene.call.caller_leg)))


def make_longer() -> Scene:
    queue = {"while_waiting": {"9": "instead"}, "survey": None}
    return Scene(menu=LONGER, queue=queue, config_operators={"anna": {}, "boris": {"chats": 0}},
                 config={"recordings": {"folder": "/recordings"}})


def requests(scene: Scene) -> list[tuple[str, str, str]]:
    return sorted((row.kind, row.queue, row.status) for row in scene.story.requests())


@pytest.mark.parametrize("twice", [0, 1, 3])
@pytest.mark.parametrize("lost", [False, True], ids=["arrived", "lost"])
def test_killed__at_every_batch_of_a_longer_story(lost: bool, twice: int) -> None:
    """With `twice` it is killed again so many batches later."""
    scene = make_longer()
    begun = len(scene.story.hotline.stored)
    longer(scene)
    wanted, batches, left = told(scene), len(scene.story.hotline.stored), requests(scene)
    assert ("caller", "••••") in wanted
    assert [kind for kind, _, _ in left] == ["queue", "voicemail"]
    for number in range(begun + 1, batches + 1):
        scene = make_longer()
        mortal(scene.story, number, lost=lost)
        scene.again = twice
        try:
            longer(scene)
            scene.story.settle()
            scene.story.assert_clean()
            assert scene.kills >= 1
            assert (told(scene), requests(scene)) == (wanted, left)
            assert "2468" not in str(scene.story.hotline.stored)
        except (AssertionError, KeyError) as error:
            raise AssertionError(f"killed at batch {number} of {batches}: {told(scene)}") from error
