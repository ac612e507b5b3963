"""What goes out of one WebSocket, without anybody ever waiting for it.

The ticker serves all pages in one go, so it may not wait for one whose network is slow. A send that can be done at once
(nearly all) is done at once, and costs no task; one that can't is finished by a task, and until then nothing else goes.
"""

import asyncio
import contextlib
import json
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

TEXTS_MOST = 64          # messages that wait behind a slow network; then the page is given up
CLOSE_TIMEOUT = 2.0      # s
WAITING_OCTETS = 4096    # of a page, in our buffer and, not sent yet, in the kernel's: half a second of audio in each
TCP_NOTSENT_LOWAT = 25   # linux/tcp.h
Send = Callable[[Any], Awaitable[None]]


def keep_short(send: Send) -> None:
    """Let little wait in the server and its kernel for a page whose network is slow: sound that waits is late, and a
    kernel's own bound is minutes of it. ASGI has no word for that, so uvicorn's connection is asked; with another
    server in its place the page has what that one's buffers hold."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    with contextlib.suppress(AttributeError, OSError):
        transport.set_write_buffer_limits(high=WAITING_OCTETS)      # type: ignore[union-attr]
        connection = transport.get_extra_info("socket")             # type: ignore[union-attr]
        connection.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, WAITING_OCTETS)


class _Rest:
    """A coroutine that was begun and waits for `waited`: awaiting this goes on with it."""

    def __init__(self, begun: Coroutine[Any, Any, None], waited: Any) -> None:
        self._begun, self._waited = begun, waited

    def __await__(self) -> Generator[Any, Any, None]:
        waited = self._waited
        while True:
            try:
                woken = yield waited
            except BaseException as error:
                step, given = self._begun.throw, error
            else:
                step, given = self._begun.send, woken       # type: ignore[assignment]
            try:
                waited = step(given)
            except StopIteration:
                return


class Outbox:
    """The sending half of a WebSocket. `gone`: it can send no more."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._rest: asyncio.Task[None] | None = None
        self._texts: deque[str] = deque()
        self.gone = False

    @property
    def busy(self) -> bool:
        """A send is not finished: frames had better wait."""
        return self._rest is not None

    def tell(self, message: dict[str, Any]) -> None:
        """A message in text; those of one page stay in order."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        if self._rest is None:
            self._begin({"type": "websocket.send", "text": text})
        elif len(self._texts) < TEXTS_MOST:
            self._texts.append(text)
        else:
            self.gone = True

    def frame(self, frame: bytes) -> None:
        """20 ms of audio; only while not `busy`."""
        self._begin({"type": "websocket.send", "bytes": frame})

    async def close(self, code: int, reason: str = "") -> None:
        """Say goodbye, instead of what is stuck; a network that does not take even that is left alone."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None           # a task that has not begun yet does nothing at its end
        with contextlib.suppress(Exception):        # gone already, in whichever way the server says so
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        self.gone = True

    def _begin(self, message: dict[str, Any]) -> None:
        if self.gone:
            return
        sending: Any = self._send(message)
        try:
            waited = sending.send(None)
        except StopIteration:
            return
        except Exception:       # the other side is gone: whoever receives is told, too
            self.gone = True
            return
        self._rest = asyncio.get_running_loop().create_task(self._finish(_Rest(sending, waited)))

    async def _finish(self, rest: _Rest) -> None:
        try:
            await rest
            while self._texts:
                await self._send({"type": "websocket.send", "text": self._texts.popleft()})
        except Exception:
            self.gone = True
        finally:
            self._rest = None
