"""Cuts a byte stream (TCP, TLS) into messages (RFC 3261 §18.3)."""

import re
from dataclasses import dataclass

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import parse_number
from ivr.sip.message.parser import MAX_HEAD_BYTES, MAX_MESSAGE_BYTES, head_end, refuse

_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_PING = b"\r\n\r\n"


@dataclass(frozen=True)
class Keepalive:
    """The peer sent its double CRLF and wants a single one back (RFC 5626 §4.4.1)."""


class StreamFramer:
    """Bytes as they come, messages as they are complete; any cut between two calls of `feed` gives the same frames.

    Holds at most one message of MAX_MESSAGE_BYTES and what the last `feed` brought behind it.
    """

    def __init__(self) -> None:
        self.fault: PeerError | None = None
        self._buffer = bytearray()
        self._scanned = 0       # no empty line begins before this index
        self._size = 0          # of the message at the beginning; 0 while its head isn't complete

    def feed(self, data: bytes) -> list[bytes | Keepalive]:
        """Take what came and return what is complete: messages for `parse`, and one Keepalive for any number of pings.

        A stream that can't be cut any further raises PeerError, as MalformedRequest where the faulty message can be
        answered; close the connection then. If messages came before the fault they are returned, and `fault` is set and
        is raised by the next call.
        """
        if self.fault is not None:
            raise self.fault
        self._buffer += data
        frames: list[bytes | Keepalive] = []
        try:
            while (frame := self._next()) is not None:
                if isinstance(frame, bytes) or frame not in frames:
                    frames.append(frame)
        except PeerError as error:
            self.fault = error
            self._buffer.clear()
            if not frames:
                raise
        return frames

    def _next(self) -> bytes | Keepalive | None:
        if not self._size:
            if self._buffer.startswith((b"\r", b"\n")):
                return self._skip_line_ends()
            self._size = self._measure()
        if not self._size or len(self._buffer) < self._size:
            return None
        message = bytes(self._buffer[:self._size])
        del self._buffer[:self._size]
        self._scanned = self._size = 0
        return message

    def _skip_line_ends(self) -> bytes | Keepalive | None:
        """Between messages: a ping is told, a single line end (a pong, or one too many) is passed over."""
        if self._buffer.startswith(_PING):
            del self._buffer[:len(_PING)]
            return Keepalive()
        if _PING.startswith(bytes(self._buffer[:len(_PING)])):
            return None
        self._buffer = self._buffer.lstrip(b"\r\n")
        return self._next()

    def _measure(self) -> int:
        """The size of the message whose head is complete, else 0."""
        end, body_at = head_end(self._buffer, self._scanned)
        if not body_at:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise refuse(bytes(self._buffer), PeerError(513, "Header too large"))
            self._scanned = max(0, len(self._buffer) - 2)
            return 0
        head = bytes(self._buffer[:end])
        try:
            size = body_at + _content_length(head)
        except PeerError as error:
            raise refuse(head, error) from None
        if size > MAX_MESSAGE_BYTES:
            raise refuse(head, PeerError(513, "Message Too Large"))
        return size


def _content_length(head: bytes) -> int:
    """What the one Content-Length says. On a stream it must be there, as nothing else tells where the body ends."""
    found = _LENGTH.findall(head)
    if len(found) != 1:
        raise PeerError(400, "Repeated Content-Length" if found else "Missing Content-Length")
    return parse_number(found[0].decode("latin-1").strip(" \t\r\n"), 2**32)
