"""What the endpoint asks of its driver."""

from dataclasses import dataclass

from ivr.sip.flow import Flow
from ivr.sip.locating import Question


@dataclass(frozen=True)
class SendBytes:
    """Send one message, or one keep-alive. What can't be sent is reported by `Endpoint.send_failed(flow, now)`."""

    flow: Flow
    payload: bytes


@dataclass(frozen=True)
class CloseStream:
    """Close a TCP connection whose framing is lost; answered by `Endpoint.stream_closed(flow, now)`."""

    flow: Flow


@dataclass(frozen=True)
class LookUp:
    """Ask the name service; answered by `Endpoint.looked_up(question, records, now)`, with nothing where nothing was
    found or no answer came in time. Every LookUp is answered once."""

    question: Question
