"""A visitor and two desks who do what they do until it is done, however often control is killed in between."""

from typing import Any

from ivr.call.record import MessageRow
from ivr.call.state import CallState
from ivr.exchange import card
from ivr.exchange.texting.from_text import ChatLeft, ChatSaid, ChatTaken
from tests.support.restarting import Killed, mortal, restart
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
        people = given.pop("config_operators", {"anna": {}, "boris": {}})
        more = given.pop("config", {})
        self.story = make_story(menu=given.pop("menu", MENU), registered=False, audio=False, config={
            "queues": {"general": queue, "cards": queue}, "operators": people, **more}, **given)
        self.chats = Chats(self.story)
        self.visitor = VirtualVisitor(self.story, self.chats, "maria")
        self.desks = {name: VirtualDesk(self.story, self.chats, name) for name in ("anna", "boris")}
        self.kills = self.again = 0         # `again`: so many batches after the first kill comes another one
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
        try:
            for desk in self.desks.values():
                desk.answers()
        except Killed:
            self.back()
            return
        if self.again and self.kills == 1:
            mortal(self.story, len(self.story.hotline.stored) + self.again, lost=False)

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


def talking(**given: Any) -> Scene:
    """The visitor talks with anna; boris is there too."""
    scene = Scene(**given)
    scene.opens()
    scene.says("2", "a")
    scene.takes("anna")
    scene.says("My card is gone", "b")
    return scene


def over(scene: Scene) -> None:
    scene.visitor.ask(ChatLeft(scene.call.caller_leg))
    scene.story.settle()
    scene.story.assert_clean()
    assert scene.story.hotline.exchange.house.legs.planes.texts.in_use == 0
    assert scene.story.hotline.exchange.house.endpoint.texts.count("web") == 0


def shown(scene: Scene, name: str) -> dict[str, Any]:
    found = scene.story.hotline.exchange.snapshot(scene.story.world.now)["operators"]
    return next(each for each in found if each["name"] == name)
