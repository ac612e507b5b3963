"""Address ranges, and which of our addresses a remote one is told."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from ivr.sip.message.grammar import print_host_port
from ivr.sip.settings import EndpointSettings, Listener
from ivr.sip.transport.flow import Flow, same_host
from ivr.sip.transport.locating import Kind
from ivr.sip.transport.transports import DEFAULT_PORTS

MAX_REMEMBERED = 4096       # verdicts on remote addresses; at the bound all are forgotten and made again
KINDS: tuple[Kind, ...] = ("A", "AAAA")


class Networks:
    """A set of networks in CIDR notation, or single addresses."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network, strict=False) for network in networks]
        self._verdicts: dict[str, bool] = {}

    def __contains__(self, address: str) -> bool:
        verdict = self._verdicts.get(address)
        if verdict is None:
            if len(self._verdicts) >= MAX_REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[address] = self._holds(address)
        return verdict

    def _holds(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


LOOPBACK = Networks(("127.0.0.0/8", "::1/128"))
# RFC 1918, RFC 6598 (carriers' NAT), RFC 3927 (link local), RFC 4193
PRIVATE = Networks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7"))


class OwnAddresses:
    """What stands in our Via, Contact and SDP."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._local_networks = Networks(settings.local_networks)
        self._listeners: dict[tuple[str, Kind], Listener] = {}     # the first of each transport and family
        for listener in settings.listen:
            self._listeners.setdefault((listener.transport, kind_of(listener.host)), listener)
        self.transports: dict[str, tuple[Kind, ...]] = {
            transport: kinds for transport in DEFAULT_PORTS
            if (kinds := tuple(kind for kind in KINDS if (transport, kind) in self._listeners))}
        """The transports we have sockets of, with the address kinds that each reaches; UDP and IPv4 first, which most
        phones and carriers speak."""

    def advertised(self, remote: str) -> str:
        """The address under which `remote` reaches us."""
        public = self._settings.public_address
        if public is not None and (":" in public) == (":" in remote) and not self.is_local(remote):
            return public
        facing = self._settings.facing
        return self._settings.local_address if facing is None else facing(remote)

    def is_local(self, remote: str) -> bool:
        return remote in LOOPBACK or remote in self._local_networks

    def is_ours(self, host: str, port: int) -> bool:
        """Whether that is a socket of ours, under its own address or the public one."""
        hosts = {self._settings.local_address, self._settings.public_address}
        return any(listener.port == port and (same_host(host, listener.host) or host in hosts)
                   for listener in self._settings.listen)

    def sent_by(self, flow: Flow) -> str:
        """Host and port for Via and Contact; for streams the port we listen on, not that of the connection."""
        port = flow.local[1]
        if flow.reliable:
            listener = self._listener(flow.transport, flow.remote[0])
            port = listener.port if listener is not None else port
        return print_host_port(self.advertised(flow.remote[0]), port)

    def via(self, flow: Flow, branch: str) -> str:
        return f"SIP/2.0/{flow.transport.upper()} {self.sent_by(flow)};branch={branch};rport"

    def contact(self, flow: Flow, secure: bool = False) -> str:
        """Our Contact; `secure`: the dialog is one of `sips` URIs (RFC 3261 §12.1.1)."""
        if secure and flow.transport == "tls":
            return f"<sips:{self.sent_by(flow)}>"
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{self.sent_by(flow)}{transport}>"

    def flow(self, transport: str, remote: tuple[str, int], domain: str = "") -> Flow | None:
        """A flow of ours to `remote`, or None if we have no socket of that transport and family."""
        listener = self._listeners.get((transport, kind_of(remote[0])))
        if listener is None:
            return None
        return Flow(transport, (listener.host, listener.port), remote, 0, domain if transport == "tls" else "")

    def _listener(self, transport: str, remote: str) -> Listener | None:
        """That of the right family, or any of the transport: where a wildcard of IPv6 has taken an IPv4 peer."""
        found = (self._listeners.get((transport, kind)) for kind in (kind_of(remote), *KINDS))
        return next((listener for listener in found if listener is not None), None)


def kind_of(address: str) -> Kind:
    """Which address record would name `address`."""
    return "AAAA" if ":" in address else "A"
