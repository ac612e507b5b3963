"""A softphone that writes to the hotline by SIP MESSAGE, and the desk that answers it, in virtual time."""

from typing import Any

from ivr.call.record import MessageRow
from ivr.exchange.virtual import Network
from tests.support.virtual_chat import Chats, VirtualDesk
from tests.support.virtual_house import Story, make_story
from tests.support.virtual_messenger import Messenger

CHANNELS = {"sip": {"line": "100"}}
OVER = "This chat is over. Write again to begin a new one."


def scene(network: Network | None = None, **config: Any) -> tuple[Story, Messenger, VirtualDesk]:
    """A softphone, and the desk of anna, which answers chats."""
    story = make_story(registered=False, network=network, config={"channels": CHANNELS, **config})
    anna = VirtualDesk(story, Chats(story), "anna")
    anna.answers()
    return story, Messenger(story), anna


def messages(story: Story) -> list[MessageRow]:
    return [row for batch in story.hotline.stored for row in batch.messages]


def to_anna(story: Story, phone: Messenger, anna: VirtualDesk) -> str:
    for text in ("Hello", "English", "cards", "0"):
        phone.say(text, wait=2)
    assert story.world.run(10, lambda: bool(anna.offered))
    leg = anna.accept()
    story.world.run(1)
    return leg


def done(story: Story) -> None:
    story.settle()
    story.assert_clean()
    house = story.hotline.exchange.house
    kept = house.messages
    assert (kept.over, kept.asked, kept.sent, kept.closing) == ({}, {}, {}, {})
    assert house.legs.planes.texts.in_use == 0
