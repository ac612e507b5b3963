"""Files in chats of a real service: a visitor sends and fetches over HTTP and says them by the socket, an operator by
the API; and what hostile ones try."""

import http.client
import json
import os
import signal
import socket
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.desk.chat.test_web_chat import Operator
from tests.support.chat_operator import Operator as ByApi
from tests.support.chat_page import ChatPage
from tests.support.pictures import PDF, SECRET, jpeg, png, png_bomb
from tests.support.service import Service, running_service, wait_for

HOST = "127.0.69.1"
MOST = 100_000

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("files"), host=HOST,
                         channels={"web": {"line": "100", "max_file_mb": MOST / 1e6, "chats_per_hour": 500}},
                         chat_files={"min_free_mb": 0, "max_per_chat": 8},
                         operators={"anna": {}, "boris": {}, "clara": {}}) as service:
        yield service


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.content))


def ask(service: Service, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    web = str(service.config["web"]["listen"])
    connection = http.client.HTTPConnection(web, timeout=20)
    try:
        connection.request(method, path, body, {"Origin": f"http://{web}", "X-Hotline": "1"} | headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Visitor:
    """Somebody with a chat."""

    def __init__(self, service: Service) -> None:
        self.service, self.page = service, ChatPage(str(service.config["web"]["listen"]))
        self.token = self.page.hello()["token"]
        self.page.tell("start")
        self.call = self.page.told("started")["call"]
        wait_for(lambda: self.page.texts.get(0), 15, "the menu says nothing")

    def send(self, content: bytes, name: str = "photo.png", token: str = "") -> Answer:
        return ask(self.service, "POST", "/api/chat/files", {
            "X-Hotline-Visitor": token or self.token, "X-Hotline-Name": urllib.parse.quote(name)}, content)

    def fetch(self, file: str, token: str = "") -> Answer:
        return ask(self.service, "GET", f"/api/chat/files/{file}", {"X-Hotline-Visitor": token or self.token})

    def say(self, file: str, key: str) -> dict[str, Any]:
        self.page.tell("say", key=key, file=file)
        return dict(wait_for(lambda: next((one for one in self.page.messages if one["type"] in ("kept", "refused")
                                           and one["key"] == key), None), 15, "neither kept nor refused"))

    def leave(self) -> None:
        self.page.tell("leave")
        self.page.told("ended")
        self.page.close()


@pytest.fixture
def visitor(service: Service) -> Iterator[Visitor]:
    time.sleep(0.1)
    visitor = Visitor(service)
    yield visitor
    visitor.page.tell("leave")
    visitor.page.close()


def sends(anna: Operator | ByApi, call: str, content: bytes, name: str) -> Answer:
    return ask_as(anna, "POST", f"/api/chats/{call}/files", content, {"X-Hotline-Name": urllib.parse.quote(name)})


def ask_as(operator: Operator | ByApi, method: str, path: str, body: bytes | None = None,
           headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(operator.web, timeout=20)
    try:
        connection.request(method, path, body, {
            "Origin": f"http://{operator.web}", "X-Hotline": "1", "Cookie": operator.cookie} | (headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def folder(service: Service) -> list[Path]:
    return [path for path in (service.state / "files").rglob("*") if path.is_file()]


def test_files__both_ways_and_in_the_record(service: Service, visitor: Visitor) -> None:
    anna, clara = Operator(service, "anna"), Operator(service, "clara")
    anna.ask("PUT", "/desk/chats", {"answers": True})
    assert visitor.page.told("hello")["file_bytes"] == MOST
    assert anna.ask("GET", "/desk/chats") == {"answers": True, "file_bytes": MOST}
    for answer in ("English", "cards", "0"):
        visitor.page.say(answer)
    assert anna.rings() == visitor.call
    anna.ask("POST", f"/chats/{visitor.call}/take")
    wait_for(lambda: [card["state"] for card in anna.ask("GET", "/desk")["cards"]] == ["talking"], 15, "no chat")

    sent = visitor.send(png(notes=SECRET), "my \u202ecard\u200b.PNG")
    assert sent.status == 201
    assert (sent.told["name"], sent.told["type"], sent.told["width"]) == ("my card.png", "image/png", 8)
    kept = visitor.say(sent.told["file"], "f1")
    assert (kept["type"], kept["form"], json.loads(kept["body"])["file"]) == ("kept", "file", sent.told["file"])
    assert visitor.say(sent.told["file"], "f1")["position"] == kept["position"]

    def read() -> dict[str, Any] | None:
        items = anna.ask("GET", f"/chats/{visitor.call}/messages")["items"]
        return next((one for one in items if one["form"] == "file"), None)

    message = wait_for(read, 15, "anna does not see it")
    said = json.loads(message["body"])
    assert {name: said[name] for name in ("file", "name", "width", "height")} == {
        "file": sent.told["file"], "name": "my card.png", "width": 8, "height": 6}
    got = ask_as(anna, "GET", f"/api/chats/{visitor.call}/files/{said['file']}")
    assert (got.status, got.content) == (200, png())            # without where it was taken
    assert got.headers["content-type"] == "image/png"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["content-disposition"].startswith("inline")
    assert got.headers["x-frame-options"] == "DENY"
    assert got.headers["cache-control"] == "no-store"
    assert ask_as(clara, "GET", f"/api/chats/{visitor.call}/files/{said['file']}").status == 404
    assert ask_as(anna, "GET", f"/api/chats/other/files/{said['file']}").status == 404
    assert sends(clara, visitor.call, PDF, "a.pdf").told["code"] == "not_yours"

    back = sends(anna, visitor.call, PDF, "Договор №7.pdf")
    assert back.status == 201
    anna.ask("POST", f"/chats/{visitor.call}/messages", {"file": back.told["file"], "key": "a1"})
    shown = visitor.page.reads(back.told["file"])
    assert (shown["from"], shown["form"], json.loads(shown["body"])["name"]) == ("operator", "file", "Договор №7.pdf")
    got = visitor.fetch(back.told["file"])
    assert (got.status, got.content, got.headers["content-type"]) == (200, PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment")
    assert [path.stat().st_mode & 0o77 for path in folder(service)] == [0] * len(folder(service))
    visitor.page.tell("leave")
    visitor.page.told("ended")
    assert visitor.fetch(back.told["file"]).status == 200       # the page shows the chat that is over
    assert visitor.send(png()).told["code"] == "no_chat"
    assert sends(anna, visitor.call, PDF, "a.pdf").told["code"] == "not_yours"
    assert ask_as(anna, "GET", f"/api/chats/{visitor.call}/files/{said['file']}").status == 200


def test_menu__a_file_answers_nothing_and_the_buttons_come_again(visitor: Visitor) -> None:
    options = visitor.page.texts[0]["options"]
    kept = visitor.say(visitor.send(b"a note", "a.txt").told["file"], "f")
    again = wait_for(lambda: visitor.page.texts.get(kept["position"] + 1), 15, "the menu asks nothing")
    assert (again["from"], again["body"], again["options"]) == ("hotline", "", options)
    visitor.page.say("English")
    visitor.page.reads("Welcome")


HOSTILE = [
    (b"<html><script>alert(1)</script>", "photo.png", 422, "file_kind"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", 422, "file_kind"),
    (b"MZ\x90\0\3", "photo.jpg", 422, "file_kind"), (b"PK\3\4" + bytes(40), "report.pdf", 422, "file_kind"),
    (b"", "a.png", 422, "empty"), (png()[:50], "a.png", 422, "file_broken"),
    (b"x" * (MOST + 1), "a.txt", 413, "too_large"),
]


@pytest.mark.parametrize(("content", "name", "status", "code"), HOSTILE)
def test_hostile__is_refused_with_a_reason_and_leaves_nothing(
        service: Service, visitor: Visitor, content: bytes, name: str, status: int, code: str) -> None:
    before = folder(service)
    answer = visitor.send(content, name)
    assert (answer.status, answer.told["code"]) == (status, code)
    assert folder(service) == before


@pytest.mark.parametrize(("content", "name", "kept_name"), [
    (b"x" * MOST, "../../../etc/passwd", "passwd.txt"), (jpeg(behind=b"PK\3\4<script>"), "a.html", "a.html.jpg"),
    (png_bomb(), "large.png", "large.png"), (png(), "\u202egpj.exe\r\nX-Injected: 1", "gpj.exe X-Injected_ 1.png")])
def test_hostile__is_kept_harmless(service: Service, visitor: Visitor, content: bytes, name: str,
                                   kept_name: str) -> None:
    before = set(folder(service))
    sent = visitor.send(content, name)
    assert (sent.status, sent.told["name"]) == (201, kept_name)
    assert [path.name for path in set(folder(service)) - before] == [sent.told["file"]]
    got = visitor.fetch(sent.told["file"])
    assert b"<script>" not in got.content
    assert "x-injected" not in got.headers
    assert got.headers["content-disposition"].startswith("inline" if sent.told["width"] else "attachment")


def test_hostile__a_body_that_does_not_end_leaves_nothing(service: Service, visitor: Visitor) -> None:
    host, port = str(service.config["web"]["listen"]).split(":")
    before = folder(service)
    head = (f"POST /api/chat/files HTTP/1.1\r\nHost: {host}:{port}\r\nX-Hotline-Visitor: {visitor.token}\r\n"
            f"Content-Length: 5000\r\n\r\n").encode()
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(head + png())
        wait_for(lambda: len(folder(service)) > len(before), 10, "nothing is begun")
    wait_for(lambda: folder(service) == before, 10, "half a file lies there")
    chunked = head.replace(b"Content-Length: 5000", b"Transfer-Encoding: chunked")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(chunked)
        for _ in range(6):
            connection.sendall(b"c350\r\n" + bytes(50_000) + b"\r\n")
        assert b" 413 " in connection.recv(1000)
    wait_for(lambda: folder(service) == before, 10, "half a file lies there")


def test_upload__the_web_process_dies_in_the_middle_and_nothing_is_left(service: Service, visitor: Visitor) -> None:
    sent = visitor.send(png()).told["file"]
    host, port = str(service.config["web"]["listen"]).split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall((f"POST /api/chat/files HTTP/1.1\r\nHost: {host}:{port}\r\nX-Hotline-Visitor: "
                            f"{visitor.token}\r\nContent-Length: 5000\r\n\r\n").encode() + png())
        part = service.state / "files" / "part"
        wait_for(lambda: list(part.iterdir()), 10, "nothing is begun")
        os.kill(service.child("web"), signal.SIGKILL)
        wait_for(lambda: not list(part.iterdir()), 30, "half a file lies there")

    def is_back() -> bool:
        try:
            return visitor.fetch(sent).status == 200
        except OSError:
            return False

    wait_for(is_back, 20, "what was kept is not there")
    page = ChatPage(f"{host}:{port}")
    wait_for(lambda: page.hello(visitor.token, visitor.call, 0)["call"] == visitor.call, 20, "no hello")
    page.tell("say", key="after", file=sent)        # it was sent before: it is said after
    assert wait_for(lambda: page.all("kept") or page.all("refused"), 15, "neither")[0]["form"] == "file"
    visitor.page.close()
    visitor.page = page


def test_hostile__files_of_others(service: Service, visitor: Visitor) -> None:
    other = Visitor(service)
    sent = visitor.send(png()).told["file"]
    assert visitor.fetch(sent).status == 200
    for token in (other.token, "x" * 24, "no"):
        assert visitor.fetch(sent, token).status == 404
    for name in ("..%2f..%2fapi-token", "%2e%2e", "part", sent[:31], sent + "0", "x" * 32):
        assert visitor.fetch(name).status == 404
    assert other.say(sent, "k")["reason"] == "no_file"
    assert other.say("0" * 32, "k2")["reason"] == "no_file"
    assert visitor.send(png(), token="x" * 24).told["code"] == "no_chat"
    assert visitor.send(png(), token="no").told["code"] == "no_chat"
    other.page.tell("say", key="k3", body=json.dumps({"file": sent}))       # a text, whatever it looks like
    assert wait_for(lambda: [one for one in other.page.all("kept") if one["key"] == "k3"], 15, "")[0]["form"] == "text"
    web = str(service.config["web"]["listen"])
    foreign = ask(service, "POST", "/api/chat/files", {"Origin": "https://evil.example",
                                                       "X-Hotline-Visitor": visitor.token}, png())
    assert (foreign.status, foreign.told["code"]) == (403, "foreign_origin"), web
    other.leave()


def test_limits__of_a_chat_and_of_a_hurry(visitor: Visitor) -> None:
    codes = []
    for _ in range(12):
        answer = visitor.send(png())
        codes.append((answer.status, answer.told.get("code", "")))
    assert set(codes[:8]) <= {(201, ""), (429, "too_often")}
    assert codes[-1] == (429, "too_often") or (409, "files_full") in codes
