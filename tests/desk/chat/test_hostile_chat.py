"""What hostile visitors say and do, against a real service: it is text, refused or slowed, and others are served."""

import csv
import io
import json
import socket
import time
import urllib.error
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.desk.chat.test_web_chat import web
from tests.support.chat_operator import Operator
from tests.support.chat_page import ChatPage
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.74.105"
INJECTED = "2026-01-01T00:00:00.000Z error control all_is_lost"
TEXTS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>",
    "bidi": "\u202egnp.exe\u202c \u2066\u2067\u2068 \u200f\u061c",
    "nothing": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164.",
    "zalgo": "".join(letter + "\u0301\u0335\u0489" * 40 for letter in "zalgo"),
    "family": "👨‍👩‍👧‍👦" * 500,
    "controls": "a\x01\x07\x08\x1b[2J\x7f\x85\u2028\u2029b",
    "lines": f"one\r\n{INJECTED}\r\n\ntwo",
    "word": "w" * 4096,
    "formula": "=cmd|' /C calc'!A1",
    "sql": "'; DROP TABLE calls; --",
    "template": "{{7*7}}${7*7}%s%n{0}",
    "rtl": "שלום مرحبا",
}
NAMES = ("=cmd|' /C calc'!A1", "+1+1", "-2+3", "@SUM(A1)", f"x\r\n{INJECTED}", "\u202eanna\u200b", "שלום")

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("hostile")
    operator = {"phone_password_file": str(folder / "password"), "chats": 20}
    web_chat = {"line": "100", "chats_per_hour": 1000, "messages_per_minute": 60}
    with running_service(folder, host=HOST, operators={"anna": operator, "boris": operator},
                         channels={"web": web_chat}) as running:
        yield running


@pytest.fixture(scope="module")
def anna(service: Service) -> Operator:
    operator = Operator(service, "anna")
    operator.ask("PUT", "/desk/chats", {"answers": True})
    return operator


def begun(service: Service, name: str = "") -> tuple[ChatPage, str, str]:
    """A page whose chat has begun; its token and call."""
    page = ChatPage(web(service))
    token = page.hello()["token"]
    page.tell("start", name=name)
    call = page.told("started")["call"]
    page.reads("English")
    return page, str(token), str(call)


def with_anna(service: Service, anna: Operator, name: str = "") -> tuple[ChatPage, str, str]:
    page, token, call = begun(service, name)
    for answer in ("English", "cards", "0"):
        page.say(answer)
    anna.ask("PUT", "/desk/chats", {"answers": True})
    assert anna.rings() == call
    anna.ask("POST", f"/chats/{call}/take")
    return page, token, call


def neighbour_of(service: Service) -> ChatPage:
    """Somebody harmless, who stands in the main menu."""
    page, _, _ = begun(service)
    page.say("English")
    page.reads("Welcome")
    return page


def is_served(page: ChatPage, number: int) -> bool:
    """Whether the menu answers."""
    before = len(page.texts)
    page.say("*", key=f"served{number}")
    return bool(wait_for(lambda: len(page.texts) > before, 30, "a neighbour is not served"))


def test_text__is_the_same_text_to_the_operator_the_page_and_the_record_and_in_no_log(
        service: Service, anna: Operator) -> None:
    page, token, call = with_anna(service, anna, "\u202eМария\u200b\r\n")
    for number, body in enumerate(TEXTS.values()):
        page.say(body, key=f"h{number}")
    page.tell("say", key="nul", body="a\0b")
    page.socket.send('{"type":"say","key":"half","body":"half \\ud83d of it"}')
    wait_for(lambda: len(page.all("kept")) >= len(TEXTS) + 5, 20, "not all is kept")
    assert not page.all("refused")
    read = [body for who, body in anna.reads(call) if who == "caller"]
    assert read[3:] == [*TEXTS.values(), "ab", "half ? of it"]
    for body in TEXTS.values():
        anna.say(call, body)
    wait_for(lambda: [one["body"] for one in page.texts.values() if one["from"] == "operator"] == [*TEXTS.values()],
             20, "not all is shown")
    assert [row["caller_name"] for row in service.calls() if row["id"] == call] == ["Мария"]
    again = ChatPage(web(service))
    again.hello(token, call, -1)
    wait_for(lambda: {one["body"] for one in again.texts.values()} >= {*TEXTS.values()}, 20, "not all is shown again")
    again.tell("leave")
    again.told("ended")
    log = service.log
    assert INJECTED not in log
    assert not any(text in log for text in ("onerror", "DROP TABLE", "wwwwwwww", token))
    for one in (page, again):
        one.close()


