"""What an admin is told of strangers, not more often than a log can bear."""

from dataclasses import dataclass

WINDOW = 60.0           # s
MOST = 20               # lines in a window: inventing addresses must not fill the log; the counters know the rest


@dataclass(frozen=True)
class SourcePutAside:
    """A source is not answered for `pause` s. `reason`: what it did last (`offences.POINTS`)."""

    address: str
    reason: str
    pause: float


@dataclass(frozen=True)
class InsecureRefused:
    """`who` (a trunk's name, or "phone") must use TLS and did not."""

    address: str
    transport: str
    who: str


@dataclass(frozen=True)
class PathRefused:
    """A REGISTER came with Path (RFC 3327) from an address that is none of `sip.edges`, or with one to elsewhere."""

    address: str
    account: str


Happened = SourcePutAside | InsecureRefused | PathRefused


class News:
    """What waits to be told."""

    def __init__(self) -> None:
        self._waiting: list[Happened] = []
        self._since, self._told = 0.0, 0

    def __len__(self) -> int:
        return len(self._waiting)

    def tell(self, news: Happened, now: float) -> None:
        if now - self._since >= WINDOW:
            self._since, self._told = now, 0
        self._told += 1
        if self._told <= MOST:
            self._waiting.append(news)

    def take(self) -> list[Happened]:
        """All of it, once."""
        taken, self._waiting = self._waiting, []
        return taken
