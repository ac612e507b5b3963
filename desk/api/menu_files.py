"""/api/menus/files: the files of menus, hours, topics, announcements and dialogues, read and published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.menu_editing import MOST_FILES, Editing
from desk.menu_files import ABSENT, Change, Stored, stored
from desk.problems import Refusal, problems
from desk.who import Admin, Supervisor
from ivr.base.located_yaml import MAX_BYTES

router = APIRouter(prefix="/api/menus/files", tags=["menus"])
FileName = Annotated[str, Query(max_length=1000, description="Its path, as the list of files has it")]
Version = Annotated[str, Field(max_length=64, description=f"The hash of the text; `{ABSENT}`: there is no file yet")]
Text = Annotated[str, Field(max_length=MAX_BYTES)]
Kind = Literal["menu", "dialogues", "announcements", "hours", "topics"]


class MenuFile(BaseModel):
    """A file without its text."""

    file: str
    kind: Kind
    exists: bool
    version: Version
    changed_at: datetime | None
    author: Annotated[str, Field(description="Whose the file is")]
    lines: Annotated[list[str], Field(description="The numbers whose callers come to it")]
    roots: Annotated[list[str], Field(description="The menu files of these lines, with which it is read")]
    menu: Annotated[str, Field(description="Of dialogues: whose they are")]
    unreadable: Annotated[str, Field(description="Why it can't be read; empty: it can")] = ""


class MenuFiles(BaseModel):
    """Those that the configuration names, and those that they lead to."""

    files: list[MenuFile]


class MenuText(BaseModel):
    """A file as it stands."""

    file: str
    version: Version
    text: str
    changed_at: datetime | None
    author: Annotated[str, Field(description="Who published it here; else whose the file is")]


class NewText(BaseModel):
    """A text for a file. `version`: that of the text which it was made from."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str, Field(max_length=1000)]
    version: Version
    text: Text


class Publication(BaseModel):
    """Texts that go together: all of them are written, or none."""

    model_config = ConfigDict(extra="forbid")

    files: Annotated[list[NewText], Field(min_length=1, max_length=MOST_FILES)]
    note: Annotated[str, Field(max_length=500, description="Why, for the history")] = ""


class Published(BaseModel):
    """What was written. The service takes it up by itself: `GET /api/menus` says when each line has it, or why not."""

    files: list[MenuText]
    given: Annotated[dict[str, str], Field(description="By menu file of a line: the version that its calls will have; "
                                                       "empty while another file has an error")]
    warnings: int
    noted: Annotated[bool, Field(description="Whether the history knows who did it; else the database was away")]


@router.get("", summary="All files", responses=problems(401, 403, 429, 503))
async def menu_files(editing: Editing, who: Supervisor) -> MenuFiles:
    there = await editing.files()
    stand = await run_in_threadpool(lambda: [stored(one["file"]) for one in there])
    return MenuFiles(files=[_listed(one, now) for one, now in zip(there, stand, strict=True)])


@router.get("/text", summary="One file", responses=problems(401, 403, 404, 409, 429, 503))
async def menu_text(editing: Editing, who: Supervisor, file: FileName) -> MenuText:
    await editing.known(file)
    now = await run_in_threadpool(stored, file)
    return _text(replace(now, author=await editing.who_wrote(now) or now.author))


@router.post("/publish", summary="Write texts, if they have no error", responses=problems(401, 403, 404, 409, 413, 429,
                                                                                          503))
async def publish(editing: Editing, who: Admin, new: Publication) -> Published:
    changes = [Change(one.file, one.version, normal(one.text)) for one in new.files]
    done = await editing.publish(who.name, "menus.publish", changes, new.note)
    return Published(files=texts(done.files), given=dict(done.given), warnings=done.warnings, noted=done.noted)


def normal(text: str) -> str:
    """As files are read: lines end by \\n. Raises Refusal for half a character, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal(422, "not_utf8", "The text has half a character in it, which UTF-8 can't write.") from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def texts(files: Sequence[Stored]) -> list[MenuText]:
    return [_text(one) for one in files]


def _text(now: Stored) -> MenuText:
    if now.unreadable:
        raise Refusal(409, "not_readable", f"It can't be read: {now.unreadable}.")
    return MenuText(file=now.file, version=now.version, text=now.text, changed_at=now.changed_at, author=now.author)


def _listed(one: dict[str, object], now: Stored) -> MenuFile:
    return MenuFile.model_validate({**one, "exists": now.version != ABSENT, "version": now.version,
                                    "author": now.author, "changed_at": now.changed_at, "unreadable": now.unreadable})
