"""/api/requests: what callers wanted and what became of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from desk.api.paging import Number, PageOf, Row, ShortText, Wanted, page_of
from desk.problems import Refusal, problems
from desk.who import DeskOf, Somebody
from ivr.call.record import Outcome, RequestKind, RequestStatus
from routing.requests.views import RequestFilter

router = APIRouter(prefix="/api/requests", tags=["requests"])


class PathStep(Row):
    """One choice in a menu."""

    menu: Annotated[str, Field(description="Name of the menu")]
    keys: Annotated[str, Field(description="Keys pressed; those of secret fields are masked")]
    option: Annotated[str, Field(description="The option that they took")]
    at: Annotated[datetime, Field(description="When, UTC")]


class Request(Row):
    """What a caller wanted and what became of it."""

    id: str
    call_id: Annotated[str, Field(description="The call that it came from")]
    caller_number: Annotated[str | None, Field(description="Null once erased")]
    caller_name: str | None
    line: Annotated[str, Field(description="The line that was called")]
    dialled: Annotated[str, Field(description="The number that was dialled")]
    language: str
    path: Annotated[list[PathStep], Field(description="The way through the menus")]
    queue: str
    subject: str
    operator: Annotated[str, Field(description="Who answered; empty before that")]
    status: RequestStatus
    opened_at: datetime
    closed_at: datetime | None
    wait_time: Annotated[float | None, Field(description="Seconds in the queue")]
    talk_time: Annotated[float | None, Field(description="Seconds with the operator")]
    outcome: Annotated[Outcome | None, Field(description="How the call ended; null while it goes on")]
    kind: Annotated[RequestKind, Field(description="Whether the caller waited for an operator, asked to be called "
                                                   "back, or left a message")]
    callback_number: Annotated[str | None, Field(description="Where a caller wants to be called; null once erased")]
    recording_id: Annotated[str | None, Field(description="The recording of the message")]


class RequestsWanted(Wanted):
    """Which requests are wanted; what is left out asks nothing."""

    call_id: ShortText | None = None
    line: ShortText | None = None
    language: ShortText | None = None
    queue: ShortText | None = None
    subject: ShortText | None = None
    operator: ShortText | None = None
    status: RequestStatus | None = None
    kind: RequestKind | None = None
    outcome: Outcome | None = None
    caller_number: Number | None = None


@router.get("", summary="Requests, the newest first", responses=problems(400, 401, 503))
def requests(desk: DeskOf, who: Somebody, wanted: Annotated[RequestsWanted, Query()]) -> PageOf[Request]:
    asked = RequestFilter(**wanted.filters())
    return page_of(Request, lambda: desk.repository.requests(asked, wanted.cursor, wanted.limit))


@router.get("/{request_id}", summary="One request", responses=problems(401, 404, 503))
def request(desk: DeskOf, who: Somebody, request_id: str) -> Request:
    found = desk.repository.request(request_id)
    if found is None:
        raise Refusal(404, "not_found", "There is no such request.")
    return Request.model_validate(found)
