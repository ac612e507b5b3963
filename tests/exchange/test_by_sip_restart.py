"""Control is killed while somebody writes by SIP: the chat goes on, and what was on its way to them arrives."""

import pytest

from ivr.exchange.texting.by_sip.outbox import MOST_TEXTS
from tests.support.by_sip_scene import OVER, done, messages, scene, to_anna
from tests.support.restarting import Killed, mortal, restart
from tests.support.virtual_chat import VirtualDesk
from tests.support.virtual_house import Story
from tests.support.virtual_messenger import Messenger


def read_once(phone: Messenger) -> list[str]:
    """What a phone shows that knows a message by its Call-ID."""
    shown: dict[bytes, str] = {}
    for data in phone.datagrams:
        if data.startswith(b"MESSAGE "):
            head, _, body = data.partition(b"\r\n\r\n")
            shown.setdefault(head.partition(b"Call-ID: ")[2].partition(b"\r")[0], body.decode())
    return list(shown.values())


def back(story: Story, anna: VirtualDesk) -> str:
    """The new control, and the desk as it comes back to it; her leg."""
    restart(story)
    anna.answers()
    story.world.run(5)
    return anna.legs[-1]


def test_restart__between_two_messages_is_not_noticed() -> None:
    story, phone, anna = scene()
    to_anna(story, phone, anna)
    phone.say("before")
    read = list(phone.read)
    leg = back(story, anna)
    assert read_once(phone) == read, "nothing new is said"
    phone.say("after")
    anna.say("I am here.", leg)
    story.world.run(2)
    assert phone.read[-1] == "Anna: I am here."
    assert [body for sender, body in anna.read() if sender == "caller"][-2:] == ["before", "after"]
    phone.say("stop", wait=5)
    assert phone.read[-1] == OVER
    assert len(story.rows()) == 1
    done(story)


def test_restart__what_was_in_the_air_or_waited_is_sent_by_the_next_process() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    phone.answers = None
    anna.say("one", leg)
    anna.say("two", leg)
    story.world.run(3)
    leg = back(story, anna)
    phone.answers = 200
    story.world.run(70)
    assert read_once(phone)[-2:] == ["Anna: one", "Anna: two"]
    phone.say("stop", wait=5)
    done(story)


@pytest.mark.parametrize("lost", [False, True])
def test_restart__killed_as_a_reply_is_stored(lost: bool) -> None:
    """It is sent where it is in the store, and only there."""
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    mortal(story, len(story.hotline.stored) + 1, lost=lost)
    with pytest.raises(Killed):
        anna.say("blocked", leg)
    back(story, anna)
    kept = [one.body for one in messages(story) if one.sender == "anna"]
    assert kept == ([] if lost else ["blocked"])
    assert ("Anna: blocked" in phone.read) is not lost
    phone.say("stop", wait=5)
    done(story)


@pytest.mark.parametrize(("letter", "taken"), [("й", 4), ("x", 24)])
def test_outbox__more_than_a_state_holds_ends_the_chat_with_a_record(letter: str, taken: int) -> None:
    """By its size as it is written down, long before as many texts wait as may: until then each state is kept."""
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    phone.answers = 480                 # there, and not there: they are tried again for three minutes
    said = 0
    while story.hotline.exchange.house.calls and said < MOST_TEXTS:
        anna.say(letter * 4_000, leg)
        said += 1
        assert story.hotline.exchange.house.counters.get("chats_not_kept", 0) == 0
    story.world.run(1)
    assert taken - 1 <= said <= taken + 1
    staff = [row.body or "" for row in messages(story) if row.audience == "staff"]
    assert any("too much is waiting" in body for body in staff)
    assert story.row().ended_by == "network"
    phone.answers = 200
    done(story)
