"""Both ends of the control link against each other, and against peers that misbehave."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivr.base.errors import AdminError
from ivr.drivers import control_link
from ivr.drivers.control_link import ControlAway, ControlLink, ControlRefused, ControlServer


def answer(op: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
    if op == "echo":
        return arguments
    if op == "long":
        return {"text": "x" * arguments["size"]}
    if op == "break":
        raise RuntimeError("a mistake of ours")
    raise ControlRefused("unknown_op", f"there is no {op}")


def with_link(path: Path, test: Callable[[ControlServer, ControlLink], Awaitable[None]], timeout: float = 2.0) -> None:
    async def run() -> None:
        server, link = ControlServer(path, answer), ControlLink(path, timeout)
        await server.start()
        try:
            await test(server, link)
        finally:
            await link.close()
            await server.close()

    asyncio.run(run())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def test_link__asks_and_is_answered(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        assert await link.call("echo", name="Анна", number=5) == {"name": "Анна", "number": 5}
        assert await asyncio.gather(*(link.call("echo", n=n) for n in range(40))) == [{"n": n} for n in range(40)]
        assert path.stat().st_mode & 0o777 == 0o600

    with_link(path, test)


def test_link__refusals_and_mistakes_are_told_apart(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        with pytest.raises(ControlRefused) as refused:
            await link.call("dance")
        assert (refused.value.code, refused.value.message) == ("unknown_op", "there is no dance")
        with pytest.raises(ControlRefused) as broken:
            await link.call("break")
        assert broken.value.code == "internal"
        assert await link.call("echo") == {}

    with_link(path, test)


def test_link__a_snapshot_of_megabytes_passes(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        assert len((await link.call("long", size=8_000_000))["text"]) == 8_000_000

    with_link(path, test)


def test_link__control_is_away_then_back(path: Path) -> None:
    async def run() -> None:
        link = ControlLink(path)
        with pytest.raises(ControlAway, match="not reachable"):
            await link.call("echo")
        for n in range(3):
            server = ControlServer(path, answer)
            await server.start()
            assert await link.call("echo", n=n) == {"n": n}
            await server.close()
            assert not path.exists()
        with pytest.raises(ControlAway):
            await link.call("echo")
        await link.close()

    asyncio.run(run())


def test_link__a_socket_that_a_killed_control_left_is_replaced(path: Path) -> None:
    async def run() -> None:
        first, second, link = ControlServer(path, answer), ControlServer(path, answer), ControlLink(path)
        await first.start()
        await second.start()
        assert await link.call("echo", n=1) == {"n": 1}
        await link.close()
        await second.close()
        await first.close()

    asyncio.run(run())


async def _silent(path: Path, reply: bytes | None) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if reply is not None:
            writer.write(reply)
            await writer.drain()
        await reader.read()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_unix_server(serve, path)


@pytest.mark.parametrize("reply", [None, b"nonsense\n", b"[]\n", b'{"id": 1}\n', b'{"id": 99, "ok": {}}\n',
                                   b'{"id": 1, "ok": []}\n', b'{"id": 1, "error": "x"}\n', b"x" * 100])
def test_link__whatever_control_sends_ends_in_time(path: Path, reply: bytes | None) -> None:
    async def run() -> None:
        server, link = await _silent(path, reply), ControlLink(path, timeout=0.1)
        with pytest.raises(ControlAway):
            await link.call("echo")
        await link.close()
        await asyncio.sleep(0.01)
        server.close()
        await server.wait_closed()

    asyncio.run(run())


def test_link__commands_without_an_answer_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_link, "PENDING", 3)

    async def run() -> None:
        server, link = await _silent(path, None), ControlLink(path, timeout=0.2)
        results = await asyncio.gather(*(link.call("echo") for _ in range(5)), return_exceptions=True)
        assert [str(result) for result in results].count("too many commands are waiting") == 2
        assert all(isinstance(result, ControlAway) for result in results)
        await link.close()
        await asyncio.sleep(0.01)
        server.close()
        await server.wait_closed()

    asyncio.run(run())


@pytest.mark.parametrize("line", [b"nonsense\n", b"[]\n", b"\xff\n", b'{"op": 5}\n', b'{"op": "echo", "args": 1}\n',
                                  b"[" * 60_000 + b"\n", b"x" * 200_000])
def test_server__closes_whoever_sends_no_command_and_serves_the_others(path: Path, line: bytes) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        assert await link.call("echo", n=1) == {"n": 1}

    with_link(path, test)


def test_server__one_byte_at_a_time(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        for byte in b'{"id": "a", "op": "echo", "args": {"n": 1}}\n':
            writer.write(bytes([byte]))
            await writer.drain()
        assert json.loads(await reader.readline()) == {"id": "a", "ok": {"n": 1}}
        writer.close()
        await writer.wait_closed()

    with_link(path, test)


def test_server__connections_are_bounded_and_come_free_again(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        others = [await asyncio.open_unix_connection(path) for _ in range(control_link.CONNECTIONS)]
        await asyncio.sleep(0.01)
        with pytest.raises(ControlAway):
            await link.call("echo")
        for _, writer in others:
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.01)
        assert await link.call("echo") == {}

    with_link(path, test)


def test_server__closes_a_client_that_does_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_link, "WRITE_TIMEOUT", 0.05)

    async def test(server: ControlServer, link: ControlLink) -> None:
        _, writer = await asyncio.open_unix_connection(path, limit=1024)
        writer.write(b'{"id": 1, "op": "long", "args": {"size": 4000000}}\n' * 4)
        await asyncio.sleep(0.2)
        assert await link.call("echo", n=1) == {"n": 1}
        assert not server._connections or len(server._connections) == 1
        writer.close()
        await writer.wait_closed()

    with_link(path, test)


def test_server__path_too_long_for_a_socket(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match="at most 107 bytes"):
        asyncio.run(ControlServer(tmp_path / ("x" * 120), answer).start())


def test_server__folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match="can't listen"):
        asyncio.run(ControlServer(tmp_path / "gone" / "control.sock", answer).start())


# --- pushes -----------------------------------------------------------------------------------------------------------
def test_push__reaches_who_listens_in_order_and_nobody_else(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        heard: list[dict[str, Any]] = []
        link.on_push = heard.append
        server.push({"n": -1})              # nobody listens yet
        await link.call("echo")
        server.push({"n": -2})
        await link.listen()
        for n in range(100):
            server.push({"n": n, "text": "Анна"})
        assert await link.call("echo", n=1) == {"n": 1}
        assert heard == [{"n": n, "text": "Анна"} for n in range(100)]

    with_link(path, test)


def test_push__a_mistake_with_one_costs_no_other(path: Path) -> None:
    async def test(server: ControlServer, link: ControlLink) -> None:
        heard: list[int] = []
        link.on_push = lambda message: heard.append(10 // message["n"])
        await link.listen()
        for n in (5, 0, 2):
            server.push({"n": n})
        await link.call("echo")
        assert heard == [2, 5]

    with_link(path, test)


def test_push__a_listener_that_does_not_read_is_closed_and_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_link, "PUSH_BYTES", 10_000)
    lost: list[str] = []

    async def run() -> None:
        server = ControlServer(path, answer, lambda: lost.append("lost"))
        await server.start()
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"id":1,"op":"listen"}\n')
        assert json.loads(await reader.readline()) == {"id": 1, "ok": {}}
        writer.transport.pause_reading()        # type: ignore[attr-defined]
        for _ in range(200):
            server.push({"text": "x" * 10_000})
            await asyncio.sleep(0)
        while not lost:
            await asyncio.sleep(0.01)
        server.push({"to": "nobody"})
        writer.close()
        await server.close()

    asyncio.run(run())
    assert lost == ["lost"]


def test_push__a_second_listener_takes_the_place_of_the_first(path: Path) -> None:
    lost: list[str] = []

    async def run() -> None:
        server = ControlServer(path, answer, lambda: lost.append("lost"))
        await server.start()
        first, second = ControlLink(path), ControlLink(path)
        heard: dict[str, list[Any]] = {"first": [], "second": []}
        first.on_push, second.on_push = heard["first"].append, heard["second"].append
        await first.listen()
        await second.listen()
        await asyncio.wait_for(first.until_lost(), 2)
        server.push({"n": 1})
        await second.call("echo")
        assert heard == {"first": [], "second": [{"n": 1}]}
        await first.close()
        await second.close()
        await server.close()

    asyncio.run(run())
    assert lost == ["lost", "lost"]             # the first, and the second as all ends
