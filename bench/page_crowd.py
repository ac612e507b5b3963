"""Pages without browsers, many in one thread: each sends a frame each 20 ms and counts what it gets.

WebSocket frames are written and read by hand (RFC 6455 §5.2): a library would need more CPU than what is measured.
"""

import base64
import json
import os
import select
import socket
import struct
import threading
import time
from collections import deque
from typing import Any

FRAME = 160
TICK = 0.02
MARK = b"\xf1\xf2\xf3\xf4"
HEADER = b"\x82\xfe" + struct.pack("!H", FRAME) + bytes(4)        # binary, masked with zeros: as it is


def stamped(at: float) -> bytes:
    """A frame that tells when it was sent, in octets that are all but silent: as delay it may be left out."""
    digits = struct.pack("!d", at).hex()
    return bytes(0xF0 | int(digit, 16) for digit in digits) + MARK + b"\xff" * (FRAME - 16 - len(MARK))


def moment(frame: bytes) -> float:
    """When such a frame was sent."""
    at: float = struct.unpack("!d", bytes.fromhex("".join(f"{octet & 15:x}" for octet in frame[:16])))[0]
    return at


class CrowdPage:
    """One socket. `on_frame` of the crowd gets what it hears."""

    def __init__(self, web: str, path: str, cookie: str, receive_octets: int = 0) -> None:
        """`receive_octets`: how much its own kernel takes for it."""
        host, _, port = web.rpartition(":")
        self.socket = socket.socket()
        if receive_octets:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_octets)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {web}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n"
                             f"Origin: http://{web}\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(4096)
        head, _, self._rest = answer.partition(b"\r\n\r\n")
        assert b" 101 " in head, head
        self.socket.setblocking(False)
        self.messages: list[dict[str, Any]] = []
        self.frames = 0
        self.speaks = False
        self.sent: deque[float] = deque()
        self.delays: list[float] = []
        self.echo: CrowdPage | None = None           # whose frames it is to hear

    def say(self, **message: Any) -> None:
        text = json.dumps(message).encode()
        length = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + struct.pack("!H", len(text))
        self.socket.sendall(b"\x81" + length + bytes(4) + text)

    def speak(self, payload: bytes) -> None:
        self.socket.send(HEADER + payload)

    def read(self, now: float) -> None:
        data = self._rest + self.socket.recv(65_536)
        at = 0
        while len(data) - at >= 2:
            size, begin = data[at + 1] & 0x7F, at + 2
            if size == 126:
                if len(data) < begin + 2:
                    break
                size, begin = int.from_bytes(data[begin:begin + 2], "big"), begin + 2
            if len(data) < begin + size:
                break
            kind, payload = data[at] & 0x0F, data[begin:begin + size]
            if kind == 2:
                self._frame(payload, now)
            elif kind == 1:
                self.messages.append(json.loads(payload))
            elif kind == 9:          # ping
                self.socket.sendall(b"\x8a" + bytes((0x80 | len(payload),)) + bytes(4) + payload)
            at = begin + size
        self._rest = data[at:]

    def told_lost(self) -> int:
        """Frames that the server says were left out."""
        return max((int(message["lost"]) for message in self.messages if message["type"] == "figures"), default=0)

    def _frame(self, payload: bytes, now: float) -> None:
        """Frames of a partner begin with when they were sent."""
        self.frames += 1
        if self.echo is not None and payload[16:20] == MARK:
            self.delays.append(now - moment(payload))


class Crowd:
    """All of them, in a thread on a core of its own."""

    def __init__(self, core: set[int]) -> None:
        self.pages: list[CrowdPage] = []
        self.late = 0                # ticks that came too late: then the figures are the crowd's, not the service's
        self._core = core
        self._over = threading.Event()
        self._poll = select.epoll()
        self._by_fd: dict[int, CrowdPage] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, page: CrowdPage) -> CrowdPage:
        self._by_fd[page.socket.fileno()] = page
        self.pages.append(page)
        self._poll.register(page.socket.fileno(), select.EPOLLIN)
        return page

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for page in self.pages:
            page.socket.close()

    def _run(self) -> None:
        os.sched_setaffinity(0, self._core)
        due = time.monotonic() + TICK
        while not self._over.is_set():
            for fd, _ in self._poll.poll(max(0.0, due - time.monotonic())):
                self._by_fd[fd].read(time.monotonic())
            now = time.monotonic()
            if now < due:
                continue
            self.late += now - due > TICK
            due += TICK
            for page in self.pages:
                if page.speaks:
                    page.speak(stamped(time.monotonic()))


def told(page: CrowdPage, kind: str, timeout: float = 20.0, **fields: Any) -> dict[str, Any]:
    """A message like this, as soon as it is there. Raises TimeoutError."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        for message in list(page.messages):
            if message.get("type") == kind and fields.items() <= message.items():
                return message
        time.sleep(0.01)
    raise TimeoutError(f"{kind} {fields} was not told: {page.messages[-3:]}")
