"""The link between control and plane: a Unix SEQPACKET socket, each packet some messages of ivr.media.messages.

What one turn of control's loop has to say leaves as one packet: a system call costs more than a message.

The plane never waits for control: what control does not read is queued up to a bound and then the link is cut.
Control says Hello with a new epoch on every connection; commands of another epoch are refused.
"""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ivr.drivers.log import Log
from ivr.drivers.plane_packets import reachable, send_packet
from ivr.media.commands import Command, Hello
from ivr.media.events import Event, PlaneReady
from ivr.media.messages import LINE_END, MAX_BYTES, decode_event, encode
from ivr.media.stream_numbers import from_worker

COMMANDS_WAITING = 65_536       # a plane that reads none of them for so long is taken for lost
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between attempts to connect

log = Log("plane_link")


class PlaneLink:
    """Control's end for one of its planes, `worker`: connects, says Hello, and connects again whenever it is gone.

    `on_event` gets every event, PlaneReady first on each connection; `on_lost` is called once when a plane that was
    ready is gone: everything it held is gone with it, and what is sent until the next PlaneReady is dropped.
    """

    def __init__(self, path: Path, on_event: Callable[[Event], None], on_lost: Callable[[], None],
                 worker: int = 0) -> None:
        self._path, self._on_event, self._on_lost, self._worker = path, on_event, on_lost, worker
        self._epoch = 0
        self._socket: socket.socket | None = None
        self._ready = False
        self._waiting: deque[bytes] = deque()
        self._buffer = memoryview(bytearray(MAX_BYTES))
        self._pause = FIRST_PAUSE
        self._retry: asyncio.TimerHandle | None = None
        self._blocked = False           # the socket takes no more at present
        self._closed = False

    @property
    def ready(self) -> bool:
        """Whether a plane is there."""
        return self._ready

    def start(self) -> None:
        """Begin to connect. Wants a running loop."""
        self._loop = asyncio.get_running_loop()
        self._connect()

    def send(self, *commands: Command) -> None:
        """Give commands to the plane, in order, without waiting: as one packet, if it takes them all."""
        if self._socket is None:
            return
        if len(self._waiting) >= COMMANDS_WAITING:
            log.error("plane_does_not_read", worker=self._worker, commands_waiting=len(self._waiting))
            self._lose()
            return
        self._waiting.extend([encode(command, self._epoch) for command in commands])
        if not self._blocked:
            self._flush()

    def close(self) -> None:
        """Stop; on_lost is not called any more."""
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        self._disconnect()

    def _connect(self) -> None:
        self._retry = None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            with reachable(self._path) as address:
                connection.connect(address)
        except OSError:
            connection.close()
            self._try_again()
            return
        self._socket = connection
        # Milliseconds since 1970, so that a control that is started again has a higher one without remembering.
        self._epoch = max(self._epoch + 1, time.time_ns() // 1_000_000)
        self._loop.add_reader(connection, self._read)
        self._waiting.append(encode(Hello(self._epoch), self._epoch))
        self._flush()

    def _try_again(self) -> None:
        if not self._closed:
            self._retry = self._loop.call_later(self._pause, self._connect)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _read(self) -> None:
        """One packet; the loop calls again while there are more."""
        assert self._socket is not None
        try:
            length = self._socket.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError:
            length = 0
        if not length:
            self._lose()
            return
        for line in bytes(self._buffer[:length]).split(LINE_END):
            self._take(*decode_event(line))

    def _take(self, event: Event, epoch: int) -> None:
        if epoch == self._epoch and self._socket is not None:       # lost over what an earlier line led to
            from_worker(event, self._worker)
            if isinstance(event, PlaneReady):
                self._ready, self._pause = True, FIRST_PAUSE
            self._on_event(event)

    def _flush(self) -> None:
        """Send what waits; the loop calls again when the socket takes more."""
        while self._waiting and self._socket is not None:
            try:
                send_packet(self._socket, self._waiting)
            except BlockingIOError:
                self._blocked = True
                self._loop.add_writer(self._socket, self._flush)
                return
            except OSError:
                self._lose()
                return
        if self._blocked and self._socket is not None:
            self._blocked = False
            self._loop.remove_writer(self._socket)

    def _lose(self) -> None:
        was_ready = self._ready
        self._disconnect()
        self._try_again()
        if was_ready:
            self._on_lost()

    def _disconnect(self) -> None:
        self._ready = self._blocked = False
        self._waiting.clear()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None
