"""Proxies of ours that stand before us (Kamailio and its like): who is behind a request that comes through one.

```
 phone 203.0.113.9 ----> edge 10.0.0.2 ----> us
   Via: SIP/2.0/UDP 10.0.0.2                              who the bytes come from: answers go there
   Via: SIP/2.0/TLS 192.168.1.7;received=203.0.113.9      whom the edge saw: who is judged
```
Below the Via of an edge stands what an edge wrote, and below that what the caller made up. So nobody but a configured
edge is believed, and of its requests one Via only (one more for each edge in a row).
"""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address

from ivr.base.errors import PeerError
from ivr.sip.gate.glance import FIELDS, LOOKED_AT, is_response, name_of
from ivr.sip.message.grammar import bad
from ivr.sip.message.headers import Via, parse_vias
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import Networks
from ivr.sip.transport.transports import default_port

Remote = tuple[str, int]
UNREADABLE = "0.0.0.0"      # stands for callers of whom an edge's request does not say who they are: no one's address


class Edges:
    """The trusted proxies, by their networks."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = Networks(networks)

    def __contains__(self, address: str) -> bool:
        return address in self._networks

    def source(self, vias: list[Via], flow: Flow) -> Flow | None:
        """`flow` with the remote address that the outermost edge saw; as it is where no edge is on the way, or where
        the edge itself speaks. None where an edge does not tell.

        The transport stays that of our own hop: what a caller's Via says of its transport is no proof.
        """
        if flow.remote[0] not in self:
            return flow
        remote: Remote | None = flow.remote
        for via in vias[1:]:
            remote = _seen(via)
            if remote is None or remote[0] not in self:
                break
        return replace(flow, remote=remote) if remote is not None else None

    def address_of(self, data: bytes, flow: Flow) -> str:
        """The address of the same source, of a message that is not parsed yet. What can't be read is nobody's."""
        if flow.remote[0] not in self or is_response(data):
            return flow.remote[0]
        try:
            source = self.source(parse_vias(_via_lines(data)), flow)
        except PeerError:
            source = None
        return source.remote[0] if source is not None else UNREADABLE


def _seen(via: Via) -> Remote | None:
    """Where the request came from that this Via was on top of (RFC 3261 §18.2.1): a server adds `received` unless the
    host is the source itself. Two of them are one of the server and one of a forger."""
    if [name for name, _ in via.parameters].count("received") > 1:
        return None
    try:
        address = ip_address(via.received or via.host)
    except ValueError:
        return None
    return str(address), via.rport or via.port or default_port(via.transport.lower())


def _via_lines(data: bytes) -> list[str]:
    """The values of the first Vias; PeerError where they lie further back than anybody honest puts them."""
    # Lines may end in a bare LF, as the parser has it.
    head, end, _ = data[:2 * LOOKED_AT].replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    found: list[str] = []
    in_via = False
    for line in lines[1:FIELDS]:
        if line[:1] in (b" ", b"\t"):
            if in_via:
                found[-1] += " " + line.decode("utf-8", "replace").strip()
            continue
        in_via = name_of(line) == b"via"
        if in_via:
            found.append(line.partition(b":")[2].decode("utf-8", "replace").strip())
    if not found or (len(found) == 1 and (len(lines) > FIELDS or not end)):
        raise bad("Missing Via")
    return found
