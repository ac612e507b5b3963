"""What the endpoint asks of its driver."""


from ivr.base.values import frozen
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question


@frozen
class SendBytes:
    """Send one message, or one keep-alive. What can't be sent is reported by `Endpoint.send_failed(flow, now)`."""

    flow: Flow
    payload: bytes


@frozen
class CloseStream:
    """Close a TCP connection whose framing is lost; answered by `Endpoint.stream_closed(flow, now)`."""

    flow: Flow


@frozen
class LookUp:
    """Ask the name service; answered by `Endpoint.looked_up(question, records, now)`, with nothing where nothing was
    found or no answer came in time. Every LookUp is answered once."""

    question: Question
