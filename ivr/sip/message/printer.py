"""Messages as bytes."""

import re

from ivr.sip.message.message import Request, Response

_LINE_END = re.compile(r"[\r\n]+")


def to_bytes(message: Request | Response) -> bytes:
    """The message as it goes onto the wire, Content-Length always with it. Never raises.

    A line end inside a value, which could smuggle in a header field, becomes a space.
    """
    if isinstance(message, Request):
        lines = [f"{message.method} {message.request_uri} SIP/2.0"]
    else:
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    for name, values in message.headers.rows():
        if name == "Content-Length":
            continue
        for value in values:
            lines.append(f"{name}: {value}")
    lines.append(f"Content-Length: {len(message.body)}\r\n\r\n")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        lines = [_LINE_END.sub(" ", line) for line in lines[:-1]] + lines[-1:]
        head = "\r\n".join(lines)
    return head.encode("utf-8", "replace") + message.body
