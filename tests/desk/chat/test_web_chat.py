"""The chat of a real service: a visitor's page by WebSocket, an operator by the API, the record in the database."""

import os
import signal
from collections.abc import Iterator

import pytest
from websockets.exceptions import WebSocketException

from tests.support.chat_operator import Operator
from tests.support.chat_page import ChatPage
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.66.1"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("chat"), host=HOST,
                         channels={"web": {"line": "100", "origins": ["https://bank.example"]}}) as service:
        yield service


def web(service: Service) -> str:
    return str(service.config["web"]["listen"])


def test_chat__menu_operator_reload_and_the_record(service: Service) -> None:
    anna = Operator(service, "anna")
    anna.answers()
    page = ChatPage(web(service))
    greeted = page.hello()
    assert greeted["call"] is None
    page.tell("start", name="Мария")
    call = page.told("started")["call"]
    first = wait_for(lambda: page.texts.get(0), 15, "the menu says nothing")
    assert ["1", "English"] in first["options"]
    for answer in ("English", "cards", "0"):
        page.say(answer)
    assert anna.rings() == call
    anna.takes(call)
    assert [card["state"] for card in anna.ask("GET", "/desk")["cards"]] == ["talking"]
    page.say("My card is gone <script>alert(1)</script>")
    wait_for(lambda: ("caller", "My card is gone <script>alert(1)</script>") in anna.reads(call), 15, "not read")
    anna.say(call, "I have blocked it.")
    assert page.reads("I have blocked it.")["from"] == "operator"
    anna.say(call, "she is upset", private=True)
    page.close()

    again = ChatPage(web(service))                          # a reload: nothing is lost, nothing comes twice
    known = max(page.texts)
    assert again.hello(greeted["token"], call, known)["call"] == call
    anna.say(call, "Still there?")
    assert again.reads("Still there?")["position"] > known
    assert min(again.texts) > known
    assert not any("upset" in one["body"] for one in again.texts.values())
    again.say("yes", key="same")
    again.say("yes", key="same")
    assert sum(one["body"] == "yes" for one in again.texts.values()) <= 1
    assert anna.reads(call).count(("caller", "yes")) == 1
    again.tell("leave")
    assert again.told("ended")["call"] == call
    row = wait_for(lambda: next((one for one in service.calls() if one["id"] == call and one["outcome"]), None), 15,
                   "the chat has no outcome")
    assert (row["outcome"], row["operator"], row["queue"]) == ("answered", "anna", "cards")
    again.close()


def test_chat__the_web_process_dies_and_the_chat_goes_on(service: Service) -> None:
    page = ChatPage(web(service))
    token = page.hello()["token"]
    page.tell("start")
    call = page.told("started")["call"]
    page.say("English")
    position = max(page.texts)
    os.kill(service.child("web"), signal.SIGKILL)
    assert page.closed.wait(10)

    def back() -> ChatPage | None:
        try:
            return ChatPage(web(service))
        except (OSError, WebSocketException):   # a dying one still listens; a new one does before it answers
            return None

    again = wait_for(back, 30, "the web process is not back")
    assert wait_for(lambda: again.hello(token, call, position), 20, "no hello")["call"] == call
    again.say("cards", key="after")
    assert again.reads("Cards")["options"][0][0] == "1"
    again.tell("leave")
    again.told("ended")
    again.close()


@pytest.mark.parametrize(("origin", "code"), [("https://evil.example", 4003), ("https://bank.example", 0)])
def test_chat__from_pages_of_others_only_where_the_house_says_so(service: Service, origin: str, code: int) -> None:
    page = ChatPage(web(service), origin)
    if code:
        assert page.closed.wait(10)
        assert page.code == code
    else:
        assert page.hello()["token"]
    page.close()


@pytest.mark.parametrize("sent", ["{", "[]", '{"type": "fly"}', '{"type": "say", "key": "1", "body": ""}', "\0" * 50,
                                  '{"type": "hello", "token": 7}', '{"type":' * 5000])
def test_chat__what_is_no_message_is_refused_and_harms_nobody(service: Service, sent: str) -> None:
    page = ChatPage(web(service))
    page.hello()
    page.socket.send(sent[:20_000])
    assert page.told("refused")["reason"] in ("bad_message", "too_many")
    page.close()


def test_chat__a_flood_of_one_visitor_is_refused_and_others_go_on(service: Service) -> None:
    page, other = ChatPage(web(service)), ChatPage(web(service))
    page.hello()
    page.tell("start")
    page.told("started")
    for number in range(200):
        if page.closed.is_set():
            break
        try:
            page.tell("say", key=f"f{number}", body="spam")
        except Exception:
            break
    assert wait_for(lambda: page.all("refused") or page.closed.is_set(), 15, "nothing is refused")
    other.hello()
    other.tell("start")
    other.told("started")
    other.say("English")
    other.reads("Welcome")
    for one in (page, other):
        one.close()


def test_chat__a_message_that_is_too_large_closes_the_socket_and_the_chat_goes_on(service: Service) -> None:
    page = ChatPage(web(service))
    token = page.hello()["token"]
    page.tell("start")
    call = page.told("started")["call"]
    page.reads("English")
    page.tell("say", key="k", body="x" * 30_000)
    assert page.closed.wait(10)
    assert page.code == 1009
    again = ChatPage(web(service))
    assert again.hello(token, call, max(page.texts))["call"] == call
    again.say("English", key="after")
    again.reads("Welcome")
    again.tell("leave")
    again.told("ended")
    for one in (page, again):
        one.close()


def test_chat__control_dies_and_the_chat_goes_on(service: Service) -> None:
    """More of it: test_chat_restart."""
    page = ChatPage(web(service))
    page.hello()
    page.tell("start")
    call = page.told("started")["call"]
    page.reads("English")
    asked = len(page.all("asks"))
    os.kill(service.child("control"), signal.SIGKILL)
    page.tell("say", key="lost", body="English")
    assert wait_for(lambda: page.all("refused"), 15, "nothing is refused")[0]["reason"] == "away"
    wait_for(lambda: page.all("asks")[asked:], 60, "nobody tells the page")
    page.say("English", key="lost")
    page.reads("Welcome")
    assert page.all("ended") == []
    page.tell("leave")
    assert page.told("ended")["call"] == call
    page.close()
