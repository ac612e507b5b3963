"""A real service with a bot at a double of Telegram's Bot API: by long polling."""

import json
import os
import signal
from collections.abc import Iterator

import pytest

from ivr.exchange.texting.words import NO_FILES
from tests.desk.chat.test_chat_files import ask_as, sends
from tests.support.chat_operator import Operator
from tests.support.pictures import PDF
from tests.support.secret_menu import secret_menu
from tests.support.service import Service, running_service, wait_for
from tests.support.telegram_double import TOKEN, Refused, Telegram, bot_channel, telegram_at

HOST = "127.0.71.3"
CODE = "471147"
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    with telegram_at(HOST) as double:
        yield double


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, telegram: Telegram) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("telegram")
    with running_service(
            folder, host=HOST, lines=[{"numbers": ["100"], "menu": secret_menu(folder)}],
            channels={"telegram": bot_channel(folder, telegram)}) as service:
        yield service
        assert TOKEN not in service.log
        assert TOKEN.partition(":")[2] not in service.log


@pytest.fixture(scope="module")
def anna(service: Service) -> Operator:
    return Operator(service, "anna")


def at_operator(service: Service, telegram: Telegram, anna: Operator, user: int) -> str:
    """A chat of this visitor that anna has."""
    anna.answers()
    telegram.write(user, "/start")
    telegram.reads(user, "English")
    telegram.press(user, "English")
    telegram.reads(user, "Welcome")
    telegram.write(user, "cards")
    wait_for(lambda: len(telegram.of(user)) >= 3, 15, "no cards")
    telegram.write(user, "0")
    call = str(wait_for(lambda: [card for card in anna.ask("GET", "/desk")["cards"] if card["state"] == "ringing"], 20,
                        "nothing is offered")[0]["call"])
    anna.takes(call)
    return call


def over(telegram: Telegram, user: int) -> None:
    telegram.write(user, "/stop")
    telegram.reads(user, "over")


def standing(service: Service) -> dict[str, object]:
    return dict(service.api("/api/channels")["channels"][0])


def test_telegram__menu_by_buttons_operator_and_the_end(service: Service, telegram: Telegram, anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 11)
    assert [row["channel"] for row in service.calls() if row["id"] == call] in ([], ["telegram"])
    assert ("caller", "1") in anna.reads(call)          # the button typed its key
    assert telegram.answered
    telegram.write(11, "My card is gone *now* <b>", reply_to_message={"message_id": 1})
    wait_for(lambda: ("caller", "My card is gone *now* <b>") in anna.reads(call), 15, "not read")
    anna.say(call, "I have _blocked_ <i>it</i>.")
    assert telegram.reads(11, "I have _blocked_ <i>it</i>.")["buttons"] == {}
    anna.say(call, "she is upset", private=True)
    anna.say(call, "😀" * 4000)
    wait_for(lambda: "".join(telegram.texts(11)).count("😀") == 4000, 20, "the long one is not there")
    anna.ask("POST", f"/chats/{call}/typing")
    wait_for(lambda: telegram.count("sendChatAction"), 10, "nobody types")
    first = next(one for one in telegram.of(11) if "English" in one["buttons"])
    before = anna.reads(call)
    telegram.press(11, "English", first)                # a button of long ago
    wait_for(lambda: [one for one in telegram.answered if "any more" in one.get("text", "")], 10, "no word of it")
    assert anna.reads(call) == before
    telegram.write(11, "/start")
    telegram.reads(11, "goes on")
    over(telegram, 11)
    assert not any("upset" in text for text in telegram.texts(11))
    row = wait_for(lambda: next((one for one in service.calls() if one["id"] == call and one["outcome"]), None), 15,
                   "no outcome")
    assert (row["outcome"], row["operator"]) == ("answered", "anna")


def test_telegram__a_secret_is_explained_and_deleted(service: Service, telegram: Telegram) -> None:
    telegram.write(12, "/start", language="ru")
    telegram.reads(12, "English")
    telegram.write(12, "3")
    asked = telegram.reads(12, "can't hide")
    assert "Are you still there?" in asked["text"]
    number = telegram.write(12, CODE)
    wait_for(lambda: (12, number) in telegram.deleted, 15, "it is not deleted")
    telegram.reads(12, "Welcome")
    assert [one for one in telegram.deleted if one[0] == 12] == [(12, number)]
    over(telegram, 12)
    assert CODE not in service.log
    for file in service.folder.glob("hotline.db*"):
        assert CODE.encode() not in file.read_bytes()


