"""Menus ask other systems: against a real server on this machine, with all that may go wrong."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import Event
from time import process_time

import pytest
import trustme

from ivr.base.config_look_ups import LookUpsConfig
from ivr.base.errors import AdminError
from ivr.drivers import host_names, token_files
from ivr.drivers.config_file import load_config
from ivr.drivers.host_names import HostNames, NotFound
from ivr.drivers.http_look_ups import Answer, HttpLookUps
from ivr.drivers.token_files import TokenFiles
from ivr.menu.requests import Request

Reply = Callable[[int], Awaitable[bytes] | bytes]


@dataclass
class Server:
    """Answers each connection with `reply(number)` and notes what it was asked."""

    reply: Reply
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass        # the other side has gone
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)
        self.asked.append(head + await reader.readexactly(length))
        reply = self.reply(len(self.asked))
        writer.write(reply if isinstance(reply, bytes) else await reply)
        await writer.drain()


@asynccontextmanager
async def serving(reply: Reply, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(reply)
    socket = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = socket.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        socket.close()
        for task in server.serving:
            task.cancel()
        await asyncio.gather(*server.serving, return_exceptions=True)
        await asyncio.sleep(0.01)       # for the transports to close


def says(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n".encode() + body


def asks(port: int, method: str = "GET", path: str = "/balance", timeout: float = 20.0, retries: int = 0,
         host: str = "127.0.0.1", **more: object) -> Request:
    return Request(method, f"http://{host}:{port}{path}", (), more.get("body"), timeout, retries)    # type: ignore[arg-type]


LOCAL = LookUpsConfig(private=("127.0.0.0/8", "::1/128"))


def talk(reply: Reply, request: Callable[[int], Request], config: LookUpsConfig = LOCAL) -> tuple[Answer, Server]:
    async def story() -> tuple[Answer, Server]:
        async with serving(reply) as server:
            look_ups = HttpLookUps(config)
            answer = await look_ups.ask(request(server.port))
            await look_ups.close()
            return answer, server
    return asyncio.run(story())


def test_http__an_answer_is_json_and_its_fractions_are_exact() -> None:
    answer, server = talk(lambda number: says(b'{"amount": 1250.10, "n": 7}'), asks)
    assert answer == Answer({"amount": Decimal("1250.10"), "n": 7})
    head = server.asked[0].decode()
    assert head.startswith("GET /balance HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head


def test_http__a_body_goes_as_json() -> None:
    answer, server = talk(lambda number: says(b"", "204 No Content"),
                          lambda port: asks(port, "POST", body={"card": "4111", "ok": "true"}))
    assert answer == Answer({})
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"card": "4111", "ok": "true"}
    assert b"application/json" in head


async def _late() -> bytes:
    await asyncio.sleep(1)
    return says(b"{}")


@pytest.mark.parametrize(("reply", "reason"), [
    (says(b"{}", "404 Not Found"), "status 404"),
    (says(b"", "302 Found", "Location: http://127.0.0.1:1/other\r\n"), "status 302"),
    (says(b"<html>"), "the answer is no JSON"),
    (says(b"\xff\xfe{"), "the answer is no JSON"),
    (says(b"[" * 100_000), "the answer is too large"),
    (says(b"[" * 60_000), "the answer is nested too deeply"),
    (says(b'{"a":' * 50 + b"1" + b"}" * 50), "the answer is nested too deeply"),
    (says(b'{"a": ' + b"9" * 41 + b"}"), "a number of the answer is too long"),
    (says(b'{"a": 0.' + b"1" * 50 + b"}"), "a number of the answer is too long"),
    (says(b'{"a": 1e999999999}'), "a number of the answer is too long"),
    (says(b'{"a": 1e-41}'), "a number of the answer is too long"),
    (says(b'{"a": 1e99999999999999999999}'), "the answer is no JSON"),
    (says(b'{"a": NaN}'), "a number of the answer is none"),
    (says(b'{"a": -Infinity}'), "a number of the answer is none"),
    (says(b'{"paid": true, "paid": false}'), "the answer says one thing twice"),
    (says(b'{"a": ["\\ud800"]}'), "the answer is no JSON"),
    (says(b'"' + b"x" * 70_000 + b'"'), "the answer is too large"),
    (says(b'"' + b'\\"' * 32_000), "the answer is no JSON"),
    (b"nonsense\r\n\r\n", "the connection broke"),
    (b"", "the connection broke"),
])
def test_http__what_is_no_answer_has_a_reason(reply: bytes, reason: str) -> None:
    answer, server = talk(lambda number: reply, asks)
    assert answer == Answer(reason=reason)
    assert len(server.asked) == 1


def test_http__numbers_and_signs_at_the_bounds_are_taken() -> None:
    body = (b'{"a": ' + b"9" * 40 + b', "b": 1e39, "c": 0e999999999, "d": "\\ud83d\\ude00", "e": ' +
            b"[" * 39 + b"]" * 39 + b"}")
    answer, _ = talk(lambda number: says(body), asks)
    assert {key: answer.json[key] for key in "abcd"} == {
        "a": int("9" * 40), "b": Decimal("1e39"), "c": Decimal(0), "d": "\U0001f600"}
    assert str(answer.json["c"]) == "0"


def test_http__who_is_slow_is_given_up_in_time() -> None:
    answer, _ = talk(lambda number: _late(), lambda port: asks(port, timeout=0.1))
    assert answer == Answer(reason="no answer in time")


def test_http__what_may_pass_is_tried_again() -> None:
    answer, server = talk(lambda number: says(b'{"n": 1}') if number == 3 else says(b"", "503 Busy"),
                          lambda port: asks(port, retries=2))
    assert (answer, len(server.asked)) == (Answer({"n": 1}), 3)


def test_http__what_may_have_been_done_is_not_done_twice() -> None:
    answer, server = talk(lambda number: says(b"", "503 Busy"), lambda port: asks(port, "POST", retries=2))
    assert (answer, len(server.asked)) == (Answer(reason="status 503"), 1)


def test_http__nobody_there() -> None:
    async def story() -> Answer:
        async with serving(lambda number: b"") as server:
            port = server.port
        return await HttpLookUps(LOCAL).ask(asks(port, retries=1))
    assert asyncio.run(story()) == Answer(reason="no connection")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.1.2.3", "169.254.1.1",
                                  "192.168.0.1", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[64:ff9b::7f00:1]",
                                  "[64:ff9b::a9fe:a9fe]", "[::127.0.0.1]", "[::]", "[2002:7f00:1::]", "[fec0::1]",
                                  "[64:ff9b:1::1]"])
def test_http__a_private_address_is_not_asked_unless_it_is_allowed(host: str) -> None:
    answer, server = talk(lambda number: says(b"{}"), lambda port: asks(port, host=host), LookUpsConfig())
    assert answer == Answer(reason="its address is not public, and not in look_ups.private")
    assert server.asked == []


def test_http__a_host_without_an_address() -> None:
    answer, _ = talk(lambda number: b"", lambda port: asks(port, host="nowhere.invalid"))
    assert answer == Answer(reason="the host has no address")


def test_http__no_more_at_once_than_allowed() -> None:
    async def story() -> list[Answer]:
        async with serving(lambda number: _late()) as server:
            look_ups = HttpLookUps(LookUpsConfig(private=("127.0.0.0/8",), max_at_once=2))
            asked = [look_ups.ask(asks(server.port, timeout=0.2)) for _ in range(3)]
            return list(await asyncio.gather(*asked))
    reasons = [answer.reason for answer in asyncio.run(story())]
    assert reasons == ["no answer in time", "no answer in time", "too many questions at once"]


def test_http__a_token_never_goes_in_the_clear(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    token.chmod(0o600)
    config = LookUpsConfig(private=("127.0.0.0/8",), token_files={"127.0.0.1": str(token)})
    answer, server = talk(lambda number: says(b"{}"), asks, config)
    assert answer == Answer(reason="its token goes by https alone")
    assert server.asked == []


def test_http__a_token_file_that_is_not_there_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    text = (root / "config.yaml").read_text().replace("menus/", f"{root}/menus/").replace(
        "folder: audio_prompts", f"folder: {root}/audio_prompts")
    (tmp_path / "config.yaml").write_text(text + "\nlook_ups:\n  token_files: {core.bank.example: secrets/core}\n")
    with pytest.raises(AdminError) as caught:
        load_config(tmp_path / "config.yaml")
    assert [fault.place.line for fault in caught.value.faults] == [text.count("\n") + 3]
    assert f"there is no file {tmp_path}/secrets/core" in str(caught.value)


@pytest.mark.parametrize(("certified", "answer"), [
    ("localhost", Answer({"n": 1})), ("other.example", Answer(reason="no connection"))])
def test_http__over_tls_the_host_must_be_who_it_says_and_has_its_token(tmp_path: Path, certified: str,
                                                                      answer: Answer) -> None:
    """`localhost` may have an address of IPv6 first, where nobody listens."""
    authority = trustme.CA()
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(certified).configure_cert(server_side)
    authority.configure_trust(client_side)
    token = tmp_path / "token"
    token.write_text("opensesame\n")
    token.chmod(0o600)
    config = LookUpsConfig(private=("127.0.0.0/8", "::1/128"), token_files={"localhost": str(token)})

    async def story() -> tuple[Answer, Server]:
        async with serving(lambda number: says(b'{"n": 1}'), server_side) as server:
            look_ups = HttpLookUps(config, client_side)
            request = Request("GET", f"https://localhost:{server.port}/x", (), None, 20.0, 0)
            got = await look_ups.ask(request)
            await look_ups.close()
            return got, server
    got, server = asyncio.run(story())
    assert got == answer
    assert [b"Authorization: Bearer opensesame\r\n" in asked for asked in server.asked] == [True] * bool(answer.json)


def test_http__a_text_without_end_holds_nobody_up() -> None:
    """Each of its quotes could begin another one: 30,000 of them took seconds, in which no call went on."""
    began = process_time()
    answer, _ = talk(lambda number: says(b'"' + b'\\"' * 32_000), asks)
    assert answer.reason == "the answer is no JSON"
    assert process_time() - began < 1.5


def test_http__a_cookie_of_one_caller_is_not_sent_for_the_next() -> None:
    async def story() -> Server:
        async with serving(lambda number: says(b"{}", more="Set-Cookie: session=first\r\n")) as server:
            look_ups = HttpLookUps(LOCAL)
            for _ in range(2):
                await look_ups.ask(asks(server.port))
            await look_ups.close()
            return server
    first, second = asyncio.run(story()).asked
    assert (b"cookie" in first.lower(), b"cookie" in second.lower()) == (False, False)


def test_http__a_connection_of_one_host_carries_no_question_to_another() -> None:
    """Both have one address, and over TLS only one of them was proven at the other end."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections))
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        look_ups = HttpLookUps(LOCAL)
        for host in ("127.0.0.1", "127.0.0.1", "localhost"):
            assert await look_ups.ask(asks(port, host=host)) == Answer({})
        await look_ups.close()
        server.close()
        await asyncio.sleep(0.01)
    asyncio.run(story())
    assert len(connections) == 2


