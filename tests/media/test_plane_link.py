"""The link between control and plane: epochs, bounds, and bytes that are no message."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.drivers import plane_link, plane_server
from ivr.drivers.plane_link import PlaneLink
from ivr.drivers.plane_server import PlaneServer
from ivr.media import commands, events
from ivr.media.messages import Message, decode_command, decode_event, encode

STOP = commands.StopPlayback(1, "leg")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PlaneServer]:
    server = PlaneServer(tmp_path / "plane.sock")
    yield server
    server.close()


def connect(path: Path, *messages: tuple[Message, int]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(str(path))
    connection.setblocking(False)
    for message, epoch in messages:
        connection.send(encode(message, epoch))
    return connection


def received(server: PlaneServer) -> list[commands.Command]:
    """Commands after enough turns to accept and to read."""
    return [command for _ in range(4) for command in server.receive()]


def test_server__commands_of_the_current_epoch_in_order(server: PlaneServer, tmp_path: Path) -> None:
    with connect(tmp_path / "plane.sock", (STOP, 5), (commands.Hello(5), 5), (STOP, 5), (STOP, 4),
                 (commands.Hello(5), 5)):
        assert received(server) == [commands.Hello(5), STOP, commands.Hello(5)]


def test_server__a_newer_control_takes_over(server: PlaneServer, tmp_path: Path) -> None:
    path = tmp_path / "plane.sock"
    with connect(path, (commands.Hello(5), 5)) as old:
        assert received(server) == [commands.Hello(5)]
        with connect(path, (commands.Hello(6), 6), (STOP, 6)) as new, connect(path, (commands.Hello(4), 4), (STOP, 6)):
            assert received(server) == [commands.Hello(6), STOP]
            assert old.recv(100) == b""
            server.send([events.ClipLoaded("a", 1.0)])
            assert decode_event(new.recv(1000)) == (events.ClipLoaded("a", 1.0), 6)


def test_server__a_newer_control_takes_over_while_the_older_one_speaks(server: PlaneServer, tmp_path: Path) -> None:
    path = tmp_path / "plane.sock"
    with connect(path, (commands.Hello(5), 5)) as old, connect(path) as new:
        assert received(server) == [commands.Hello(5)]
        new.send(encode(commands.Hello(6), 6))
        old.send(encode(STOP, 5))
        assert received(server) == [commands.Hello(6)]



def test_server__rubbish_is_dropped(server: PlaneServer, tmp_path: Path) -> None:
    with connect(tmp_path / "plane.sock", (commands.Hello(5), 5)) as connection:
        connection.send(b"rubbish")
        connection.send(encode(events.ClipLoaded("a", 1.0), 5))
        connection.send(encode(STOP, 5))
        assert received(server) == [commands.Hello(5), STOP]


def test_server__too_many_connections(server: PlaneServer, tmp_path: Path) -> None:
    connections = []
    for _ in range(6):
        connections.append(connect(tmp_path / "plane.sock"))
        received(server)
    assert [_is_closed(connection) for connection in connections] == [False] * 4 + [True] * 2
    for connection in connections:
        connection.close()


def test_server__a_control_that_reads_nothing_is_cut_off(server: PlaneServer, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plane_server, "EVENTS_WAITING", 40)
    monkeypatch.setattr(plane_server, "SHED_FROM", 30)
    closed = events.StreamClosed(1, "leg", events.StreamStatistics())
    with connect(tmp_path / "plane.sock", (commands.Hello(5), 5)) as connection:
        received(server)
        while not server.behind:
            server.send([events.ClipLoaded("x" * 10_000, 1.0)])
        server.send([events.ClipLoaded("a", 1.0)] * 30)
        server.send([events.MediaLatched(1, "leg", ("192.0.2.1", 5)), closed])
        waiting = [decode_event(payload)[0] for payload in server._waiting]
        assert waiting[-1] == events.StreamClosed(1, "leg", None)
        assert not [event for event in waiting if isinstance(event, events.MediaLatched)]
        server.send([closed] * 40)
        assert not server.behind
        while connection.recv(20_000):
            continue


def test_server__without_control_events_go_nowhere(server: PlaneServer) -> None:
    server.send([events.ClipLoaded("a", 1.0)])
    assert not server.behind


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(10) == b""
    except BlockingIOError:
        return False


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def _collect(server: PlaneServer, count: int) -> list[commands.Command]:
    """The next commands that come."""
    found: list[commands.Command] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += server.receive()
            await asyncio.sleep(0.001)
    return found


def test_link__connects_again_with_a_higher_epoch_and_tells_once(tmp_path: Path) -> None:
    path = tmp_path / "plane.sock"

    async def story() -> None:
        told: list[events.Event] = []
        lost: list[bool] = []
        link = PlaneLink(path, told.append, lambda: lost.append(True))
        link.start()
        link.send(STOP)                                 # nobody is there: dropped
        epochs: list[int] = []
        for _ in range(2):
            server = PlaneServer(path)
            hello, = await _collect(server, 1)
            assert isinstance(hello, commands.Hello)
            epochs.append(hello.epoch)
            server.send([events.PlaneReady((1,), "plain")])
            await _until(lambda: link.ready)
            link.send(STOP)
            assert await _collect(server, 1) == [STOP]
            server.close()
            await _until(lambda: len(lost) == len(epochs))
        assert epochs[1] > epochs[0]
        assert len(told) == 2
        link.close()

    asyncio.run(story())


def test_link__a_plane_that_reads_nothing_gets_all_when_it_does(tmp_path: Path) -> None:
    path = tmp_path / "plane.sock"

    async def story() -> None:
        server = PlaneServer(path)
        link = PlaneLink(path, lambda event: None, lambda: None)
        link.start()
        for number in range(3000):
            link.send(commands.LoadClip(str(number), "x" * 200))
        got = await _collect(server, 3001)
        assert [command.clip for command in got[1:] if isinstance(command, commands.LoadClip)] == [
            str(number) for number in range(3000)]
        link.close()
        server.close()

    asyncio.run(story())


def test_link__a_plane_that_never_reads_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plane_link, "COMMANDS_WAITING", 100)
    path = tmp_path / "plane.sock"

    async def story() -> None:
        server = PlaneServer(path)
        lost: list[bool] = []
        link = PlaneLink(path, lambda event: None, lambda: lost.append(True))
        link.start()
        received(server)
        server.send([events.PlaneReady((1,), "plain")])
        await _until(lambda: link.ready)
        for _ in range(2000):
            link.send(commands.LoadClip("a", "x" * 1000))
        assert lost == [True]
        link.close()
        server.close()

    asyncio.run(story())


def test_link__what_is_sent_at_once_leaves_as_one_packet(tmp_path: Path) -> None:
    path = tmp_path / "plane.sock"

    async def story() -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(path))
        listener.listen()
        link = PlaneLink(path, lambda event: None, lambda: None)
        link.start()
        connection, _ = listener.accept()
        assert isinstance(decode_command(connection.recv(1000))[0], commands.Hello)
        link.send(STOP, STOP, STOP)
        assert [decode_command(line)[0] for line in connection.recv(1000).split(b"\n")] == [STOP] * 3
        link.close()
        connection.close()
        listener.close()

    asyncio.run(story())
