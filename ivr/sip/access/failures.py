"""Addresses that guess passwords: counted, and for a while not answered at all."""

from typing import Any

from ivr.sip.settings import EndpointSettings

WINDOW = 60.0


class Failures:
    """Wrong passwords per source address within a minute. At `max_failure_addresses` the one watched longest is
    forgotten: an attacker with so many addresses is not stopped by this, and the table must not grow."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._limit = settings.failures_per_minute
        self._pause = settings.failure_pause
        self._max_addresses = settings.max_failure_addresses
        self._counted: dict[str, tuple[float, int]] = {}        # address: (begin of its minute, failures in it)
        self._blocked: dict[str, float] = {}                    # address: until when; a subset of the same bound

    def __len__(self) -> int:
        return len(self._counted) + len(self._blocked)

    def add(self, address: str, now: float) -> None:
        """One more wrong password."""
        begun, count = self._counted.pop(address, (now, 0))
        if now - begun >= WINDOW:
            begun, count = now, 0
        if count + 1 >= self._limit:
            self._remember(self._blocked, address, now + self._pause)
            return
        self._remember(self._counted, address, (begun, count + 1))

    def is_blocked(self, address: str, now: float) -> bool:
        until = self._blocked.get(address)
        if until is None:
            return False
        if now < until:
            return True
        del self._blocked[address]
        return False

    def _remember(self, table: dict[str, Any], address: str, value: Any) -> None:
        if len(table) >= self._max_addresses:
            del table[next(iter(table))]
        table[address] = value
