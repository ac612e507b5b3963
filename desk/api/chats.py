"""/api/chats: an operator's part in chats: take one, read, write, leave."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from desk.chat.recent import with_recent
from desk.problems import Refusal, problems
from desk.seen import is_seen
from desk.state import Desk
from desk.who import DeskOf, Somebody, Who
from ivr.base.file_said import written
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.files import Files
from routing.requests.messages import ChatMessage, chat_of, messages_of

router = APIRouter(prefix="/api", tags=["chats"])
CallId = Annotated[str, Path(max_length=64, description="The chat's id, as of a call")]


class Answers(BaseModel):
    """Whether the desk answers chats."""

    model_config = ConfigDict(extra="forbid")

    answers: bool


class AnswersNow(Answers):
    """And how large a file may be that is sent in a chat."""

    file_bytes: Annotated[int, Field(description="0: no files are taken")]


class ChatText(BaseModel):
    """One message. Sent again under the same key it is the same message."""

    position: int
    at: datetime
    sender: Annotated[str, Field(description="`caller`, `hotline` or an operator")]
    audience: Literal["all", "staff"]
    form: Annotated[str, Field(description="`text`, `file`, or `call`: what became of a call beside")]
    body: Annotated[str | None, Field(description="Null once erased; of a `file`: JSON with `file`, `name`, `type`, "
                                                  "`bytes`, and `width` and `height` of a picture that is shown")]
    key: Annotated[str, Field(description="The page's own id, of what I wrote; else empty")]
    options: Annotated[list[list[str]], Field(description="What the visitor could choose: keys and label")]


class ChatTexts(BaseModel):
    """The oldest first."""

    items: list[ChatText]


class NewText(BaseModel):
    """What an operator writes."""

    model_config = ConfigDict(extra="forbid")

    body: Annotated[str, Field(max_length=4096, description="Empty where a file is said")] = ""
    file: Annotated[str, Field(pattern="^([0-9a-f]{32})?$", description="The id of a file that was sent before")] = ""
    key: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$", description="The page's own id of the message")]
    private: Annotated[bool, Field(description="A note that the visitor does not get")] = False


class CalledAt(BaseModel):
    """Where the visitor is called."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=1, max_length=40, description="As the last `wish` among the messages has "
                                                                          "it; `wish_changed` if there is a later one")]


class Accepted(BaseModel):
    """It is on its way: it stands in the messages, under this key, as soon as it is safe."""

    key: str


@router.get("/desk/chats", summary="Whether my desk answers chats", responses=problems(401, 403))
async def answering(request: Request, who: Somebody, desk: DeskOf) -> AnswersNow:
    return AnswersNow(answers=request.app.state.chat_desks.answers(_operator(desk, who)),
                      file_bytes=request.app.state.chat_files.most)


@router.put("/desk/chats", summary="Let my desk answer chats, or no longer",
            description="As long as a page of mine looks on (`/api/live`).", responses=problems(401, 403, 409, 503))
async def answer(request: Request, who: Somebody, desk: DeskOf, wish: Answers) -> Answers:
    await request.app.state.chat_desks.answer(_operator(desk, who), answers=wish.answers)
    return wish


@router.get("/chats/{call_id}/messages", summary="The messages of a chat",
            description="Of my own chats, and of those of my queues; supervisors: of all. The newest may come a moment "
                        "after they were told.",
            responses=problems(401, 403, 404, 503))
async def read(request: Request, desk: DeskOf, who: Somebody, call_id: CallId,
               after: Annotated[int, Query(ge=-1, le=1_000_000, description="Only those behind this position")] = -1,
               ) -> ChatTexts:
    if not await may_read(desk, who, call_id):
        raise Refusal(404, "unknown_chat", f"There is no chat {call_id!r}.")
    found = await run_in_threadpool(messages_of, desk.repository.engine, call_id, after, staff=True)
    if request.app.state.chat_desks.last(who.name, call_id) > (found[-1].position if found else after):
        found, _ = await with_recent(desk.control.call, call_id, after, found)
    return ChatTexts(items=[ChatText(
        position=one.position, at=one.at, sender=one.sender, audience=_audience(one.audience), form=one.kind,
        body=one.body, options=one.options, key=_key(who, one)) for one in found])


