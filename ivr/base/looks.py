"""Files that are looked at now and then: a change counts when two looks in a row see the same, since an editor that is
still writing, or a copy that is under way, is nobody's last word."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Looks(Generic[T]):
    """What was seen, and what of it was taken up. `taken`: what is in use already, None for nothing."""

    def __init__(self, taken: T | None = None) -> None:
        self._taken = taken
        self._last = taken

    def see(self, seen: T) -> bool:
        """Whether this is to be taken up now: it is new, and as it was at the look before."""
        settled = seen == self._last and seen != self._taken
        self._last = seen
        if settled:
            self._taken = seen
        return settled

    def again(self) -> None:
        """What was to be taken up changed under the reader's hands: the next two looks that agree count."""
        self._taken = None
