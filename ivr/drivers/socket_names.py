"""Addresses as the kernel writes them (struct sockaddr_in and sockaddr_in6), as columns.

    IPv4:  family (2 octets, ours) | port (2, network) | address (4)
    IPv6:  family (2 octets, ours) | port (2, network) | flow (4) | address (16) | scope (4)
"""

import socket
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ivr.drivers.io_uring import address_of
from ivr.media.columns import U64, Octets, Rows, every, some
from ivr.media.rtp.addresses import IPV6, NOWHERE, Addresses

NAME_BYTES = 32                 # the longer one has 28
IPV4_BYTES, IPV6_BYTES = 16, 28
SCOPE_AT = 24
# the first 8 octets of an IPv4 name as one number, the first octet uppermost
IPV4_FAMILY = np.uint64(int.from_bytes(struct.pack("H", socket.AF_INET), "big") << 48)
PORT, ADDRESS = np.uint64(0xFFFF), np.uint64(0xFFFFFFFF)
TWO, FOUR, SIX = np.uint64(16), np.uint64(32), np.uint64(48)


class Destinations:
    """Where each row's packets go. `names_at` is where the name lies, `sizes` its octets; `sockets` is which
    one sends: that of the row, counted from `kind` beyond the first of its family (`first_of`; 0 without one).
    """

    def __init__(self, rows: int, addresses: Addresses, first_of: Mapping[int, int], kind: int) -> None:
        self._addresses = addresses
        self._packed: U64 = np.full(rows, NOWHERE, np.uint64)
        self._first, self._first_ipv6 = (first_of.get(family, 0) + kind for family in (socket.AF_INET, socket.AF_INET6))
        self._names: Octets = np.zeros((rows, NAME_BYTES), np.uint8)
        self._starts = self._names[:, :8].view(">u8")[:, 0]
        start = np.uint64(address_of(self._names))
        self.names_at: U64 = start + np.arange(rows, dtype=np.uint64) * np.uint64(NAME_BYTES)
        self.sizes: NDArray[np.uint16] = np.full(rows, IPV4_BYTES, np.uint16)
        self.sockets: NDArray[np.int32] = np.arange(rows, dtype=np.int32) + np.int32(self._first)
        self.mixed = False              # whether `sizes` may differ

    def set(self, rows: Rows, packed: U64) -> None:
        """Rows and where they go to, packed. What was known costs nothing."""
        moved = self._packed[rows] != packed
        if not some(moved):
            return
        rows, packed = rows[moved], packed[moved]
        self._packed[rows] = packed
        self._starts[rows] = IPV4_FAMILY | (packed & PORT) << FOUR | packed >> TWO & ADDRESS
        self.sizes[rows], self.sockets[rows] = IPV4_BYTES, self._first + rows
        for place in np.flatnonzero(packed >= np.uint64(IPV6)).tolist():
            self._set_ipv6(int(rows[place]), int(packed[place]))

    def _set_ipv6(self, row: int, packed: int) -> None:
        host, port = self._addresses.unpack(packed)
        name = struct.pack("H", socket.AF_INET6) + struct.pack(">HI", port, 0) + socket.inet_pton(socket.AF_INET6, host)
        self._names[row, :SCOPE_AT], self._names[row, SCOPE_AT:] = np.frombuffer(name, np.uint8), 0
        self.sizes[row], self.sockets[row], self.mixed = IPV6_BYTES, self._first_ipv6 + row, True


class Sources:
    """Where packets come from, packed. What each socket heard from last is remembered."""

    def __init__(self, sockets: int, addresses: Addresses, has_ipv6: bool) -> None:
        self._addresses, self._has_ipv6 = addresses, has_ipv6
        self._starts: U64 = np.zeros(sockets, np.uint64)        # the first 8 octets of a name: IPv4 has no more
        self._names: Octets = np.zeros((sockets, IPV6_BYTES), np.uint8)
        self._packed: U64 = np.full(sockets, NOWHERE, np.uint64)
        self._forgettings = addresses.forgettings

    def pack(self, sockets: Rows, names: Octets) -> U64:
        """The sources of packets that came to these sockets; `names` has shape (packets, 28). NOWHERE for one that no
        SDP can name."""
        begin = np.ascontiguousarray(names[:, :8]).view(">u8")[:, 0]
        if not self._has_ipv6 and every(self._starts[sockets] == begin):
            known: U64 = self._packed[sockets]
            return known
        starts = begin.astype(np.uint64)
        packed: U64 = (starts & ADDRESS) << TWO | starts >> FOUR & PORT
        if not self._has_ipv6:
            self._starts[sockets], self._packed[sockets] = starts, packed
            return packed
        other = starts >> SIX != IPV4_FAMILY >> SIX
        if some(other):
            packed[other] = self._pack_ipv6(sockets[other], names[other])
        return packed

    def _pack_ipv6(self, sockets: Rows, names: Octets) -> U64:
        if self._forgettings != self._addresses.forgettings:    # a host that the plane forgot must be learned again
            self._forgettings = self._addresses.forgettings
            self._packed[:] = NOWHERE
        known = (self._names[sockets] == names).all(1) & (self._packed[sockets] != NOWHERE)
        packed: U64 = np.where(known, self._packed[sockets], NOWHERE)
        for place in np.flatnonzero(~known).tolist():
            number, name = sockets[place], names[place].tobytes()
            packed[place] = self._packed[number] = self._pack_one(name)
            self._names[number] = names[place]
        return packed

    def _pack_one(self, name: bytes) -> int:
        if any(name[SCOPE_AT:]):
            return NOWHERE          # a neighbour on the same network card
        port = int.from_bytes(name[2:4], "big")
        try:
            return self._addresses.pack(socket.inet_ntop(socket.AF_INET6, name[8:SCOPE_AT]), port)
        except ValueError:
            return NOWHERE
