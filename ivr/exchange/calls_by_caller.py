"""Which calls in progress are of the same caller: found without going through all for each who enters a queue."""

from collections.abc import Iterator


class CallsByCaller:
    """Who a caller is, is looked up once a call, and only once somebody asks: until then a call is `new`."""

    def __init__(self) -> None:
        self._new: dict[str, None] = {}
        self._calls: dict[str, set[str]] = {}

    def came(self, call: str) -> None:
        self._new[call] = None

    def take_new(self) -> Iterator[str]:
        """The calls that came since the last time; each of them is to be told of by `know`."""
        while self._new:
            yield self._new.popitem()[0]

    def know(self, call: str, caller: str) -> None:
        """"" is nobody who could be known again."""
        if caller:
            self._calls.setdefault(caller, set()).add(call)

    def others(self, call: str, caller: str) -> bool:
        """Whether this caller has another call than this one."""
        calls = self._calls.get(caller, set())
        return len(calls) > (call in calls)

    def gone(self, call: str, caller: str | None) -> None:
        """The call is over; `caller` as `know` was told, None if nobody has asked."""
        self._new.pop(call, None)
        calls = self._calls.get(caller) if caller else None
        if caller and calls is not None:
            calls.discard(call)
            if not calls:
                del self._calls[caller]
