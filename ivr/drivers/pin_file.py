"""A register of PINs: a file of numbers, names and hashes, which `hotline pins` alone writes.

```
4711	$argon2id$v=19$m=19456,t=2,p=1$…$…	Vera
```
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.numbers import e164
from ivr.drivers.passwords import HASHER
from ivr.drivers.private_files import make_private_folder, read_private, write_private

HEAD = "# PINs, hashed. `hotline pins` keeps this file: changes by hand are lost.\n"
MOST = 100_000          # entries; each PIN is hashed for 20 ms and read in 3 us, a bank's millions belong to `http`
MAX_BYTES = 32 << 20
DRAWN = 6               # digits of a PIN that is made here
PIN = re.compile(r"[0-9]{4,12}")
DIGITS = re.compile(r"[0-9]{1,32}")
NAME = re.compile(r"[^\t\r\n\x00-\x1f\x7f]{1,64}")
RUNS = "01234567890", "09876543210"


@dataclass(frozen=True)
class Registered:
    """Somebody with a PIN. `name` is what records say of them, their number where they have none."""

    number: str
    hashed: str
    name: str


def read_pins(path: Path) -> dict[str, Registered]:
    """By number. A file that is not there is an empty one. Raises AdminError for one that others may read, that is too
    large or damaged."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AdminError([Fault(Place(str(path)), f"has more than {MAX_BYTES >> 20} MB",
                                    "is it a register of PINs?")])
    except OSError:
        pass            # said by what reads it
    found: dict[str, Registered] = {}
    for count, line in enumerate((read_private(path) or "").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        number, _, rest = line.partition("\t")
        hashed, _, name = rest.partition("\t")
        if not number or not hashed.startswith("$argon2"):
            raise AdminError([Fault(Place(str(path), count, 1), "this line is no entry of a register of PINs",
                                    "put back a copy of the file, or take the line out")])
        found[number] = Registered(number, hashed, name or number)
    return found


def write_pins(path: Path, entries: Mapping[str, Registered]) -> None:
    """All at once, for the owner's eyes alone. Raises AdminError."""
    if len(entries) > MOST:
        raise AdminError([Fault(Place(str(path)), f"{len(entries)} entries are more than the {MOST} that fit",
                                "let the menu ask a system of yours with `http`")])
    lines = [f"{one.number}\t{one.hashed}\t{one.name}\n" for _, one in sorted(entries.items())]
    write_private(path, HEAD + "".join(lines))


@contextmanager
def changing(path: Path) -> Iterator[dict[str, Registered]]:
    """The entries, to be changed and then written; nobody else changes them meanwhile. Raises AdminError."""
    make_private_folder(path.parent)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        entries = read_pins(path)
        yield entries
        write_pins(path, entries)
    finally:
        os.close(descriptor)


def registered(number: str, pin: str, name: str, country: str) -> Registered:
    """An entry with the PIN hashed. Raises AdminError for what can't be one; it never shows the PIN."""
    wanted = number_of(number, country)
    if name and not NAME.fullmatch(name):
        raise AdminError([Fault(Place(number), "this can't be a name", "one line of at most 64 letters")])
    if trouble := weakness(pin):
        raise AdminError([Fault(Place(number), trouble, "4 to 12 digits that are not guessed at once, or --random")])
    return Registered(wanted, HASHER.hash(pin), name or wanted)


def number_of(text: str, country: str) -> str:
    """What callers type, digits alone; or their telephone number, with a + before it. Raises AdminError."""
    found = e164(text, country) if text.startswith("+") else text
    if not found or not (text.startswith("+") or DIGITS.fullmatch(text)):
        raise AdminError([Fault(Place(text), "nobody can type this", "digits alone, such as 4711; for who is known by "
                                "the number that they call from, +74951234567")])
    return found


def weakness(pin: str) -> str:
    """Why a PIN can't be one; "" if it can."""
    if not PIN.fullmatch(pin):
        return "a PIN has 4 to 12 digits"
    if len(set(pin)) == 1 or any(pin in run for run in RUNS):
        return "this PIN would be tried first"
    return ""


def draw() -> str:
    """A PIN that nobody chose."""
    while True:
        pin = f"{secrets.randbelow(10 ** DRAWN):0{DRAWN}}"
        if not weakness(pin):
            return pin