def test_telegram__files_are_refused_both_ways_and_both_see_it(service: Service, telegram: Telegram,
                                                               anna: Operator) -> None:
    telegram.write(2041, "/start")
    telegram.reads(2041, "English")
    telegram.write(2041, None, document={"file_id": "d"}, caption="my contract")      # the menu does not hear it
    assert telegram.reads(2041, "No pictures or files arrive here")["buttons"]
    over(telegram, 2041)
    call = at_operator(service, telegram, anna, 2042)
    for number in range(3):                             # an album is one message, told once
        telegram.write(2042, None, photo=[{"file_id": str(number)}], media_group_id="77",
                       **({} if number else {"caption": "the *torn* card"}))
    telegram.reads(2042, "No pictures or files arrive here")
    note = "[picture: did not come, since this channel takes text only] the *torn* card"
    wait_for(lambda: ("caller", note) in anna.reads(call), 15, "anna does not see it")
    assert len([one for one in anna.reads(call) if "did not come" in one[1]]) == 1
    wait_for(lambda: ("hotline", NO_FILES["en"]) in anna.reads(call), 15, "anna does not see what was said")

    assert sends(anna, call, PDF, "a.pdf").told["code"] == "no_files"
    kept = ask_as(anna, "POST", f"/api/chats/{call}/files?private=true", PDF, {"X-Hotline-Name": "a.pdf"})
    assert kept.status == 201
    said = {"file": kept.told["file"], "key": "note"}
    refused = ask_as(anna, "POST", f"/api/chats/{call}/messages", json.dumps(said).encode(),
                     {"Content-Type": "application/json"})
    assert (refused.status, refused.told["code"]) == (409, "no_file")
    anna.ask("POST", f"/chats/{call}/messages", said | {"private": True})
    wait_for(lambda: any(kept.told["file"] in body for _, body in anna.reads(call)), 15, "the note is not there")
    over(telegram, 2042)
    assert not any("a.pdf" in text or "{" in text for text in telegram.texts(2042))


def test_telegram__all_words_of_an_album_arrive(service: Service, telegram: Telegram, anna: Operator) -> None:
    """Telegram allows words beside each of its pictures. Those without are one message, or none beside others."""
    call = at_operator(service, telegram, anna, 2043)

    def album(name: str, *captions: str) -> None:
        for number, words in enumerate(captions):
            telegram.write(2043, None, photo=[{"file_id": f"{name}{number}"}], media_group_id=name, caption=words)

    album("78", "the front", "", "the back", " ", "")
    album("79", "", "", "my passport", "")
    telegram.write(2043, "that is all")
    wait_for(lambda: ("caller", "that is all") in anna.reads(call), 30, "anna does not see it")
    lost = "[picture: did not come, since this channel takes text only]"
    assert [body for sender, body in anna.reads(call) if sender == "caller" and lost in body] == [
        f"{lost} the front", f"{lost} the back", lost, f"{lost} my passport"]
    over(telegram, 2043)


def test_telegram__what_is_no_text_or_of_no_private_chat(service: Service, telegram: Telegram) -> None:
    telegram.write(13, None, sticker={"file_id": "x"}, language="ru")
    telegram.reads(13, "только текст")
    telegram.write(14, "hello", chat_type="group")
    telegram._bring({"message": {"chat": 7}})
    telegram._bring({"edited_message": {"message_id": 1, "chat": {"id": 15, "type": "private"}, "text": "x"}})
    telegram.write(13, "English")
    telegram.reads(13, "English")
    assert telegram.of(14) == telegram.of(15) == []
    telegram.write(13, "/stop")


def test_telegram__updates_that_come_twice_and_out_of_order(service: Service, telegram: Telegram,
                                                            anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 16)
    telegram.twice = telegram.shuffled = True
    for number in range(8):
        telegram.write(16, f"one by one {number}")
    wait_for(lambda: sum("one by one" in body for _, body in anna.reads(call)) >= 8, 30, "not all came")
    telegram.twice = telegram.shuffled = False
    assert [body for _, body in anna.reads(call) if "one by one" in body] == [
        f"one by one {number}" for number in range(8)]
    over(telegram, 16)


