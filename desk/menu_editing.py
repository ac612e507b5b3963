"""What the editor of menus does besides showing: publishing texts, and who published which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.apart import Gate
from desk.menu_files import ABSENT, Change, Stored, refuse_changed, stored, write_all
from desk.menu_published import Publications
from desk.menu_versions import keep_replaced
from desk.problems import Refusal
from desk.state import Desk
from desk.workshop import Workshop
from ivr.drivers.log import Log
from ivr.menu.loader import version_of
from routing.requests.menu_versions import MenuVersions

MOST_FILES = 20             # that one request may change
MOST_TOLD = 3               # findings in a refusal

log = Log("desk")


@dataclass(frozen=True)
class Published:
    """What became of a publication. `given`: by menu file of a line, the version that calls will have; `noted`: whether
    the record knows who did it."""

    files: Sequence[Stored]
    given: Mapping[str, str]
    warnings: int
    noted: bool


@dataclass
class MenuEditing:
    """One for the desk. Publications come one after the other, and with what else writes texts: `turn`."""

    workshop: Workshop
    versions: MenuVersions
    publications: Publications
    node: str
    turn: Gate

    async def files(self, drafts: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Every file that may be read and written here. Raises Refusal."""
        found: list[dict[str, Any]] = (await self.workshop.ask("files", drafts=dict(drafts or {})))["files"]
        return found

    async def known(self, *files: str) -> None:
        """Raises Refusal 404 for a file that is none of those."""
        there = {one["file"] for one in await self.files()}
        for file in files:
            if file not in there:
                raise Refusal(404, "not_found", "No line of the configuration leads to such a file.")

    async def publish(self, who: str, what: str, changes: Sequence[Change], note: str) -> Published:
        """Check all texts together and write them, or raise Refusal and leave everything as it is."""
        drafts = {change.file: change.text for change in changes}
        if len(drafts) != len(changes) or len(changes) > MOST_FILES:
            raise Refusal(422, "too_many_files", f"Each file once, and at most {MOST_FILES}.")
        async with self.turn:
            found = await self.workshop.ask("check", drafts=drafts)
            _refuse_unknown(changes, found["files"])
            before = await run_in_threadpool(lambda: {file: stored(file) for file in drafts})
            for change in changes:
                was = before[change.file]
                by = "" if was.version in ("", change.version) else await self.who_wrote(was)
                refuse_changed(change, was, by)
            if found["blocking"]:
                raise Refusal(422, "has_errors", _told(found["blocking"]))
            lines = {change.file: await self._lines(before[change.file].text, change.text) for change in changes}
            changed = [change for change in changes if version_of(change.text) != before[change.file].version]
            await run_in_threadpool(write_all, changed)
            log.info("menus_published", by=who, files=[change.file for change in changed])
            noted = await run_in_threadpool(self._note, who, what, changed, before, note, lines)
            now = await run_in_threadpool(lambda: [stored(file) for file in drafts])
        return Published([replace(one, author=who) for one in now], found["versions"], found["warnings"], noted)

    async def who_wrote(self, now: Stored) -> str:
        """Who published what the file has now, "" where nobody did from here or the database is away."""
        try:
            last = await run_in_threadpool(self.publications.of, now.file, 1)
        except SQLAlchemyError:
            return ""
        return last[0].who if last and last[0].version == now.version else ""

    async def _lines(self, old: str, new: str) -> dict[str, int]:
        found = await self.workshop.ask("compare", old=old, new=new)
        return {"added": found["added"], "removed": found["removed"]}

    def _note(self, who: str, what: str, changed: Sequence[Change], before: Mapping[str, Stored], note: str,
              lines: Mapping[str, Mapping[str, int]]) -> bool:
        """The texts stand in their files by now: a database that is away keeps nothing back. Blocks."""
        try:
            for change in changed:
                was = before[change.file]
                if was.version != ABSENT and was.changed_at is not None:
                    keep_replaced(self.versions, self.node, was, int(was.changed_at.timestamp() * 1e9))
                self.publications.add(who, what, change, was, note, lines[change.file])
            return self.publications.are_written(changed)
        except SQLAlchemyError as error:
            log.warning("publication_not_noted", error_type=type(error).__name__)
            return False


def _refuse_unknown(changes: Sequence[Change], there: Sequence[Mapping[str, Any]]) -> None:
    """A text may go to a file that is there, or to one that these very texts lead to."""
    known = {one["file"] for one in there}
    for change in changes:
        if change.file not in known:
            raise Refusal(404, "not_found", "No line of the configuration leads to such a file.")


def _told(findings: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{Path(one['file']).name}:{one['line']}:{one['column']}: {one['message']}"
             for one in findings[:MOST_TOLD]]
    more = f" And {len(findings) - MOST_TOLD} more." if len(findings) > MOST_TOLD else ""
    return f"Nothing was published: {'; '.join(lines)}.{more}"


def make_editing(desk: Desk, config_file: str) -> MenuEditing:
    engine, config = desk.repository.engine, desk.config
    return MenuEditing(Workshop(config_file, config), MenuVersions(engine),
                       Publications(desk.audit), config.node, desk.administration.apart.texts)


def _editing_of(request: Request) -> MenuEditing:
    editing: MenuEditing = request.app.state.menu_editing
    return editing


Editing = Annotated[MenuEditing, Depends(_editing_of)]
