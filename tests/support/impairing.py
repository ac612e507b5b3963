"""A bad network: packets are lost, late, doubled and out of order. As numbers for tests in virtual time, and as a relay
of UDP between a phone and the plane."""

import heapq
import random
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

Address = Any       # of a socket


@dataclass
class Impairment:
    """What happens to each packet. `jitter`: seconds that it takes at most, any as likely, so that packets overtake one
    another; `late`: the part of them that takes twice as long on top."""

    seed: int
    loss: float = 0.05
    jitter: float = 0.03
    doubled: float = 0.02
    late: float = 0.01

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def arrivals(self, at: float) -> list[float]:
        """When a packet that left at this time arrives: never, once, or twice."""
        if self._chance.random() < self.loss:
            return []
        copies = 2 if self._chance.random() < self.doubled else 1
        return [at + self._delay() for _ in range(copies)]

    def _delay(self) -> float:
        delay = self._chance.uniform(0.0, self.jitter)
        return delay + 2 * self.jitter if self._chance.random() < self.late else delay


@dataclass
class ImpairingRelay:
    """Between a phone and `plane` (an address): the plane knows the phone by `outside`, the phone sends to `inside`."""

    plane: Address
    impairment: Impairment
    counts: dict[str, int] = field(default_factory=lambda: {"in": 0, "out": 0})

    def __post_init__(self) -> None:
        self._towards_plane, self._towards_phone = _bound(), _bound()
        self.outside: Address = self._towards_plane.getsockname()
        self.inside: Address = self._towards_phone.getsockname()
        self._phone: Address = None
        self._waiting: list[tuple[float, int, socket.socket, Address, bytes]] = []
        self._number = 0
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._towards_plane.close()
        self._towards_phone.close()

    def _run(self) -> None:
        while not self._over:
            due = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            ready, _, _ = select.select([self._towards_plane, self._towards_phone], [], [], min(max(due, 0.0), 0.05))
            for one in ready:
                packet, source = one.recvfrom(2000)
                if one is self._towards_phone:
                    self._phone = source
                    self._put(self._towards_plane, self.plane, packet, "in")
                elif self._phone is not None:
                    self._put(self._towards_phone, self._phone, packet, "out")
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, out, destination, packet = heapq.heappop(self._waiting)
                out.sendto(packet, destination)

    def _put(self, out: socket.socket, destination: Address, packet: bytes, way: str) -> None:
        self.counts[way] += 1
        for at in self.impairment.arrivals(time.monotonic()):
            self._number += 1
            heapq.heappush(self._waiting, (at, self._number, out, destination, packet))


def _bound() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    return one
