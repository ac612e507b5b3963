"""Addresses as numbers of 64 bits, so that a column compares them at once.

    IPv4:  0 (16 bits) | address (32 bits) | port (16 bits)
    IPv6:  1 (1 bit)   | its number here (47 bits) | port (16 bits)

The number of an IPv6 host is a keyed hash of it, so that it stays the same for ever and nobody can choose it; which
host it is stands in a table that is bounded. `packed >> 16` is the host for both families.
"""

from hashlib import blake2b
from ipaddress import IPv6Address

import numpy as np

from ivr.media.columns import U64, pack_address, unpack_address

Address = tuple[str, int]

IPV6 = 1 << 63
HASH_BITS = 47
NOWHERE = 2 ** 64 - 1           # no packed address: what it stands for is never sent to
MAX_HOSTS = 65_536              # several for each stream; strangers' are forgotten when there are more


class Addresses:
    """Packs and unpacks. `key` is secret chance, so that no stranger finds a host whose number is another's."""

    def __init__(self, key: bytes = b"", most: int = MAX_HOSTS) -> None:
        self._key, self._most = key, most
        self.forgettings = 0                    # how often; what others remember of hosts holds only in between
        self._numbers: dict[str, int] = {}      # text of an IPv6 host -> its number
        self._hosts: dict[int, str] = {}        # and back

    @property
    def full(self) -> bool:
        """Whether forget() should be called before more comes in: the hosts of one batch always have room."""
        return len(self._numbers) > self._most

    def pack(self, host: str, port: int) -> int:
        """The number of an address. Raises ValueError for what is none, or holds on one network card alone."""
        if ":" not in host:
            return pack_address(host, port)
        number = self._numbers.get(host)
        if number is None:
            number = self._learn(host)
        return number << 16 | port

    def unpack(self, packed: int) -> Address:
        """The reverse of pack(); for a host that was forgotten one that the kernel refuses."""
        if packed < IPV6:
            return unpack_address(packed)
        host = self._hosts.get(packed >> 16)
        return (host, packed & 0xFFFF) if host is not None else ("::", 0)

    def forget(self, *kept: U64) -> None:
        """Forget all hosts but those of these packed addresses."""
        self.forgettings += 1
        numbers = set(np.unique(np.concatenate(kept) >> np.uint64(16)).tolist())
        self._hosts = {number: host for number, host in self._hosts.items() if number in numbers}
        self._numbers = {host: number for number, host in self._hosts.items()}

    def _learn(self, host: str) -> int:
        address = IPv6Address(host)
        if address.scope_id:
            raise ValueError(f"{host} holds on one network card alone")
        if address.is_unspecified:
            return 0            # as 0.0.0.0: hold, in its old dialect
        digest = blake2b(address.packed, digest_size=8, key=self._key).digest()
        number = IPV6 >> 16 | int.from_bytes(digest, "big") >> 64 - HASH_BITS
        if self._hosts.setdefault(number, host) != host and IPv6Address(self._hosts[number]) != address:
            return NOWHERE >> 16        # two hosts of one number: the first has it
        self._numbers[host] = number
        return number
