"""Called from the chat, in a real service: both hear each other, the chat goes on, and one request has both."""

import json
import urllib.error
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from websockets.exceptions import WebSocketException

from ivr.audio.g711 import decode_ulaw, encode_ulaw
from tests.desk.chat.test_web_chat import web
from tests.support.chat_operator import Operator
from tests.support.chat_page import ChatPage
from tests.support.service import Service, running_service, wait_for
from tests.support.web_page import WebPage

HOST = "127.0.70.1"
NUMBER = "+74951234567"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("call_me"), host=HOST, country="RU",
                         channels={"web": {"line": "100", "call_me": "both", "calls_per_hour": 100}},
                         outbound={"allow": ["+7495"]}) as service:
        yield service


def tone(hz: float) -> bytes:
    return encode_ulaw((6000 * np.sin(2 * np.pi * hz * np.arange(160) / 8000)).astype(np.int16)).tobytes()


def hears(page: WebPage, hz: float) -> bool:
    """Whether the last second of what it hears is this tone above all."""
    frames = page.frames(50)
    if len(frames) < 50:
        return False
    samples = decode_ulaw(np.frombuffer(b"".join(frames), np.uint8)).astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    return bool(abs(float(np.argmax(spectrum)) * 8000 / len(samples) - hz) < 20 and samples.std() > 500)


def with_anna(service: Service) -> tuple[Operator, ChatPage, str]:
    """A chat that anna has taken."""
    anna = Operator(service, "anna")
    anna.ask("PUT", "/operators/anna/status", {"status": "available"})
    anna.ask("PUT", "/desk/chats", {"answers": True})
    page = ChatPage(web(service))
    assert page.hello()["calls"] == ["page", "telephone"]
    page.tell("start", name="Мария")
    call = str(page.told("started")["call"])
    for answer in ("English", "cards", "0"):
        page.say(answer)
    assert anna.rings() == call
    anna.ask("POST", f"/chats/{call}/take")
    wait_for(lambda: anna.ask("GET", "/desk")["cards"][0]["state"] == "talking", 15, "anna does not have the chat")
    return anna, page, call


def rows(service: Service, chat: str) -> list[tuple[str, str, str]]:
    """(channel, outcome, operator) of every call of the chat's request."""
    engine = create_engine(service.database_url)
    with engine.connect() as connection:
        found = connection.execute(text(
            "select channel, outcome, operator from calls where request_id ="
            " (select request_id from calls where id = :id) order by began_at"), {"id": chat}).all()
    engine.dispose()
    return [(str(one[0]), str(one[1]), str(one[2])) for one in found]


def test_call_me__in_the_page_to_the_operator_of_the_chat(service: Service) -> None:
    anna, page, chat = with_anna(service)
    desk = WebPage(web(service), "/ws/phone", anna.cookie)
    phone = WebPage(web(service), "/ws/call")
    desk.tone, phone.tone = (lambda frame: tone(400)), (lambda frame: tone(1000))
    desk.hello()
    phone.hello()
    page.tell("call_me")
    phone.say("dial", number=page.told("call_me")["code"])
    desk.comes("ringing", 20)
    card = next(one for one in anna.ask("GET", "/desk")["cards"] if one["channel"] == "voice")
    assert (card["state"], card["beside"], card["name"]) == ("ringing", chat, "Мария")
    desk.say("answer")
    phone.comes("talking")
    wait_for(lambda: hears(phone, 400) and hears(desk, 1000), 20, "they do not hear each other")
    page.say("I write meanwhile")
    wait_for(lambda: ("caller", "I write meanwhile") in anna.reads(chat), 15, "anna does not read it")
    phone.say("hang_up")
    phone.comes("idle")
    wait_for(lambda: page.all("voice")[-1]["how"] == "over", 15, "the chat is not told")
    assert [one["how"] for one in page.all("voice")][-2:] == ["talks", "over"]
    anna.say(chat, "anything else?")
    page.reads("anything else?")
    anna.ask("POST", f"/chats/{chat}/leave")
    page.told("ended")
    wait_for(lambda: rows(service, chat) == [("web", "answered", "anna"), ("voice", "answered", "anna")], 20,
             f"the rows are others: {rows(service, chat)}")
    for one in (desk, phone, page):
        one.close()


def test_call_me__a_code_is_good_once_and_a_page_without_one_calls_nobody(service: Service) -> None:
    _, page, chat = with_anna(service)
    page.tell("call_me")
    code = page.told("call_me")["code"]
    first, second = WebPage(web(service), "/ws/call"), WebPage(web(service), "/ws/call")
    first.hello()
    second.hello()
    first.say("dial", number=code)
    first.comes("talking")              # it hears music: anna has no phone, and it ends at once
    second.say("dial", number=code)
    assert second.told("refused")["code"] == "no_code"
    second.say("dial", number="100")
    assert second.told("refused", 1)["code"] == "no_code"
    first.comes("idle", 20)
    page.tell("leave")
    page.told("ended")
    for one in (first, second, page):
        one.close()
    wait_for(lambda: len(rows(service, chat)) == 2, 15, "the call has no row")


