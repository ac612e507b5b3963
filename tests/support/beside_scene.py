"""A call beside a chat, in virtual time: who has what, and how it begins, from a chat or from a call."""

from typing import Any

from ivr.call.record import CallRow, MessageRow
from ivr.exchange import calling_beside, card
from ivr.exchange.from_pages import PageDialled
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import add_phone
from tests.support.virtual_chat import Chats, VirtualDesk, VirtualVisitor
from tests.support.virtual_house import make_story
from tests.support.virtual_page import ANNA, CALLER, Pages, VirtualPage

SILENT = PhoneBehaviour(status=None, codecs=("PCMU",))
QUICK = PhoneBehaviour(200, 0.5, codecs=("PCMU",))
WRITTEN = """
languages: [en]
start: first
defaults: {on_failure: {queue: cards}}
variables: {account: {kind: text}}
menus:
  first:
    do:
      - collect: {into: account, prompts: which, as: digits, digits: 4}
      - queue: cards
  after_call:
    do:
      - survey: {name: service, question: friendly, prompts: how, attempts: 1}
      - hangup
prompts:
  which: {en: "Which account?"}
  how: {en: "How was it?"}
  recorded: {en: "This call is recorded."}
"""


class Scene:
    """A visitor with a chat and a phone in their page; anna with a desk and a phone in hers. Boris has a desk."""

    def __init__(self, **given: Any) -> None:
        self.story = make_story(**{"operators": {"anna": SILENT, "boris": SILENT}, "registered": False, **given})
        chats, pages = Chats(self.story), Pages(self.story)
        self.visitor = VirtualVisitor(self.story, chats, "maria")
        self.anna, self.boris = VirtualDesk(self.story, chats, "anna"), VirtualDesk(self.story, chats, "boris")
        self.page = VirtualPage(self.story, pages, "~maria", "127.0.9.60")
        self.phone = VirtualPage(self.story, pages, "anna", "127.0.9.61", "anna")
        self.page.tone, self.phone.tone = (lambda frame: CALLER), (lambda frame: ANNA)
        self.page.open()
        self.phone.open()
        self.chat = ""

    def begin(self, *answers: str) -> None:
        self.visitor.open()
        self.chat = next(row.id for row in self.story.rows().values() if row.channel == "web")
        for answer in answers or ("English", "cards", "0"):
            self.visitor.say(answer)

    def to_anna(self, *answers: str) -> str:
        self.anna.answers()
        self.begin(*answers)
        assert self.story.world.run(5, lambda: bool(self.anna.offered))
        leg = self.anna.accept()
        self.story.world.run(1)
        return leg

    def call_me(self) -> None:
        self.page.ask(PageDialled(self.page.phone, "100", self.chat))
        self.story.world.run(0.2)

    def answer(self) -> None:
        assert self.story.world.run(5, lambda: self.phone.state["state"] == "ringing")
        self.phone.answer()
        self.story.world.run(2)

    @property
    def voice(self) -> CallRow:
        return next(row for row in self.story.rows().values() if row.channel == "voice")

    def states(self, who: str = "anna") -> dict[str, str]:
        """Of the cards on a desk, by channel."""
        cards = card.at_desk(self.story.hotline.exchange.house, who, self.story.world.now)["cards"]
        return {one["channel"]: one["state"] for one in cards}

    def told(self) -> list[str]:
        return [one["how"] for one in self.visitor.kinds("voice")]

    def notes(self) -> list[str]:
        found: list[MessageRow] = [row for batch in self.story.hotline.stored for row in batch.messages]
        return [str(row.body) for row in found if row.kind == "call"]

    def done(self) -> None:
        self.story.settle()
        self.story.assert_clean()
        assert self.story.hotline.exchange.house.legs.planes.texts.in_use == 0


def in_another_call(scene: Scene) -> None:
    """Anna has called the branch."""
    branch = add_phone(scene.story, "branch", "127.0.9.30", QUICK)
    scene.phone.dial("branch")
    assert scene.story.world.run(5, lambda: branch.talking)


def talking_on_the_phone(**given: Any) -> Scene:
    """Anna talks with a caller from a page, and her desk answers chats."""
    scene = Scene(menu=WRITTEN, **given)
    scene.anna.answers()
    scene.page.dial("100")
    for key in "1234":
        scene.story.world.run(1.5)
        scene.page.press(key)
    scene.answer()
    return scene


def invite(scene: Scene, who: str = "anna") -> str | calling_beside.RingsNobody:
    house = scene.story.hotline.exchange.house
    return calling_beside.invite(house, scene.voice.id, who, scene.story.world.now)


def writes_with(scene: Scene, code: str) -> str:
    """The caller opens the chat with the code: what control does for it."""
    house = scene.story.hotline.exchange.house
    call = house.invites.take(code, scene.story.world.now)
    if call:
        house.invites.coming[scene.visitor.visitor.name] = call
    scene.visitor.open(name="Maria")
    return call
