"""/api/menus/history: the versions of a file, who published them, and the way back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.api.menu_files import FileName, MenuText, Published, Version, texts
from desk.menu_editing import Editing
from desk.menu_files import Change, stored
from desk.menu_versions import history as versions_of
from desk.menu_versions import text_of
from desk.problems import Refusal, problems
from desk.who import Admin, Supervisor

router = APIRouter(prefix="/api/menus/history", tags=["menus"])


class VersionShown(BaseModel):
    """A text that the file had."""

    version: Version
    given: Annotated[str, Field(description="As calls know it (`menu_version`): over all files of the menu")]
    at: datetime
    author: Annotated[str, Field(description="Who published it here; else whose the file was")]
    published: Annotated[bool, Field(description="Whether it was published here")]
    note: str
    state: Annotated[str, Field(description="`taken` by calls, on `trial`, `returned` by one, `replaced` before any "
                                            "call had it, `written` and not taken yet")]
    now: Annotated[bool, Field(description="Whether the file has it now")]


class History(BaseModel):
    """The newest first."""

    versions: list[VersionShown]


class RollBack(BaseModel):
    """Write an old version into its file again. `version` is that which the file has now."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str, Field(max_length=1000)]
    to: Version
    version: Version
    note: Annotated[str, Field(max_length=500)] = ""


@router.get("", summary="Versions of a file", responses=problems(401, 403, 404, 429, 503))
async def history(editing: Editing, who: Supervisor, file: FileName,
                  limit: Annotated[int, Query(ge=1, le=200)] = 50) -> History:
    await editing.known(file)
    return History(versions=await run_in_threadpool(_shown, editing, file, limit))


@router.get("/text", summary="The text of a version", responses=problems(401, 403, 404, 429, 503))
async def old_text(editing: Editing, who: Supervisor, file: FileName,
                   version: Annotated[str, Query(max_length=64)]) -> MenuText:
    await editing.known(file)
    return MenuText(file=file, version=version, text=await _text(editing, file, version), changed_at=None, author="")


@router.post("/roll-back", summary="Bring a version back", responses=problems(401, 403, 404, 409, 429, 503))
async def roll_back(editing: Editing, who: Admin, wanted: RollBack) -> Published:
    await editing.known(wanted.file)
    text = await _text(editing, wanted.file, wanted.to)
    done = await editing.publish(who.name, "menus.roll_back", [Change(wanted.file, wanted.version, text)], wanted.note)
    return Published(files=texts(done.files), given=dict(done.given), warnings=done.warnings, noted=done.noted)


async def _text(editing: Editing, file: str, version: str) -> str:
    text = await run_in_threadpool(text_of, editing.versions, file, version)
    if text is None:
        raise Refusal(404, "not_found", "There is no such version of this file.")
    return text


def _shown(editing: Editing, file: str, limit: int) -> list[VersionShown]:
    """What was published and not taken up yet stands before the rest. Blocks."""
    now = stored(file)
    published = editing.publications.of(file)
    found = versions_of(editing.versions, file, limit)
    shown: list[VersionShown] = []
    if now.text and (not found or found[0].version != now.version):
        by = published[0] if published and published[0].version == now.version else None
        shown.append(VersionShown(
            version=now.version, given="", at=by.at if by else now.changed_at or datetime.min,
            author=by.who if by else now.author, published=by is not None, note=by.note if by else "",
            state="written", now=True))
    for number, one in enumerate(found):
        by = next((each for each in published if each.version == one.version and each.at <= one.at), None)
        shown.append(VersionShown(
            version=one.version, given=one.given, at=one.at, author=by.who if by else one.author,
            published=by is not None, note=by.note if by else "", state=one.state,
            now=number == 0 and one.version == now.version))
    return shown[:limit]
