"""People who write by SIP MESSAGE, in virtual time: menu, queue, operator: what is safe, lost, refused."""

import random
from typing import Any

import pytest

from ivr.call.record import MessageRow, Outcome
from ivr.exchange import virtual
from ivr.exchange.texting.by_sip.outbox import DATAGRAM_BYTES, cut
from ivr.exchange.texting.by_sip.worded import asks_to_stop
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.virtual import Network
from tests.support.rewritten import Rewritten
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


@pytest.mark.parametrize("loss", [0.1, 0.3])
def test_lost__packets_are_sent_again_and_all_comes_once_in_order(loss: float) -> None:
    chance = random.Random(5)
    network = Network(chance.random, jitter=0.3, duplication=0.1)
    story, phone, anna = scene(network)
    leg = to_anna(story, phone, anna)
    story.world.network = Network(chance.random, jitter=0.3, duplication=0.1, loss=loss)
    begin = len(phone.read)
    for number in range(20):
        anna.say(f"line {number}", leg)
        phone.say(f"word {number}", wait=5)
    story.world.run(200)
    assert phone.read[begin:] == [f"Anna: line {number}" for number in range(20)]
    words = [body for sender, body in anna.read() if sender == "caller" and body.startswith("word")]
    assert sorted(set(words)) == sorted(words)
    assert len(words) == 20
    story.world.network = Network(chance.random)
    phone.say("stop")
    done(story)


def test_phone__starts_anew_at_another_port_and_reads_what_it_missed() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    phone.answers = None
    anna.say("are you there?", leg)
    story.world.run(40)
    again = Messenger(story, phone.host, port=5099)
    again._sequence = 100
    again.say("back", wait=3)
    assert again.read == ["Anna: are you there?"]
    assert ("caller", "back") in anna.read()
    assert len(story.rows()) == 1
    again.say("stop", wait=5)
    done(story)


def test_phone_of_an_account__that_registers_elsewhere_gets_at_once_what_it_missed() -> None:
    story, _, anna = scene(accounts={"maria": {}})
    phone = Messenger(story, "127.0.9.72", account=True)
    phone.register()
    leg = to_anna(story, phone, anna)
    assert story.hotline.exchange.house.endpoint.texts.by_visitor.keys() == {Visitor("sip", "maria")}
    phone.answers = None
    anna.say("are you there?", leg)
    story.world.run(5)
    again = Messenger(story, "127.0.9.73", account=True)
    again.register()
    story.world.run(1)
    assert again.read == ["Anna: are you there?"]
    again.say("yes")
    again.say("stop", wait=5)
    assert ("caller", "yes") in anna.read()
    done(story)
    assert story.row().outcome == Outcome.ANSWERED


def test_unreachable__is_told_to_the_operator_and_the_chat_ends() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    phone.answers = None
    anna.say("are you there?", leg)
    anna.say("hello?", leg)
    assert story.world.run(300, lambda: not anna.legs), "the chat ends"
    story.world.run(1)
    notices = [body for sender, body in anna.read() if sender == "hotline" and "isitor" in body]
    assert notices == ["Not delivered to the visitor (408 no answer): Anna: are you there?",
                       "The visitor can't be reached: the chat is over."]
    assert [one.audience for one in messages(story) if one.body in notices] == ["staff", "staff"]
    done(story)
    row = story.row()
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "network")


def test_refused__one_message_is_told_and_the_third_in_a_row_ends_the_chat() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    phone.answers = 488
    anna.say("one", leg)
    story.world.run(3)
    assert anna.read()[-1] == ("hotline", "Not delivered to the visitor (488 Not Acceptable Here): Anna: one")
    phone.answers = 200
    anna.say("two", leg)
    story.world.run(3)
    assert phone.read[-1] == "Anna: two"
    phone.answers = 488
    for text in "abc":
        anna.say(text, leg)
    assert story.world.run(10, lambda: not anna.legs)
    done(story)


@pytest.mark.parametrize("answers", [None, 430])
def test_stranger__who_never_acknowledges_gets_one_message_and_no_more(answers: int | None) -> None:
    """430 is what an edge says of a phone that is silent."""
    story, phone, _ = scene()
    phone.answers = answers
    phone.say("Hello", wait=120)
    assert len({data.split(b"branch=")[1][:20] for data in phone.datagrams if data.startswith(b"MESSAGE")}) == 1
    done(story)
    assert story.row().ended_by == "network"


