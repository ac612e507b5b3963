"""The link between the web process and control: JSON lines over a Unix stream socket.

    → {"id": 7, "op": "set_status", "args": {"operator": "anna", "status": "on_break"}}
    ← {"id": 7, "ok": {…}}    or    {"id": 7, "error": {"code": "unknown_operator", "message": "…"}}
    ← {"push": {…}}           to the one client that asked for `listen`

Control answers in order and at once; what takes longer is not asked over this link. Both ends are bounded.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.log import Log

REQUEST_BYTES = 64 * 1024           # commands are small; a longer line closes the connection
ANSWER_BYTES = 16 * 1024 * 1024     # a snapshot of 5,000 calls is 2 MB
CONNECTIONS = 8                     # one web process uses one; the next one is closed at once
PENDING = 64                        # commands of one client without an answer; the next one fails at once
PATH_BYTES = 107                    # sun_path of Linux, without its terminator
TIMEOUT = 2.0                       # control answers in milliseconds; a page may wait this long
WRITE_TIMEOUT = 5.0                 # a client that does not read its answer for so long is closed
CLOSE_TIMEOUT = 0.5
PUSH_BYTES = 1024 * 1024            # pushes that are not read: a listener that far behind is closed, and begins anew
LISTEN = "listen"                   # the operation that asks for pushes

Answer = Callable[[str, dict[str, Any]], Mapping[str, Any]]


class ControlRefused(Exception):
    """Control does not do what was asked. `code` is one word for programs, `message` a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ControlAway(Exception):
    """Control can't be reached, or did not answer in time."""


class ControlServer:
    """Control's end. `answer(op, arguments)` runs in the event loop, raises ControlRefused for what can't be done."""

    def __init__(self, path: str | Path, answer: Answer, listener_lost: Callable[[], None] = lambda: None) -> None:
        """`listener_lost` is called when the client that hears pushes is gone, or another one takes its place."""
        self._path = Path(path)
        self._answer = answer
        self._listener_lost = listener_lost
        self._listener: asyncio.StreamWriter | None = None
        self._log = Log("control_link")
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. Raises AdminError where the socket can't be made."""
        check_path(self._path)
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=REQUEST_BYTES)
            self._path.chmod(0o600)
        except OSError as error:
            raise AdminError([Fault(Place(str(self._path)), f"can't listen: {error.strerror or error}")]) from None

    async def close(self) -> None:
        """Stop listening, close every connection and remove the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            while line := await reader.readuntil(b"\n"):
                writer.write(self._reply(line, writer))
                await asyncio.wait_for(writer.drain(), WRITE_TIMEOUT)
        except (asyncio.IncompleteReadError, OSError):
            pass
        except (asyncio.LimitOverrunError, ValueError, TimeoutError) as error:
            self._log.warning("control_link_closed", reason=type(error).__name__)
        except asyncio.CancelledError:
            pass    # close() awaits this task and wants it quietly ended
        finally:
            self._connections.discard(task)
            if self._listener is writer:
                self._listener = None
                self._listener_lost()
            await _closed(writer)

    def push(self, message: Mapping[str, Any]) -> None:
        """Tell the client that listens, if one does. One that does not read is closed at the bound."""
        writer = self._listener
        if writer is None or writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > PUSH_BYTES:
            self._log.warning("control_link_closed", reason="pushes are not read")
            writer.transport.abort()
            return
        writer.write(_line({"push": message}))

    def _listen(self, writer: asyncio.StreamWriter) -> Mapping[str, Any]:
        if self._listener is not None and self._listener is not writer:
            self._listener.transport.abort()
            self._listener_lost()
        self._listener = writer
        return {}

    def _reply(self, line: bytes, writer: asyncio.StreamWriter) -> bytes:
        """One answer. Raises ValueError for what is no command: whoever sent it is closed."""
        command = json.loads(line)
        if not isinstance(command, dict) or not isinstance(command.get("op"), str) \
                or not isinstance(arguments := command.get("args", {}), dict):
            raise ValueError("not a command")
        number = command.get("id")
        try:
            done = self._listen(writer) if command["op"] == LISTEN else self._answer(command["op"], arguments)
            return _line({"id": number, "ok": done})
        except ControlRefused as refused:
            return _line({"id": number, "error": {"code": refused.code, "message": refused.message}})
        except Exception as error:    # a mistake in one answer must not take down control
            self._log.error("command_failed", error, op=command["op"])
            return _line({"id": number, "error": {"code": "internal", "message": "control failed on this"}})


class ControlLink:
    """The web's end: connects when first asked, and again after control was restarted."""

    def __init__(self, path: str | Path, timeout: float = TIMEOUT) -> None:
        self._path = Path(path)
        self._timeout = timeout
        self._log = Log("control_link")
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._connecting = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self.on_push: Callable[[dict[str, Any]], None] = lambda message: None

    async def listen(self) -> None:
        """Have pushes given to `on_push` until the connection is lost (`until_lost`). Raises what `call` raises."""
        await self.call(LISTEN)

    async def until_lost(self) -> None:
        """Wait until the present connection is gone; at once if there is none."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        """Ask control. Raises ControlRefused, or ControlAway after at most `timeout`; a command that was sent and
        not answered may have been done."""
        if len(self._pending) >= PENDING:
            raise ControlAway("too many commands are waiting")
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        try:
            async with asyncio.timeout(self._timeout):
                await self._send(_line({"id": number, "op": op, "args": arguments}))
                return _unpacked(await answer)
        except TimeoutError:
            raise ControlAway(f"no answer in {self._timeout:g} s") from None
        except OSError as error:
            raise ControlAway(f"not reachable: {error.strerror or type(error).__name__}") from None
        finally:
            self._pending.pop(number, None)
            answer.cancel()

    async def close(self) -> None:
        """Close the connection; commands that wait fail with ControlAway."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        writer = self._writer
        self._lost()
        if writer is not None:
            await _closed(writer)

    async def _send(self, line: bytes) -> None:
        async with self._connecting:
            if self._writer is None:
                reader, self._writer = await asyncio.open_unix_connection(self._path, limit=ANSWER_BYTES)
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            writer = self._writer
        writer.write(line)
        await writer.drain()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                answer = json.loads(await reader.readuntil(b"\n"))
                if "push" in answer:
                    self._pushed(answer["push"])
                    continue
                waiting = self._pending.get(answer["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except (OSError, EOFError, ValueError, KeyError, TypeError, asyncio.LimitOverrunError):
            pass
        finally:
            if self._writer is writer:
                self._lost()

    def _pushed(self, message: dict[str, Any]) -> None:
        try:
            self.on_push(message)
        except Exception as error:          # a bug of ours with one page must not cost the others their link
            self._log.error("push_lost", error=error)

    def _lost(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("control went away"))


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Close; what the other side has not read by then is thrown away."""
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), CLOSE_TIMEOUT)
    except TimeoutError:
        writer.transport.abort()
    except OSError:
        pass


def check_path(path: Path) -> None:
    """Raise AdminError if a Unix socket can't have this path."""
    if len(str(path).encode()) > PATH_BYTES:
        raise AdminError([Fault(Place(str(path)), f"the path of a socket has at most {PATH_BYTES} bytes",
                                "choose a state_dir with a shorter path")])


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _unpacked(answer: dict[str, Any]) -> dict[str, Any]:
    match answer:
        case {"ok": dict() as result}:
            return result
        case {"error": {"code": str() as code, "message": str() as message}}:
            raise ControlRefused(code, message)
    raise ControlAway("the answer is not understood")
