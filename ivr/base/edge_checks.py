"""What must hold between `sip.edges` and the rest of config.yaml."""

from collections.abc import Iterator
from ipaddress import ip_network

from ivr.base.config import Config
from ivr.base.media_checks import Found

MOST_ADDRESSES = 256        # in one entry; whoever has one of them may say that a call comes from a trunk


def edge_faults(config: Config) -> Iterator[Found]:
    """Edges that are trunks too, and networks that are no handful of servers."""
    for index, edge in enumerate(config.sip.edges):
        path = ("sip", "edges", index)
        for trunk in config.trunks:
            if any(_overlap(edge, network) for network in trunk.addresses):
                yield (path, f"{edge} is also an address of trunk {trunk.name}, but calls through an edge are judged "
                       "by the address that the edge saw", "name the carrier's own addresses at the trunk", "error",
                       "edge-is-trunk")
        if ip_network(edge).num_addresses > MOST_ADDRESSES:
            yield (path, f"everybody in {edge} may say whose call it is", "name the proxies one by one", "warning",
                   "edge-too-wide")


def _overlap(one: str, other: str) -> bool:
    first, second = ip_network(one), ip_network(other)
    return first.version == second.version and first.overlaps(second)
