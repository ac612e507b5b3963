"""Files in chats, in virtual time: what a menu makes of one, a message that is the recording, and no secret."""

from ivr.base.file_said import FileSaid, in_words, written
from ivr.call.record import Outcome
from ivr.exchange.texting.words import NO_FILES
from tests.exchange.test_texting import PIN_MENU, done, messages, scene, to_anna

FILE = written(FileSaid("0" * 32, "card.png", "image/png", 500, 8, 6))
RECORDS = """\
languages: [en]
start: door
defaults: {on_failure: {queue: general}}
menus:
  door:
    do:
      - record: {into: complaint, prompts: leave_a_message, max_s: 60}
      - {queue: cards}
prompts:
  leave_a_message: {en: "What happened?"}
"""


def test_file__answers_nothing_in_a_menu_and_the_buttons_come_again() -> None:
    story, visitor, _, _ = scene()
    visitor.open()
    options = visitor.options
    visitor.say(FILE, kind="file")
    assert (visitor.read()[-1], visitor.options) == (("hotline", ""), options)
    visitor.say(FILE, kind="file")
    visitor.say("English")
    assert visitor.options != options
    assert [(one.kind, one.body) for one in messages(story) if one.sender == "caller"] == [
        ("file", FILE), ("file", FILE), ("text", "English")]
    visitor.leave()
    done(story)


def test_file__is_the_recording_where_the_menu_waits_for_one() -> None:
    story, visitor, anna, _ = scene(menu=RECORDS)
    anna.answers()
    visitor.open()
    visitor.say(FILE, kind="file")
    assert story.world.run(5, lambda: bool(anna.offered))
    anna.accept()
    story.world.run(1)
    assert visitor.read()[-1][0] == "hotline"
    visitor.leave()
    done(story)
    assert story.row().outcome is Outcome.ANSWERED


def test_file__both_ways_once_each_and_as_a_note() -> None:
    story, visitor, anna, _ = scene()
    leg = to_anna(story, visitor, anna)
    visitor.say(FILE, key="same", kind="file")
    visitor.say(FILE, key="same", kind="file")
    anna.say(FILE, leg, kind="file")
    anna.say(FILE, leg, kind="file", private=True)
    assert [one["form"] for one in anna.kinds("message") if one["sender"] == "caller"].count("file") == 1
    assert [one["form"] for one in visitor.kinds("message") if one["sender"] == "anna"] == ["file"]
    visitor.leave()
    done(story)


def test_file__is_no_secret_and_answers_none() -> None:
    story, visitor, anna, _ = scene(menu=PIN_MENU)
    anna.answers()
    visitor.open()
    visitor.say(FILE, kind="file")
    assert [one.body for one in messages(story) if one.sender == "caller"] == [FILE]
    assert not anna.offered
    visitor.say("2468")
    assert story.world.run(5, lambda: bool(anna.offered))
    visitor.leave()
    done(story)


LOST = "[picture: did not come]"


def test_file__that_a_channel_lost_answers_nothing_and_the_visitor_is_told() -> None:
    story, visitor, anna, _ = scene()
    visitor.open()
    options = visitor.options
    visitor.say(LOST, lost=True)
    assert (visitor.read()[-1], visitor.options) == (("hotline", NO_FILES["en"]), options)
    visitor.leave()
    done(story)
    story, visitor, anna, _ = scene()
    leg = to_anna(story, visitor, anna)
    visitor.say(LOST, key="album", lost=True)
    visitor.say(LOST, key="album", lost=True)
    assert visitor.read()[-1] == ("hotline", NO_FILES["en"])
    assert [one["body"] for one in anna.kinds("message") if one["sender"] == "caller"].count(LOST) == 1
    anna.say("write it down, please", leg)
    visitor.leave()
    done(story)


def test_file__that_a_channel_lost_is_no_recording() -> None:
    story, visitor, anna, _ = scene(menu=RECORDS)
    anna.answers()
    visitor.open()
    visitor.say(LOST, lost=True)
    assert not story.world.run(5, lambda: bool(anna.offered))
    visitor.say("The card is lost")
    assert story.world.run(5, lambda: bool(anna.offered))
    visitor.leave()
    done(story)


def test_file__in_words_is_never_its_json() -> None:
    assert in_words(FILE, "en") == "[file card.png, 500 B: it can't be sent here]"
    large = written(FileSaid("0" * 32, "Счёт.pdf", "application/pdf", 1_460_000))
    assert in_words(large, "ru-RU") == "[файл Счёт.pdf, 1,5 МБ: его нельзя передать сюда]"
    assert in_words(large.replace("1460000", "12000"), "") == "[file Счёт.pdf, 12 kB: it can't be sent here]"
    assert "{" not in in_words('{"file": 7}', "en")
