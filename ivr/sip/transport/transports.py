"""Transports: which one a URI asks for, and their default ports (RFC 3261 §19.1.2, §26.2.2)."""

from ivr.sip.message.uri import Uri

DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


def default_port(transport: str) -> int:
    """The port where neither URI nor Via names one."""
    return DEFAULT_PORTS.get(transport, 5060)


def asked_transport(uri: Uri) -> str | None:
    """The transport a URI itself settles, in lower case; None if it leaves the choice to name service or address.

    `sips` is TLS over TCP, however its parameter says that; a `sips` URI that asks for UDP names a way that is none,
    `dtls`, which we have no socket of.
    """
    asked = uri.parameter("transport")
    transport = asked.lower() if asked else None
    if uri.scheme != "sips":
        return transport
    return "tls" if transport in (None, "tcp", "tls") else f"d{transport}"


def transport_of(uri: Uri) -> str:
    """The transport to a host whose address is known (RFC 3263 §4.1: UDP for `sip`, TLS for `sips`)."""
    return asked_transport(uri) or "udp"


def port_of(uri: Uri) -> int:
    """The port of a URI, or the default of its transport."""
    return uri.port or default_port(transport_of(uri))
