"""Which codec a call gets: as configured, as its trunk asks, and what its caller hears in it."""

from typing import Any

import pytest

from ivr.audio.codecs import CODECS
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.virtual_house import CALLER, HOTLINE, Story, make_story


def called(codecs: tuple[str, ...], **config: Any) -> Story:
    story = make_story(config=config, caller=PhoneBehaviour(codecs=codecs), operators={"anna": PhoneBehaviour()})
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(2.0)
    return story


def spoken(story: Story) -> str:
    agreed = story.caller.negotiated
    assert agreed is not None
    return agreed.codec


@pytest.mark.parametrize(("configured", "offered", "codec"), [
    (["PCMA", "PCMU", "G722"], ("G722",), "G722"), (["PCMA", "G722"], ("G722", "PCMA"), "G722"),
    (["G722", "PCMA"], ("PCMA", "G722"), "PCMA"), (["PCMA", "PCMU"], ("G722", "PCMU"), "PCMU")])
def test_codec__the_phones_first_of_ours(configured: list[str], offered: tuple[str, ...], codec: str) -> None:
    story = called(offered, media={"host": HOTLINE, "allow_loopback": "always", "codecs": configured})
    assert spoken(story) == codec


def test_codec__none_in_common_is_488() -> None:
    story = called(("G722",))
    assert story.caller.negotiated is None
    assert any("488" in text for _, text in story.caller.log)


def test_codec__as_its_trunk_asks() -> None:
    """The caller's trunk has G.722; the operator's phone, which is none of it, is offered what holds for all."""
    story = called(("G722",), trunks=[{"name": "carrier", "addresses": [CALLER], "codecs": "G722"}])
    assert spoken(story) == "G722"
    decoder = CODECS["G722"].decoder(8000)
    loudest = max(int(abs(decoder.decode(payload).astype(int)).max()) for *_, payload in story.caller.heard)
    assert loudest > 1000, "the menu is heard"
    for key in "120":
        story.caller.press(key)
        story.world.run(2.0)
    assert story.world.run(20, lambda: story.phones["anna"].talking)
    agreed = story.phones["anna"].negotiated
    assert agreed is not None
    assert agreed.codec == "PCMA"
    story.world.run(2)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    legs = {leg.party: leg.codec for batch in story.hotline.stored for leg in batch.legs}
    assert legs == {"caller": "G722", "anna": "PCMA"}
