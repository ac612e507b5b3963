"""/api/requests: what callers wanted and what became of it."""

import contextlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.api.paging import Number, PageOf, Row, ShortText, Wanted, page_of
from desk.problems import Refusal, problems
from desk.seen import is_request_seen, seen_by
from desk.state import Desk
from desk.who import DeskOf, Somebody, Who
from ivr.call.record import Outcome, RequestKind, RequestStatus
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.due import due_at
from routing.requests.related import related
from routing.requests.views import RequestFilter, RequestView
from routing.requests.work import Change, ChangedMeanwhile, NoSuchRequest, changes_of
from routing.requests.worked import due_before
from routing.requests.working import NotAllowed, worked_on

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
    revision: Annotated[int, Field(description="Goes with a change, so that nobody overwrites another's; 0: untouched")]
    topic: Annotated[str, Field(description="What operators chose out of the tree of topics, as `cards/lost`")]
    result: Annotated[str, Field(description="What came of it: one of the outcomes of the file of topics")]
    note: Annotated[str, Field(description="Empty once erased")]
    filled: Annotated[dict[str, str], Field(description="Values of the fields of the queue; empty once erased")]
    due_at: Annotated[datetime | None, Field(description="When it must be closed (`sla` of its queue); null: nobody "
                                                         "promised")] = None
    reopens: Annotated[str | None, Field(description="The closed request that the caller came about again")]
    duplicates: Annotated[str | None, Field(description="The open request that the caller came about again")]
    solved: Annotated[str | None, Field(description="What the caller answered after the talk to whether it is solved: "
                                        "`yes`, `no`; null: nothing")]


class RequestsWanted(Wanted):
    """Which requests are wanted; what is left out asks nothing."""

    call_id: ShortText | None = None
    line: ShortText | None = None
    language: ShortText | None = None
    queue: ShortText | None = None
    subject: ShortText | None = None
    topic: ShortText | None = None
    operator: ShortText | None = None
    status: RequestStatus | None = None
    kind: RequestKind | None = None
    outcome: Outcome | None = None
    caller_number: Number | None = None
    overdue: Annotated[bool, Field(description="Those alone that are open for longer than `sla` of their queue "
                                               "allows")] = False


@router.get("", summary="Requests, the newest first", responses=problems(400, 401, 503))
def requests(desk: DeskOf, who: Somebody, wanted: Annotated[RequestsWanted, Query()]) -> PageOf[Request]:
    filters = wanted.filters()
    now = datetime.fromtimestamp(desk.wall_clock(), UTC)
    overdue = due_before(desk.config, now) if filters.pop("overdue") else None
    asked = RequestFilter(**filters, overdue=overdue, seen=seen_by(desk, who))
    page = page_of(Request, lambda: desk.repository.requests(asked, wanted.cursor, wanted.limit))
    for each in page.items:
        each.due_at = due_at(desk.config, each.queue, each.opened_at)
    return page


@router.get("/{request_id}", summary="One request", responses=problems(401, 404, 503))
def request(desk: DeskOf, who: Somebody, request_id: str) -> Request:
    return _shown(desk, _seen(desk, who, request_id))


def _seen(desk: Desk, who: Who, request_id: str) -> RequestView:
    """It, if they may see it. Who may not is not told whether it is there."""
    found = desk.repository.request(request_id)
    if found is None or not is_request_seen(desk, who, found):
        raise Refusal(404, "not_found", "There is no such request.")
    return found


def _shown(desk: Desk, found: RequestView) -> Request:
    shown = Request.model_validate(found)
    shown.due_at = due_at(desk.config, shown.queue, shown.opened_at)
    return shown


class ChangeShown(Row):
    """That somebody changed a request."""

    revision: int
    at: datetime
    who: str
    what: Annotated[dict[str, str | None], Field(description="What it became, by name; null of notes and fields, which "
                                                             "are personal")]


@router.get("/{request_id}/changes", summary="Who changed a request, and what, in order",
            responses=problems(401, 404, 503))
def changes(desk: DeskOf, who: Somebody, request_id: str) -> list[ChangeShown]:
    _seen(desk, who, request_id)
    return [ChangeShown.model_validate(each) for each in changes_of(desk.repository.engine, request_id)]


class RelatedShown(Row):
    """Another request of the same case."""

    id: str
    how: Annotated[Literal["reopens", "reopened_by", "duplicates", "duplicated_by"],
                   Field(description="How the one that was asked for stands to it")]
    opened_at: datetime
    status: RequestStatus
    operator: str
    topic: str
    result: str
    note: str


@router.get("/{request_id}/related", summary="Requests of the same case: what the caller came about before, or since",
            responses=problems(401, 404, 503))
def related_requests(desk: DeskOf, who: Somebody, request_id: str) -> list[RelatedShown]:
    _seen(desk, who, request_id)
    return [RelatedShown.model_validate(each) for each in related(desk.repository.engine, request_id)]


class NewRequest(BaseModel):
    """What is to be another; what is left out stays. A new queue passes the request on."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[int, Field(ge=0, description="The one that was read; another is refused with 409")]
    status: Literal["open", "closed"] | None = None
    queue: ShortText | None = None
    operator: ShortText | None = None
    topic: ShortText | None = None
    result: ShortText | None = None
    note: Annotated[str | None, Field(max_length=10_000)] = None
    filled: Annotated[dict[ShortText, Annotated[str, Field(max_length=500)]] | None,
                      Field(max_length=50, description="Values by field; an empty one takes it away")] = None


@router.patch("/{request_id}", summary="Work on a request", responses=problems(400, 401, 404, 409, 503),
              description="Topic, outcome, note and fields; closing, opening again and passing on. Of two people who "
                          "change the same revision the second gets 409 `changed_meanwhile`.")
async def change(desk: DeskOf, who: Somebody, request_id: str, new: NewRequest) -> Request:
    changed = await run_in_threadpool(_change, desk, who, request_id, new)
    if who.name in desk.config.operators and who.session is not None:
        # A wrap-up may last until the request is saved; where it does not, or control is away, that is no matter.
        with contextlib.suppress(ControlAway, ControlRefused):
            await desk.control.call("wrap_up_done", operator=who.name, call=changed.call_id)
    return changed


def _change(desk: Desk, who: Who, request_id: str, new: NewRequest) -> Request:
    _seen(desk, who, request_id)
    given = {name: value for name, value in new.model_dump(exclude={"revision"}).items() if value is not None}
    if "status" in given:
        given["status"] = RequestStatus(given["status"])
    now = datetime.fromtimestamp(desk.wall_clock(), UTC)
    try:
        worked_on(desk.repository.engine, desk.config, desk.topics.now(), request_id, new.revision, Change(**given),
                  who.name, now)
    except NoSuchRequest:
        raise Refusal(404, "not_found", "There is no such request.") from None
    except ChangedMeanwhile as error:
        raise Refusal(409, "changed_meanwhile", f"Somebody else changed it: read revision {error.now.revision}.") \
            from None
    except NotAllowed as error:
        raise Refusal(400, "not_allowed", f"{error}.") from None
    found = desk.repository.request(request_id)     # as it is now, even if it was passed on to others
    if found is None:
        raise Refusal(404, "not_found", "There is no such request.")
    return _shown(desk, found)
