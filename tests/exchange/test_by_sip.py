"""People who write by SIP MESSAGE, in virtual time: menu, queue, operator; what is safe, and when a chat is over."""

import random

import pytest

from ivr.call.record import Outcome
from ivr.exchange import virtual
from ivr.exchange.texting.by_sip.worded import asks_to_stop
from ivr.exchange.virtual import Network
from tests.support.by_sip_scene import CHANNELS, OVER, done, messages, scene, to_anna
from tests.support.rewritten import Rewritten
from tests.support.virtual_house import make_story
from tests.support.virtual_messenger import Messenger


def test_by_sip__through_the_menu_to_an_operator_and_back() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    assert "\n1 English" in phone.read[0]
    phone.say("My card is gone!")
    assert ("caller", "My card is gone!") in anna.read()
    anna.say("I have blocked it.", leg)
    story.world.run(1)
    assert phone.read[-1] == "Anna: I have blocked it."
    phone.say("Stop.")
    story.world.run(5)
    assert phone.read[-1] == OVER
    assert set(phone.statuses) == {200}
    done(story)
    row = story.row()
    assert (row.outcome, row.ended_by, row.operator, row.queue, row.channel) == (
        Outcome.ANSWERED, "caller", "anna", "cards", "sip")
    rows = messages(story)
    assert [one.position for one in rows] == list(range(len(rows)))
    assert [one.body for one in rows if one.sender == "caller"] == [
        "Hello", "English", "cards", "0", "My card is gone!", "Stop."]


def test_message__is_answered_once_it_is_safe_and_not_before() -> None:
    story, phone, anna = scene()
    to_anna(story, phone, anna)
    story.hotline.database_answers = False
    phone.statuses.clear()
    phone.say("hello?", wait=10)
    assert phone.statuses == []
    assert ("caller", "hello?") not in anna.read()
    story.hotline.database_back()
    story.world.run(6)
    assert phone.statuses == [200]
    assert anna.read().count(("caller", "hello?")) == 1
    phone.say("stop")
    done(story)


def test_message__that_is_not_safe_in_time_is_refused_and_the_same_one_later_is_one() -> None:
    story, phone, anna = scene()
    to_anna(story, phone, anna)
    story.hotline.database_answers = False
    phone.statuses.clear()
    phone.say("only once", sequence=50, wait=31)
    assert phone.statuses == [503]
    phone.say("only once", sequence=50, wait=1)
    story.hotline.database_back()
    phone.say("only once", sequence=50, wait=6)
    assert phone.statuses == [503, 200, 200]
    assert anna.read().count(("caller", "only once")) == 1
    phone.say("stop", sequence=60)
    phone.say("stop", sequence=60)
    story.world.run(10)
    assert len(story.rows()) == 1, "its second answer begins no new chat"
    done(story)


def test_first_message__is_read_by_people_and_not_by_the_menu() -> None:
    story, phone, anna = scene()
    phone.say("2")
    assert "\n1 English" in phone.read[0]
    assert [one.body for one in messages(story) if one.sender == "caller"] == ["2"]
    assert story.row().language == "en"
    phone.say("stop")
    done(story)
    assert anna.read() == []


def test_first_message__whose_answer_is_acknowledged_before_a_late_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """baresip beside us acknowledges the greeting within the grain of the service's clock."""
    monkeypatch.setattr(virtual, "COMMIT", 0.0)
    story, phone, _ = scene(Network(random.Random(1).random, delay=0.0))
    exchange = story.hotline.exchange
    next_timer = exchange.next_timer

    def late() -> float | None:
        at = next_timer()
        return at if at is None else max(at, story.world.now + 0.005)

    monkeypatch.setattr(exchange, "next_timer", late)
    phone.say("Hello", wait=0.02)
    phone.say("English", wait=1)
    assert len(phone.read) == 2
    phone.say("stop", wait=5)
    assert phone.read[-1] == OVER
    done(story)


def test_typing__is_seen_by_the_operator() -> None:
    story, phone, anna = scene()
    to_anna(story, phone, anna)
    raw = (f"MESSAGE sip:100@127.0.9.1 SIP/2.0\r\nVia: SIP/2.0/UDP {phone.host}:5060;branch=z9hG4bKtyping\r\n"
           f"Max-Forwards: 70\r\nFrom: <sip:maria@{phone.host}:5060>;tag=t\r\nTo: <sip:100@127.0.9.1>\r\n"
           "Call-ID: typing\r\nCSeq: 1 MESSAGE\r\nContent-Type: application/im-iscomposing+xml\r\n"
           "Content-Length: 43\r\n\r\n<isComposing><state>active</state></isCompo").encode()
    phone.world.send_sip(phone.flow, raw)
    story.world.run(1)
    assert anna.kinds("typing")
    phone.say("stop")
    done(story)


def test_visitors__with_one_name_at_two_places_are_two() -> None:
    story, phone, anna = scene()
    to_anna(story, phone, anna)
    thief = Messenger(story, "127.0.9.80")
    thief.say("what did I write?")
    assert "English" in thief.read[0]
    assert ("caller", "what did I write?") not in anna.read()
    for one in (phone, thief):
        one.say("stop")
    done(story)


def test_stop__is_one_word_alone() -> None:
    assert all(map(asks_to_stop, ("stop", " STOP.", "/stop", "Стоп!", "стоп")))
    assert not any(map(asks_to_stop, ("please stop", "stop it", "", "стоп-кран")))


@pytest.mark.parametrize("parts", [False, True])
def test_state__written_and_read_back_at_every_step_does_the_same(parts: bool) -> None:
    def told(rewritten: bool) -> list[str]:
        story, phone, anna = scene()
        if rewritten:
            story.hotline.exchange = Rewritten(story.hotline.exchange, lambda: True, parts=parts)   # type: ignore[assignment]
        leg = to_anna(story, phone, anna)
        anna.say("a " * 600, leg)
        story.world.run(1)
        phone.answers = 503
        anna.say("later", leg)
        story.world.run(5)
        phone.answers = 200
        story.world.run(30)
        phone.say("stop")
        done(story)
        return phone.read

    assert told(rewritten=True) == told(rewritten=False)

CLOSED = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    do: [{say: we_are_closed}, {hangup: closed}]
prompts:
  we_are_closed: {en: "We are closed.", ru: "Мы закрыты."}
"""


def test_first_message__to_a_menu_that_says_something_and_ends_at_once_is_kept_and_answered() -> None:
    story = make_story(registered=False, menu=CLOSED, config={"channels": CHANNELS})
    phone = Messenger(story)
    phone.say("Hello", wait=5)
    assert phone.statuses == [200]
    assert phone.read == ["We are closed.", OVER]
    assert [one.body for one in messages(story) if one.sender == "caller"] == ["Hello"]
    done(story)
