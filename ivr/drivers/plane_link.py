"""The link between control and plane: a Unix SEQPACKET socket, each packet some messages of ivr.media.messages.

What one turn of control's loop has to say leaves as one packet: a system call costs more than a message.

The plane never waits for control: what control does not read is queued up to a bound and then the link is cut.
Control says Hello with a new epoch on every connection; commands of another epoch are refused.
"""

import asyncio
import contextlib
import itertools
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ivr.base.errors import PeerError
from ivr.drivers.log import Log
from ivr.media.commands import Command, Hello
from ivr.media.events import Event, MediaLatched, PlaneFigures, PlaneReady, StreamClosed
from ivr.media.messages import LINE_END, MAX_BYTES, decode_command, decode_event, encode
from ivr.media.stream_numbers import from_worker, to_rows

MOST_CONNECTIONS = 4            # one control, its successor, and some that have not said Hello yet; others are closed
PACKETS_A_TURN = 16             # read from one connection before the audio has its turn again
PACKET_BYTES = 8192             # a packet takes no further message from here on: a hundred of a call's
EVENTS_WAITING = 4096           # minutes of events; a control that reads none of them is cut off
SHED_FROM = EVENTS_WAITING * 3 // 4     # from here on statistics, figures and latches are left out
COMMANDS_WAITING = 65_536       # a plane that reads none of them for so long is taken for lost
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between attempts to connect

log = Log("plane_link")


class PlaneServer:
    """The plane's end: listens at `path`. Nothing here blocks but wait()."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        with _reachable(path) as address:
            self._listener.bind(address)
        path.chmod(0o600)
        self._listener.listen(MOST_CONNECTIONS)
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._connections: dict[int, socket.socket] = {}
        self._control: socket.socket | None = None
        self._epoch = 0
        self._waiting: deque[bytes] = deque()
        self._buffer = memoryview(bytearray(MAX_BYTES))

    @property
    def behind(self) -> bool:
        """Whether events wait for control to read."""
        return bool(self._waiting)

    def receive(self, timeout: float = 0.0) -> list[Command]:
        """Commands that have come, of the current epoch, in order; waits up to `timeout` for the first."""
        commands: list[Command] = []
        for fd, _ in self._epoll.poll(timeout):
            if fd == self._listener.fileno():
                self._accept()
            elif fd in self._connections:       # else a newer control has taken over a moment ago
                commands += self._read(self._connections[fd])
        return commands

    def send(self, events: Iterable[Event]) -> None:
        """Tell control. Without one, nobody: the next one says Hello and begins anew."""
        for event in events:
            if self._control is None:
                return
            if len(self._waiting) >= SHED_FROM:
                if isinstance(event, (MediaLatched, PlaneFigures)):
                    continue
                if isinstance(event, StreamClosed):
                    event = StreamClosed(event.stream, event.leg, None)
            if len(self._waiting) >= EVENTS_WAITING:
                log.error("control_does_not_read", events_waiting=len(self._waiting))
                self._close(self._control)
                return
            self._waiting.append(encode(event, self._epoch))
        self._flush()

    def close(self) -> None:
        for connection in list(self._connections.values()):
            self._close(connection)
        self._epoll.close()
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            if len(self._connections) >= MOST_CONNECTIONS:
                connection.close()
                return
            connection.setblocking(False)
            self._connections[connection.fileno()] = connection
            self._epoll.register(connection, select.EPOLLIN)

    def _read(self, connection: socket.socket) -> list[Command]:
        commands: list[Command] = []
        for _ in range(PACKETS_A_TURN):
            try:
                length = connection.recv_into(self._buffer)
            except BlockingIOError:
                break
            except OSError:
                length = 0
            if not length:
                self._close(connection)
                break
            for line in bytes(self._buffer[:length]).split(LINE_END):
                commands += self._take(connection, line)
        return commands

    def _take(self, connection: socket.socket, line: bytes) -> list[Command]:
        try:
            command, epoch = decode_command(line)
        except PeerError as error:
            log.error("bad_command", reason=error.reason)
            return []
        if isinstance(command, Hello) and command.epoch > self._epoch:
            self._take_on(connection, command.epoch)
        to_rows(command)
        return [command] if epoch == self._epoch and connection is self._control else []

    def _take_on(self, connection: socket.socket, epoch: int) -> None:
        """A new control; the one before it is let go."""
        if self._control is not None and self._control is not connection:
            self._close(self._control)
        self._control, self._epoch = connection, epoch
        self._waiting.clear()

    def _flush(self) -> None:
        while self._waiting and self._control is not None:
            try:
                _send_packet(self._control, self._waiting)
            except BlockingIOError:
                return
            except OSError:
                self._close(self._control)
                return

    def _close(self, connection: socket.socket) -> None:
        if connection is self._control:
            self._control = None
            self._waiting.clear()
        del self._connections[connection.fileno()]
        connection.close()      # which takes it out of the epoll, too


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
            with _reachable(self._path) as address:
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
                _send_packet(self._socket, self._waiting)
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


def _send_packet(connection: socket.socket, waiting: deque[bytes]) -> None:
    """Send the first of `waiting` and those behind it that a packet takes. Raises OSError; then all still wait."""
    count, size = 1, len(waiting[0])
    for line in itertools.islice(waiting, 1, None):
        size += len(line) + len(LINE_END)
        if size > PACKET_BYTES:
            break
        count += 1
    connection.send(LINE_END.join(itertools.islice(waiting, count)) if count > 1 else waiting[0])
    for _ in range(count):
        waiting.popleft()


@contextlib.contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """An address for a socket file: its path, or, where that is longer than the 107 octets of sun_path, one through
    a descriptor of its folder."""
    if len(os.fsencode(path)) <= 107:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
