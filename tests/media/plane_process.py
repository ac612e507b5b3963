"""A plane's process of four streams, control's end of its link, and sockets that speak to it."""

import asyncio
import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ivr.drivers.plane_link import PlaneLink
from ivr.media import commands

STREAMS = 4
# Tests run beside one another, each worker's planes on ports of its own.
FIRST_PORT = 20_400 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


class Process:
    """A plane of four streams and the parent's ends of its pipes."""

    def __init__(self, folder: Path, wire: str) -> None:
        self.path = folder / "plane.sock"
        ready, ready_child = os.pipe()
        lifeline_child, self.lifeline = os.pipe()
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr.service.plane", "--socket", str(self.path), "--host", "127.0.0.1",
             "--host", "::1", "--wire", wire, "--ports", f"{FIRST_PORT}-{FIRST_PORT + 2 * STREAMS - 1}",
             "--ready", str(ready_child), "--lifeline", str(lifeline_child)],
            pass_fds=(ready_child, lifeline_child))
        os.close(ready_child)
        os.close(lifeline_child)
        started = os.read(ready, 1)
        os.close(ready)
        if not started:
            self.end()
        assert started
        self.took = time.monotonic() - self.started_at

    def let_go(self) -> None:
        """What the kernel does when the parent dies."""
        if self.lifeline >= 0:
            os.close(self.lifeline)
        self.lifeline = -1

    def end(self) -> None:
        self.let_go()
        self.process.kill()
        self.process.wait()


class Control:
    """Control's end of the link, with what it was told."""

    def __init__(self, path: Path) -> None:
        self.told: list[Any] = []
        self.lost = 0
        self._news = asyncio.Event()
        self.link = PlaneLink(path, self._take, self._lose)
        self.link.start()

    def _take(self, event: Any) -> None:
        self.told.append(event)
        self._news.set()

    def _lose(self) -> None:
        self.lost += 1
        self._news.set()

    async def until(self, kind: type, count: int = 1) -> Any:
        async with asyncio.timeout(5):
            while len(found := [event for event in self.told if isinstance(event, kind)]) < count:
                self._news.clear()
                await self._news.wait()
        return found[-1]

    async def until_lost(self) -> None:
        async with asyncio.timeout(5):
            while not self.lost:
                self._news.clear()
                await self._news.wait()


def phone(host: str = "127.0.0.1") -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.bind((host, 0))
    return bound


def open_stream(control: Control, stream: int, bound: socket.socket, **keys: str) -> None:
    control.link.send(commands.OpenStream(stream, f"leg{stream}", 1, 1, 1))
    control.link.send(commands.SetStream(stream, f"leg{stream}", bound.getsockname()[:2], "PCMA", 8, 101, "sendrecv",
                                         20, "learn", **keys))      # type: ignore[arg-type]


async def heard(bound: socket.socket, seconds: float) -> list[tuple[int, bytes]]:
    """(sequence number, payload) of what comes."""
    got = []
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with suppress(TimeoutError):
            payload = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(bound, 2000), left)
            got.append((struct.unpack(">H", payload[2:4])[0], payload[12:]))
    return got
