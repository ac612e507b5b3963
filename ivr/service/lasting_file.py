"""The file of what outlives control's calls: read with mistrust, written whole or not at all.

Losing it costs no call: what can't be used is told in the log and left.
"""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.private_files import read_private, write_private
from ivr.exchange.lasting import Lasting

LARGEST = 32 << 20      # bytes; the bounds of `Lasting` come to some 10 MB

log = Log("state_files")


class LastingFile:
    """`queues.json` in the folder of the state, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "queues.json"
        self._adapter: TypeAdapter[Lasting] = TypeAdapter(Lasting)

    def read(self) -> Lasting | None:
        """None where there is none, or none that could be used."""
        try:
            text = read_private(self._path)
        except AdminError as error:
            self._refuse(str(error))
            return None
        if text is None:
            return None
        if len(text) > LARGEST:
            self._refuse(f"it is larger than {LARGEST >> 20} MB")
            return None
        try:
            return self._adapter.validate_json(text, strict=True)
        except ValidationError as error:
            self._refuse(_words(error))
            return None

    def write(self, lasting: Lasting, *, sync: bool = False) -> None:
        """`sync`: it has to outlive the machine, too. What can't be written is told in the log."""
        try:
            write_private(self._path, self._adapter.dump_json(lasting).decode(), sync=sync)
        except (AdminError, ValueError) as error:       # ValueError: a text that can't be written as UTF-8
            log.warning("state_not_written", file=str(self._path), reason=str(error))

    def _refuse(self, reason: str) -> None:
        log.warning("state_not_taken_up", file=str(self._path), reason=reason,
                    remedy="statuses, counts and memories of the queues begin anew; nothing needs to be done")


def _words(error: ValidationError) -> str:
    """The first fault and how many more; never the content, which may be anything."""
    faults: list[Any] = error.errors(include_input=False, include_url=False, include_context=False)
    where = ".".join(map(str, faults[0]["loc"][:6]))
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    if faults[0]["type"] == "json_invalid":
        return "it is cut off, or no JSON"
    if where == "version":
        return "another version of the service wrote it"
    return f"{where}: {faults[0]['msg']}{more}"
