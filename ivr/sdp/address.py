"""Where a peer wants its audio: literal addresses of both families, and which of them nothing may be sent to."""

from collections.abc import Collection, Container
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ivr.base.errors import PeerError
from ivr.base.values import frozen

# IPv6 addresses of one machine: global unicast (RFC 4291 §2.4) and unique local ones (RFC 4193). Link-local ones mean
# nothing without the name of a network card, and the rest is multicast, reserved, or IPv4 in disguise.
UNSPECIFIED = ("0.0.0.0", "::")         # nowhere: hold as RFC 2543 had it
IPV6_HOSTS = (ip_network("2000::/3"), ip_network("fc00::/7"))


@frozen
class Host:
    """A literal address: as it is always written, whether it is loopback, and whether it is that of one machine."""

    text: str
    is_loopback: bool
    is_one_machine: bool


def canonical(text: str) -> str | None:
    """The address as it is always written; None for host names (nothing here may look one up), addresses that hold
    only on one network card, and IPv4 dressed as IPv6."""
    host = _literal(text)
    return host.text if host is not None else None


def same_family(one: str, other: str) -> bool:
    """Whether both are IPv4 or both are IPv6."""
    return (":" in one) == (":" in other)


def check_remote(remote: tuple[str, int], allow_loopback: bool, own_ports: Container[int],
                 own_addresses: Collection[str] = ()) -> None:
    """Refuse media addresses that would make us hit ourselves or a crowd: PeerError(488).

    Multicast, broadcast and reserved ones, 0.0.0.0 and :: (a caller who is held has it, so ask only when we would
    send), IPv4 in IPv6, loopback unless allowed, and our own RTP ports at `own_addresses` or on loopback.
    """
    address, port = remote
    host = _literal(address)
    if host is None or not 0 < port <= 65535:
        raise PeerError(488, "Bad Media Address")
    if not (host.is_loopback or host.is_one_machine):
        raise PeerError(488, "Media Address Not Allowed")
    if host.is_loopback and not allow_loopback:
        raise PeerError(488, "Loopback Media Not Allowed")
    if port in own_ports and (host.is_loopback or host.text in map(canonical, own_addresses)):
        raise PeerError(488, "Media Address Is Our Own")


def _is_one_machine(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        return any(address in network for network in IPV6_HOSTS)
    return not (address.is_multicast or address.is_reserved or int(address) >> 24 == 0)


@lru_cache(maxsize=4096)
def _literal(text: str) -> Host | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and (address.scope_id or address.ipv4_mapped):
        return None
    return Host(str(address), address.is_loopback, _is_one_machine(address))
