"""How many of something are open at one time: in all, and for each of those who open them."""


class Counted:
    """At most `most` together and `of_one` for each key."""

    def __init__(self, most: int, of_one: int) -> None:
        self._most, self._of_one = most, of_one
        self._open: dict[str, int] = {}

    def enter(self, key: str) -> bool:
        """One more; False, and none more, if there are too many."""
        if self._open.get(key, 0) >= self._of_one or sum(self._open.values()) >= self._most:
            return False
        self._open[key] = self._open.get(key, 0) + 1
        return True

    def leave(self, key: str) -> None:
        """One that had entered is gone."""
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]