def test_operator__writes_no_half_characters_and_nothing_at_all_is_refused(service: Service, anna: Operator) -> None:
    page, _, call = with_anna(service, anna)
    for number, body in enumerate(("\ud800", "", "x" * 4097)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            anna.ask("POST", f"/chats/{call}/messages", {"body": body, "key": f"bad{number}"})
        assert refused.value.code == 422
        refused.value.close()
    anna.ask("POST", f"/chats/{call}/messages", {"body": "a\0b", "key": "nul"})
    wait_for(lambda: any(who == "anna" for who, _ in anna.reads(call)), 15, "it is not kept")
    wait_for(lambda: [one["from"] for one in page.texts.values() if one["body"].startswith("a")] == ["operator"], 15,
             "it is not shown")
    page.tell("leave")
    page.told("ended")
    page.close()


def test_names__are_one_line_of_what_can_be_seen_and_no_formula_in_exports(service: Service) -> None:
    calls = {}
    for name in NAMES:
        page, _, call = begun(service, name)
        calls[call] = name
        page.tell("leave")
        page.told("ended")
        page.close()
    wait_for(lambda: sum(row["id"] in calls and bool(row["outcome"]) for row in service.calls()) == len(calls), 20,
             "no row")
    found = {row["id"]: row["caller_name"] for row in service.calls() if row["id"] in calls}
    assert sorted(found.values()) == sorted("".join(filter(str.isprintable, name)) for name in NAMES)
    table = list(csv.reader(io.StringIO(service.octets("/api/calls.csv").decode("utf-8-sig"))))
    cells = [cell for line in table for cell in line]
    assert "'=cmd|' /C calc'!A1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r")) or cell in ("-2+3",)]
    assert INJECTED not in service.log.splitlines()


def test_json__however_deep_and_whatever_its_key_is_refused(service: Service) -> None:
    page = ChatPage(web(service))
    page.hello()
    sent = ['{"type":"say","body":"x","key":' + "[" * depth + "]" * depth + "}" for depth in (10, 900, 985, 990, 5000)]
    sent += ['{"type":"say","key":"\\ud800","body":"x"}', '{"type":"hello","after":' + "9" * 5000 + "}", '{"type":NaN}',
             '{"type":"say","key":"k","body":{"a":1}}']
    for text in sent:
        page.socket.send(text)
    wait_for(lambda: len(page.all("refused")) >= len(sent), 15, "not all is refused")
    assert {one["key"] for one in page.all("refused")} <= {"", "k"}
    assert not page.closed.is_set()
    page.close()


def test_size__a_megabyte_closes_the_socket_and_octets_are_no_message(service: Service) -> None:
    neighbour = neighbour_of(service)
    page, token, call = begun(service)
    with suppress(ConnectionClosed):
        page.tell("say", key="k", body="x" * 1_000_000)
    assert page.closed.wait(10)
    assert page.code == 1009
    again = ChatPage(web(service))
    assert again.hello(token, call, max(page.texts))["call"] == call
    again.socket.send(b"\x00\xff" * 100)
    assert again.told("refused")["reason"] == "too_many"
    assert is_served(neighbour, 1)
    for one in (neighbour, page, again):
        one.close()


