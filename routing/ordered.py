"""Names in an order that is fixed while they are in."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator

Key = tuple[float, ...]
Entry = tuple[Key, str]
Allowed = Callable[[str], bool]
LAST = "\U0010ffff"         # sorts after every name


class Ordered:
    """Names sorted by a key that is fixed while they are in. Adding and removing one of 10,000 takes microseconds."""

    __slots__ = ("_key_of", "_sorted")

    def __init__(self) -> None:
        self._key_of: dict[str, Key] = {}
        self._sorted: list[Entry] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[str]:
        return (name for _, name in self._sorted)

    def __contains__(self, name: str) -> bool:
        return name in self._key_of

    def __getitem__(self, index: int) -> str:
        return self._sorted[index][1]

    def add(self, name: str, key: Key) -> None:
        """Put in a name that is not in yet."""
        self._key_of[name] = key
        insort(self._sorted, (key, name))

    def discard(self, name: str) -> None:
        """Take a name out; one that is not in is no error."""
        key = self._key_of.pop(name, None)
        if key is not None:
            del self._sorted[bisect_left(self._sorted, (key, name))]

    def key(self, name: str) -> Key:
        """The key of a name that is in."""
        return self._key_of[name]

    def first(self) -> str | None:
        return self._sorted[0][1] if self._sorted else None

    def first_allowed(self, allowed: Allowed | None, beyond: Key | None = None) -> Entry | None:
        """The first entry whose name is allowed (None: every one), of those with keys greater than `beyond`."""
        begin = bisect_right(self._sorted, (beyond, LAST)) if beyond is not None else 0
        for index in range(begin, len(self._sorted)):
            entry = self._sorted[index]
            if allowed is None or allowed(entry[1]):
                return entry
        return None

    def next_to(self, entry: Entry | None) -> Entry | None:
        """The entry after this one, whether this one is still in or not; after None the first."""
        index = bisect_right(self._sorted, entry) if entry is not None else 0
        return self._sorted[index] if index < len(self._sorted) else None

    def ahead_of(self, name: str) -> int:
        """How many come before a name that is in."""
        return bisect_left(self._sorted, (self._key_of[name], name))

    def clear(self) -> None:
        self._key_of.clear()
        self._sorted.clear()
