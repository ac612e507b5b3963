"""Chats go on when control is killed and started again, in virtual time."""

from typing import Any

import pytest

from ivr.call.record import MessageRow, Outcome
from ivr.call.state import CallState
from ivr.exchange import card
from ivr.exchange.texting.from_text import ChatSaid, ChatTaken
from tests.support.restarting import Killed, left_in, mortal, restart
from tests.support.virtual_chat import Chats, VirtualDesk, VirtualVisitor
from tests.support.virtual_house import make_story

MENU = """
languages: [en]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: main
    options: {1: {say: balance}, 2: {queue: cards}}
  survey:
    do:
      - survey: {name: after, question: score, prompts: score, attempts: 1}
      - say: thanks
      - hangup
prompts:
  main: {en: "Welcome. Your balance, press 1. Cards, press 2."}
  balance: {en: "You have a million."}
  score: {en: "How was it? 1 to 5."}
  thanks: {en: "Thank you."}
"""


class Scene:
    """A visitor and two desks, who do what they do until it is done: whoever is in the way of it comes again."""

    def __init__(self, **given: Any) -> None:
        queue = {"operators": ["anna", "boris"], "ring_time_s": 20, "max_wait_s": 600, "announce_every_s": 0,
                 "survey": "survey", **given.pop("queue", {})}
        self.story = make_story(menu=MENU, registered=False, audio=False,
                                config={"queues": {"general": queue, "cards": queue}, **given})
        self.chats = Chats(self.story)
        self.visitor = VirtualVisitor(self.story, self.chats, "maria")
        self.desks = {name: VirtualDesk(self.story, self.chats, name) for name in ("anna", "boris")}
        self.kills = 0
        for desk in self.desks.values():
            desk.answers()

    def rows(self) -> list[MessageRow]:
        return [row for batch in self.story.hotline.stored for row in batch.messages]

    @property
    def call(self) -> Any:
        (opened,) = self.story.hotline.exchange.house.calls.values()
        return opened.call

    def act(self, done: Any, does: Any = lambda: None, patience: float = 30.0) -> None:
        """Do it again until it is done; control may be killed in any of it."""
        waited = 0.0
        while waited < patience:
            try:
                if done():
                    return
                does()
                if self.story.world.run(1.0, done):
                    return
                waited += 1.0
            except Killed:
                self.kills += 1
                self.back()
        raise AssertionError(f"it is never done: {self.story.ladder()}")

    def back(self) -> None:
        """Control is there again, and the web process with it."""
        restart(self.story)
        for desk in self.desks.values():
            desk.answers()

    # --- what people do -------------------------------------------------------------------------------------------
    def opens(self) -> None:
        """The welcome is safe when it is shown: then there is a chat, whatever dies."""
        self.act(lambda: bool(self.visitor.kinds("message")) or len(self.rows()) > 0, self.visitor.open)

    def says(self, text: str, key: str) -> None:
        """As a page does it: under the same id until it hears that it is kept, or that the chat is over."""
        def leg() -> str:
            return self.story.hotline.exchange.house.endpoint.texts.by_visitor.get(self.visitor.visitor, "")

        def kept() -> bool:
            return any(one["key"] == key for one in self.visitor.kinds("kept"))

        self.act(lambda: kept() or not leg(), lambda: self.visitor.ask(ChatSaid(leg(), key, text)))

    def takes(self, name: str) -> None:
        def take() -> None:
            house, now = self.story.hotline.exchange.house, self.story.world.now
            for one in card.at_desk(house, name, now)["cards"]:
                if one["state"] == "ringing":
                    self.desks[name].ask(ChatTaken(self.leg(name)))

        self.act(lambda: self.call.operator == name and self.call.state is CallState.BRIDGED, take)

    def leg(self, name: str) -> str:
        legs = self.story.hotline.exchange.house.legs.of_call(self.call.call)
        return next((leg.leg for leg in legs if leg.party == name), "")

    def answers(self, name: str, text: str, key: str) -> None:
        self.act(lambda: any(row.key == f"{name}/{key}" for row in self.rows()),
                 lambda: self.desks[name].ask(ChatSaid(self.leg(name), key, text)))

    def passes_on(self, to: str) -> None:
        def transfer() -> None:
            if self.call.state is CallState.BRIDGED:
                moved = self.story.hotline.exchange.transfer(self.call.call, to, self.story.world.now, attended=False)
                self.story.hotline.carry_out(moved)         # type: ignore[arg-type]

        self.act(lambda: self.call.state is not CallState.BRIDGED or self.call.operator == to, transfer)

    def leaves(self, name: str) -> None:
        self.act(lambda: self.call.state is not CallState.BRIDGED,
                 lambda: self.desks[name].leave(self.leg(name)))


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
