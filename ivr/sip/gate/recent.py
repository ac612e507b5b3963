"""A bounded memory of addresses that forgets by itself."""

from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by address, each forgotten one to two `span`s (s) after it was last asked for.

    At `bound` a new address is not kept, and those that are known stay: an attacker who invents addresses can't push
    out anybody. What he fills is empty again after two spans.
    """

    def __init__(self, span: float, bound: int) -> None:
        self._span = span
        self._bound = bound
        self._young: dict[str, V] = {}
        self._old: dict[str, V] = {}
        self._turned_at = 0.0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, address: str, now: float) -> V | None:
        if now - self._turned_at >= self._span:
            self._turn(now)
        value = self._young.get(address)
        if value is None and self._old:
            value = self._old.pop(address, None)
            if value is not None:
                self._young[address] = value
        return value

    def put(self, address: str, value: V, now: float) -> bool:
        """Keep a value; False if there is no room for one more address."""
        if self.get(address, now) is None and len(self) >= self._bound:
            return False
        self._young[address] = value
        return True

    def forget(self, address: str) -> None:
        self._young.pop(address, None)
        self._old.pop(address, None)

    def _turn(self, now: float) -> None:
        self._old = self._young if now - self._turned_at < 2 * self._span else {}
        self._young = {}
        self._turned_at = now