def test_strangers__see_nothing_of_a_chat_whose_name_they_know(service: Service) -> None:
    page, token, call = begun(service)
    for forged in (None, "x" * 24, token[::-1], token[:-1] + ("A" if token[-1] != "A" else "B")):
        stranger = ChatPage(web(service))
        assert stranger.hello(forged, call, -1)["call"] is None
        stranger.tell("say", key="k", body="I am somebody else")
        assert stranger.told("refused")["reason"] == "no_chat"
        stranger.tell("leave")
        page.say("*", key=f"k{forged}"[:20])
        assert not stranger.texts
        stranger.close()
    again = ChatPage(web(service))                          # who has the token is the visitor, and reads all
    assert again.hello(token)["call"] == call
    again.reads("English")
    page.tell("leave")
    page.told("ended")
    late = ChatPage(web(service))                           # a chat that is over gives nothing away, to nobody
    assert late.hello(token, call, -1)["call"] is None
    late.tell("say", key="k", body="once more")
    assert late.told("refused")["reason"] == "no_chat"
    assert not late.texts
    for one in (page, again, late):
        one.close()


def test_flood__of_one_visitor_by_ten_sockets_is_refused_and_all_others_are_served(service: Service) -> None:
    neighbours = [neighbour_of(service) for _ in range(3)]
    first, token, call = begun(service)
    pages = [first]
    for _ in range(9):
        pages.append(ChatPage(web(service)))
        pages[-1].hello(token, call, max(first.texts))
    served = sent = 0
    until = time.monotonic() + 3
    while time.monotonic() < until:
        for page in pages:
            for _ in range(100):
                sent += _flooded(page, sent)
        if time.monotonic() > until - 3 + 0.3 * served:
            served += is_served(neighbours[served % 3], served)
    assert sent >= 1000
    assert served >= 3
    wait_for(lambda: all(page.closed.is_set() for page in pages), 20, "a flood is not closed")
    assert {page.code for page in pages} <= {4008, 0}
    assert 4008 in {page.code for page in pages}
    kept = {one["key"] for page in pages for one in page.all("kept")}
    assert len(kept) < 60                                   # twenty, and one a second
    for page in (*pages, *neighbours):
        page.close()


def _flooded(page: ChatPage, number: int) -> int:
    """1 if it went out."""
    if page.closed.is_set():
        return 0
    try:
        page.tell("say", key=f"f{number}", body="spam " * 50)
    except (ConnectionClosed, OSError):
        return 0
    return 1


def test_sockets__that_come_and_go_by_hundreds_and_some_that_never_read_harm_nobody(service: Service) -> None:
    neighbour = neighbour_of(service)
    address = web(service).rpartition(":")
    silent = [_upgraded(address[0], int(address[2]), f"127.74.9.{number % 10 + 1}") for number in range(60)]
    for number in range(200):
        raw = _upgraded(address[0], int(address[2]), f"127.74.8.{number % 200 + 1}")
        if number % 2:
            raw.sendall(_frame({"type": "hello", "token": None, "call": None, "after": -1}))
        raw.close()
        if number % 50 == 0:
            assert is_served(neighbour, number)
    for raw in silent[:30]:
        raw.sendall(_frame({"type": "hello", "token": "t" * 24, "call": None, "after": -1}))
        for _ in range(8):
            raw.sendall(_frame({"type": "start", "name": ""}))
    assert is_served(neighbour, 1000)
    assert service.metrics()["hotline_calls_in_progress"] < 60
    for raw in silent:
        raw.close()
    assert is_served(neighbour, 1001)
    assert "Traceback" not in service.log
    neighbour.close()


def _upgraded(host: str, port: int, source: str) -> socket.socket:
    raw = socket.create_connection((host, port), 20, (source, 0))
    raw.sendall((f"GET /ws/chat HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    return raw


def _frame(message: dict[str, Any]) -> bytes:
    """Masked with zeros: as it is."""
    text = json.dumps(message).encode()
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text
