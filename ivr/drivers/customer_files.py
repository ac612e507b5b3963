"""Files of customers: a telephone number in each line, read at the start and again when they have changed.

```
# what follows a hash is a comment
+74951234567
8 (495) 765-43-21
```
"""

import asyncio
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ivr.base.customers import MOST, Customers
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.numbers import e164
from ivr.drivers.plain_files import open_plain

LOOK_EVERY = 10.0           # s between looks whether a file has changed
FAULTS = 20                 # faulty lines that are told one by one
MAX_BYTES = 256 << 20       # of one file: 5,000,000 numbers with a remark each

_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")      # nothing to normalise: a million of these take a second
Stamp = tuple[int, int, int]


def read_customers(path: str, country: str) -> tuple[Customers, list[Fault]]:
    """The numbers of a file and the lines that hold none, at most `FAULTS` of them one by one. Raises AdminError if the
    file can't be read."""
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise AdminError([Fault(Place(path), f"has more than {MAX_BYTES >> 20} MB", "a number in each line",
                                    code="customers-too-large")])
        with io.TextIOWrapper(open_plain(path), encoding="utf-8-sig") as lines:
            return _read(path, lines, country)
    except OSError as error:
        raise AdminError([Fault(Place(path), f"can't be read: {error.strerror}", code="file-unreadable")]) from None
    except UnicodeDecodeError:
        raise AdminError([Fault(Place(path), "is not UTF-8 text", "save it as UTF-8", code="file-encoding")]) from None


def _read(path: str, lines: Iterable[str], country: str) -> tuple[Customers, list[Fault]]:
    numbers: list[int] = []
    faults: list[Fault] = []
    faulty = 0
    for count, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        number = text if _INTERNATIONAL.fullmatch(text) else e164(text, country)
        if number and len(numbers) < MOST:
            numbers.append(int(number[1:]))
            continue
        faulty += 1
        if faulty <= FAULTS:
            faults.append(Fault(Place(path, count, 1), "this is no telephone number, the line counts for nothing",
                                "as +74951234567, or as dialled within `country`", "warning", code="customer-number"))
    if faulty > FAULTS:
        faults.append(Fault(Place(path), f"{faulty - FAULTS} more lines hold no telephone number", "", "warning",
                            code="customer-number"))
    return Customers(numbers), faults


class CustomerFiles:
    """Looks after the files. `changed(path, customers, faults)` is told in the loop's thread; `lost(error)` when a file
    can't be read any more, and then what it said before still holds."""

    def __init__(self, paths: Iterable[str], country: str, changed: Callable[[str, Customers, list[Fault]], None],
                 lost: Callable[[AdminError], None]) -> None:
        self._country = country
        self._changed = changed
        self._lost = lost
        self._stamps = {path: _stamp(path) for path in paths}

    async def watch(self) -> None:
        """Look for ever. A file is read in a thread: calls go on meanwhile."""
        while self._stamps:
            await asyncio.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Read again what has changed."""
        for path, before in self._stamps.items():
            stamp = await asyncio.to_thread(_stamp, path)
            if stamp == before:
                continue
            self._stamps[path] = stamp
            try:
                customers, faults = await asyncio.to_thread(read_customers, path, self._country)
            except AdminError as error:
                self._lost(error)
            else:
                self._changed(path, customers, faults)


def _stamp(path: str) -> Stamp | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
