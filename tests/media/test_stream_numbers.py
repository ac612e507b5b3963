"""Streams of several planes: numbers in control, rows in a plane, turned where a message is read."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.plane_links import PlaneLinks, plane_socket
from ivr.drivers.plane_server import PlaneServer
from ivr.media import commands, events
from ivr.media.stream_numbers import MOST_ROWS, from_worker, row_of, stream_number, to_rows, worker_for, worker_of

TIMEOUT = 10.0


@pytest.mark.parametrize(("worker", "row"), [(0, 0), (0, 65_535), (1, 0), (63, 65_535)])
def test_number__has_worker_and_row(worker: int, row: int) -> None:
    stream = stream_number(worker, row)
    assert (worker_of(stream), row_of(stream)) == (worker, row)


@pytest.mark.parametrize(("command", "wanted"), [
    (commands.StopPlayback(3 * MOST_ROWS + 5, "a"), commands.StopPlayback(5, "a")),
    (commands.OpenStream(MOST_ROWS, "a", 1, 2, 3), commands.OpenStream(0, "a", 1, 2, 3)),
    (commands.Bridge(MOST_ROWS + 1, "a", MOST_ROWS + 2, "b"), commands.Bridge(1, "a", 2, "b")),
    (commands.Hear(MOST_ROWS + 1, "a", ((MOST_ROWS + 2, "b"), (MOST_ROWS, "c"))),
     commands.Hear(1, "a", ((2, "b"), (0, "c")))),
    (commands.Bridge(1, "a", 2, "b"), commands.Bridge(1, "a", 2, "b")),
])
def test_number__of_a_command_becomes_a_row(command: Any, wanted: Any) -> None:
    assert worker_for(command) == worker_of(command.stream)
    to_rows(command)
    assert command == wanted


def test_number__what_is_about_no_stream_is_for_all() -> None:
    command = commands.LoadClip("clip", "path")
    assert worker_for(command) is None
    to_rows(command)
    from_worker(events.CaptureClosed(1, 2, ""), 3)
    assert command == commands.LoadClip("clip", "path")


@pytest.mark.parametrize(("event", "wanted"), [
    (events.DigitPressed(5, "a", "1"), events.DigitPressed(2 * MOST_ROWS + 5, "a", "1")),
    (events.StreamClosed(0, "a", None), events.StreamClosed(2 * MOST_ROWS, "a", None)),
    (events.PlaneReady((1,), "plain"), events.PlaneReady((1,), "plain", 2)),
    (events.ClipFailed("c", "why"), events.ClipFailed("c", "why", 2)),
])
def test_number__of_an_event_tells_its_worker(event: Any, wanted: Any) -> None:
    from_worker(event, 2)
    assert event == wanted


def test_links__each_plane_gets_its_own_and_all_what_is_for_all(tmp_path: Path) -> None:
    servers = [PlaneServer(plane_socket(tmp_path, worker)) for worker in range(3)]
    got: list[list[Any]] = [[] for _ in servers]
    told: list[Any] = []
    lost: list[int] = []
    dead: set[int] = set()

    async def until(what: Any) -> None:
        async with asyncio.timeout(TIMEOUT):
            while not what():
                for worker, server in enumerate(servers):
                    if worker not in dead:
                        got[worker] += server.receive()
                await asyncio.sleep(0.005)

    async def story() -> None:
        links = PlaneLinks(tmp_path, 3, told.append, lost.append)
        links.start()
        await until(lambda: all(got))
        for server in servers:
            server.send([events.PlaneReady((16_384,), "plain")])
        await until(lambda: len(told) == 3)
        assert sorted(event.worker for event in told) == [0, 1, 2]
        links.put(commands.StopPlayback(2 * MOST_ROWS + 7, "a"), None)
        links.put(commands.LoadClip("c", "p"), 1)
        links.put(commands.StopRecording(4), None)
        links.flush()
        await until(lambda: all(commands.StopRecording(4) in each for each in got))
        assert [[one for one in each if not isinstance(one, commands.Hello)] for each in got] == [
            [commands.StopRecording(4)], [commands.LoadClip("c", "p"), commands.StopRecording(4)],
            [commands.StopPlayback(7, "a"), commands.StopRecording(4)]]
        servers[1].send([events.MediaLost(9, "b", 20.0)])
        await until(lambda: len(told) == 4)
        assert told[-1] == events.MediaLost(MOST_ROWS + 9, "b", 20.0)
        servers[1].close()
        dead.add(1)
        await until(lambda: lost == [1])
        links.put(commands.StopPlayback(MOST_ROWS + 7, "a"), None)      # to nobody
        links.put(commands.StopPlayback(8, "a"), None)
        links.flush()
        await until(lambda: commands.StopPlayback(8, "a") in got[0])
        links.close()

    try:
        asyncio.run(story())
    finally:
        for worker in {0, 2}:
            servers[worker].close()
