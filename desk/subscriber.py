"""By what a host is known where attempts are counted."""

from ipaddress import IPv6Address, ip_address


def subscriber_of(host: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has."""
    address = _ipv6(host)
    if address is not None:
        return str(IPv6Address(int(address) >> 64 << 64))
    try:
        return str(ip_address(host))
    except ValueError:
        return host[:64]


def network_of(host: str) -> tuple[str, ...]:
    """The /48 that one IPv6 customer may have, with 65,536 networks in it; nothing for other addresses."""
    address = _ipv6(host)
    return () if address is None else (f"{IPv6Address(int(address) >> 80 << 80)}/48",)


def _ipv6(host: str) -> IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if isinstance(address, IPv6Address) and address.ipv4_mapped is None else None