async def may_read(desk: Desk, who: Who, call: str) -> bool:
    """Whether there is such a chat, and it is one of those that they may read."""
    chat = await run_in_threadpool(chat_of, desk.repository.engine, call)
    return chat is not None and (is_seen(desk, who, chat.operator, chat.queue) or await _is_in(desk, who, call))


async def _is_in(desk: Desk, who: Who, call: str) -> bool:
    """Whether it is on their desk: a colleague asks them, or has just passed it on, and no row says so yet."""
    if who.session is None or who.name not in desk.config.operators:
        return False
    with suppress(ControlAway, ControlRefused):
        desks = (await desk.control.call("card", operators=[who.name])).get("desks", {})
        return any(card["call"] == call for card in desks.get(who.name, {}).get("cards", ()))
    return False


def _key(who: Who, message: ChatMessage) -> str:
    writer, _, key = message.key.partition("/")
    return key if who.session is not None and writer == who.name == message.sender else ""


@router.post("/chats/{call_id}/take", status_code=204, summary="Take the chat that is offered to me",
             responses=problems(401, 403, 409, 503))
async def take(desk: DeskOf, who: Somebody, call_id: CallId) -> None:
    await _asked(desk, who, "desk_take", call_id)


@router.post("/chats/{call_id}/messages", status_code=202, summary="Write to the visitor, or a note for us",
             description="It is told on `/api/live` (`chats`) as soon as it is safe. What is not told within a "
                         "second or two may be written again under its `key`: it stays one. Who needs an order writes "
                         "the next one when this one is told.",
             responses=problems(401, 403, 409, 503))
async def write(request: Request, desk: DeskOf, who: Somebody, call_id: CallId, new: NewText) -> Accepted:
    body, kind = new.body, "text"
    if new.file:
        rows = request.app.state.chat_files.store.rows
        body, kind = await file_body(rows, new.file, call_id, private=new.private), "file"
    if not body:
        raise Refusal(422, "invalid", "Nothing is written.")
    await _asked(desk, who, "desk_say", call_id, body=body, kind=kind, key=new.key, private=new.private)
    return Accepted(key=new.key)


@router.post("/chats/{call_id}/typing", status_code=204, summary="I am writing", responses=problems(401, 403, 409, 503))
async def typing(desk: DeskOf, who: Somebody, call_id: CallId) -> None:
    await _asked(desk, who, "desk_typing", call_id)


@router.post("/chats/{call_id}/call", status_code=204, summary="Call the visitor of my chat at their telephone",
             description="At the number that they asked for, by the rules of `outbound`. My own phone rings first.",
             responses=problems(401, 403, 409, 503))
async def call(desk: DeskOf, who: Somebody, call_id: CallId, at: CalledAt) -> None:
    await _asked(desk, who, "desk_call", call_id, number=at.number)


@router.post("/chats/{call_id}/leave", status_code=204, summary="Leave the chat, or do not take what is offered",
             description="What follows is what follows when an operator hangs up.",
             responses=problems(401, 403, 409, 503))
async def leave(desk: DeskOf, who: Somebody, call_id: CallId) -> None:
    await _asked(desk, who, "desk_leave", call_id)


async def _asked(desk: DeskOf, who: Who, op: str, call: str, **arguments: Any) -> None:
    if who.session is None:
        raise Refusal(403, "not_yours", "A program has no desk.")
    try:
        await desk.control.call(op, account=who.name, call=call, **arguments)
    except ControlRefused as refused:
        raise Refusal(409, refused.code, refused.message) from None


async def file_body(rows: Files, file: str, call: str, *, private: bool) -> str:
    """What is said of a file that was sent to this chat; one that was sent for us alone is a note, or nothing."""
    row = await run_in_threadpool(rows.get, file)
    if row is None or row.call_id != call or not (private or row.visitor):
        raise Refusal(409, "no_file", "This file is gone: send it again.")
    return written(row.as_said())


def _operator(desk: DeskOf, who: Who) -> str:
    if who.session is None or who.name not in desk.config.operators:
        raise Refusal(403, "not_yours", "This is for people who answer callers.")
    return who.name


def _audience(value: str) -> Literal["all", "staff"]:
    return "staff" if value == "staff" else "all"