def test_call_me__not_in_the_menu(service: Service) -> None:
    page = ChatPage(web(service))
    page.hello()
    page.tell("start", name="")
    page.told("started")
    page.tell("call_me")
    assert page.told("voice") == {"type": "voice", "how": "refused", "reason": "menu", "name": ""}
    page.tell("leave")
    page.close()


@pytest.mark.parametrize(("number", "reason"), [("+12025550123", "not_allowed"), ("not a number", "bad_number")])
def test_call_me__no_number_that_nobody_may_call(service: Service, number: str, reason: str) -> None:
    _, page, _ = with_anna(service)
    page.tell("call_me", number=number)
    assert page.told("voice")["reason"] == reason
    page.tell("leave")
    page.told("ended")
    page.close()


def test_call_me__a_telephone_rings_only_once_the_operator_says_so(service: Service) -> None:
    anna, page, chat = with_anna(service)
    with pytest.raises(urllib.error.HTTPError) as refused:
        anna.ask("POST", f"/chats/{chat}/call", {"number": NUMBER})
    assert refused.value.code == 409
    page.tell("call_me", number="8 (495) 123-45-67")
    assert page.told("call_me")["code"] == ""
    wait_for(lambda: ("caller", f"wish {NUMBER}") in anna.reads(chat), 15, "anna does not read the wish")
    assert len(rows(service, chat)) == 1
    desk = WebPage(web(service), "/ws/phone", anna.cookie)
    desk.hello()
    with pytest.raises(urllib.error.HTTPError) as refused:
        anna.ask("POST", f"/chats/{chat}/call", {"number": "+74957654321"})       # not what the visitor asks for now
    assert (refused.value.code, json.loads(refused.value.read())["code"]) == (409, "wish_changed")
    anna.ask("POST", f"/chats/{chat}/call", {"number": NUMBER})
    desk.comes("ringing", 20)
    desk.say("answer")
    desk.comes("idle", 30)              # there is no trunk
    wait_for(lambda: len(rows(service, chat)) == 2 and rows(service, chat)[1][1] == "refused", 15, "no row says so")
    page.tell("leave")
    page.told("ended")
    desk.close()
    page.close()


def test_invite__a_caller_goes_on_in_writing_with_a_code(service: Service) -> None:
    anna = Operator(service, "anna")
    anna.ask("PUT", "/desk/chats", {"answers": True})
    desk, caller = WebPage(web(service), "/ws/phone", anna.cookie), WebPage(web(service))
    desk.hello()
    caller.hello()
    caller.say("dial", number="100")
    caller.comes("talking")
    for key, menu in (("1", 0), ("2", 1), ("0", 2)):
        caller.told("menu", menu)
        caller.press(key)
    desk.comes("ringing", 30)
    desk.say("answer")
    desk.comes("talking")
    call = anna.ask("GET", "/desk")["cards"][0]["call"]
    code = anna.ask("POST", f"/desk/calls/{call}/invite")["code"]
    page = ChatPage(web(service))
    page.hello()
    page.tell("start", name="", invite="WRONG1")
    assert page.told("refused")["reason"] == "no_invite"
    page.tell("start", name="Ivan", invite=code.lower())
    chat = str(page.told("started")["call"])
    wait_for(lambda: [one["call"] for one in anna.ask("GET", "/desk")["cards"] if one["state"] == "ringing"] == [chat],
             15, "the chat is not offered to her")
    anna.ask("POST", f"/chats/{chat}/take")
    wait_for(lambda: [one["state"] for one in anna.ask("GET", "/desk")["cards"]] == ["talking"] * 2, 15, "no chat")
    page.say("in writing")
    wait_for(lambda: ("caller", "in writing") in anna.reads(chat), 15, "anna does not read it")
    caller.say("hang_up")
    anna.say(chat, "I go on here")
    page.reads("I go on here")
    page.tell("leave")
    page.told("ended")
    wait_for(lambda: [one[:2] for one in rows(service, chat)] == [("voice", "answered"), ("web", "answered")], 20,
             f"the rows are others: {rows(service, chat)}")
    for one in (desk, caller, page):
        one.close()


def test_socket__only_pages_of_ours_and_only_where_visitors_may_speak(service: Service) -> None:
    foreign = WebPage(web(service), "/ws/call", origin="https://bank.example")
    assert foreign.ends() == 4003
    with pytest.raises(WebSocketException):
        WebPage(web(service), "/ws/other")
