"""By what a host is known where attempts are counted."""

from ipaddress import IPv6Address, ip_address


def subscriber_of(host: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
