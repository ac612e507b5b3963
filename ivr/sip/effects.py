"""What the endpoint asks of its driver."""

from dataclasses import dataclass

from ivr.sip.flow import Flow


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
class ResolveHost:
    """Look up a name; answered by `Endpoint.host_resolved(leg, addresses, now)`, empty if nothing was found.

    `port` 0: the URI has none, so SRV records may decide (RFC 3263 §4.2); the default is 5060.
    """

    leg: str
    host: str
    port: int
    transport: str
