"""One UDP socket and one ticker for the audio of all pages.

What the plane sends is taken out of the socket each 20 ms and handed on at once; what pages send goes to the plane in
the same turn. Nothing is sent when something arrives: with fifty pages that would be two thousand five hundred wakings
a second instead of fifty.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol

from desk.phone.stream import Stream
from ivr.drivers.log import Log

TICK = 0.02              # s: a frame
CATCH_UP = 50            # ticks that are made up for after the process stood still: 1 s; what is older is silence
BUFFER_BYTES = 1 << 20   # of the socket; the kernel gives what it allows
LARGEST = 2048           # octets of a packet; the plane's have 172
MOST_AT_ONCE = 10_000    # packets of one turn: a flood must not hold up pages for ever
_log = Log("pages")


class Listener(Protocol):
    """A page as the ticker sees it."""

    stream: Stream

    def flush(self) -> None:
        """Hand the frames that are there to the page."""


class AudioPort:
    """Where the plane finds the pages: `address`."""

    def __init__(self, host: str, each_second: Callable[[], None] = lambda: None) -> None:
        """Raises OSError where the host can't be bound."""
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            self._socket.bind((host, 0))
        except OSError:
            self._socket.close()
            raise
        self.address: tuple[str, int] = (host, self._socket.getsockname()[1])
        self._listeners: set[Listener] = set()
        self._by_plane: dict[tuple[str, int], Listener] = {}
        self._each_second = each_second
        self._ticks = 0
        self._failed = False
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, listener: Listener) -> None:
        """Serve this page from now on."""
        self._listeners.add(listener)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + TICK
            self._timer = loop.call_at(self._due, self._tick)

    def connect(self, listener: Listener, plane: tuple[str, int] | None) -> None:
        """The page's call has its audio at `plane` from now on, or no more."""
        before = listener.stream.plane
        if before is not None and self._by_plane.get(before) is listener:
            del self._by_plane[before]
        listener.stream.connect(plane)
        if plane is not None:
            self._by_plane[plane] = listener

    def remove(self, listener: Listener) -> None:
        self.connect(listener, None)
        self._listeners.discard(listener)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        missed = int((loop.time() - self._due) / TICK)
        self._due += TICK * (1 + missed)
        try:
            self._turn(1 + min(missed, CATCH_UP))
            self._failed = False
        except Exception as error:      # a bug of ours: it must not take the voice of all pages for good
            if not self._failed:
                _log.error("audio_of_pages_failed", error=error)
            self._failed = True
        self._timer = loop.call_at(self._due, self._tick) if self._listeners else None

    def _turn(self, ticks: int) -> None:
        self._ticks += 1
        self._receive()
        self._send(ticks)
        for listener in list(self._listeners):
            if listener.stream.down:
                listener.flush()
        if self._ticks % 50 == 0:
            self._each_second()

    def _receive(self) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                packet, source = self._socket.recvfrom(LARGEST)
            except OSError:          # nothing more; or ICMP's word of a plane that is gone, which control knows better
                return
            listener = self._by_plane.get(source[:2])
            if listener is not None:
                listener.stream.receive(packet)

    def _send(self, ticks: int) -> None:
        """What is due of each page; of several ticks that were missed, each."""
        send = self._socket.sendto
        for listener in self._listeners:
            stream = listener.stream
            plane = stream.plane
            if plane is None:
                continue
            for _ in range(ticks):
                packet = stream.tick()
                if packet is not None:
                    try:
                        send(packet, plane)
                    except OSError:      # no room, or a plane that is gone: lost as on any network
                        stream.lost += 1
