"""How often a password may be tried: a bucket of attempts for each address, and one for all of them together."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

BURST, REFILL = 5, 12.0             # wrong attempts at once from one address, and seconds until there is one more
BURST_ALL, REFILL_ALL = 60, 1.0     # from everywhere: each costs 20 ms of CPU and 19 MiB
ADDRESSES = 10_000                  # remembered; at the bound the one that was longest quiet is forgotten


@dataclass
class _Bucket:
    left: float
    at: float

    def fill(self, burst: int, refill: float, now: float) -> None:
        self.left = min(burst, self.left + max(0.0, now - self.at) / refill)
        self.at = now


class LoginLimit:
    """Counts attempts before the password is looked at, so that many at once gain nothing. `now` is monotonic."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._all = _Bucket(BURST_ALL, 0.0)

    def attempt(self, host: str, now: float) -> float:
        """Take one attempt: 0 if it may go on, else the seconds to wait."""
        bucket = self._bucket(_key(host), now)
        bucket.fill(BURST, REFILL, now)
        self._all.fill(BURST_ALL, REFILL_ALL, now)
        if bucket.left < 1:
            return (1 - bucket.left) * REFILL
        if self._all.left < 1:
            return (1 - self._all.left) * REFILL_ALL
        bucket.left -= 1
        self._all.left -= 1
        return 0.0

    def succeeded(self, host: str) -> None:
        """The password was right: its address starts anew."""
        self._buckets.pop(_key(host), None)

    def _bucket(self, key: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(BURST, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket


def _key(host: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
