"""The numbers of a file of customers, packed: a million take 8 MB."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

MOST = 5_000_000            # numbers of one file; more are no hotline's customers but somebody's mistake


class Customers:
    """A set of E.164 numbers. A number has at most 15 digits, which 64 bits hold."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._sorted = array("Q", sorted(set(numbers)))

    def __len__(self) -> int:
        return len(self._sorted)

    def __contains__(self, number: str) -> bool:
        """Whether `number`, written as `+74951234567`, is one of them."""
        if not number:
            return False
        wanted = int(number[1:])
        place = bisect_left(self._sorted, wanted)
        return place < len(self._sorted) and self._sorted[place] == wanted
