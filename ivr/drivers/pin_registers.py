"""Registers of PINs while the service runs: asked in threads, read again when they have changed."""

import asyncio
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.passwords import HASHER, verify
from ivr.drivers.pin_file import Registered, read_pins
from ivr.menu.actions.verify import REFUSED

THREADS = 2             # 20 ms and 19 MB each: a hundred PINs in a second, and calls keep the cores
MOST_AT_ONCE = 100      # under way: who came after them would wait for more than a second
TOO_MANY = "too many PINs at once"
UNREADABLE = "the register can't be read"

log = Log("control")


@dataclass(frozen=True)
class Verdict:
    """Who it is, or why nobody: whether the number or the PIN was wrong is told nowhere."""

    name: str = ""
    reason: str = ""


class PinRegisters:
    """`files`: by name of the register. `verify` never raises."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._registers = {name: _Register(name, Path(path)) for name, path in files.items()}
        self._pool = ThreadPoolExecutor(THREADS, "pins")
        self._under_way = 0

    async def verify(self, register: str, customer: str, pin: str) -> Verdict:
        """Whether this customer has this PIN; a stranger takes as long as a wrong PIN."""
        if self._under_way >= MOST_AT_ONCE or register not in self._registers:
            return Verdict(reason=TOO_MANY if register in self._registers else UNREADABLE)
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._registers[register].verify, customer, pin)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class _Register:
    """One file, as it was read last. For threads."""

    name: str
    path: Path
    stamp: tuple[int, int, int] | None = None
    entries: Mapping[str, Registered] | None = None
    lock: Lock = field(default_factory=Lock)

    def verify(self, customer: str, pin: str) -> Verdict:
        with self.lock:
            entries = self._read()
        if entries is None:
            return Verdict(reason=UNREADABLE)
        known = entries.get(customer)
        right = verify(known.hashed if known is not None else _nobody(), pin)
        return Verdict(known.name) if known is not None and right else Verdict(reason=REFUSED)

    def _read(self) -> Mapping[str, Registered] | None:
        """Anew where the file has changed. While it can't be read nobody is known: it may be that somebody was taken
        out."""
        stamp = _stamp(self.path)
        if self.entries is None or stamp != self.stamp:
            self.stamp, self.entries = stamp, None
            try:
                self.entries = read_pins(self.path)
            except AdminError as error:
                log.error("pins_unreadable", register=self.name, fault=" ".join(map(str, error.faults)))
            else:
                log.info("pins_read", register=self.name, count=len(self.entries))
        return self.entries


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@cache
def _nobody() -> str:
    """A hash that no PIN fits."""
    return HASHER.hash(secrets.token_urlsafe(16))