def test_http__a_name_server_that_is_silent_holds_up_nobody_else() -> None:
    """It kept one of eight threads with each question, and after eight of them no host at all was asked."""
    over = Event()

    def resolve(host: str) -> list[str]:
        if host != "localhost":
            over.wait(30)
        return ["127.0.0.1"]

    async def story() -> tuple[list[Answer], Answer, Answer]:
        names = HostNames(resolve)
        async with serving(lambda number: says(b"{}")) as server:
            look_ups = HttpLookUps(LOCAL, names=names)
            waiting = asyncio.gather(*(look_ups.ask(asks(server.port, host=f"h{number % 4}.example", timeout=0.2))
                                       for number in range(40)))
            answer = await look_ups.ask(asks(server.port, host="localhost"))
            gave_up = await waiting
            host_names.PATIENCE, kept = 0.0, host_names.PATIENCE
            try:
                late = await look_ups.ask(asks(server.port, host="h0.example"))
            finally:
                host_names.PATIENCE = kept
            over.set()
            await look_ups.close()
            return gave_up, answer, late
    gave_up, answer, late = asyncio.run(story())
    assert answer == Answer({})
    assert gave_up == [Answer(reason="no answer in time")] * 40
    assert late == Answer(reason="its name server does not answer")


def test_names__no_more_hosts_at_once_than_there_are_threads_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over, asked = Event(), list[str]()

    def resolve(host: str) -> list[str]:
        asked.append(host)
        over.wait(30)
        return ["127.0.0.1"]

    async def story() -> list[list[str] | BaseException]:
        names = HostNames(resolve)
        first = [asyncio.ensure_future(names.addresses(host)) for host in ("a", "b", "a")]
        await asyncio.sleep(0)
        with pytest.raises(NotFound, match="too many names"):
            await names.addresses("c")
        over.set()
        return list(await asyncio.gather(*first, names.addresses("b")))
    monkeypatch.setattr(host_names, "MOST", 2)
    assert asyncio.run(story()) == [["127.0.0.1"]] * 4
    assert sorted(asked) == ["a", "b"]


