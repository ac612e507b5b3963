"""What goes to people who write by SIP MESSAGE, in virtual time: lost, refused, long, to a phone that moved on."""

import random

import pytest

from ivr.call.record import Outcome
from ivr.exchange.texting.by_sip.outbox import DATAGRAM_BYTES, cut
from ivr.exchange.texting.legs import Visitor
from ivr.exchange.virtual import Network
from tests.support.by_sip_scene import done, messages, scene, to_anna
from tests.support.virtual_messenger import Messenger


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
