"""The planes that are there, each with its pool of streams, and which calls are in which.

A call is in one plane with all its legs, since a plane can join only streams of its own: its first leg goes where the
fewest streams are in use, the others where that one is.
"""

from collections.abc import Iterable

from ivr.exchange.texting import plane as text
from ivr.media.ports import PortPool
from ivr.media.stream_numbers import row_of, stream_number, worker_of

SILENT_AFTER = 8.0      # s without figures, due every 5, until a plane is the last choice for new calls
TELL_AGAIN = 60.0       # s from one line in the log about a full plane to the next


class Planes:
    """Of `workers` planes those that are ready; true if there is one."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._pools: dict[int, PortPool] = {}
        self._coming: dict[int, tuple[PortPool, set[str]]] = {}         # of planes that read their clips: which still
        self._heard: dict[int, float] = {}      # when each told its figures last
        self._told: dict[int, float] = {}       # when somebody was told last that one is full
        self.texts = text.TextPool()            # of chats, which are in no plane of audio

    def __bool__(self) -> bool:
        return bool(self._pools)

    def __contains__(self, port: object) -> bool:
        """Whether `port` is the RTP port of a stream of ours."""
        return any(port in pool for pool in self._pools.values())

    @property
    def streams(self) -> int:
        return sum(len(pool.ports) for pool in self._pools.values())

    @property
    def in_use(self) -> int:
        return sum(pool.in_use for pool in self._pools.values())

    def pool(self, worker: int) -> PortPool | None:
        """None while that plane is away."""
        return self._pools.get(worker)

    @property
    def complete(self) -> bool:
        """Whether all are ready."""
        return len(self._pools) == self.workers

    @property
    def there(self) -> tuple[int, ...]:
        """Those that are ready, or read their clips."""
        return (*self._pools, *self._coming)

    def comes(self, worker: int, ports: tuple[int, ...], clips: Iterable[str]) -> None:
        """A plane begins, and still has to read these clips; whatever an earlier one of its number held is gone."""
        self.lost(worker)
        self._coming[worker] = PortPool(ports), set(clips)

    def has_clip(self, worker: int, clip: str) -> bool:
        """It has read this one, or never will; true if it is ready with that."""
        pool, unread = self._coming.get(worker, (None, set()))
        unread.discard(clip)
        if pool is None or unread:
            return False
        self._pools[worker] = pool
        del self._coming[worker]
        return True

    def lost(self, worker: int) -> None:
        for kept in (self._pools, self._coming, self._heard):
            kept.pop(worker, None)

    def heard(self, worker: int, now: float) -> None:
        """It told its figures: its loop turns."""
        self._heard[worker] = now

    def lease(self, worker: int | None, leg: str, now: float) -> tuple[int, int] | None:
        """A (stream, RTP port) in that plane, or, with None, in the one that has the fewest in use, one that may hang
        being the last choice; None if there is no room. Streams of chats have port 0."""
        if worker == text.WORKER:
            stream = self.texts.lease(leg)
            return (stream, 0) if stream is not None else None
        for chosen in [worker] if worker is not None else self._emptiest_first(now):
            pool = self._pools.get(chosen)
            leased = pool.lease(leg, now) if pool is not None else None
            if leased is not None:
                return stream_number(chosen, leased[0]), leased[1]
        return None

    def _emptiest_first(self, now: float) -> list[int]:
        return list(self._pools) if len(self._pools) < 2 else sorted(self._pools, key=lambda one: self._load(one, now))

    def _load(self, worker: int, now: float) -> tuple[bool, int]:
        return now - self._heard.get(worker, now) > SILENT_AFTER, self._pools[worker].in_use

    def full_is_news(self, worker: int, now: float) -> bool:
        """Whether to say that a call in this plane could have no further stream: it is tried for every operator."""
        if now < self._told.get(worker, -TELL_AGAIN) + TELL_AGAIN:
            return False
        self._told[worker] = now
        return True

    def holds(self, stream: int, leg: str) -> bool:
        """Whether this leg has the stream: not if it had it in a plane that is gone, which tells nothing of it."""
        pool = self.texts if text.is_text(stream) else self._pools.get(worker_of(stream))
        return pool is not None and pool.holds(row_of(stream), leg)

    def release(self, stream: int, leg: str, now: float) -> None:
        """A leg needs its stream no longer."""
        if text.is_text(stream):
            self.texts.release(row_of(stream), leg)
            return
        pool = self._pools.get(worker_of(stream))
        if pool is not None:
            pool.release(row_of(stream), leg, now)