def test_long_text__is_cut_between_lines_and_words_under_1300_bytes() -> None:
    story, phone, anna = scene()
    leg = to_anna(story, phone, anna)
    begin, text = len(phone.read), "\n".join(f"{number}: " + "слово " * 30 for number in range(10)).strip()
    anna.say(text, leg)
    story.world.run(5)
    pieces = phone.read[begin:]
    assert len(pieces) > 3
    assert " ".join(pieces).split() == f"Anna: {text}".split()
    assert max(len(data) for data in phone.datagrams if data.startswith(b"MESSAGE")) <= 1300
    phone.say("stop")
    done(story)


@pytest.mark.parametrize("text", ["x" * 5000, "я" * 3000, "🙂" * 1000, "a b\n" * 900, "e\u0301" * 1500, "\n" * 2000])
@pytest.mark.parametrize("limit", [DATAGRAM_BYTES, 64])
def test_cut__loses_nothing_and_breaks_no_character(text: str, limit: int) -> None:
    pieces, rest = [], text
    while rest:
        piece, left = cut(rest, limit)
        assert len(piece.encode()) <= limit
        assert len(left) < len(rest)
        pieces.append(piece)
        rest = left
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_line__that_is_none_and_one_that_takes_no_messages() -> None:
    lines = [{"numbers": ["100", "101"], "menu": "menus/bank.yaml"}, {"numbers": ["200"], "menu": "menus/bank.yaml"},
             {"numbers": ["300"], "menu": "menus/bank.yaml"}]
    story, phone, _ = scene(lines=lines, channels={"sip": {"line": "100", "also": ["300"]}})
    for number in ("999", "200", "101"):
        phone.say("Hello", number)
    assert phone.statuses == [404, 405, 200]
    phone.say("stop", "101")
    story.world.run(5)
    phone.say("Hello", "300")
    assert phone.statuses[-1] == 200
    assert sorted(row.line for row in story.rows().values()) == ["100", "300"]
    phone.say("stop")
    done(story)


def test_line__for_named_callers_alone_refuses_others() -> None:
    story, phone, _ = scene(lines=[{"numbers": ["100"], "menu": "menus/bank.yaml",
                                    "callers": {"accounts": ["anna"]}}])
    phone.say("Hello")
    assert phone.statuses == [403]
    done(story)
    assert story.row().outcome == Outcome.REFUSED


def test_channel__that_is_closed() -> None:
    story, phone, _ = scene(channels={})
    phone.say("Hello")
    assert phone.statuses == [405]
    done(story)
    assert story.rows() == {}


def test_room__for_so_many_chats_and_a_service_that_goes_down() -> None:
    story, phone, _ = scene(channels={"sip": {"line": "100", "max_chats": 1}})
    other = Messenger(story, "127.0.9.71")
    phone.say("Hello")
    other.say("Hello")
    assert other.statuses == [480]
    story.hotline.carry_out(story.hotline.exchange.drain(story.world.now))
    phone.say("English")
    assert phone.statuses == [200, 200], "who has a chat may go on"
    other.say("Hello")
    assert other.statuses == [480, 503]
    phone.say("stop", wait=5)
    done(story)


def test_flood__of_one_visitor_is_refused_and_another_goes_on() -> None:
    story, phone, _ = scene()
    other = Messenger(story, "127.0.9.71", "boris")
    phone.say("Hello")
    for _ in range(200):
        phone.say("spam", wait=0.001)
    story.world.run(10)
    assert phone.statuses.count(480) > 150
    assert phone.statuses.count(200) <= 22
    other.say("Hello")
    other.say("English")
    assert other.statuses == [200, 200]
    assert len(other.read) == 2
    for one in (phone, other):
        one.world.run(60)
        one.say("stop", wait=5)
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


def test_room__strangers_of_one_address_have_twenty_chats_and_others_still_get_in() -> None:
    story, _, _ = scene()
    many = [Messenger(story, user=f"u{number}") for number in range(21)]
    for one in many:
        story.world.hosts[one.host] = one
        one.answers = 200
        one.say("Hello", wait=1)
    other = Messenger(story, "127.0.9.71")
    other.say("Hello")
    assert [one.statuses for one in many] == [[200]] * 20 + [[480]]
    assert other.statuses == [200]
