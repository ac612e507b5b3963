"""Versions of menu files for the desk: the rows that `hotline menu history` reads, with who published what."""

from dataclasses import dataclass
from datetime import UTC, datetime

from desk.menu_files import Stored
from ivr.call.record import MenuVersionRow
from ivr.exchange.editions import version_id
from ivr.menu.loader import version_of
from routing.requests.menu_versions import MenuVersions

LOOKED_AT = 200          # rows of one file among which a text is looked for


@dataclass(frozen=True)
class Version:
    """A text that a file had. `version` is the hash of it, `given` that by which calls know it (over all its files)."""

    version: str
    given: str
    at: datetime
    author: str
    state: str
    text: str


def history(versions: MenuVersions, file: str, limit: int) -> list[Version]:
    """The newest first; a text that came again after others stands there again. Blocks."""
    found: list[Version] = []
    for row in versions.newest(limit, file):
        own = version_of(row.text)
        if found and found[-1].version == own:
            found.pop()         # the same text in another whole, or after a restart: its first time counts
        found.append(Version(own, row.version, row.at, row.author, row.state, row.text))
    return found


def text_of(versions: MenuVersions, file: str, version: str) -> str | None:
    """Blocks."""
    return next((one.text for one in history(versions, file, LOOKED_AT) if version in (one.version, one.given)), None)


def keep_replaced(versions: MenuVersions, node: str, before: Stored, changed_ns: int) -> None:
    """A text that no call was ever given is kept as well, so that it can be brought back. Blocks."""
    if not before.text or text_of(versions, before.file, before.version) is not None:
        return
    versions.keep(MenuVersionRow(
        id=version_id(node, before.file, before.version, changed_ns), revision=1, node=node, file=before.file,
        version=before.version, at=datetime.now(UTC), author=before.author, text=before.text, state="replaced"))
