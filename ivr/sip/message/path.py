"""Path (RFC 3327): the proxies through which a phone has registered, which are the way to it.

```
 phone ---- REGISTER ----> edge ---- REGISTER, Path: <sip:token@edge;lr> ----> us
 phone <--- INVITE ------- edge <--- INVITE, Route: <sip:token@edge;lr> ------ us
```
"""

from dataclasses import dataclass

from ivr.sip.access.screening import Refusal
from ivr.sip.message.grammar import bad
from ivr.sip.message.headers import Address, parse_addresses
from ivr.sip.message.message import Request
from ivr.sip.transport.edges import Edges
from ivr.sip.transport.flow import Flow, is_address
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.transport.transports import port_of

Path = tuple[Address, ...]
MAX_HOPS = 8            # a phone's edge, and one or two more between networks; every INVITE to it carries them all
MAX_CHARS = 2048        # of all together: a flow token is some 50 long, and the INVITE must stay well below 64 kB


@dataclass(frozen=True)
class Way:
    """How a REGISTER came: `flow` the last hop, `source` the address of the phone itself as far as we know it."""

    flow: Flow
    source: str
    path: Path = ()


def read_path(request: Request) -> Path:
    """The Path of a REGISTER, the hop next to us first. Raises PeerError(400)."""
    lines = request.headers.all("Path")
    if not lines:
        return ()
    if sum(map(len, lines)) > MAX_CHARS:
        raise bad("Path too long")
    path = tuple(hop._replace(display_name="") for hop in parse_addresses(lines))
    if len(path) > MAX_HOPS:
        raise bad("Path too long")
    if not all(hop.uri.is_sip and not hop.uri.headers for hop in path):
        raise bad("Bad Path")
    return path


def screen_path(path: Path, flow: Flow, edges: Edges, own: OwnAddresses) -> Refusal | None:
    """Who may send our requests to where: an edge, to itself. None: it may.

    A Path makes us send INVITEs to a place of its author's choice. From a phone, even one that has logged in, it would
    turn us on strangers; so it is refused and not passed over: a proxy that was forgotten in the configuration is
    then seen at once, and not when a phone does not ring. The hops below the edge's own may have been written by the
    phone, and the edge would send our INVITE there: they must be edges too, and the first one may be a name, since it
    is reached by the flow that the REGISTER came by. A hop that is ourselves would be a loop.
    """
    if not path:
        return None
    hosts = [hop.uri.host for hop in path]
    if not is_address(hosts[0]):
        del hosts[0]
    trusted = flow.remote[0] in edges and all(host in edges for host in hosts)
    looped = any(own.is_ours(hop.uri.host, port_of(hop.uri)) for hop in path)
    return None if trusted and not looped else Refusal(403)


def preload(request: Request, path: Path) -> None:
    """Let a request go along a Path (RFC 3327 §5.5, RFC 3261 §8.1.2): as its Route, or, where the first hop is a strict
    router of RFC 2543, with that as the Request-URI and the target behind all others."""
    if not path:
        return
    routes = list(path)
    if path[0].uri.parameter("lr") is None:
        routes = [*path[1:], Address("", request.request_uri)]
        request.request_uri = path[0].uri
    for route in routes:
        request.headers.add("Route", str(route))
