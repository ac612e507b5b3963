"""Stories in which operators use the keys of their phones: a caller who talks with anna, boris beside her."""

from collections.abc import Mapping
from typing import Any

from ivr.call.record import CallRow
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.sdp.offer_answer import make_offer
from ivr.sip import commands
from ivr.sip.message.uri import parse_uri
from ivr.sip.transfer.transfer_commands import seen_by_peer
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

BRANCH = "127.0.9.30"
QUICK = PhoneBehaviour(200, 0.5)


def talking_with_anna(config: Mapping[str, Any] | None = None, *, boris: PhoneBehaviour = QUICK,
                      audio: bool = True) -> Story:
    """English, cards, an operator: anna answers. The queue of cards is hers alone."""
    given = dict(config or {})
    given["queues"] = given.get("queues", base_config()["queues"]) | {"cards": {"operators": ["anna"]}}
    return talk_with_anna(make_story(config=given, operators={"anna": QUICK, "boris": boris}, audio=audio))


def talk_with_anna(story: Story) -> Story:
    """The caller's way to her: English, cards, an operator."""
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(2)
    return story


def add_phone(story: Story, name: str, host: str, behaviour: PhoneBehaviour = QUICK) -> VirtualPhone:
    phone = story.phones[name] = VirtualPhone(story.world, host, name, story.ids, behaviour)
    return phone


def entries(story: Story, kind: str) -> list[Mapping[str, Any]]:
    return [entry.details for entry in story.entries() if entry.kind == kind]


def finish(story: Story) -> CallRow:
    """Let everything end; the caller's row."""
    story.settle()
    story.assert_clean()
    return next(row for row in story.rows().values() if row.direction == "inbound")


def replaces_of(phone: VirtualPhone) -> str:
    """The Replaces that names the phone's call with the hotline, as the hotline must read it."""
    leg = phone.endpoint._legs.get(phone.leg)
    assert leg is not None
    named = seen_by_peer(leg)
    return f"{named.sip_call_id};to-tag={named.to_tag};from-tag={named.from_tag}"


def take_place(phone: VirtualPhone, of: VirtualPhone) -> None:
    """Call the hotline so that the call replaces that of another phone."""
    phone.note("takes over")
    replaces = replaces_of(of)
    phone.leg = f"{phone.name}-takes-{len(phone.log)}"
    command = commands.DialLeg(phone.leg, parse_uri(f"sip:100@{HOTLINE}"), make_offer(phone.local),
                               phone.user, headers=(("Replaces", replaces),))
    phone.carry_out(phone.endpoint.handle(command, phone.world.now))


def state_of(story: Story, name: str) -> str:
    """What the dispatcher says of an operator."""
    snapshot = story.hotline.exchange.snapshot(story.world.now)
    return next(str(each["state"]) for each in snapshot["operators"] if each["name"] == name)