def test_telegram__limits_and_faults_of_the_server_lose_nothing(service: Service, telegram: Telegram,
                                                               anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 17)
    telegram.faults["sendMessage"] = [Refused(429, "Too Many Requests: retry after 1", retry_after=1),
                                      Refused(502, "Bad Gateway"), Refused(400, "Bad Request: strange")]
    telegram.faults["getUpdates"] = [Refused(500, "Internal"), Refused(429, "Too Many Requests", retry_after=1)]
    for number in range(4):
        anna.say(call, f"told {number}")
    telegram.write(17, "and back")
    telegram.reads(17, "told 3", 40)
    # what is refused for good is given up, and holds up nothing else
    found = [text for text in telegram.texts(17) if "told" in text]
    assert telegram.faults["sendMessage"] == []
    assert len(found) >= 3
    assert found == [f"told {number}" for number in range(4) if f"told {number}" in found]
    wait_for(lambda: ("caller", "and back") in anna.reads(call), 20, "not read")
    over(telegram, 17)


def test_telegram__goes_away_and_everything_comes_in_order(service: Service, telegram: Telegram,
                                                          anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 18)
    telegram.stop()
    for number in range(6):
        anna.say(call, f"while it was away {number}")
        telegram.write(18, f"of mine {number}")
    shown = wait_for(lambda: found if (found := standing(service))["state"] == "away" else None, 30, "nobody sees it")
    assert shown["since"]
    assert service.api("/health")["checks"]["channels"]["ok"] is False
    telegram.start()
    telegram.reads(18, "while it was away 5", 60)
    assert [text for text in telegram.texts(18) if "away" in text] == [
        f"while it was away {number}" for number in range(6)]
    wait_for(lambda: sum("of mine" in body for _, body in anna.reads(call)) == 6, 60, "not all came")
    assert [body for _, body in anna.reads(call) if "of mine" in body] == [f"of mine {number}" for number in range(6)]
    over(telegram, 18)


def test_telegram__the_web_process_is_killed(service: Service, telegram: Telegram, anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 19)
    for number in range(6):
        anna.say(call, f"before {number}")
    os.kill(service.child("web"), signal.SIGKILL)
    for number in range(6):
        telegram.write(19, f"meanwhile {number}")
    telegram.reads(19, "before 5", 60)
    found = [text for text in telegram.texts(19) if "before" in text]
    # at most the one that was on its way comes twice; none is lost, none out of order
    assert list(dict.fromkeys(found)) == [f"before {number}" for number in range(6)]
    assert len(found) <= 7
    again = Operator(service, "anna")
    wait_for(lambda: sum("meanwhile" in body for _, body in again.reads(call)) == 6, 40, "not all came")
    assert [body for _, body in again.reads(call) if "meanwhile" in body] == [
        f"meanwhile {number}" for number in range(6)]
    over(telegram, 19)


def test_telegram__who_blocks_the_bot_leaves_the_chat(service: Service, telegram: Telegram, anna: Operator) -> None:
    call = at_operator(service, telegram, anna, 20)
    telegram.block(20)
    anna.say(call, "are you there?")
    wait_for(lambda: any(one["id"] == call and one["outcome"] for one in service.calls()), 20, "the chat goes on")
    assert standing(service)["state"] == "ok"


def test_telegram__two_programs_with_one_token_are_told_apart(service: Service, telegram: Telegram) -> None:
    telegram.asking += 1
    shown = wait_for(lambda: found if (found := standing(service))["state"] == "fault" else None, 30, "nobody sees it")
    telegram.asking -= 1
    assert shown["reason"] == "another program asks with the same token"
    wait_for(lambda: standing(service)["state"] == "ok", 30, "it does not mend")


def test_telegram__a_token_that_was_taken_back_is_an_alarm(service: Service, telegram: Telegram) -> None:
    telegram.token = "another"
    shown = wait_for(lambda: found if (found := standing(service))["state"] == "fault" else None, 40, "nobody sees it")
    assert shown["reason"] == "the token is refused"
    assert "channel_fault" in [alarm["code"] for alarm in service.api("/api/board")["alarms"]]
    calls = telegram.count("getUpdates")
    wait_for(lambda: standing(service)["state"] == "fault", 5, "")
    assert telegram.count("getUpdates") <= calls + 1
    telegram.token = TOKEN
