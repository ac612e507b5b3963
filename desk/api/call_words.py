"""/api/calls/…/words and /api/calls.csv: what a caller heard in words, and calls as a table for other programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from desk.api.calls import CallsWanted
from desk.audit import audit
from desk.csv_text import csv_of
from desk.problems import Refusal, problems
from desk.seen import seen_by
from desk.state import Desk
from desk.who import DeskOf, Supervisor
from ivr.call.record import MenuVersionRow
from routing.requests.menu_versions import MenuVersions
from routing.requests.paging import LARGEST_PAGE
from routing.requests.views import CallFilter, CallView

COLUMNS = ("began_at", "id", "direction", "line", "dialled", "caller_number", "caller_name", "language", "queue",
           "operator", "wait_time", "talk_time", "outcome", "ended_by", "reason", "answered_at", "ended_at",
           "request_id")
MOST_ROWS = 50_000      # of one table; whoever needs more asks by days
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

router = APIRouter(tags=["calls"])


class Words(BaseModel):
    """What menus and prompts said, by name and language, in the version that the call met."""

    languages: list[str] = []
    menus: dict[str, dict[str, str]] = {}
    prompts: dict[str, dict[str, str]] = {}
    why_not: Annotated[str, Field(description="Why there are no words, if there are none")] = ""


@router.get("/api/calls/{call_id}/words", summary="What the caller heard, in words",
            responses=problems(401, 403, 404, 503))
async def words(desk: DeskOf, who: Supervisor, call_id: str) -> Words:
    story = await run_in_threadpool(desk.repository.call, call_id)
    if story is None:
        raise Refusal(404, "not_found", "There is no such call.")
    row = await run_in_threadpool(_row, desk, story.call.menu_version)
    if row is None:
        return Words(why_not="The text of this version of the menu is not kept.")
    others = await run_in_threadpool(_others, desk, row)
    try:
        found = await desk.administration.words.get(desk.config, row.version, row.file, row.text, others)
    except Refusal as refused:
        if refused.status == 503:
            raise
        return Words(why_not="The text of this version of the menu is not understood any more.")
    return Words.model_validate(found)


@router.get("/api/calls.csv", summary="Calls as a table (CSV), the newest first", response_class=StreamingResponse,
            description="At most 50,000 rows. Values that a program for tables would take for a formula begin with an "
                        "apostrophe.",
            responses=problems(401, 403, 503) | CSV)
def table(desk: DeskOf, who: Supervisor, wanted: Annotated[CallsWanted, Query()]) -> StreamingResponse:
    asked = CallFilter(**wanted.filters(), seen=seen_by(desk, who))
    first = desk.repository.calls(asked, None, 1)       # a database that is away is told as such, not as half a file
    del first
    audit(desk, who, "calls.export", "", after=wanted.model_dump(mode="json", exclude_none=True))
    return StreamingResponse(_lines(desk, asked), media_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": 'attachment; filename="calls.csv"'})


def _lines(desk: Desk, asked: CallFilter) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + csv_of([COLUMNS]).encode()        # by the mark programs for tables know that it is UTF-8
    cursor, rows = None, 0
    while rows < MOST_ROWS:
        page = desk.repository.calls(asked, cursor, LARGEST_PAGE)
        table = [[_cell(call, name) for name in COLUMNS] for call in page.items[:MOST_ROWS - rows]]
        yield csv_of(table).encode("utf-8", "replace")
        cursor, rows = page.next_cursor, rows + len(page.items)
        if cursor is None:
            return


def _cell(call: CallView, name: str) -> str:
    value = getattr(call, name)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def _row(desk: Desk, version: str) -> MenuVersionRow | None:
    if not version:
        return None
    rows = MenuVersions(desk.repository.engine).beginning(version)
    return next((row for row in rows if row.version == version and row.text), None)


def _others(desk: Desk, row: MenuVersionRow) -> dict[str, str]:
    """The texts of the files that the menu handed over to; one that is not kept is left out."""
    versions = MenuVersions(desk.repository.engine)
    found: dict[str, str] = {}
    for file, version in row.files.items():
        if file != row.file:
            known = next((one.text for one in versions.beginning(version) if one.file == file), None)
            if known is not None:
                found[file] = known
    return found
