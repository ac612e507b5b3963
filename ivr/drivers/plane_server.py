"""The plane's end of its link to control, as ivr.drivers.plane_link tells it."""

import contextlib
import select
import socket
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from ivr.base.errors import PeerError
from ivr.drivers.log import Log
from ivr.drivers.plane_packets import reachable, send_packet
from ivr.media.commands import Command, Hello
from ivr.media.events import Event, MediaLatched, PlaneFigures, StreamClosed
from ivr.media.messages import LINE_END, MAX_BYTES, decode_command, encode
from ivr.media.stream_numbers import to_rows

MOST_CONNECTIONS = 4            # one control, its successor, and some that have not said Hello yet; others are closed
PACKETS_A_TURN = 16             # read from one connection before the audio has its turn again
EVENTS_WAITING = 4096           # minutes of events; a control that reads none of them is cut off
SHED_FROM = EVENTS_WAITING * 3 // 4     # from here on statistics, figures and latches are left out

log = Log("plane_link")


class PlaneServer:
    """The plane's end: listens at `path`. Nothing here blocks but wait()."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        with reachable(path) as address:
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
                send_packet(self._control, self._waiting)
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
