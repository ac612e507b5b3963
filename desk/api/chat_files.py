"""/api/chat/files and /api/chats/…/files: files and pictures of chats, sent and fetched by both who write.

A visitor proves who they are by their token, in a header; what is sent is kept first, and said as a message afterwards
(docs/text.md). What goes out has the type that its content had, and no page that shows it runs anything of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from desk.api.chats import CallId, may_read
from desk.chat.chats import CHANNEL, Chats
from desk.chat.files.coming import BrokenOff, Coming
from desk.chat.files.store import NotStored, OpenFile, Owner, Stored
from desk.chat.page import fingerprint
from desk.chat.protocol import TOKEN
from desk.problems import Refusal, problems
from desk.subscriber import subscriber_of
from desk.who import DeskOf, Somebody
from ivr.base.file_said import TYPES
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.log import Log

router = APIRouter(prefix="/api", tags=["chats"])
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {
    "schema": {"type": "string", "format": "binary", "description": "PNG, JPEG, WebP, GIF, PDF or plain text"}}}}}
CONTENT: dict[int | str, dict[str, Any]] = {200: {"content": {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES}}}
NOTHING_RUNS = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
WHY = {
    "too_large": (413, "The file is too large."), "files_full": (409, "This chat has too many files already."),
    "empty": (422, "The file is empty."), "file_broken": (422, "The file is damaged: it can't be read to its end."),
    "file_kind": (422, "Only pictures (PNG, JPEG, WebP, GIF), PDF and plain text (UTF-8) can be sent."),
    "no_space": (503, "The server has no room for files now."),
    "busy": (503, "Too many files are on their way just now: send it again in a moment."),
}
Named = Annotated[str, Header(alias="X-Hotline-Name", max_length=1200,
                              description="The file's name, percent-encoded UTF-8")]
Visitor = Annotated[str, Header(alias="X-Hotline-Visitor", max_length=100, description="The visitor's token")]


class Kept(BaseModel):
    """A file that lies safe and is no message yet: what is not said within a day goes."""

    file: Annotated[str, Field(description="Its id, to be said")]
    name: str
    type: str
    bytes: int
    width: Annotated[int, Field(description="Pixels; 0: no picture that a page shows")]
    height: int


@router.post("/chat/files", status_code=201, summary="A visitor sends a file", openapi_extra=BODY,
             description="It is said by `say` of `/ws/chat`, with `file`.",
             responses=problems(403, 409, 413, 429, 503))
async def send(request: Request, desk: DeskOf, token: Visitor = "", name: Named = "") -> Kept:
    coming, chats = _coming(request), _chats(request)
    if not chats.is_open or not coming.most:
        raise Refusal(409, "no_files", "No files are taken here.")
    if TOKEN.fullmatch(token) is None:
        raise Refusal(409, "no_chat", "There is no chat of this visitor.")
    visitor = fingerprint(token)
    if not coming.may_send(visitor, _host(request)):
        raise Refusal(429, "too_often", "Too many files at once.", {"Retry-After": "30"})
    found = await desk.control.call("chat_find", channel=CHANNEL, visitor=visitor)
    if not found.get("call"):
        raise Refusal(409, "no_chat", "There is no chat of this visitor.")
    owner = Owner(str(found["call"]), "caller", f"{CHANNEL}/{visitor}")
    return _told(await _taken(coming, request, owner, name))


@router.get("/chat/files/{file}", summary="A visitor fetches a file of their chat", response_class=FileResponse,
            responses=problems(404, 429, 503) | CONTENT)
async def fetch(request: Request, file: str, token: Visitor = "") -> FileResponse:
    if not _coming(request).may_fetch(_host(request)):
        raise Refusal(429, "too_often", "Too many files at once.", {"Retry-After": "5"})
    known = TOKEN.fullmatch(token) is not None
    found = await run_in_threadpool(_coming(request).store.open_file, file) if known else None
    if found is None or found.row.visitor != f"{CHANNEL}/{fingerprint(token)}":
        raise Refusal(404, "not_found", "There is no such file.")
    return _answer(found)


@router.post("/chats/{call_id}/files", status_code=201, summary="Send the visitor a file", openapi_extra=BODY,
             description="It is said as a message, with `file`. Only the web chat takes files; one that is sent as "
                         "`private`, for a note, stays with people of ours in any chat.",
             responses=problems(401, 403, 409, 413, 429, 503))
async def send_ours(request: Request, desk: DeskOf, who: Somebody, call_id: CallId, name: Named = "",
                    private: bool = False) -> Kept:
    if who.session is None:
        raise Refusal(403, "not_yours", "A program has no desk.")
    coming = _coming(request)
    if not coming.most:
        raise Refusal(409, "no_files", "No files are taken here.")
    try:
        chat = await desk.control.call("desk_chat", account=who.name, call=call_id)
    except ControlRefused as refused:
        raise Refusal(409, refused.code, refused.message) from None
    if not private and not chat["files"]:
        raise Refusal(409, "no_files", "Files can't be sent in this chat: write, or keep the file as a note for us.")
    if not coming.may_send(who.name):
        raise Refusal(429, "too_often", "Too many files at once.", {"Retry-After": "30"})
    return _told(await _taken(coming, request, Owner(call_id, who.name, "" if private else str(chat["visitor"])), name))


@router.get("/chats/{call_id}/files/{file}", summary="A file of a chat", response_class=FileResponse,
            description="For who may read the chat's messages.", responses=problems(401, 403, 404, 503) | CONTENT)
async def fetch_ours(request: Request, desk: DeskOf, who: Somebody, call_id: CallId, file: str) -> FileResponse:
    found = await run_in_threadpool(_coming(request).store.open_file, file)
    if found is None or found.row.call_id != call_id or not await may_read(desk, who, call_id):
        raise Refusal(404, "not_found", "There is no such file.")
    return _answer(found)


async def _taken(coming: Coming, request: Request, owner: Owner, name: str) -> Stored:
    with _refusals():
        return await coming.take(request, _host(request), owner, unquote(name, errors="replace"))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotStored as error:
        later = {"Retry-After": "10"} if error.reason == "busy" else {}
        raise Refusal(WHY[error.reason][0], error.reason, WHY[error.reason][1], later) from None
    except BrokenOff:
        raise Refusal(409, "broken_off", "The file did not come to its end.") from None
    except OSError as error:
        Log("files").warning("file_not_kept", error_type=type(error).__name__, reason=error.strerror or "")
        raise Refusal(503, "no_space", WHY["no_space"][1]) from None


def _told(stored: Stored) -> Kept:
    return Kept(**stored.said._asdict())


def _answer(found: OpenFile) -> FileResponse:
    """Pictures may be drawn; all else is for saving, so that no page of ours is anything that somebody sent."""
    row = found.row
    return FileResponse(found.path, media_type=row.type, filename=row.name, headers={
        "Content-Security-Policy": NOTHING_RUNS, "X-Content-Type-Options": "nosniff"},
        content_disposition_type="inline" if row.as_said().is_shown else "attachment")


def _host(request: Request) -> str:
    return subscriber_of(request.client.host if request.client is not None else "")


def _coming(request: Request) -> Coming:
    found: Coming = request.app.state.chat_files
    return found


def _chats(request: Request) -> Chats:
    found: Chats = request.app.state.chats
    return found