def test_tokens__a_renewed_file_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is in it while somebody writes it is not: the one before goes on."""
    file = tmp_path / "token"
    assert 2 * token_files.READ_EVERY <= 10.0       # what docs/menus.md promises

    def write(text: str) -> None:
        file.write_text(text)
        file.chmod(0o600)

    async def story() -> list[str | None]:
        with ThreadPoolExecutor(1) as threads:
            tokens = TokenFiles(threads)
            found = [await tokens.token(str(file))]
            for text, every in (("first", 60.0), ("second", 60.0), ("second", 0.0), ("", 0.0), ("third\nline", 0.0),
                                ("fourth", 0.0)):
                write(text)
                monkeypatch.setattr(token_files, "READ_EVERY", every)
                found.append(await tokens.token(str(file)))
            file.unlink()
            os.mkfifo(file, 0o600)
            return [*found, await tokens.token(str(file))]
    assert asyncio.run(story()) == [None, "first", "first", "second", "second", "second", "fourth", "fourth"]


def test_http__names_are_looked_up_where_nobody_else_waits() -> None:
    """Files are written by the loop's own threads; these here are all busy."""
    async def story() -> Answer:
        loop, over = asyncio.get_running_loop(), Event()
        loop.set_default_executor(ThreadPoolExecutor(1))
        busy = loop.run_in_executor(None, over.wait)
        try:
            async with serving(lambda number: says(b"{}")) as server:
                look_ups = HttpLookUps(LOCAL)
                answer = await look_ups.ask(asks(server.port, host="localhost", timeout=5.0))
                await look_ups.close()
                return answer
        finally:
            over.set()
            await busy
    assert asyncio.run(story()) == Answer({})
