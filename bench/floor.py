"""The floor: a server that only moves the packets of the same calls. What the service needs beyond it is its own doing.

    python -m bench.floor HOST PORT CALLS

It answers any INVITE with G.711 at the next of its ports, sends a frame each 20 ms and reads what comes, until the BYE.
No checks, no timers, no records; columns and phases as in the media plane, sockets for `CALLS` calls at a time.
"""

import re
import select
import socket
import sys
import time
from collections import deque

import numpy as np

from ivr.media.rtp.packet import HEADER, PLAIN

FIRST_PORT = 40_000
PHASE, PHASES = 0.005, 4
FRAME = 160
PACKET = np.dtype([*((name, HEADER[name]) for name in HEADER.names or ()), ("payload", "u1", FRAME)])
COPIED = (b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:")
MEDIA = re.compile(rb"c=IN IP4 ([0-9.]+)\r.*m=audio ([0-9]+)", re.DOTALL)


class Floor:
    def __init__(self, host: str, port: int, calls: int) -> None:
        self.host = host
        self.poll = select.epoll()
        self.sip = self._bound(port)
        self.sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.poll.register(self.sip, select.EPOLLIN)
        self.media = [self._bound(FIRST_PORT + 2 * row) for row in range(calls)]
        self.incoming = np.zeros((calls, 2048), np.uint8)
        self.receivers = {each.fileno(): (each.recv_into, self.incoming[row].data)
                          for row, each in enumerate(self.media)}
        self.packets = np.zeros(calls, PACKET)
        self.packets["flags"], self.packets["ssrc"], self.packets["payload"] = PLAIN, np.arange(calls), 0xFF
        self.octets = [self.packets[row:row + 1].view(np.uint8).data for row in range(calls)]
        self.free = deque(range(calls))
        self.row_of: dict[bytes, int] = {}
        self.target_of: dict[int, tuple[str, int]] = {}

    def run(self) -> None:
        turn = int(time.monotonic() / PHASE)
        while True:
            turn += 1
            while (left := turn * PHASE - time.monotonic()) > 0:
                for fd, _ in self.poll.poll(0 if self.target_of else left):
                    if fd == self.sip.fileno():
                        self._take_sip()
                    else:
                        receive, memory = self.receivers[fd]
                        receive(memory)
                if self.target_of:
                    time.sleep(max(0.0, min(0.002, turn * PHASE - time.monotonic())))
            self._speak(turn % PHASES)

    def _speak(self, phase: int) -> None:
        packets = self.packets[phase::PHASES]
        packets["sequence_number"] += 1
        packets["timestamp"] += FRAME
        for row in range(phase, len(self.media), PHASES):
            if row in self.target_of:
                self.media[row].sendto(self.octets[row], self.target_of[row])

    def _take_sip(self) -> None:
        try:
            while True:
                request, source = self.sip.recvfrom(65_535)
                answer = self._answer(request)
                if answer is not None:
                    self.sip.sendto(answer, source)
        except BlockingIOError:
            return

    def _answer(self, request: bytes) -> bytes | None:
        lines = request.split(b"\r\n")
        kept = [line for line in lines if line.startswith(COPIED)]
        call_id = next(line for line in kept if line.startswith(b"Call-ID:"))
        body = b""
        if request.startswith(b"ACK"):
            return None
        if request.startswith(b"INVITE"):
            kept = [line + b";tag=floor" if line.startswith(b"To:") else line for line in kept]
            kept.append(f"Contact: <sip:{self.host}:{self.sip.getsockname()[1]}>".encode())
            kept.append(b"Content-Type: application/sdp")
            body = self._begin(call_id, request)
        else:
            self._end(call_id)
        return b"\r\n".join([b"SIP/2.0 200 OK", *kept, b"Content-Length: %d" % len(body), b"", body])

    def _begin(self, call_id: bytes, request: bytes) -> bytes:
        if call_id not in self.row_of:
            self.row_of[call_id] = self.free.popleft()
        row, found = self.row_of[call_id], MEDIA.search(request)
        if found is not None and row not in self.target_of:
            self.target_of[row] = found[1].decode(), int(found[2])
            self.poll.register(self.media[row], select.EPOLLIN)
        return (f"v=0\r\no=- 1 1 IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
                f"m=audio {FIRST_PORT + 2 * row} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n").encode()

    def _end(self, call_id: bytes) -> None:
        row = self.row_of.pop(call_id, None)
        if row is not None:
            self.target_of.pop(row, None)
            self.poll.unregister(self.media[row])
            self.free.append(row)

    def _bound(self, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.bind((self.host, port))
        return made


if __name__ == "__main__":
    Floor(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run()
