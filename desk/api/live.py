"""/api/live: what goes on now, as a stream of events (SSE): `board` for everybody, `me` for operators."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from desk.guards import same_origin
from desk.live.hub import Hub, Listener, TooMany
from desk.problems import Refusal, problems
from desk.who import DeskOf, Somebody, Who, person, program

router = APIRouter(prefix="/api/live", tags=["operation"])
KEPT_ALIVE_EVERY = 15.0     # s; proxies close what is silent for a minute
CHECKED_EVERY = 2.0         # s; whether the session still holds
TOKEN_CHECKED_EVERY = 10.0  # s; that asks the database
RETRY_MS = 2000             # a browser comes again after it


@router.get("", summary="What goes on now, as events", response_class=StreamingResponse,
            description="Event `board`: operators, queues, calls in progress, trunks, orders for lines, health, when "
                        "they change, twice a second at most; seconds in it are those at `at`. Event `me`: an "
                        "operator's own state and the card of their call. It ends with the session.",
            responses={**problems(401, 403, 429), 200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "A stream of events"}})
async def live(request: Request, desk: DeskOf, who: Somebody) -> StreamingResponse:
    if not same_origin(request):
        raise Refusal(403, "foreign_origin", "Another site may not look on.")
    hub: Hub = request.app.state.live
    try:
        listener = hub.join(who)
    except TooMany:
        raise Refusal(429, "too_many_streams", "Too many pages look on: close some.", {"Retry-After": "10"}) from None
    return StreamingResponse(_events(request, hub, listener), media_type="text/event-stream",
                             headers={"X-Accel-Buffering": "no"})


async def _events(request: Request, hub: Hub, listener: Listener) -> AsyncIterator[str]:
    silent = 0.0
    try:
        yield f"retry: {RETRY_MS}\n\n"
        while not hub.closed and await _still(request, listener.who):
            pause = TOKEN_CHECKED_EVERY if listener.who.session is None else CHECKED_EVERY
            try:
                await asyncio.wait_for(listener.woken.wait(), pause)
            except TimeoutError:
                silent += pause
            for topic, text in listener.take().items():
                silent = 0.0
                yield f"event: {topic}\ndata: {text}\n\n"
            if silent + pause > KEPT_ALIVE_EVERY:
                silent = 0.0
                yield ": still here\n\n"
    finally:
        hub.leave(listener)


async def _still(request: Request, who: Who) -> bool:
    """Whether whoever began it may still look on, with the role they had."""
    if who.session is not None:
        now = person(request)
    else:
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        now = await run_in_threadpool(program, request.app.state.desk, token)
    return now is not None and (now.name, now.role) == (who.name, who.role)
